"""The failover settings of a node: declared as `Failover`, kept as attributes of ``hanode``.

Each node has its own copy, which is never synchronized, so every change is made on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.models import Failover, Heartbeat
from gatepair.models.failover import NO_VLAN
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import DISABLED, ENABLED, HaNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair.nitro.call import Call
    from gatepair.workflows.observation import ObservedPair

ON: Final = "ON"
OFF: Final = "OFF"
DISAGREE_NUMBER: Final = -1
DISAGREE_TEXT: Final = "mixed"
"""Shown where the two nodes differ: never equal to a declared value, so the difference is always seen."""

_LABELS: Final[Mapping[str, str]] = {
    "hellointerval": "hello interval",
    "deadinterval": "dead interval",
    "failsafe": "fail-safe",
    "maxflips": "max flips",
    "maxfliptime": "max flip time",
    "hasync": "synchronization",
    "haprop": "propagation",
    "syncvlan": "sync VLAN",
}


def enabled(value: bool) -> str:  # noqa: FBT001 - a conversion of one value
    """Return NITRO's word for a switch."""
    return ENABLED if value else DISABLED


def wire_settings(failover: Failover) -> dict[str, object]:
    """Return the attributes of ``hanode`` 0 that hold these settings, ``inc`` excepted."""
    return {
        "hellointerval": failover.heartbeat.hello_interval_ms,
        "deadinterval": failover.heartbeat.dead_interval_s,
        "failsafe": ON if failover.fail_safe else OFF,
        "maxflips": failover.max_flips,
        "maxfliptime": failover.max_flip_time_s,
        "hasync": enabled(failover.synchronization),
        "haprop": enabled(failover.propagation),
        "syncvlan": failover.sync_vlan,
    }


def read_settings(node: HaNode) -> dict[str, object]:
    """Return the same attributes as the appliance has them.

    ``hasync`` reads as the progress of the last synchronization (``SUCCESS``, ``FAILED``, ...) unless
    it is switched off; citrix/terraform-provider-citrixadc issue 1467 is what comes of taking that
    for a difference.
    """
    return {
        "hellointerval": node.hello_interval_ms,
        "deadinterval": node.dead_interval_s,
        "failsafe": node.fail_safe.upper(),
        "maxflips": node.max_flips,
        "maxfliptime": node.max_flip_time_s,
        "hasync": DISABLED if node.sync.upper() == DISABLED else ENABLED,
        "haprop": node.propagation.upper(),
        "syncvlan": node.sync_vlan,
    }


def differing(node: HaNode, failover: Failover) -> dict[str, object]:
    """Return the attributes of a node that are not as declared, with their declared values."""
    found = read_settings(node)
    return {key: value for key, value in wire_settings(failover).items() if found[key] != value}


def settings_calls(values: Mapping[str, object], **more: object) -> tuple[Call, ...]:
    """Return the calls that set attributes of a node; "no sync VLAN" is the absence of a value."""
    plain = {key: value for key, value in values.items() if (key, value) != ("syncvlan", NO_VLAN)} | more
    unset = (calls.unset_sync_vlan(),) if values.get("syncvlan") == NO_VLAN else ()
    return ((calls.set_node(plain),) if plain else ()) + unset


def in_words(node: HaNode, changes: Mapping[str, object]) -> str:
    """Return changes of a node's settings as a person reads them.

    Example:
        >>> in_words(HaNode(hello_interval_ms=200), {"hellointerval": 1000})
        'hello interval: 200 -> 1000'
    """
    found = read_settings(node)
    return ", ".join(f"{_LABELS[key]}: {found[key]} -> {value}" for key, value in changes.items())


def independent(node: HaNode) -> bool:
    """Whether a node is in independent network configuration (INC)."""
    return node.independent_network.upper() == ENABLED


def observed_failover(pair: ObservedPair) -> Failover:
    """Return the settings of the node that speaks for the pair."""
    node = pair.speaker.ha
    return Failover(
        heartbeat=Heartbeat(hello_interval_ms=node.hello_interval_ms, dead_interval_s=node.dead_interval_s),
        fail_safe=node.fail_safe.upper() == ON,
        max_flips=node.max_flips,
        max_flip_time_s=node.max_flip_time_s,
        synchronization=node.sync.upper() != DISABLED,
        propagation=node.propagation.upper() != DISABLED,
        sync_vlan=node.sync_vlan,
        independent_network=independent(node),
    )


def disagreements(pair: ObservedPair) -> dict[str, object]:
    """Return the document's values for settings in which the two nodes differ.

    They are shown as ``-1`` or ``mixed``: with the value of either node, a change made by hand on
    that one alone could look as if nothing had happened.
    """
    if len(pair.reachable) < len(pair.nodes):
        return {}
    first, second = (read_settings(node.ha) for node in pair.nodes)
    differ = {key for key in first if first[key] != second[key]}
    numbers = {"maxflips": "max_flips", "maxfliptime": "max_flip_time_s", "syncvlan": "sync_vlan"}
    texts = {"failsafe": "fail_safe", "hasync": "synchronization", "haprop": "propagation"}
    shown: dict[str, object] = {word: DISAGREE_NUMBER for key, word in numbers.items() if key in differ}
    shown |= {word: DISAGREE_TEXT for key, word in texts.items() if key in differ}
    if differ & {"hellointerval", "deadinterval"}:
        heartbeat = observed_failover(pair).heartbeat
        shown["heartbeat"] = {
            "hello_interval_ms": DISAGREE_NUMBER
            if "hellointerval" in differ
            else heartbeat.hello_interval_ms,
            "dead_interval_s": DISAGREE_NUMBER if "deadinterval" in differ else heartbeat.dead_interval_s,
        }
    return shown
