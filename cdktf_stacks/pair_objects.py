"""The objects of one pair or appliance, waiting in the stack's batch."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import attrs

from cdktf_stacks._values import compact_json
from cdktf_stacks.batch import BatchedObject, ObjectBatch
from gatepair.documents import (
    WRITE_ONLY_KEYS,
    network_query,
    network_to_document,
    pair_query,
    pair_to_document,
)
from gatepair.errors import InvalidInput
from gatepair.models import InternalVirtualIp, ManagementAddress, Secret

if TYPE_CHECKING:
    from cdktf_stacks._cdktf import Construct, cdk
    from cdktf_stacks.bindings.object import RestapiObject
    from cdktf_stacks.bindings.provider import RestapiProvider
    from gatepair import models
    from gatepair.models import FurtherVirtualIp

EXTERNAL, INTERNAL, BOTH, FURTHER = "external", "internal", "both", "further"

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
        adopt: The objects exist already and are taken over into the state.
        former: Start of the Terraform names that they had before, empty for none.
    """

    name: str
    path: str
    construct: Callable[[], Construct]
    batch: ObjectBatch
    provider: RestapiProvider | None
    depends_on: Sequence[cdk.ITerraformDependable]
    adopt: bool = False
    former: str = ""


class WaitingObject:
    """One object in the batch, until somebody wants it as a construct.

    Args:
        owner: The construct that it belongs to.
        id: Its id as a construct.
        given: Gives the provider's arguments as they are meant; asked when they are written.
        identity: The object's own id, by which the server knows it.
        suffix: What its Terraform name has behind the owner's.
        after: Terraform addresses of the objects of the batch that have to be there first.

    Raises:
        gatepair.errors.InvalidInput: The Terraform address is taken.
    """

    def __init__(
        self,
        owner: Owner,
        id: str,  # noqa: A002 - the CDK's name for it
        given: Callable[[], Mapping[str, object]],
        *,
        identity: str,
        suffix: str = "",
        after: Sequence[str] = (),
    ) -> None:
        self._owner = owner
        self._id = id
        self._resource: RestapiObject | None = None
        self._batched = BatchedObject(
            name=f"{owner.name}{suffix}",
            path=f"{owner.path}/{id}",
            given=given,
            provider=owner.provider,
            after=tuple(after),
            adopted=identity if owner.adopt else "",
            moved_from=f"{owner.former}{suffix}" if owner.former else "",
        )
        owner.batch.add(self._batched)
        if owner.depends_on:  # only the CDK can tell the address of any of its elements
            _ = self.resource

    @property
    def fqn(self) -> str:
        """Terraform address."""
        return self._batched.address

    @property
    def resource(self) -> RestapiObject:
        """The object as a construct of its own; it is one from the first time on that this is asked for."""
        if self._resource is None:
            owner = self._owner
            owner.batch.take_out(self._batched.name)
            self._resource = self._batched.to_construct(owner.construct(), self._id, owner.depends_on)
        return self._resource

    def write_anew(self) -> None:
        """Take over arguments that are not what they were; a construct already has the former ones."""
        if self._resource is not None:
            self._resource.arguments.update(self._batched.arguments)
            if self._batched.adopted:
                self._resource.import_from(self._batched.import_id, self._owner.provider)


def add_network(owner: Owner, appliance: models.Appliance) -> WaitingObject | None:
    """Add what is declared of an appliance's network, if anything is.

    Args:
        owner: The construct that it belongs to.
        appliance: The appliance.
    """
    if not appliance.network.declared:
        return None
    address = str(appliance.address)
    suffix = f"_{_NOT_IN_NAMES.sub('_', address)}"
    return WaitingObject(
        owner, address, partial(_network_arguments, appliance), identity=address, suffix=suffix
    )


def _network_arguments(appliance: models.Appliance) -> dict[str, object]:
    return {
        "path": "/v1/appliances/{id}/network",
        "create_method": "PUT",
        "query_string": network_query(appliance.network),
        "data": compact_json(network_to_document(appliance.address, appliance.network)),
    }


def virtual_ip_document(virtual_ip: models.VirtualIp, *, both: bool) -> dict[str, str]:
    """Return a virtual IP as the bridge's API has it.

    Args:
        virtual_ip: The address.
        both: It is the internal and the external one.

    Raises:
        gatepair.errors.InvalidInput: It cannot be both, because it is not an internal one.
    """
    access = ""
    role = EXTERNAL
    if isinstance(virtual_ip, InternalVirtualIp):
        access = "enabled" if virtual_ip.management_access else "disabled"
        role = BOTH if both else INTERNAL
    elif both:
        raise InvalidInput(f"{virtual_ip.address} as both virtual IPs has to be an InternalVirtualIp")
    return {
        "address": str(virtual_ip.address),
        "management_access": access,
        "netmask": str(virtual_ip.netmask),
        "role": role,
    }


def add_virtual_ip(
    owner: Owner, pair_id: str, document: Mapping[str, str], after: Sequence[str]
) -> WaitingObject:
    """Add a virtual IP that is managed apart from its pair.

    Args:
        owner: The construct that it belongs to.
        pair_id: Canonical id of the pair.
        document: The virtual IP as the bridge's API has it.
        after: Terraform addresses of the objects of the batch that have to be there first.
    """
    role, address = document["role"], document["address"]
    expected = (EXTERNAL, INTERNAL) if role == BOTH else (role,)
    arguments = {
        "path": f"/v1/pairs/{pair_id}/virtual-ips/{{id}}",
        "create_method": "PUT",
        "id_attribute": "address",
        # Another address or role is another object: the pair takes it in the old one's place.
        "force_new": ["address", "role"],
        "query_string": "&".join(f"{name}={address}" for name in expected),
        "data": compact_json(document),
    }
    return WaitingObject(owner, "virtual-ip", lambda: arguments, identity=address, after=after)


class PairObjects:
    """The networks of both appliances of a pair, and then the pair with its virtual IPs.

    Args:
        owner: The construct that they belong to.
        pair: The pair as it is declared.

    Raises:
        gatepair.errors.InvalidInput: A Terraform address is taken, or the shared key is a secret itself.
    """

    def __init__(self, owner: Owner, pair: models.Pair) -> None:
        if isinstance(pair.shared_key, Secret):
            pair_to_document(pair, write_only=True)  # refuses it, here and not when it is written
        self._declared = pair
        networks = {each.address: add_network(owner, each) for each in _placed(pair)}
        self._networks = {address: network for address, network in networks.items() if network}
        after = [network.fqn for network in self._networks.values()]
        self._pair = WaitingObject(owner, "pair", self._arguments, identity=pair.id, after=after)

    @property
    def pair(self) -> models.Pair:
        """The pair as it is declared, with what was added."""
        return self._declared

    def add_further(self, virtual_ip: FurtherVirtualIp) -> None:
        """Give the pair a further virtual IP.

        Raises:
            gatepair.errors.InvalidInput: The pair cannot have it, because it has that address already.
        """
        self._declared = attrs.evolve(self._declared, further=(*(self._declared.further or ()), virtual_ip))
        self._pair.write_anew()

    def _arguments(self) -> dict[str, object]:
        return {
            "path": "/v1/pairs",
            "query_string": _query(self._declared),
            "data": compact_json(pair_to_document(self._declared, write_only=True)),
            "ignore_changes_to": list(WRITE_ONLY_KEYS),
            # Other appliances are another pair; the path of this one is not that one's.
            "force_new": ["id"],
        }

    @property
    def fqn(self) -> str:
        """Terraform address of the pair."""
        return self._pair.fqn

    @property
    def resource(self) -> RestapiObject:
        """The object behind the pair, to refer to, to import or to change."""
        return self._pair.resource

    def network(self, address: ManagementAddress | str) -> RestapiObject | None:
        """Return the object behind an appliance's network, to refer to, to import or to change.

        Args:
            address: Management address of the appliance.

        Returns:
            The object, None if nothing of that appliance's network is declared.
        """
        known = ManagementAddress.parse(address) if isinstance(address, str) else address
        network = self._networks.get(known)
        return network.resource if network else None


def _placed(pair: models.Pair) -> list[models.Appliance]:
    """Return the appliances in canonical order, what both share with the preferred primary."""
    appliances = sorted(pair.appliances, key=lambda each: each.address)
    if not pair.shared_network.declared:  # of many pairs few have it, and placing takes its time
        return appliances
    return [attrs.evolve(each, network=pair.placed_network(each.address)) for each in appliances]


def _query(pair: models.Pair) -> str:
    """Name the virtual IPs to expect: an empty one is nobody's business here, whatever there is."""
    declared = ((EXTERNAL, pair.external), (INTERNAL, pair.internal))
    unmanaged = [f"{name}=" for name, virtual_ip in declared if virtual_ip is None]
    return "&".join(filter(None, [*unmanaged, pair_query(pair)]))
