"""The network of a node as it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

import attrs

from gatepair.documents import network_differences, network_to_document
from gatepair.errors import InvalidInput
from gatepair.models import NETWORK_KEYS, Interface, Network, Route, Tagging, Vlan
from gatepair.models.virtual_ip import HOST_MASK
from gatepair.models.vlan import LOWEST_OWN_VLAN
from gatepair.nitro.resources.addresses import NetworkInterface
from gatepair.nitro.resources.ha import DISABLED, HaNode
from gatepair.nitro.resources.network import NameServer, StaticRoute, TimeServer, VlanAddress, VlanRow
from gatepair.nitro.resources.system import NsConfig, NsHostName
from gatepair.workflows.settings import OFF

if TYPE_CHECKING:
    from gatepair.models import Difference
    from gatepair.nitro.decoding import Resource
    from gatepair.workflows.observation import ObservedNode

_KINDS: Final[Mapping[str, tuple[type[Resource], ...]]] = {
    "host_name": (NsHostName,),
    "interfaces": (NetworkInterface,),
    "vlans": (VlanRow, VlanAddress),
    "routes": (StaticRoute,),
    "dns_servers": (NameServer,),
    "ntp_servers": (TimeServer,),
}
_LOOPBACK: Final = "LO"


def network_kinds(keys: Iterable[str]) -> tuple[type[Resource], ...]:
    """Return the resources to read for some members of a network."""
    wanted = set(keys)
    return tuple(kind for key, kinds in _KINDS.items() if key in wanted for kind in kinds)


def reading_kinds(keys: Iterable[str]) -> tuple[type[Resource], ...]:
    """Return the same with what tells where a node stands and whether it is saved."""
    return (HaNode, NsConfig, *network_kinds(keys))


def host_name_of(node: ObservedNode) -> str:
    """Return the node's host name; its own entry among the nodes carries it as well."""
    return node.one(NsHostName).host_name or node.ha.name


def interfaces_of(node: ObservedNode) -> dict[str, Interface]:
    """Return the node's interfaces as far as failover is concerned, the loopback left out."""
    return {
        found.id: Interface(
            heartbeat=found.heartbeat.upper() != OFF,
            monitor=found.monitor.upper() != OFF,
            state=found.state.upper() != DISABLED,
        )
        for found in node.all(NetworkInterface)
        if not found.is_loopback
    }


def heartbeat_interfaces(node: ObservedNode) -> tuple[str, ...]:
    """Return the interfaces that carry heartbeats, also where only the list of nodes was asked for."""
    if node.tells(NetworkInterface):
        return tuple(name for name, found in interfaces_of(node).items() if found.heartbeat)
    silent = {*node.ha.silenced_interfaces}
    return tuple(
        name
        for name in node.ha.enabled_interfaces
        if name not in silent and not name.upper().startswith(_LOOPBACK)
    )


def observed_network(node: ObservedNode, keys: Iterable[str] = NETWORK_KEYS) -> Network:
    """Return the network of a node as it was found, as far as it was asked for.

    VLAN 1, the VLAN of the management address, the default route and routes that nobody set up are
    left out: they are not declared either.
    """
    wanted = set(keys)
    return Network(
        host_name=(host_name_of(node) or None) if "host_name" in wanted else None,
        interfaces=interfaces_of(node) if "interfaces" in wanted else None,
        vlans=_vlans(node) if "vlans" in wanted else None,
        routes=_routes(node) if "routes" in wanted else None,
        dns_servers={row.ip for row in node.all(NameServer) if row.ip} if "dns_servers" in wanted else None,
        ntp_servers={row.host for row in node.all(TimeServer) if row.host}
        if "ntp_servers" in wanted
        else None,
    )


def _vlans(node: ObservedNode) -> dict[int, Vlan]:
    management = node.one(NsConfig).management_vlan
    return {
        row.id: Vlan(
            alias=row.alias,
            interfaces=_members(row),
            addresses={
                IPv4Address(bound.address): IPv4Address(bound.netmask or HOST_MASK)
                for bound in node.all(VlanAddress)
                if bound.vlan == row.id
            },
        )
        for row in node.all(VlanRow)
        if row.id >= LOWEST_OWN_VLAN and row.id != management
    }


def _members(row: VlanRow) -> dict[str, Tagging]:
    """Return the interfaces of a VLAN; a tagged one may stand in both lists."""
    plain = dict.fromkeys(row.members, Tagging.UNTAGGED)
    tagged = dict.fromkeys(row.tagged, Tagging.TAGGED)
    return {name: how for name, how in (plain | tagged).items() if not name.upper().startswith(_LOOPBACK)}


def _routes(node: ObservedNode) -> set[Route]:
    found: set[Route] = set()
    for row in node.all(StaticRoute):
        if not row.is_static:
            continue
        try:
            found.add(Route(network=row.network, netmask=row.netmask, gateway=row.gateway))
        except InvalidInput:
            # The default route, or one to nowhere: it cannot be declared, so it is let alone.
            continue
    return found


def network_differences_of(node: ObservedNode, desired: Network) -> tuple[Difference, ...]:
    """Return in which values the network of a node is not as declared, each under the node's address."""
    interfaces = None if desired.interfaces is None else tuple(desired.interfaces)
    found = observed_network(node, desired.declared).limited(keys=desired.declared, interfaces=interfaces)
    before, after = (network_to_document(node.address, network) for network in (found, desired))
    return tuple(
        attrs.evolve(difference, label=f"{node.address}: {difference.label}")
        for difference in network_differences(before, after)
    )
