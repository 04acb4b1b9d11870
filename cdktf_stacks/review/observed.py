"""A pair as a plan says it is, in the form in which the SDK's workflows look at one.

So the steps of a change are computed by the code that makes the change, not by a second copy of what it
knows. A plan does not say which node is primary now: the preferred primary stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from gatepair.documents import FORMED, network_from_document, parse_pair_id
from gatepair.models import ManagementAddress, Network, Tagging
from gatepair.nitro.resources.addresses import SNIP, VIP, NetworkInterface, NsIp
from gatepair.nitro.resources.gateway import GatewayServer
from gatepair.nitro.resources.ha import DISABLED, ENABLED, SYNC_DONE, HaNode
from gatepair.nitro.resources.network import NameServer, StaticRoute, TimeServer, VlanAddress, VlanRow
from gatepair.nitro.resources.system import NsConfig, NsHostName
from gatepair.workflows.observation import ObservedNode, ObservedPair
from gatepair.workflows.settings import DISAGREE_TEXT, OFF, ON

if TYPE_CHECKING:
    from gatepair.nitro.decoding import Resource

USERS_SERVER: Final = "the virtual servers"
"""Stands for whatever listens on the external virtual IP: a plan does not name it."""

_UP: Final = "UP"
_PRIMARY: Final = "Primary"
_SECONDARY: Final = "Secondary"
Document = Mapping[str, object]


def pair_as_found(document: Document | None, pair_id: str, primary: ManagementAddress) -> ObservedPair:
    """Return a pair as a document describes it; without one, two appliances of which nothing is known.

    Args:
        document: Canonical document of the pair as it is.
        pair_id: Canonical identifier of the pair.
        primary: The node that stands for the primary.
    """
    first, second = parse_pair_id(pair_id)
    nodes = (
        _node(first, second, document, leads=first == primary),
        _node(second, first, document, leads=second == primary),
    )
    return ObservedPair(nodes=nodes)


def node_as_found(document: Document, address: ManagementAddress) -> ObservedNode:
    """Return a node with the network that a document describes."""
    network = network_from_document(document)
    return ObservedNode(
        address=address, facts={NsConfig: (NsConfig(ip_address=str(address.host)),), **_network(network)}
    )


def _node(
    address: ManagementAddress, other: ManagementAddress, document: Document | None, *, leads: bool
) -> ObservedNode:
    own = attrs.evolve(_settings(document or {}), id=0, ip_address=str(address), state=_PRIMARY)
    nodes: tuple[HaNode, ...] = (own,)
    if document is not None and document.get("failover_pair") == FORMED:
        state, theirs = (_PRIMARY, _SECONDARY) if leads else (_SECONDARY, _PRIMARY)
        peer = HaNode(id=1, ip_address=str(other), state=theirs, ha_status=_UP, sync=SYNC_DONE)
        nodes = (attrs.evolve(own, state=state), peer)
    facts: dict[type[Resource], tuple[Resource, ...] | None] = {
        HaNode: nodes,
        NsConfig: (NsConfig(ip_address=str(address), changed=False),),
        NsIp: tuple(_addresses(document or {})),
        GatewayServer: tuple(_servers(document or {})),
    }
    return ObservedNode(address=address, facts=facts)


def _settings(document: Document) -> HaNode:
    heartbeat = _table(document, "heartbeat")
    return HaNode(
        ha_status=_UP,
        hello_interval_ms=_number(heartbeat, "hello_interval_ms"),
        dead_interval_s=_number(heartbeat, "dead_interval_s"),
        fail_safe=_switch(document, "fail_safe", ON, OFF),
        max_flips=_number(document, "max_flips"),
        max_flip_time_s=_number(document, "max_flip_time_s"),
        sync=_switch(document, "synchronization", SYNC_DONE, DISABLED),
        propagation=_switch(document, "propagation", ENABLED, DISABLED),
        sync_vlan=_number(document, "sync_vlan"),
        independent_network=_switch(document, "independent_network", ENABLED, DISABLED),
    )


def _addresses(document: Document) -> list[NsIp]:
    rows: dict[str, NsIp] = {}
    internal = _table(document, "internal_virtual_ip")
    external = _table(document, "external_virtual_ip")
    further = cast("list[Document]", document.get("further_virtual_ips") or [])
    for table, serves in ((external, True), (internal, False), *((each, False) for each in further)):
        address = str(table.get("address") or "")
        if not address:
            continue
        is_snip = bool(table.get("management_access")) or table is internal
        both = address in rows
        rows[address] = NsIp(
            address=address,
            netmask=str(table.get("netmask") or ""),
            kind=SNIP if is_snip else VIP,
            virtual_servers=both or serves or not is_snip,
            management_access=table.get("management_access") == "enabled",
            state=ENABLED,
        )
    return list(rows.values())


def _servers(document: Document) -> list[GatewayServer]:
    address = str(_table(document, "external_virtual_ip").get("address") or "")
    return [GatewayServer(name=USERS_SERVER, address=address)] if address else []


def _network(network: Network) -> dict[type[Resource], tuple[Resource, ...] | None]:
    vlans = network.vlans or {}
    return {
        NsHostName: (NsHostName(host_name=network.host_name or ""),),
        NetworkInterface: tuple(
            NetworkInterface(
                id=name,
                heartbeat=ON if found.heartbeat else OFF,
                monitor=ON if found.monitor else OFF,
                state=ENABLED if found.state else DISABLED,
            )
            for name, found in (network.interfaces or {}).items()
        ),
        VlanRow: tuple(
            VlanRow(
                id=number,
                alias=vlan.alias,
                members=tuple(vlan.interfaces),
                tagged=tuple(name for name, how in vlan.interfaces.items() if how is Tagging.TAGGED),
            )
            for number, vlan in vlans.items()
        ),
        VlanAddress: tuple(
            VlanAddress(vlan=number, address=str(address), netmask=str(netmask))
            for number, vlan in vlans.items()
            for address, netmask in vlan.addresses.items()
        ),
        StaticRoute: tuple(
            StaticRoute(network=str(each.network), netmask=str(each.netmask), gateway=str(each.gateway))
            for each in network.routes or ()
        ),
        NameServer: tuple(NameServer(ip=str(each)) for each in network.dns_servers or ()),
        TimeServer: tuple(TimeServer(address=str(each)) for each in network.ntp_servers or ()),
    }


def _table(document: Document, key: str) -> Document:
    found = document.get(key)
    return cast("Document", found) if isinstance(found, Mapping) else {}


def _number(document: Document, key: str) -> int:
    found = document.get(key)
    return found if isinstance(found, int) else 0


def _switch(document: Document, key: str, on: str, off: str) -> str:
    found = document.get(key)
    return DISAGREE_TEXT if found == DISAGREE_TEXT else on if found in {"on", "enabled"} else off
