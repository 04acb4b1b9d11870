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
        return self._network.to_construct() if self._network else None


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
        self._pair = pair
        owner = _owner(self, scope, id, provider, depends_on, adopt=adopt, moved_from=moved_from)
        self._objects = PairObjects(owner, pair)

    @property
    def pair(self) -> models.Pair:
        """The pair as it is declared."""
        return self._pair

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
    """One virtual IP of a pair, managed apart from the pair: by another stack, or by another team.

    A virtual IP that the pair itself declares belongs to the pair; only one of them can manage it.
    Destroyed, it stays on the appliances, since users may be on it.

    Example:
        ```python
        hall = FailoverPair(stack, "hall", pair_without_external)
        VirtualIp(stack, "hall-users", hall, models.VirtualIp(address="198.51.100.7"))
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; it makes the Terraform address.
        pair: The pair, or the canonical id of one that is declared elsewhere.
        virtual_ip: The address; an `InternalVirtualIp` is the internal one.
        both: The address is the internal and the external one; then it is an `InternalVirtualIp`.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there first; a pair of the same stack is, anyway.
        adopt: Take over what exists: the first plan imports it and changes nothing that is as declared.
        moved_from: Id that it had before; it moves to its new address instead of being made anew.

    Raises:
        gatepair.errors.InvalidInput: The pair declares such a virtual IP itself, its id is none, or the
            Terraform address is taken.
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
        document = virtual_ip_document(virtual_ip, both=both)
        here = pair if isinstance(pair, FailoverPair) else None
        pair_id = here.pair.id if here else canonical_pair_id(*parse_pair_id(str(pair)))
        if here:
            _refuse_declared(here.pair, id, document["role"])
        super().__init__(scope, id)
        owner = _owner(self, scope, id, provider, depends_on, adopt=adopt, moved_from=moved_from)
        self._object = add_virtual_ip(owner, pair_id, document, [here.fqn] if here else [])

    @property
    def fqn(self) -> str:
        """Terraform address."""
        return self._object.address

    @property
    def resource(self) -> RestapiObject:
        """The object behind it, to refer to or to change."""
        return self._object.to_construct()


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
