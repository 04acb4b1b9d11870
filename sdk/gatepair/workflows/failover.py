"""Swap the roles on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import (
    DeadlineExceeded,
    FailoverRefused,
    GatepairError,
    InvalidInput,
    NitroError,
    NotAPair,
    NotPrimary,
    Unreachable,
)
from gatepair.nitro import calls
from gatepair.nitro.codes import Code
from gatepair.nitro.resources.ha import SYNC_DONE, SYNC_OFF, UP, HaStatistics
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Flow, Outcome, Patience, announce, at_once, now, poll, wait
from gatepair.workflows.observation import ObservedNode, ObservedPair, Shape
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.result import FailoverResult
from gatepair.workflows.writing import live_primary

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress

DEADLINE_S: Final = 90.0
HEARD_S: Final = 5.0
"""For this long a refusal may come from what the primary last heard of its peer: several heartbeats, which
are at most a second apart."""

REFUSALS: Final[dict[int, tuple[str, str]]] = {
    Code.STANDALONE: ("it has no peer", "Form the pair first."),
    Code.INVALID_PEER_STATE: (
        "the peer is down, disabled or told to stay secondary",
        "Bring the peer back: gatepair status shows its state; set it to ENABLED if it is held.",
    ),
    Code.INVALID_SYSTEM_STATE: (
        "the node that would take over is unhealthy or told to stay secondary",
        "See why with gatepair status, mend it, then fail over.",
    ),
    Code.NOT_STABLE: ("the pair is still settling", "Wait until both nodes are up, then try again."),
    Code.NODE_DISABLED: ("failover is disabled on the node", "Set the node to ENABLED first."),
    Code.STAY_PRIMARY: (
        "the primary is told to stay primary",
        "Set the primary to ENABLED first: gatepair converge lets it go.",
    ),
    Code.ONE_NODE_DOWN: (
        "one node is down",
        "Bring it back first; with one node down there is nobody to take over.",
    ),
    Code.PEER_NOT_OPTIMAL: (
        "the peer is not in its best health",
        "Wait until synchronization has succeeded, or use force and risk losing the latest changes.",
    ),
    Code.CONFIRM_FAILOVER: (
        "the peer is not in its best health and the appliance asks whether that is meant",
        "Wait until synchronization has succeeded, or use force and risk losing the latest changes.",
    ),
    Code.VERSION_MISMATCH: ("the nodes run different firmware", "Finish the upgrade of the pair first."),
    Code.ONLY_ON_PRIMARY: ("it is no longer primary", "Run it again."),
    Code.ONLY_ON_SECONDARY: ("it is no longer secondary", "Run it again."),
}
"""What stands behind each refusal, and what to do about it; 363 is the vendor's example in its manual."""

_ABOUT_THE_PEER: Final = frozenset({Code.INVALID_PEER_STATE, Code.PEER_NOT_OPTIMAL, Code.CONFIRM_FAILOVER})


def plan_failover(addresses: Addresses, to: ManagementAddress | None) -> Flow[ChangePlan]:
    """Return what a failover would do."""
    pair = yield from observe(addresses)
    primary = _serving(pair)
    if to == primary.address:
        return ChangePlan()
    successor = pair.other(primary)
    return ChangePlan(
        steps=(
            PlannedStep(
                id="failover",
                title=f"{successor.address} becomes primary, {primary.address} secondary",
                node=str(successor.address),
                impact=Impact.FAILOVER,
                notice="Connections break and users reconnect; sessions that are replicated go on.",
            ),
        )
    )


def fail_over(
    addresses: Addresses, *, force: bool, to: ManagementAddress | None, deadline_s: float = DEADLINE_S
) -> Flow[FailoverResult]:
    """Swap the roles and wait until both nodes agree on the new ones.

    Args:
        addresses: The two appliances in canonical order.
        force: Do it even if the peer is not in its best health.
        to: The node that is to be primary; nothing is done if it is already.
        deadline_s: Seconds until the roles must have moved.

    Raises:
        FailoverRefused: The appliance refuses; the remedy says why.
        NotAPair: There is no pair to fail over.
        DeadlineExceeded: It was accepted, but the roles did not move.
    """
    if to is not None and to not in addresses:
        raise InvalidInput(f"{to} is not one of the appliances {addresses[0]} and {addresses[1]}", key="to")
    pair = yield from observe(addresses)
    primary = _serving(pair)
    successor = pair.other(primary)
    if to == primary.address:
        same = str(primary.address)
        return FailoverResult(changed=False, old_primary=same, new_primary=same, seconds=0.0)
    yield from announce("failover", f"{successor.address} takes over from {primary.address}")
    start = yield from now()
    warning = yield from _order(pair, primary, force=force)
    yield from _wait_for_roles(addresses, successor.address, deadline_s)
    return FailoverResult(
        changed=True,
        old_primary=str(primary.address),
        new_primary=str(successor.address),
        seconds=(yield from now()) - start,
        warning=warning,
    )


def _serving(pair: ObservedPair) -> ObservedNode:
    if pair.shape is Shape.DISSOLVED or not pair.linked:
        raise NotAPair("there is no pair to fail over")
    return live_primary(pair)


def unable(node: ObservedNode) -> str:
    """Return why a node cannot serve in place of its peer, in words; empty when it can."""
    if node.error:
        return f"{node.address} does not answer: {node.error.message}"
    if node.ha.held:
        return f"{node.address} is held as {node.ha.held}"
    health = node.one(HaStatistics).health.upper()
    return f"{node.address} is {health}" if health and health != UP else ""


def _order(pair: ObservedPair, primary: ObservedNode, *, force: bool) -> Flow[str]:
    """Order the failover, again while it is refused for what is no longer so; return the warning."""
    start = yield from now()
    pauses = Patience(deadline_s=HEARD_S).pauses()
    while True:
        (outcome,) = yield from at_once(Ask(primary.address, calls.fail_over(force=force)))
        try:
            return _judge(primary, outcome)
        except FailoverRefused as refused:
            if not _is_outdated(pair, refused) or (yield from now()) - start >= HEARD_S:
                raise
        yield from wait(next(pauses), "the primary has yet to hear how its peer is")


def _is_outdated(pair: ObservedPair, refused: FailoverRefused) -> bool:
    """Whether the primary refuses for a state in which its peer no longer is, as the peer itself says.

    It knows its peer from the last heartbeat; a node that was held or had yet to synchronize may be ready.
    """
    successor = pair.secondary
    ready = successor is not None and not unable(successor)
    return ready and sync_state(pair) in {SYNC_DONE, *SYNC_OFF} and refused.errorcode in _ABOUT_THE_PEER


def _judge(primary: ObservedNode, outcome: Outcome) -> str:
    """Return the warning of an accepted failover, or raise why it was refused."""
    if isinstance(outcome, Unreachable):
        # The answer is lost, not necessarily the failover: the roles will tell.
        return outcome.message
    if isinstance(outcome, NitroError | NotPrimary) and outcome.errorcode in REFUSALS:
        raise refusal(outcome, primary.address) from outcome
    if isinstance(outcome, GatepairError):
        raise outcome
    return outcome.message if outcome.warned else ""


def refusal(error: GatepairError, node: ManagementAddress) -> FailoverRefused:
    """Return the error for a refused failover, with what stands behind its code."""
    meaning, remedy = REFUSALS[error.errorcode or 0]
    return FailoverRefused(
        f"the pair does not fail over: {meaning}",
        node=node,
        errorcode=error.errorcode,
        step="failover",
        remedy=remedy,
    )


def _wait_for_roles(
    addresses: Addresses, successor: ManagementAddress, deadline_s: float
) -> Flow[ObservedPair]:
    def look() -> Flow[ObservedPair]:
        return observe(addresses, tolerant=True)

    def settled(pair: ObservedPair) -> bool:
        both = len(pair.reachable) == len(pair.nodes)
        return both and pair.primary is not None and pair.primary.address == successor and _second(pair)

    return (
        yield from poll(
            look,
            until=settled,
            waiting_for=lambda pair: f"{successor} is {pair.node(successor).role}",
            give_up=lambda pair, waited: DeadlineExceeded(
                "waited for the roles to switch",
                reason=", ".join(f"{node.address} is {node.role}" for node in pair.nodes),
                waited_s=waited,
                step="failover",
                node=successor,
            ),
            patience=Patience(deadline_s=deadline_s),
        )
    )


def _second(pair: ObservedPair) -> bool:
    return pair.secondary is not None and pair.secondary.role == "secondary"
