"""``nsconfig``: the NSIP, save, clear, and whether anything is unsaved; ``stat/ns``, ``stat/system``.

Fields: the vendor's NITRO reference (configuration/ns/nsconfig). What each level of clear keeps: the
reference of ``clear ns config``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.messages import Role
from gatepair_emulator.ha.propagation import propagate_save, propagates
from gatepair_emulator.ha.view import current_state, long_date, shown_role
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import ResourceType, Scope, Shape, address, flag, listing, number, text
from gatepair_emulator.resources.behaviour import NOTHING, Behaviour, Outcome
from gatepair_emulator.resources.ha import OWN_DEFAULTS
from gatepair_emulator.store import Configuration, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonObject, JsonValue, Row

NSCONFIG: Final = ResourceType(
    name="nsconfig",
    command="ns config",
    attributes=(
        address("ipaddress"),
        text("netmask"),
        number("nsvlan", 2, 4094),
        listing("ifnum"),
        text("tagged"),
        text("timezone"),
        text("httpport"),
        flag("force"),
        text("level"),
        text("rbaconfig"),
        flag("all"),
        *(text(name) for name in ("config1", "config2", "outtype", "template", "ignoredevicespecific")),
    ),
    verbs=frozenset({"update", "unset", "get"}),
    actions=frozenset({"save", "clear", "diff"}),
    scope=Scope.LOCAL,
    shape=Shape.OBJECT,
)
# What each level of clear leaves in place.
_KEPT_BASIC: Final = frozenset(
    {
        "nsconfig", "hanode", "nsrpcnode", "Interface", "route", "vlan", "vlan_interface_binding",
        "vlan_nsip_binding", "dnsnameserver", "nsfeature", "nsmode", "nshostname", "systemparameter",
        "hanode_routemonitor_binding",
    }
)  # fmt: skip
_KEPT: Final = {
    "basic": _KEPT_BASIC,
    "extended": _KEPT_BASIC - {"nsfeature", "nsmode"},
    "full": frozenset({"nsconfig", "Interface"}),
}
_DEFAULT_ROUTE: Final = "0.0.0.0"  # noqa: S104 - a destination, nothing is bound


class NsConfigBehaviour(Behaviour):
    """The configuration as a whole."""

    def __init__(self) -> None:
        super().__init__(NSCONFIG)
        self.actions = {"save": _save, "clear": _clear, "diff": _diff}
        self.operational = frozenset({"save", "diff"})

    def updating(self, node: Node, row: Row, new: Row) -> None:  # noqa: ARG002 - the signature is given
        """A new NSIP needs a save and a restart."""
        if {"ipaddress", "netmask", "nsvlan"} & set(new):
            node.warn(Code.SAVE_AND_REBOOT)

    def rows(self, node: Node) -> Iterable[Row]:
        """One object."""
        row: Row = {"ipaddress": node.settings.address, "netmask": node.settings.netmask}
        return [{**(node.configuration.get(NSCONFIG.name, "") or {}), **row}]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """Roles and times."""
        now = node.clock.wall()
        return {
            "mappedip": "0.0.0.0",  # noqa: S104 - as printed
            "range": "1",
            "systemtype": "HA" if node.ha.paired else "Stand-alone",
            "primaryip": primary_address(node),
            "flags": "0",
            "lastconfigchangedtime": long_date(node.changed_at),
            "lastconfigsavetime": long_date(node.saved_at),
            "currentsytemtime": long_date(now),
            "systemtime": str(int(now)),
            "timezone": "GMT",
            "configchanged": node.unsaved,
        }


def primary_address(node: Node) -> str:
    """Management address of the node that is primary now.

    Args:
        node: The appliance asked.

    Returns:
        The address; its own if it knows of no other primary.
    """
    machine = node.ha.machine
    last = machine.last
    if last is not None and machine.peer_alive and last.role is Role.PRIMARY and not node.ha.is_primary:
        return last.sender
    return node.settings.address if node.ha.is_primary else ""


async def _save(node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG001 - partitions are not emulated
    if node.saving.locked():
        raise NitroError(Code.SAVE_IN_PROGRESS)
    async with node.saving:
        # Saved while no command runs, so that a save never catches half of one.
        async with node.writing:
            node.save()
        if propagates(node):
            await propagate_save(node)
        elif node.ha.paired and not node.ha.is_primary:
            node.warn(Code.ON_SECONDARY)
    return NOTHING


def _clear(node: Node, payload: JsonObject) -> Outcome:
    level = str(payload.get("level", "")).lower()
    if level not in _KEPT:
        raise NitroError(Code.ARGUMENT_MISSING if not level else Code.INVALID_ARGUMENT_VALUE, "level")
    kept = _KEPT[level]
    tables = {kind: rows for kind, rows in node.configuration.tables().items() if kind in kept}
    administrator = node.configuration.get("systemuser", "nsroot")
    fresh = node.fresh_tables()
    for kind, rows in fresh.items():
        tables.setdefault(kind, {}).update(rows if kind not in kept else {})
    if administrator is not None:
        tables["systemuser"] = {"nsroot": administrator}
    keep_snips = level != "full"
    for key, row in node.configuration.tables().get("nsip", {}).items():
        if row.get("type") == "NSIP" or (keep_snips and row.get("type") == "SNIP"):
            tables.setdefault("nsip", {})[key] = row
    if level == "full":
        routes = node.configuration.tables().get("route", {})
        tables["route"] = {key: row for key, row in routes.items() if row.get("network") == _DEFAULT_ROUTE}
        tables["hanode"] = {"0": {"id": 0, **OWN_DEFAULTS}}
    node.configuration.replace(tables, node.configuration.incarnation)
    node.ha.peer_changed()
    node.ha.rules_changed()
    node.configuration_changed()
    return NOTHING


def _diff(node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG001 - the running configuration and the saved one
    saved = node.saved.load() or Configuration()
    mine, theirs = as_json(node.configuration)["tables"], as_json(saved)["tables"]
    response = "" if mine == theirs else _difference(node.configuration, saved)
    return Outcome(payload={NSCONFIG.name: {"response": response}})


def _difference(running: Configuration, saved: Configuration) -> str:
    ours, theirs = running.tables(), saved.tables()
    places = {
        (kind, key)
        for tables in (ours, theirs)
        for kind, rows in tables.items()
        for key in rows
        if ours.get(kind, {}).get(key) != theirs.get(kind, {}).get(key)
    }
    return "\n".join(json.dumps([kind, *key.split("\x1f")]) for kind, key in sorted(places))


STAT_NS: Final = ResourceType(name="ns", command="ns", verbs=frozenset(), scope=Scope.LOCAL, statistics=True)
STAT_SYSTEM: Final = ResourceType(
    name="system", command="system", verbs=frozenset(), scope=Scope.LOCAL, statistics=True
)
_LOAD: Final[dict[str, JsonValue]] = {
    "cpuusagepcnt": 1.2,
    "cpuusage": "1",
    "memusagepcnt": 17.4,
    "numcpus": "2",
    "disk0perusage": 31,
    "disk1perusage": 12,
    "disk0avail": "980",
    "disk1avail": "11900",
}


class SystemStatistics(Behaviour):
    """``stat/ns`` and ``stat/system``."""

    def statistics(self, node: Node, name: str | None) -> JsonValue:  # noqa: ARG002 - there is one
        """Load, disks and, for ``ns``, high availability."""
        start = long_date(node.started_at)
        if self.kind.name == "system":
            since = int(node.clock.wall() - node.started_at)
            return {**_LOAD, "memsizemb": "2048", "starttime": start, "timesincestart": _span(since)}
        return {
            **_LOAD,
            "mgmtcpuusagepcnt": 2.1,
            "pktcpuusagepcnt": 0.4,
            "memuseinmb": "356",
            "starttime": start,
            "starttimelocal": start,
            "sslnumcardsup": "0" if node.hardware.ssl_card_failed else "1",
            "rxmbitsrate": 0,
            "txmbitsrate": 0,
            "totrxmbits": "0",
            "tottxmbits": "0",
            "hacurstate": current_state(node),
            "hacurmasterstate": shown_role(node.ha.machine.role),
            "transtime": long_date(node.ha.transition_at),
        }


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86400)
    return f"{days:02d}:{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [NsConfigBehaviour(), SystemStatistics(STAT_NS), SystemStatistics(STAT_SYSTEM)]
