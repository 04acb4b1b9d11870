"""What HA looks like from outside: the rows of ``hanode`` and the statistics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gatepair_emulator.ha.messages import Admin, Health, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row

# The flags' meaning is not public; 8 and 1 stand in published replies of a secondary.
_SELF_FLAGS: Final = "8"
_PEER_FLAGS: Final = "1"
_LISTS: Final = ("enaifaces", "disifaces", "hamonifaces", "haheartbeatifaces", "pfifaces", "ifaces")


def own_facts(node: Node) -> dict[str, JsonValue]:
    """The read-only attributes of node 0.

    Args:
        node: The appliance.

    Returns:
        The members, all but those that are stored.
    """
    engine = node.ha
    machine = engine.machine
    facts = node.interface_facts()
    return {
        "name": node.host_name,
        "ipaddress": node.settings.address,
        "flags": _SELF_FLAGS,
        "hastatus": _status(machine.rules.admin),
        "state": shown_role(machine.role),
        "hasync": engine.sync.shown,
        **{name: facts[name] for name in _LISTS},
        "inc": engine.setting("inc") or "DISABLED",
        "ssl2": facts["ssl2"],
        "masterstatetime": int(node.clock.steady() - machine.role_since),
        "curflips": str(machine.flips),
        "completedfliptime": str(int(machine.flip_time)),
        **({"hasyncfailurereason": engine.sync.reason} if engine.sync.reason else {}),
    }


def peer_facts(node: Node, row: Row) -> dict[str, JsonValue]:
    """The read-only attributes of the peer's entry.

    Args:
        node: The appliance.
        row: The stored entry.

    Returns:
        The members, all but those that are stored.
    """
    engine = node.ha
    last = engine.machine.last
    if last is None or not engine.machine.peer_alive:
        return {
            "flags": _PEER_FLAGS,
            "hastatus": "NOT UP",
            "state": "UNKNOWN",
            "hasync": "UNKNOWN",
            "haprop": "UNKNOWN",
            **dict.fromkeys(_LISTS, ""),
            "inc": str(row.get("inc", "DISABLED")),
            "ssl2": "UNKNOWN",
            "masterstatetime": 0,
        }
    facts = last.facts
    primary = last.role is Role.PRIMARY
    return {
        "flags": _PEER_FLAGS,
        "hastatus": _status(last.admin),
        "state": shown_role(last.role),
        "hasync": _primary_sync(facts) if primary else facts.get("hasync", "ENABLED"),
        "haprop": facts.get("haprop", "ENABLED"),
        **{name: facts.get(name, "") for name in _LISTS},
        "inc": str(row.get("inc", "DISABLED")),
        "ssl2": facts.get("ssl2", "NOT PRESENT"),
        "masterstatetime": int(node.clock.steady() - engine.peer_role_since),
    }


def _primary_sync(facts: Mapping[str, str]) -> str:
    return "DISABLED" if facts.get("hasync") == "DISABLED" else "ENABLED"


def _status(admin: Admin) -> str:
    """``hastatus`` as it is read: what was written as ENABLED reads UP."""
    return "UP" if admin is Admin.ENABLED else admin.value


def shown_role(role: Role) -> str:
    """``state`` of ``hanode``: a node that starts or claims is not primary yet.

    Args:
        role: Master state.

    Returns:
        ``Primary`` or ``Secondary``.
    """
    return "Primary" if role is Role.PRIMARY else "Secondary"


def current_state(node: Node) -> str:
    """``hacurstate``: how the node is.

    Args:
        node: The appliance.

    Returns:
        One of the words of the statistics' reference page.
    """
    machine = node.ha.machine
    if machine.rules.admin is Admin.DISABLED:
        return "DISABLED"
    if machine.role is Role.INIT:
        return "INIT"
    return machine.health.value


def statistics(node: Node) -> dict[str, JsonValue]:
    """``stat/hanode``.

    Args:
        node: The appliance.

    Returns:
        The object: totals are text, rates are numbers.
    """
    engine = node.ha
    received, sent = engine.totals()
    received_rate, sent_rate = engine.rates()
    return {
        "hacurstatus": "YES" if engine.paired else "NO",
        "hacurstate": current_state(node),
        "hacurmasterstate": shown_role(engine.machine.role),
        "transtime": long_date(engine.transition_at),
        "hatotpktrx": str(received),
        "hapktrxrate": received_rate,
        "hatotpkttx": str(sent),
        "hapkttxrate": sent_rate,
        "haerrproptimeout": str(engine.propagation_timeouts),
        "haerrsyncfailure": str(engine.sync.failures),
    }


def long_date(moment: float) -> str:
    """A moment as appliances print it.

    Args:
        moment: Seconds since the epoch.

    Returns:
        Such as ``Tue Mar  3 09:12:44 2026``.
    """
    return time.asctime(time.gmtime(moment))


def doubts(node: Node) -> list[str]:
    """Reasons why a failover now may lose configuration; none if the peer is in the best of health.

    Args:
        node: The appliance.

    Returns:
        Reasons in the words of warning 1147.
    """
    engine = node.ha
    reasons: list[str] = []
    secondary = engine.sync.shown if not engine.is_primary else engine.peer_fact("hasync")
    if secondary not in {"SUCCESS", "DISABLED"}:
        reasons.append(f"- HA sync state is {secondary or 'UNKNOWN'}")
    quiet = engine.quiet_interfaces() or engine.peer_fact("ifaces").split()
    if quiet:
        reasons.append("- HA heartbeats not seen on some interfaces")
    last = engine.machine.last
    if last is not None and last.health is not Health.UP:
        reasons.append(f"- Peer node state is {last.health.value}")
    return reasons
