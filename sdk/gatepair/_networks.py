"""The network of an appliance, as pairs.toml and the documents of the API write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gatepair import _kinds as kinds
from gatepair.errors import InvalidInput
from gatepair.models import Interface, Network, Route, Vlan
from gatepair.models.interface import check_interface_name

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from gatepair._reading import Table
    from gatepair.models import Tagging

INTERFACE_KINDS: Final[Mapping[str, kinds.Kind[bool]]] = {
    "heartbeat": kinds.ON_OFF,
    "monitor": kinds.ON_OFF,
    "state": kinds.ENABLED_DISABLED,
}
ROUTE_KINDS: Final = {"network": kinds.IPV4, "netmask": kinds.ANY_NETMASK, "gateway": kinds.IPV4}
NETWORK_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    "host_name": kinds.TEXT,
    "dns_servers": kinds.DNS_SERVERS,
    "ntp_servers": kinds.NTP_SERVERS,
}
"""Parts of a network that are one value each."""


def read_network(table: Table) -> Network | None:
    """Read what a table declares of a network; every part may be absent."""
    parts: dict[str, object] = {
        key: table.take(key, kind, None) if key in table else None for key, kind in NETWORK_KINDS.items()
    }
    interfaces = table.table("interfaces") if "interfaces" in table else None
    vlans = table.table("vlans") if "vlans" in table else None
    parts["interfaces"] = None if interfaces is None else _interfaces(interfaces)
    parts["vlans"] = None if vlans is None else _vlans(vlans)
    parts["routes"] = _routes(table)
    return table.build(Network, {}, parts)


def _interfaces(table: Table) -> dict[str, Interface]:
    """Read interfaces by their names; what is wrong is noted and left out."""
    found: dict[str, Interface] = {}
    for name in table.values:
        if not _is_interface(table, name):
            continue
        inner = table.table(name)
        if inner is not None:
            # Documents written before there was a state say nothing of it.
            given = {key: kind for key, kind in INTERFACE_KINDS.items() if key != "state" or key in inner}
            parts = {key: inner.take(key, kind, None) for key, kind in given.items()}
            inner.close(INTERFACE_KINDS)
            found[name] = Interface(**{key: on for key, on in parts.items() if on is not None})
    return found


def _is_interface(table: Table, name: str) -> bool:
    try:
        check_interface_name(name)
    except InvalidInput as error:
        table.note(name, error.message)
        return False
    return True


def _vlans(table: Table) -> dict[int, Vlan]:
    found: dict[int, Vlan] = {}
    for number in table.values:
        inner = table.table(number)
        if not number.isdecimal() or number != str(int(number)):
            table.note(number, "is not the number of a VLAN")
            continue
        vlan = None if inner is None else _vlan(inner)
        if vlan is not None:
            found[int(number)] = vlan
    return found


def _vlan(table: Table) -> Vlan | None:
    interfaces, addresses = table.table("interfaces"), table.table("addresses")
    parts: dict[str, object] = {"alias": table.take("alias", kinds.WORDS, None)}
    if interfaces is not None:
        parts["interfaces"] = _members(interfaces)
    if addresses is not None:
        parts["addresses"] = _bound_addresses(addresses)
    table.close()
    return table.build(Vlan, {}, parts)


def _members(table: Table) -> dict[str, Tagging]:
    found = {
        name: table.take(name, kinds.TAGGING, None) for name in table.values if _is_interface(table, name)
    }
    return {name: tagging for name, tagging in found.items() if tagging is not None}


def _bound_addresses(table: Table) -> dict[IPv4Address, IPv4Address]:
    found: dict[IPv4Address, IPv4Address] = {}
    for address in table.values:
        netmask = table.take(address, kinds.NETMASK, None)
        try:
            known = kinds.IPV4.parse(address)
        except InvalidInput as error:
            table.note(address, error.message)
            continue
        if netmask is not None:
            found[known] = netmask
    return found


def _routes(table: Table) -> tuple[Route, ...] | None:
    if "routes" not in table:
        return None
    entries = table.entries("routes", what="a table with network, netmask and gateway")
    found: list[Route] = []
    for entry in entries or ():
        parts = {key: entry.need(key, kind) for key, kind in ROUTE_KINDS.items()}
        entry.close()
        route = None if None in parts.values() else entry.build(Route, parts, {})
        if route is not None:
            found.append(route)
    return None if entries is None else tuple(found)
