"""Objects of many pairs, handed to the CDK in one piece per stack.

Each call into the CDK crosses from Python to Node and takes a good part of a millisecond, a construct takes
several calls. So objects wait in a batch and cross together at synth; one that a program wants to refer to
or to change becomes a construct of its own, under the same Terraform address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from cdktf_stacks._cdktf import Construct, IConstruct, cdk, jsii
from cdktf_stacks.bindings.object import OBJECT_TYPE, RestapiObject
from gatepair.errors import InvalidInput

if TYPE_CHECKING:
    from cdktf_stacks.bindings.attributes import MetaArguments
    from cdktf_stacks.bindings.provider import RestapiProvider


@attrs.frozen(kw_only=True)
class BatchedObject:
    """One object as it will stand in Terraform's JSON.

    Attributes:
        name: Terraform name, unique among the objects of the stack.
        path: Construct path that it has or would have; the CLI shows it beside an error of Terraform.
        arguments: The provider's arguments, escaped.
        provider: The provider to use, absent for the stack's only one.
        after: Terraform addresses of the objects of the batch that have to be there first.
    """

    name: str
    path: str
    arguments: Mapping[str, object]
    provider: RestapiProvider | None = None
    after: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Terraform address."""
        return f"{OBJECT_TYPE}.{self.name}"

    def to_terraform(self) -> dict[str, object]:
        """Return the body of the resource block."""
        body: dict[str, object] = dict(self.arguments)
        if self.provider is not None:
            body["provider"] = self.provider.fqn
        if self.after:
            body["depends_on"] = list(self.after)
        body["//"] = {"metadata": {"path": self.path, "uniqueId": self.name}}
        return body

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
        resource.arguments = dict(self.arguments)
        resource.override_logical_id(self.name)
        if self.provider is not None:
            resource.provider = self.provider
        if self.after:
            resource.depends_on = [*(resource.depends_on or ()), *self.after]
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
        self._bodies = cdk.Lazy.any_value(_Bodies(self._waiting))

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

    def take_out(self, name: str) -> BatchedObject:
        """Give an object up, because it becomes a construct of its own."""
        return self._waiting.pop(name)

    def to_terraform(self) -> Mapping[str, object]:
        """Return all waiting objects; called by the CDK."""
        return {"resource": {OBJECT_TYPE: self._bodies}} if self._waiting else {}


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
