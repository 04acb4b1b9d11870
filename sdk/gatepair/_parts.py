"""Parts of a declaration that are written alike in pairs.toml and in the documents of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gatepair import _kinds as kinds
from gatepair.models import Failover, FurtherVirtualIp, Heartbeat

if TYPE_CHECKING:
    from gatepair._reading import Table

FAILOVER_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    "fail_safe": kinds.ON_OFF,
    "max_flips": kinds.COUNT,
    "max_flip_time_s": kinds.COUNT,
    "synchronization": kinds.ENABLED_DISABLED,
    "propagation": kinds.ENABLED_DISABLED,
    "sync_vlan": kinds.VLAN,
    "independent_network": kinds.ENABLED_DISABLED,
}
"""Settings of the failover beside the heartbeat; keys and names in `Failover` are the same."""

FAILOVER_INTERFACE: Final = "failover_interface"
OPTIONAL_FAILOVER_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {FAILOVER_INTERFACE: kinds.INTERFACE}
"""Settings of the failover that are left as they are where they are not declared."""

HEARTBEAT_KINDS: Final = {"hello_interval_ms": kinds.HELLO_MS, "dead_interval_s": kinds.DEAD_S}
VIRTUAL_IP_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {"address": kinds.IPV4, "netmask": kinds.NETMASK}
INTERNAL_VIRTUAL_IP_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    **VIRTUAL_IP_KINDS,
    "management_access": kinds.ENABLED_DISABLED,
}
FURTHER_VIRTUAL_IP_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    **VIRTUAL_IP_KINDS,
    "role": kinds.VIRTUAL_IP_ROLE,
    "management_access": kinds.ENABLED_DISABLED,
}


def read_failover(table: Table, heartbeat: Heartbeat | None) -> Failover | None:
    """Read the settings of the failover from the table of a pair."""
    parts: dict[str, object] = {key: table.take(key, kind, None) for key, kind in FAILOVER_KINDS.items()}
    for key, kind in OPTIONAL_FAILOVER_KINDS.items():
        if key in table:
            parts[key] = table.take(key, kind, None)
    return table.build(Failover, {}, {"heartbeat": heartbeat, **parts})


def read_heartbeat(table: Table) -> Heartbeat | None:
    """Read a heartbeat from a table of its own."""
    parts = {key: table.take(key, kind, None) for key, kind in HEARTBEAT_KINDS.items()}
    table.close()
    return table.build(Heartbeat, {}, parts)


def read_further(table: Table, key: str) -> tuple[FurtherVirtualIp, ...] | None:
    """Read further virtual IPs: each a table, or an address alone where the rest is as usual."""
    if key not in table:
        return None
    entries = table.entries(
        key, what='an address or a table such as { address = "192.0.2.30" }', word="address"
    )
    found: list[FurtherVirtualIp] = []
    for entry in entries or ():
        parts = {
            name: entry.take(name, kind, None)
            for name, kind in FURTHER_VIRTUAL_IP_KINDS.items()
            # Of an external one nothing says whether it can be managed through: it never can.
            if name != "management_access" or entry.values.get(name) != ""
        }
        entry.close(FURTHER_VIRTUAL_IP_KINDS)
        if parts["address"] is None:
            if not entry.complete:
                entry.need("address", kinds.IPV4)
            continue
        # Whether it may have management access depends on its role.
        needed = {name: parts.pop(name) for name in ("address", "role") if parts[name] is not None}
        made = entry.build(FurtherVirtualIp, needed, parts)
        if made is not None:
            found.append(made)
    return None if entries is None else tuple(found)
