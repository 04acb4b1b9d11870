"""Tie two appliances together so that the one with the configuration stays primary throughout.

The order is the one of the published PowerShell forming scripts (devblackops/NetScaler,
``Enable-NSHighAvailability.ps1``): both nodes are held in their roles before either hears of the
other, the key is written in between, and both are let go before anything is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import AlreadyExists, DeadlineExceeded, GatepairError, NotFound, SplitBrain
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import ENABLED, PEER, STAY_PRIMARY, STAY_SECONDARY
from gatepair.workflows.core import Ask, Flow, Patience, announce, at_once, poll, together
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.observe import in_order, observe
from gatepair.workflows.settings import enabled, settings_calls
from gatepair.workflows.writing import ignore_absent

if TYPE_CHECKING:
    from gatepair.models import Pair, Secret
    from gatepair.workflows.changes import Changes

HEARD_MARGIN_S: Final = 10.0
HEARTBEAT_REMEDY: Final = (
    "See that UDP port 3003 passes between the two appliances and that heartbeats are on for an interface "
    "of each."
)


def join(changes: Changes, desired: Pair, key: Secret) -> Flow[None]:
    """Tie the nodes, or finish an attempt that was cut off; each node ends free to change roles.

    The joining node is let go only when it hears its peer: one that hears nobody would take itself
    for the only node left and become a second primary.

    Raises:
        GatepairError: A node refused something. What was tied is untied and let go again first, as far
            as the nodes answer.
    """
    if changes.step_down:
        yield from _step_down(changes)
    try:
        yield from _hold(changes)
        for node in changes.untie:
            yield from untie(node)
        yield from _tie(changes, desired)
        yield from write_key(changes.source, changes.joining, key)
        yield from _wait_until_heard(changes)
    except GatepairError as error:
        held = yield from _undo(changes, unheard=isinstance(error, DeadlineExceeded))
        if held:
            error.remedy = (
                f"{error.remedy} Until then {changes.joining.address} is held as secondary.".strip()
            )
        raise
    yield from _release(changes)


def write_key(source: ObservedNode, joining: ObservedNode, key: Secret) -> Flow[None]:
    """Write the shared key for both addresses on both nodes.

    The vendor's guide: the passwords must be the same on both appliances, and each must know its own
    and its peer's ("Changing an RPC node password", NetScaler Gateway documentation).
    """
    yield from announce("shared-key", "writing the shared key on both appliances")
    nodes = (source, joining)
    yield from together(
        *(
            Ask(node.address, calls.set_shared_key(address, key))
            for node in nodes
            for address in (source.nsip, joining.nsip)
        )
    )


def _hold(changes: Changes) -> Flow[None]:
    """Hold both nodes in their roles, and set what each has to know about failover."""
    source, joining = changes.source, changes.joining
    yield from announce("hold", f"{source.address} stays primary, {joining.address} stays secondary")
    yield from together(
        *(
            Ask(node.address, call)
            for node, pin in ((source, STAY_PRIMARY), (joining, STAY_SECONDARY))
            for call in settings_calls(changes.settings.get(node.address, {}), hastatus=pin)
        )
    )


def _step_down(changes: Changes) -> Flow[None]:
    """Of two primaries make one the secondary, and see that it hears the other.

    Raises:
        SplitBrain: It hears nothing. It stays held, so that only one of them serves the addresses.
    """
    yield from announce("step-down", "both are primary; this one gives way", changes.joining.address)
    yield from _hold(changes)
    try:
        yield from _wait_until_heard(changes)
    except DeadlineExceeded as error:
        raise SplitBrain(
            f"it was primary beside {changes.source.address} and hears no heartbeats from it; it is held as "
            "secondary now, so that only one of them serves users",
            node=changes.joining.address,
            step="step-down",
            remedy=f"{HEARTBEAT_REMEDY} Then run it again: it is let go as soon as it hears its peer.",
        ) from error


def _wait_until_heard(changes: Changes) -> Flow[None]:
    """Poll until each node sees the other in its role."""
    addresses = in_order(changes.source.address, changes.joining.address)

    def look() -> Flow[ObservedPair]:
        return observe(addresses, tolerant=True)

    def heard(pair: ObservedPair) -> bool:
        source, joining = (pair.node(node.address) for node in (changes.source, changes.joining))
        return sees(source, Role.SECONDARY) and sees(joining, Role.PRIMARY)

    dead_s = max(changes.source.ha.dead_interval_s, changes.joining.ha.dead_interval_s)
    yield from poll(
        look,
        until=heard,
        waiting_for=lambda _: "the appliances do not hear each other's heartbeats yet",
        give_up=lambda _, waited: DeadlineExceeded(
            "the two appliances do not hear each other's heartbeats",
            waited_s=waited,
            node=changes.joining.address,
            step="tie",
            remedy=HEARTBEAT_REMEDY,
        ),
        patience=Patience(deadline_s=2 * dead_s + HEARD_MARGIN_S),
    )


def sees(node: ObservedNode, role: Role) -> bool:
    """Whether a node sees its peer in a role."""
    return node.peer is not None and node.peer.state.lower() == role


def _release(changes: Changes) -> Flow[None]:
    """Let both nodes change roles; if that is interrupted or fails on one, once more."""
    nodes = (changes.source.address, changes.joining.address)
    asks = [Ask(node, calls.set_node({"hastatus": ENABLED})) for node in nodes]
    try:
        yield from announce("release", "both appliances may change roles from now on")
        yield from together(*asks)
    except GatepairError:
        yield from at_once(*asks)
        raise


def _tie(changes: Changes, desired: Pair) -> Flow[None]:
    """Tell each node who its peer is, first the one that stays primary."""
    inc = enabled(desired.failover.independent_network)
    for node in changes.link:
        other = changes.joining if node is changes.source else changes.source
        yield from announce("tie", f"its peer is {other.address} ({other.nsip})", node.address)
        (outcome,) = yield from at_once(Ask(node.address, calls.add_peer(other.nsip, inc)))
        ignore_absent(outcome, AlreadyExists)


def untie(node: ObservedNode) -> Flow[None]:
    """Make a node forget its peer, if it has one."""
    if node.peer is None:
        return
    yield from announce("untie", f"it forgets its peer {node.peer.ip_address}", node.address)
    (outcome,) = yield from at_once(Ask(node.address, calls.remove_peer(node.peer.id)))
    ignore_absent(outcome, NotFound)


def _undo(changes: Changes, *, unheard: bool) -> Flow[bool]:
    """Go back as far as the nodes answer: untie what was untied before, let both go.

    The joining node goes first, while it is still held. If it has a copy of the pair's addresses and
    is on its own, it stays held, or it would bring them up a second time.

    Args:
        changes: What was under way.
        unheard: The nodes do not hear each other, so that a tied node is on its own as well.

    Returns:
        Whether the joining node stays held.
    """
    yield from announce("undo", "going back to where it was")
    source, joining = changes.source, changes.joining
    for node in reversed(changes.link):
        yield from at_once(Ask(node.address, calls.remove_peer(PEER)))
    shared = {row.address for row in source.addresses} & {row.address for row in joining.addresses}
    stays = bool(shared) and bool(changes.link or unheard)
    free = (source,) if stays else (source, joining)
    yield from at_once(*(Ask(node.address, calls.set_node({"hastatus": ENABLED})) for node in free))
    return stays
