"""Constructs in words of the pair: `FailoverPair`, `FailoverPairs` for many, `Appliance` for one node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cdktf_stacks._cdktf import Construct, cdk, jsii
from cdktf_stacks.batch import ObjectBatch, Place
from cdktf_stacks.pair_objects import Owner, PairObjects, add_network, terraform_name

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
    ) -> None:
        super().__init__(scope, id)
        self._network = add_network(_owner(self, scope, id, provider, depends_on), appliance)

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
    ) -> None:
        super().__init__(scope, id)
        self._objects = PairObjects(_owner(self, scope, id, provider, depends_on), pair)

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


def _owner(
    construct: Construct,
    scope: Construct,
    id: str,  # noqa: A002 - the CDK's name for it
    provider: RestapiProvider | None,
    depends_on: Sequence[cdk.ITerraformDependable],
) -> Owner:
    place = Place.of(scope)
    return Owner(
        name=terraform_name(id if scope is place.stack else place.stack.get_logical_id(construct.node)),
        path=f"{place.path}/{id}",
        construct=lambda: construct,
        batch=ObjectBatch.of(place.stack),
        provider=provider,
        depends_on=depends_on,
    )
