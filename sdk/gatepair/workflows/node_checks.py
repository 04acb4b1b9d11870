"""Checks of the two appliances themselves, before a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import (
    AuthenticationRefused,
    GatepairError,
    SecretUnavailable,
    SessionLimitReached,
    TlsUntrusted,
)
from gatepair.nitro.resources.addresses import NetworkInterface
from gatepair.nitro.resources.system import NsConfig, NsHardware, NsVersion
from gatepair.workflows.keys import Resolve, open_key
from gatepair.workflows.network_reading import interfaces_of
from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Pair
    from gatepair.workflows.observation import ObservedNode, ObservedPair

CLOCK_TOLERANCE_S: Final = 60

_TITLES: Final = {
    "reachable": "Does the appliance answer?",
    "tls-trusted": "Is its certificate trusted?",
    "credentials": "Does it accept the credentials?",
    "same-version": "Do both run the same firmware?",
    "same-platform": "Are both of the same platform?",
    "not-in-another-pair": "Is it free, or paired with the other one?",
    "shared-key-present": "Is the shared key at hand?",
    "failover-interface": "Can heartbeats pass?",
    "clocks": "Do the clocks agree?",
    "unsaved-changes": "Is everything saved?",
}


def _check(
    check_id: str, verdict: Verdict, *, node: ObservedNode | None = None, evidence: str, remedy: str = ""
) -> Check:
    return Check(
        id=check_id,
        title=_TITLES[check_id],
        verdict=verdict,
        node=str(node.address) if node else "",
        evidence=evidence,
        remedy=remedy,
    )


def access(node: ObservedNode) -> Iterator[Check]:
    """Can it be reached, trusted and logged in to? The first question answered no is the last asked."""
    error = node.error
    barrier = _barrier(error)
    for check_id, fine in (
        ("reachable", "it answers"),
        ("tls-trusted", "its certificate is trusted"),
        ("credentials", "it accepts the credentials"),
    ):
        if error is not None and check_id == barrier:
            # Only the mistake of one node is to be told: a shared password is often wrong on one alone.
            yield _check(check_id, Verdict.FAIL, node=node, evidence=error.message, remedy=error.remedy)
            return
        yield _check(check_id, Verdict.PASS, node=node, evidence=fine)


def _barrier(error: GatepairError | None) -> str:
    if isinstance(error, TlsUntrusted):
        return "tls-trusted"
    if isinstance(error, AuthenticationRefused | SecretUnavailable) and not isinstance(
        error, SessionLimitReached
    ):
        return "credentials"
    return "reachable"


def same_version(pair: ObservedPair) -> Iterator[Check]:
    """Both need the same build: synchronization is off between different ones."""
    older, newer = sorted(pair.nodes, key=lambda node: node.one(NsVersion).order)
    old, new = (node.one(NsVersion).build for node in (older, newer))
    if old == new:
        yield _check("same-version", Verdict.PASS, evidence=f"both run {new}")
        return
    yield _check(
        "same-version",
        Verdict.FAIL,
        evidence=f"the appliances run different firmware: {older.address} {old}, {newer.address} {new}",
        remedy=f"Install the same build on both appliances: upgrade {older.address} to {new}.",
    )


def same_platform(pair: ObservedPair) -> Iterator[Check]:
    """Both should be of the same model; appliances that do not tell are not judged."""
    first, second = (node.one(NsHardware) for node in pair.nodes)
    if not first.platform or not second.platform:
        return
    same = first.platform == second.platform
    yield _check(
        "same-platform",
        Verdict.PASS if same else Verdict.FAIL,
        evidence=(
            f"both are {first.description or first.platform}"
            if same
            else f"{pair.nodes[0].address} is {first.description or first.platform}, "
            f"{pair.nodes[1].address} is {second.description or second.platform}"
        ),
        remedy="" if same else "Pair two appliances of the same model.",
    )


def not_in_another_pair(pair: ObservedPair) -> Iterator[Check]:
    """A node that has a peer must have the other node as its peer."""
    for node in pair.nodes:
        other = pair.other(node)
        peer = node.peer
        if peer is None or node.has_peer(other):
            seen = f"it is paired with {other.address}" if peer else "it has no peer"
            yield _check("not-in-another-pair", Verdict.PASS, node=node, evidence=seen)
            continue
        yield _check(
            "not-in-another-pair",
            Verdict.FAIL,
            node=node,
            evidence=f"it is paired with {peer.ip_address} already, not with {other.address} ({other.nsip})",
            remedy=(
                f"If {peer.ip_address} is to be replaced, switch it off and run `gatepair replace` first; "
                "else dissolve their pair, or declare the appliance that is meant."
            ),
        )


def shared_key_present(desired: Pair, resolve: Resolve, *, needed: bool) -> Iterator[Check]:
    """The shared key is needed to tie the nodes; otherwise its absence is only worth a warning."""
    try:
        open_key(desired, resolve)
    except SecretUnavailable as error:
        yield _check(
            "shared-key-present",
            Verdict.FAIL if needed else Verdict.WARN,
            evidence=error.message,
            remedy=error.remedy,
        )
    else:
        yield _check("shared-key-present", Verdict.PASS, evidence="it is there")


def failover_interface(node: ObservedNode) -> Iterator[Check]:
    """Heartbeats need at least one interface; one of their own is recommended."""
    if not node.tells(NetworkInterface):
        return
    interfaces = interfaces_of(node)
    carrying = [name for name, interface in interfaces.items() if interface.heartbeat]
    if not carrying:
        yield _check(
            "failover-interface",
            Verdict.FAIL,
            node=node,
            evidence="no interface carries heartbeats",
            remedy='Switch heartbeats on for one interface: interfaces = { "1/1" = { heartbeat = "on" } }.',
        )
    elif len(carrying) < len(interfaces) or len(interfaces) == 1:
        yield _check(
            "failover-interface",
            Verdict.PASS,
            node=node,
            evidence=f"heartbeats go over {', '.join(carrying)}",
        )
    else:
        yield _check(
            "failover-interface",
            Verdict.WARN,
            node=node,
            evidence=f"heartbeats go over every interface ({', '.join(carrying)})",
            remedy="This works; an interface of its own for heartbeats is recommended.",
        )


def clocks(pair: ObservedPair) -> Iterator[Check]:
    """Sessions and certificates need clocks that agree; appliances that do not tell are not judged."""
    first, second = (node.one(NsConfig).clock_s for node in pair.nodes)
    if not first or not second:
        return
    apart = abs(first - second)
    fine = apart <= CLOCK_TOLERANCE_S
    yield _check(
        "clocks",
        Verdict.PASS if fine else Verdict.WARN,
        evidence=f"they are {apart} s apart",
        remedy="" if fine else "Let both appliances synchronize their clocks by NTP.",
    )


def unsaved_changes(node: ObservedNode) -> Iterator[Check]:
    """What is not saved is saved by the change, wanted or not."""
    yield _check(
        "unsaved-changes",
        Verdict.WARN if node.unsaved else Verdict.PASS,
        node=node,
        evidence="it has changes that are not saved" if node.unsaved else "everything is saved",
        remedy="They will be saved together with the change; look at them first." if node.unsaved else "",
    )
