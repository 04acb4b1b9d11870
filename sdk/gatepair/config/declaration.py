"""Reads a pair as pairs.toml declares it."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from gatepair._kinds import described
from gatepair._networks import read_network
from gatepair._parts import (
    INTERNAL_VIRTUAL_IP_KINDS,
    VIRTUAL_IP_KINDS,
    read_failover,
    read_further,
    read_heartbeat,
)
from gatepair._reading import Table
from gatepair.config import keys
from gatepair.config.settings import read_settings
from gatepair.errors import InvalidInput
from gatepair.models import (
    Appliance,
    Failover,
    Heartbeat,
    InternalVirtualIp,
    ManagementAddress,
    Network,
    Pair,
    VirtualIp,
)

if TYPE_CHECKING:
    from gatepair.config.connections import Settings

V = TypeVar("V", VirtualIp, InternalVirtualIp)
PAIR_SIZE = 2


def read_shared(table: Table) -> tuple[dict[str, object], Failover | None]:
    """Read what several pairs may have in common, from ``[defaults]`` or from a pair on top of it."""
    found: dict[str, object] = {
        key: table.take(key, kind, None) for key, kind in keys.SHARED.items() if key not in keys.FAILOVER
    }
    return found, read_failover(table, _read_heartbeat(table))


def read_pair(
    table: Table, defaults: Table, base: Path, *, taken: Container[ManagementAddress]
) -> tuple[Pair | None, dict[ManagementAddress, Settings]]:
    """Read one pair.

    Args:
        table: The pair's own table.
        defaults: The table ``[defaults]``.
        base: Directory that relative paths start from.
        taken: Appliances that other pairs have.

    Returns:
        The pair, or ``None`` if something is wrong with it, and how its appliances are reached.
    """
    before = len(table.findings)
    own = read_settings(table, base)
    merged = Table(table.values, table.findings, place=table.place, fallback=defaults)
    shared, failover = read_shared(merged)
    parts = shared | {key: merged.take(key, kind, None) for key, kind in keys.OWN.items()}
    external, internal = _read_virtual_ips(merged)
    further = read_further(merged, "further")
    appliances: list[Appliance] = []
    settings: dict[ManagementAddress, Settings] = {}
    for inner in _appliance_tables(merged):
        appliance = _read_appliance(inner)
        said = read_settings(inner, base).over(own)
        inner.close((*keys.CONNECTION, "timeouts"))
        if appliance is not None:
            if appliance.address in taken:
                inner.note("address", f"{appliance.address} is in another pair already")
            appliances.append(appliance)
            settings[appliance.address] = said
    merged.close(keys.IN_PAIR)
    pair = None
    if len(appliances) == PAIR_SIZE:
        optional = {
            **parts,
            "external": external,
            "internal": internal,
            "further": further,
        }
        # What the nodes share, and so have to agree on, depends on the failover.
        needed = {"appliances": tuple(appliances), "failover": failover or Failover()}
        pair = merged.build(Pair, needed, optional)
    return pair if len(table.findings) == before else None, settings


def _appliance_tables(table: Table) -> list[Table]:
    if "appliances" not in table.values:
        table.note("appliances", "is missing: name the two appliances of the pair")
        return []
    raw = table.raw("appliances")
    if not isinstance(raw, list):
        table.note("appliances", f"must be a list of two appliances, not {described(raw)}")
        return []
    entries = cast("list[object]", raw)
    if len(entries) != PAIR_SIZE:
        table.note("appliances", f"a pair has exactly two appliances, not {len(entries)}")
    place = table.origin("appliances")
    found = (
        table.table_of(entry, (*place, index), what='a table such as { address = "192.0.2.11" }')
        for index, entry in enumerate(entries)
    )
    return [inner for inner in found if inner is not None]


def _read_appliance(table: Table) -> Appliance | None:
    address = table.need("address", keys.APPLIANCE["address"])
    network = read_network(table)
    if not isinstance(address, ManagementAddress):
        return None
    return Appliance(address=address, network=network or Network())


def _read_heartbeat(table: Table) -> Heartbeat | None:
    if "heartbeat" not in table:
        return None
    raw = table.raw("heartbeat")
    if isinstance(raw, str):
        try:
            return Heartbeat.preset(raw)
        except InvalidInput as error:
            table.note("heartbeat", error.message)
            return None
    inner = table.table("heartbeat", what="the name of a preset or a table")
    return None if inner is None else read_heartbeat(inner)


def _read_virtual_ips(table: Table) -> tuple[VirtualIp | None, InternalVirtualIp | None]:
    external, internal = (
        table.table(key) if key in table.values else None for key in ("external", "internal")
    )
    outer = _virtual_ip_parts(external, VIRTUAL_IP_KINDS)
    inner = _virtual_ip_parts(internal, INTERNAL_VIRTUAL_IP_KINDS)
    if outer and inner and outer["address"] == inner["address"]:
        # One address has one netmask, so it need not be written twice.
        mask = {"netmask": outer["netmask"] or inner["netmask"]}
        outer, inner = mask | _given(outer), mask | _given(inner)
    return _build_virtual_ip(external, VirtualIp, outer), _build_virtual_ip(
        internal, InternalVirtualIp, inner
    )


def _virtual_ip_parts(table: Table | None, kinds: keys.Kinds) -> dict[str, object]:
    if table is None:
        return {}
    address = table.need("address", kinds["address"])
    parts = {key: table.take(key, kind, None) for key, kind in kinds.items() if key != "address"}
    table.close()
    return {"address": address, **parts}


def _given(parts: dict[str, object]) -> dict[str, object]:
    return {key: part for key, part in parts.items() if part is not None}


def _build_virtual_ip(table: Table | None, make: type[V], parts: dict[str, object]) -> V | None:
    if table is None or parts["address"] is None:
        return None
    address = {"address": parts["address"]}
    return table.build(make, address, {key: part for key, part in parts.items() if key not in address})
