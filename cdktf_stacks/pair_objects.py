"""The objects of one pair or appliance, waiting in the stack's batch."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from cdktf_stacks._values import escape
from cdktf_stacks.batch import BatchedObject, ObjectBatch
from gatepair.documents import (
    WRITE_ONLY_KEYS,
    network_query,
    network_to_document,
    pair_query,
    pair_to_document,
)
from gatepair.models import ManagementAddress

if TYPE_CHECKING:
    from cdktf_stacks._cdktf import Construct, cdk
    from cdktf_stacks.bindings.object import RestapiObject
    from cdktf_stacks.bindings.provider import RestapiProvider
    from gatepair import models

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_FIRST_IN_NAMES = tuple(f"{string.ascii_letters}_")


def terraform_name(text: str) -> str:
    """Make a name that Terraform accepts: letters, digits, `_` and `-`, with no digit first.

    Example:
        >>> terraform_name("1st.office")
        '_1st_office'
    """
    name = _NOT_IN_NAMES.sub("_", text)
    return name if name.startswith(_FIRST_IN_NAMES) else f"_{name}"


@attrs.frozen(kw_only=True)
class Owner:
    """The construct that objects belong to.

    Attributes:
        name: Start of the objects' Terraform names.
        path: Construct path.
        construct: Gives the construct itself; a pair among many is made one only when that is asked for.
        batch: Where the objects wait.
        provider: Provider to use, where the stack has several.
        depends_on: What has to be there before the objects.
    """

    name: str
    path: str
    construct: Callable[[], Construct]
    batch: ObjectBatch
    provider: RestapiProvider | None
    depends_on: Sequence[cdk.ITerraformDependable]


class WaitingObject:
    """One object in the batch, until somebody wants it as a construct.

    Args:
        owner: The construct that it belongs to.
        name: Its Terraform name.
        id: Its id as a construct.
        arguments: The provider's arguments, escaped.
        after: Terraform addresses of the objects of the batch that have to be there first.

    Raises:
        gatepair.errors.InvalidInput: The Terraform address is taken.
    """

    def __init__(
        self,
        owner: Owner,
        name: str,
        id: str,  # noqa: A002 - the CDK's name for it
        arguments: Mapping[str, object],
        after: Sequence[str] = (),
    ) -> None:
        self._owner = owner
        self._id = id
        self._resource: RestapiObject | None = None
        self._batched = BatchedObject(
            name=name,
            path=f"{owner.path}/{id}",
            arguments=arguments,
            provider=owner.provider,
            after=tuple(after),
        )
        owner.batch.add(self._batched)
        if owner.depends_on:  # only the CDK can tell the address of any of its elements
            self.to_construct()

    @property
    def address(self) -> str:
        """Terraform address."""
        return self._batched.address

    def to_construct(self) -> RestapiObject:
        """Return the object as a construct of its own; it is one from the first call on."""
        if self._resource is None:
            owner = self._owner
            owner.batch.take_out(self._batched.name)
            self._resource = self._batched.to_construct(owner.construct(), self._id, owner.depends_on)
        return self._resource


def add_network(owner: Owner, appliance: models.Appliance) -> WaitingObject | None:
    """Add what is declared of an appliance's network, if anything is.

    Args:
        owner: The construct that it belongs to.
        appliance: The appliance.
    """
    if not appliance.network.declared:
        return None
    address = str(appliance.address)
    arguments = {
        "path": "/v1/appliances/{id}/network",
        "create_method": "PUT",
        "query_string": escape(network_query(appliance.network)),
        "data": _json(network_to_document(appliance.address, appliance.network)),
    }
    return WaitingObject(owner, f"{owner.name}_{_NOT_IN_NAMES.sub('_', address)}", address, arguments)


class PairObjects:
    """The networks of both appliances of a pair, and then the pair with its virtual IPs.

    Args:
        owner: The construct that they belong to.
        pair: The pair as it is declared.
    """

    def __init__(self, owner: Owner, pair: models.Pair) -> None:
        networks = {address: add_network(owner, pair.appliance(address)) for address in pair.addresses}
        self._networks = {address: network for address, network in networks.items() if network}
        arguments: dict[str, object] = {
            "path": "/v1/pairs",
            "data": _json(pair_to_document(pair, write_only=True)),
            "ignore_changes_to": list(WRITE_ONLY_KEYS),
        }
        if query := pair_query(pair):
            arguments["query_string"] = escape(query)
        after = [network.address for network in self._networks.values()]
        self._pair = WaitingObject(owner, owner.name, "pair", arguments, after)

    @property
    def fqn(self) -> str:
        """Terraform address of the pair."""
        return self._pair.address

    @property
    def resource(self) -> RestapiObject:
        """The object behind the pair, to refer to, to import or to change."""
        return self._pair.to_construct()

    def network(self, address: ManagementAddress | str) -> RestapiObject | None:
        """Return the object behind an appliance's network, to refer to, to import or to change.

        Args:
            address: Management address of the appliance.

        Returns:
            The object, None if nothing of that appliance's network is declared.
        """
        known = ManagementAddress.parse(address) if isinstance(address, str) else address
        network = self._networks.get(known)
        return network.to_construct() if network else None


def _json(document: Mapping[str, object]) -> str:
    return escape(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
