"""Objects of many pairs, handed to the CDK in one piece per stack.

Each call into the CDK crosses from Python to Node and takes a good part of a millisecond, a construct takes
several calls. So objects wait in a batch and cross together at synth; one that a program wants to refer to
or to change becomes a construct of its own, under the same Terraform address.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from cdktf_stacks._cdktf import Construct, IConstruct, cdk, jsii
from cdktf_stacks._values import compact_json, escape
from cdktf_stacks.bindings.object import OBJECT_TYPE, RestapiObject
from cdktf_stacks.bulk import MARK, BulkSynthesizer
from gatepair.errors import InvalidInput

if TYPE_CHECKING:
    from cdktf_stacks.bindings.attributes import MetaArguments
    from cdktf_stacks.bindings.provider import RestapiProvider

# From so many objects on they are written in bulk; before, it would save less than it costs.
BULK = 50


@attrs.frozen(kw_only=True)
class BatchedObject:
    """One object as it will stand in Terraform's JSON.

    Attributes:
        name: Terraform name, unique among the objects of the stack.
        path: Construct path that it has or would have; the CLI shows it beside an error of Terraform.
        given: Gives the provider's arguments as they are meant; asked when they are written, since a pair
            may be given more until then.
        provider: The provider to use, absent for the stack's only one.
        after: Terraform addresses of the objects of the batch that have to be there first.
        adopted: Id by which the server knows the existing object to take over; empty for none.
        moved_from: Terraform name that it had before, empty for none.
    """

    name: str
    path: str
    given: Callable[[], Mapping[str, object]]
    provider: RestapiProvider | None = None
    after: tuple[str, ...] = ()
    adopted: str = ""
    moved_from: str = ""

    @property
    def address(self) -> str:
        """Terraform address."""
        return f"{OBJECT_TYPE}.{self.name}"

    @property
    def arguments(self) -> dict[str, object]:
        """The provider's arguments, escaped."""
        return {key: escape(v) if isinstance(v, str) else v for key, v in self.given().items()}

    @property
    def import_id(self) -> str:
        """The import id, escaped; it carries all arguments, so that the import leaves nothing to change."""
        return escape(compact_json({"id": self.adopted, **self.given()}))

    def to_terraform(self) -> dict[str, object]:
        """Return the body of the resource block."""
        body = self.arguments
        if self.provider is not None:
            body["provider"] = self.provider.fqn
        if self.after:
            body["depends_on"] = list(self.after)
        body["//"] = {"metadata": {"path": self.path, "uniqueId": self.name}}
        return body

    def to_import(self) -> dict[str, str]:
        """Return the import block."""
        block = {"to": self.address, "id": self.import_id}
        return block | ({"provider": self.provider.fqn} if self.provider is not None else {})

    def to_move(self) -> dict[str, str]:
        """Return the block that says what its address was before."""
        return {"to": self.address, "from": f"{OBJECT_TYPE}.{self.moved_from}"}

    def to_construct(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        depends_on: Sequence[cdk.ITerraformDependable] = (),
    ) -> RestapiObject:
        """Make it a construct of its own under the same Terraform address.

        Args:
            scope: The construct that it belongs to.
            id: Id in the scope; the Terraform address does not depend on it.
            depends_on: Other elements of the stack that have to be there first.
        """
        meta: MetaArguments = {"depends_on": list(depends_on)} if depends_on else {}
        resource = RestapiObject(scope, id, path="", data={}, **meta)
        resource.arguments = self.arguments
        resource.override_logical_id(self.name)
        if self.provider is not None:
            resource.provider = self.provider
        if self.after:
            resource.depends_on = [*(resource.depends_on or ()), *self.after]
        if self.adopted:
            resource.import_from(self.import_id, self.provider)
        if self.moved_from:
            resource.move_from_id(f"{OBJECT_TYPE}.{self.moved_from}")
        return resource


@jsii.implements(cdk.IAnyProducer)
class _Bodies:
    """Gives the bodies of the waiting objects when they are written, and only then."""

    def __init__(self, waiting: Mapping[str, BatchedObject]) -> None:
        self._waiting = waiting

    def produce(self, context: cdk.IResolveContext) -> dict[str, object]:
        """Return all bodies; called by the CDK.

        It asks twice, first to see what refers to other stacks; a batch refers to none.
        """
        return {} if context.preparing else {name: o.to_terraform() for name, o in self._waiting.items()}


class ObjectBatch(cdk.TerraformElement):
    """The batched objects of one stack; `ObjectBatch.of` finds it.

    Args:
        stack: The stack.
    """

    def __init__(self, stack: cdk.TerraformStack) -> None:
        super().__init__(stack, "gatepair-objects")
        self._waiting: dict[str, BatchedObject] = {}
        self._paths: dict[str, str] = {}
        self._stack = stack
        self._in_bulk = False
        self._is_marked = False
        self._produced = cdk.Lazy.any_value(_Bodies(self._waiting))

    @classmethod
    def of(cls, stack: cdk.TerraformStack) -> ObjectBatch:
        """Return the stack's batch; the first call makes it."""
        return _batches.get(stack) or _batches.setdefault(stack, cls(stack))

    def add(self, batched: BatchedObject) -> None:
        """Take an object in.

        Raises:
            gatepair.errors.InvalidInput: There is an object of that name already.
        """
        if other := self._paths.get(batched.name):
            raise InvalidInput(
                f"{batched.path} and {other} would both have the Terraform address {batched.address}",
                remedy="Give one of them another id.",
            )
        self._paths[batched.name] = batched.path
        self._waiting[batched.name] = batched
        if not self._in_bulk and len(self._waiting) >= BULK:
            self._in_bulk = True
            self._stack.synthesizer = BulkSynthesizer(self._stack, self._stack.synthesizer, self)

    def take_out(self, name: str) -> BatchedObject:
        """Give an object up, because it becomes a construct of its own."""
        return self._waiting.pop(name)

    @property
    def bodies(self) -> dict[str, dict[str, object]]:
        """The resource blocks of the waiting objects by name."""
        return {name: batched.to_terraform() for name, batched in sorted(self._waiting.items())}

    @contextmanager
    def marked(self) -> Generator[None]:
        """Give the CDK a mark instead of the bodies, while the stack is written."""
        self._is_marked = True
        try:
            yield
        finally:
            self._is_marked = False

    def to_terraform(self) -> Mapping[str, object]:
        """Return all waiting objects; called by the CDK."""
        if not self._waiting:
            return {}
        waiting = self._waiting.values()
        imports = [batched.to_import() for batched in waiting if batched.adopted]
        moves = [batched.to_move() for batched in waiting if batched.moved_from]
        blocks: dict[str, object] = {"import": imports, "moved": moves}
        bodies = {MARK: True} if self._is_marked else self._produced
        return {"resource": {OBJECT_TYPE: bodies}} | {name: found for name, found in blocks.items() if found}


@attrs.frozen(kw_only=True)
class Place:
    """Where in the tree a construct stands; looked up once per scope, since each question crosses to Node."""

    stack: cdk.TerraformStack
    path: str

    @classmethod
    def of(cls, scope: IConstruct) -> Place:
        """Return the place of a scope."""
        place = _places.get(scope)
        if place is None:
            stack = cdk.TerraformStack.of(scope)
            place = _places[scope] = cls(stack=stack, path=scope.node.path)
        return place


# Constructs live as long as the process, since Node may call back into any of them.
_batches: dict[cdk.TerraformStack, ObjectBatch] = {}
_places: dict[IConstruct, Place] = {}
