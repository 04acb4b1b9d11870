"""Writes a pair as pairs.toml declares it: only what differs from the defaults, and no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from gatepair.documents import network_to_document, pair_to_document
from gatepair.models import HEARTBEAT_PRESETS, Failover, Pair, Secret, VirtualIpRole, Vlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Appliance, FurtherVirtualIp, Heartbeat, Interface, Network

HEAD: Final = "# The pair as `gatepair init` found it. Secrets are references, never values.\n"
_LONG: Final = frozenset({"vlans", "routes", "dns_servers", "ntp_servers"})
"""Keys that make the tables of the appliances too long for one line each."""

_NOWHERE: Final = "192.0.2.1"
Table = Mapping[str, object]


def pairs_text(name: str, pair: Pair, defaults: Table) -> str:
    """Return the text of a pairs.toml.

    Args:
        name: Name of the pair.
        pair: The pair, its first appliance the preferred primary.
        defaults: The table ``[defaults]``; how the appliances are reached.

    Example:
        >>> from gatepair.models import Appliance, Pair
        >>> office = Pair(appliances=(Appliance(address="192.0.2.11"), Appliance(address="192.0.2.12")))
        >>> print(pairs_text("office", office, {"username": "nsroot"}), end="")
        # The pair as `gatepair init` found it. Secrets are references, never values.
        <BLANKLINE>
        [defaults]
        username = "nsroot"
        <BLANKLINE>
        [pairs.office]
        appliances = [
            { address = "192.0.2.11" },
            { address = "192.0.2.12" },
        ]
        heartbeat = "default"
    """
    lines = ["[defaults]", *_lines(defaults), "", f"[pairs.{name}]"]
    appliances = [_appliance(appliance) for appliance in pair.appliances]
    if any(_LONG.intersection(appliance) for appliance in appliances):
        lines += _lines(_pair(pair))
        for appliance in appliances:
            lines += ["", f"[[pairs.{name}.appliances]]", *_lines(appliance)]
    else:
        inline = (f"    {_value(appliance)}," for appliance in appliances)
        lines += ["appliances = [", *inline, "]", *_lines(_pair(pair))]
    return "\n".join((HEAD, *lines, ""))


def _lines(table: Table) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: object) -> str:
    """Return a value as TOML; its basic strings have the escapes of JSON."""
    if isinstance(value, Mapping):
        items = cast("Table", value).items()
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in items) + " }" if items else "{}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in cast("list[object]", value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else json.dumps(key)


def _appliance(appliance: Appliance) -> Table:
    return {"address": str(appliance.address), **_network(appliance.network)}


def _network(network: Network) -> Table:
    """Return a network as its document has it, without what is as usual."""
    found = network_to_document(_NOWHERE, network)
    del found["id"]
    silent = {name: _interface(interface) for name, interface in (network.interfaces or {}).items()}
    switched = {name: table for name, table in silent.items() if table}
    found |= {"interfaces": switched}
    usual = attrs.asdict(Vlan())
    vlans = cast("Mapping[str, Table]", found.get("vlans", {}))
    found |= {
        "vlans": {
            number: {key: value for key, value in vlan.items() if value != usual[key]}
            for number, vlan in vlans.items()
        }
    }
    return {key: value for key, value in found.items() if value}


def _interface(interface: Interface) -> Table:
    """Return what is switched off; an interface is on unless declared otherwise."""
    words = {"heartbeat": "off", "monitor": "off", "state": "disabled"}
    return {key: word for key, word in words.items() if not getattr(interface, key)}


def _pair(pair: Pair) -> Table:
    document = pair_to_document(pair)
    found: dict[str, object] = {}
    if pair.shared_key is not None and not isinstance(pair.shared_key, Secret):
        found["shared_key"] = str(pair.shared_key)
    for key in ("external", "internal"):
        if getattr(pair, key) is not None:
            found[key] = document[f"{key}_virtual_ip"]
    if pair.further:
        found["further"] = [_further(virtual_ip) for virtual_ip in pair.further]
    found["heartbeat"] = _heartbeat(pair.heartbeat)
    usual = Failover(heartbeat=pair.heartbeat)
    for field in attrs.fields(Failover):
        if getattr(pair.failover, field.name) != getattr(usual, field.name):
            found[field.name] = document[field.name]
    return found


def _further(virtual_ip: FurtherVirtualIp) -> Table:
    found: dict[str, object] = {"address": str(virtual_ip.address), "netmask": str(virtual_ip.netmask)}
    if virtual_ip.role is VirtualIpRole.INTERNAL:
        found["role"] = str(virtual_ip.role)
    if virtual_ip.management_access:
        found["management_access"] = "enabled"
    return found


def _heartbeat(heartbeat: Heartbeat) -> object:
    preset = next((name for name, known in HEARTBEAT_PRESETS.items() if known == heartbeat), None)
    return preset or attrs.asdict(heartbeat)
