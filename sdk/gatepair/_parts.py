"""Parts of a declaration that are written alike in pairs.toml and in the documents of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gatepair import _kinds as kinds
from gatepair.errors import InvalidInput
from gatepair.models import Failover, Heartbeat, Interface
from gatepair.models.network import check_interface_name

if TYPE_CHECKING:
    from gatepair._reading import Table

FAILOVER_KINDS: Final[Mapping[str, kinds.Kind[int]]] = {
    "fail_safe": kinds.ON_OFF,
    "max_flips": kinds.COUNT,
    "max_flip_time_s": kinds.COUNT,
    "synchronization": kinds.ENABLED_DISABLED,
    "propagation": kinds.ENABLED_DISABLED,
    "sync_vlan": kinds.VLAN,
    "independent_network": kinds.ENABLED_DISABLED,
}
"""Settings of the failover beside the heartbeat; keys and names in `Failover` are the same."""

HEARTBEAT_KINDS: Final = {"hello_interval_ms": kinds.HELLO_MS, "dead_interval_s": kinds.DEAD_S}
VIRTUAL_IP_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {"address": kinds.IPV4, "netmask": kinds.NETMASK}
INTERNAL_VIRTUAL_IP_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    **VIRTUAL_IP_KINDS,
    "management_access": kinds.ENABLED_DISABLED,
}
INTERFACE_KINDS: Final = {"heartbeat": kinds.ON_OFF, "monitor": kinds.ON_OFF}


def read_failover(table: Table, heartbeat: Heartbeat | None) -> Failover | None:
    """Read the settings of the failover from the table of a pair."""
    parts = {key: table.take(key, kind, None) for key, kind in FAILOVER_KINDS.items()}
    return table.build(Failover, {}, {"heartbeat": heartbeat, **parts})


def read_heartbeat(table: Table) -> Heartbeat | None:
    """Read a heartbeat from a table of its own."""
    parts = {key: table.take(key, kind, None) for key, kind in HEARTBEAT_KINDS.items()}
    table.close()
    return table.build(Heartbeat, {}, parts)


def read_interfaces(table: Table) -> dict[str, Interface]:
    """Read interfaces by their names; what is wrong is noted and left out."""
    found: dict[str, Interface] = {}
    for name in table.values:
        try:
            check_interface_name(name)
        except InvalidInput as error:
            table.note(name, error.message)
            continue
        inner = table.table(name)
        if inner is not None:
            parts = {key: inner.take(key, kind, None) for key, kind in INTERFACE_KINDS.items()}
            inner.close()
            found[name] = Interface(**{key: on for key, on in parts.items() if on is not None})
    return found
