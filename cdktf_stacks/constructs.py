"""Constructs in words of the pair: `FailoverPair`, `FailoverPairs`, `Appliance`, `VirtualIp`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cdktf_stacks._cdktf import Construct, cdk, jsii
from cdktf_stacks.batch import ObjectBatch, Place
from cdktf_stacks.pair_objects import (
    BOTH,
    EXTERNAL,
    FURTHER,
    INTERNAL,
    Owner,
    PairObjects,
    add_network,
    add_virtual_ip,
    terraform_name,
    virtual_ip_document,
)
from gatepair.documents import canonical_pair_id, parse_pair_id
from gatepair.errors import InvalidInput
from gatepair.models import FurtherVirtualIp

if TYPE_CHECKING:
    from cdktf_stacks.bindings.object import RestapiObject
    from cdktf_stacks.bindings.provider import RestapiProvider
    from gatepair import models


class Appliance(Construct):
    """What is declared of one appliance's own network: host name and interfaces.

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; it makes the Terraform address.
        appliance: The appliance.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there first.
        adopt: Take over what exists: the first plan imports it and changes nothing that is as declared.
        moved_from: Id that it had before; objects move to their new addresses instead of being made anew.

    Raises:
        gatepair.errors.InvalidInput: The Terraform address is taken.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        appliance: models.Appliance,
        *,
        provider: RestapiProvider | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] = (),
        adopt: bool = False,
        moved_from: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        owner = _owner(self, scope, id, provider, depends_on, adopt=adopt, moved_from=moved_from)
        self._network = add_network(owner, appliance)

    @property
    def network(self) -> RestapiObject | None:
        """The object behind it, to refer to or to change; None if nothing is declared."""
        return self._network.resource if self._network else None


@jsii.implements(cdk.ITerraformDependable)
class FailoverPair(Construct):
    """A failover pair: the networks of both appliances, and then the pair with its virtual IPs.

    Terraform addresses depend on the id and on the management addresses alone, so the order of pairs and
    of appliances does not matter. Other resources can name the construct in their `depends_on`.

    Example:
        ```python
        office = FailoverPair(stack, "office", config.pairs["office"])
        office.resource.lifecycle = TerraformResourceLifecycle(prevent_destroy=True)
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; it makes the Terraform address, such as `restapi_object.office`.
        pair: The pair as it is declared.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there before networks and pair.
        adopt: Take over a pair that exists: the first plan imports its objects and changes nothing that is
            as declared. Needs the bundled provider.
        moved_from: Id that the pair had before in this stack; its objects move to their new addresses
            instead of being dissolved and formed anew.

    Raises:
        gatepair.errors.InvalidInput: A Terraform address is taken.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        pair: models.Pair,
        *,
        provider: RestapiProvider | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] = (),
        adopt: bool = False,
        moved_from: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        owner = _owner(self, scope, id, provider, depends_on, adopt=adopt, moved_from=moved_from)
        self._objects = PairObjects(owner, pair)

    @property
    def pair(self) -> models.Pair:
        """The pair as it is declared, with the further virtual IPs that it was given since."""
        return self._objects.pair

    @property
    def fqn(self) -> str:
        """Terraform address of the pair."""
        return self._objects.fqn

    @property
    def resource(self) -> RestapiObject:
        """The object behind the pair, to refer to, to import or to change."""
        return self._objects.resource

    def network(self, address: models.ManagementAddress | str) -> RestapiObject | None:
        """Return the object behind an appliance's network, to refer to, to import or to change.

        Args:
            address: Management address of the appliance.

        Returns:
            The object, None if nothing of that appliance's network is declared.
        """
        return self._objects.network(address)

    def add_further(self, virtual_ip: models.FurtherVirtualIp) -> None:
        """Give the pair a further virtual IP, as `further` of the pair does.

        Args:
            virtual_ip: The address, and whether it is for users or for back ends.

        Raises:
            gatepair.errors.InvalidInput: The pair has that address already.
        """
        self._objects.add_further(virtual_ip)


class FailoverPairs(Construct):
    """Many failover pairs in one stack, at the price of one construct.

    In a stack they have the same Terraform addresses as a `FailoverPair` of that name has.

    Example:
        ```python
        fleet = FailoverPairs(stack, "pairs", config.pairs)
        fleet["office"].resource.import_from("/v1/pairs/192.0.2.11,192.0.2.12")
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope.
        pairs: The pairs as they are declared, by name.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there before networks and pairs.
        adopt: Names of the pairs that exist and are taken over, see `FailoverPair`.

    Raises:
        gatepair.errors.InvalidInput: A Terraform address is taken.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        pairs: Mapping[str, models.Pair],
        *,
        provider: RestapiProvider | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] = (),
        adopt: Collection[str] = (),
    ) -> None:
        super().__init__(scope, id)
        self._members: dict[str, Construct] = {}
        place = Place.of(scope)
        prefix = "" if scope is place.stack else f"{place.stack.get_logical_id(self.node)}_"
        self._objects = {
            name: PairObjects(
                Owner(
                    name=terraform_name(f"{prefix}{name}"),
                    path=f"{place.path}/{id}/{name}",
                    construct=partial(self._member, name),
                    batch=ObjectBatch.of(place.stack),
                    provider=provider,
                    depends_on=depends_on,
                    adopt=name in adopt,
                ),
                pair,
            )
            for name, pair in sorted(pairs.items())
        }

    def __getitem__(self, name: str) -> PairObjects:
        """Return the objects of a pair."""
        return self._objects[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the pairs."""
        return iter(self._objects)

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self._objects)

    def _member(self, name: str) -> Construct:
        return self._members.get(name) or self._members.setdefault(name, Construct(self, name))


@jsii.implements(cdk.ITerraformDependable)
class VirtualIp(Construct):
    """One virtual IP of a pair, in one of three roles: external, internal, or further.

    The external or the internal one is managed apart from the pair: by another stack, or by another team.
    One that the pair itself declares belongs to the pair; only one of them can manage it. Destroyed, it
    stays on the appliances, since users may be on it.

    A further one becomes a part of the pair's own object, as if it stood in `further` of the pair, because
    further virtual IPs are managed all together: one that is declared nowhere is removed, unless a virtual
    server listens on it. So it needs the pair's construct, and no `provider`, `depends_on`, `adopt` or
    `moved_from` of its own.

    Example:
        ```python
        hall = FailoverPair(stack, "hall", pair_without_external)
        VirtualIp(stack, "hall-users", hall, models.VirtualIp(address="198.51.100.7"))
        VirtualIp(stack, "hall-voice", hall, models.FurtherVirtualIp(address="198.51.100.8"))
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; it makes the Terraform address.
        pair: The pair, or the canonical id of one that is declared elsewhere.
        virtual_ip: The address. A `VirtualIp` is the external one, an `InternalVirtualIp` the internal one, a
            `FurtherVirtualIp` one more beside them.
        both: The address is the internal and the external one; then it is an `InternalVirtualIp`.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there first; a pair of the same stack is, anyway.
        adopt: Take over what exists: the first plan imports it and changes nothing that is as declared.
        moved_from: Id that it had before; it moves to its new address instead of being made anew.

    Raises:
        gatepair.errors.InvalidInput: The pair declares such a virtual IP itself, its id is none, the
            Terraform address is taken, or a further one cannot be added to the pair.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        pair: FailoverPair | str,
        virtual_ip: models.VirtualIp,
        *,
        both: bool = False,
        provider: RestapiProvider | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] = (),
        adopt: bool = False,
        moved_from: str | None = None,
    ) -> None:
        here = pair if isinstance(pair, FailoverPair) else None
        if isinstance(virtual_ip, FurtherVirtualIp):
            own = {"both": both, "provider": provider, "depends_on": depends_on, "adopt": adopt}
            self._part = _added(id, here, virtual_ip, own | {"moved_from": moved_from})
            self._role = FURTHER
            super().__init__(scope, id)
            return
        document = virtual_ip_document(virtual_ip, both=both)
        pair_id = here.pair.id if here else canonical_pair_id(*parse_pair_id(str(pair)))
        if here:
            _refuse_declared(here.pair, id, document["role"])
        super().__init__(scope, id)
        owner = _owner(self, scope, id, provider, depends_on, adopt=adopt, moved_from=moved_from)
        self._part = add_virtual_ip(owner, pair_id, document, [here.fqn] if here else [])
        self._role = document["role"]

    @property
    def role(self) -> str:
        """What it is to the pair: `external`, `internal`, `both` of them, or `further`."""
        return self._role

    @property
    def fqn(self) -> str:
        """Terraform address; that of the pair for a further one."""
        return self._part.fqn

    @property
    def resource(self) -> RestapiObject:
        """The object behind it, to refer to or to change; that of the pair for a further one."""
        return self._part.resource


def _added(
    id: str,  # noqa: A002 - the CDK's name for it
    pair: FailoverPair | None,
    virtual_ip: models.FurtherVirtualIp,
    own: Mapping[str, object],
) -> FailoverPair:
    """Add a further virtual IP to its pair and return that."""
    if pair is None:
        raise InvalidInput(
            f"VirtualIp {id}: the further virtual IP {virtual_ip.address} is a part of the pair's own "
            "object, and the pair is declared elsewhere",
            remedy="Give the FailoverPair, or add the address to 'further' where the pair is declared.",
            key="further",
        )
    if given := [name for name, value in own.items() if value]:
        raise InvalidInput(
            f"VirtualIp {id}: a further virtual IP is a part of the pair's own object and has no {given[0]}",
            remedy=f"Leave {given[0]} out here; the pair has its own.",
            key=given[0],
        )
    try:
        pair.add_further(virtual_ip)
    except InvalidInput as error:
        raise InvalidInput(f"VirtualIp {id}: {error.message}", key="further") from None
    return pair


def _refuse_declared(pair: models.Pair, id: str, role: str) -> None:  # noqa: A002 - the CDK's name for it
    declared = {EXTERNAL: pair.external, INTERNAL: pair.internal}
    for name, virtual_ip in declared.items():
        if virtual_ip is not None and role in {name, BOTH}:
            raise InvalidInput(
                f"VirtualIp {id}: the pair declares its {name} virtual IP {virtual_ip.address} itself",
                remedy=f"Change it in the pair, or take '{name}' out of the pair.",
                key=name,
            )


def _owner(
    construct: Construct,
    scope: Construct,
    id: str,  # noqa: A002 - the CDK's name for it
    provider: RestapiProvider | None,
    depends_on: Sequence[cdk.ITerraformDependable],
    *,
    adopt: bool,
    moved_from: str | None,
) -> Owner:
    place = Place.of(scope)
    directly = scope is place.stack
    name = terraform_name(id if directly else place.stack.get_logical_id(construct.node))
    return Owner(
        name=name,
        path=f"{place.path}/{id}",
        construct=lambda: construct,
        batch=ObjectBatch.of(place.stack),
        provider=provider,
        depends_on=depends_on,
        adopt=adopt,
        former=terraform_name(moved_from) if moved_from else "",
    )
