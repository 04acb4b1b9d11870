"""Let the other node take over, and give a pair that has just come together the time to agree to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import FailoverRefused
from gatepair.nitro.codes import Code
from gatepair.nitro.resources.ha import HaStatistics
from gatepair.workflows.core import Flow, Patience, poll
from gatepair.workflows.failover import fail_over
from gatepair.workflows.observe import observe
from gatepair.workflows.returning import UP

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observation import ObservedNode
    from gatepair.workflows.observe import Addresses
    from gatepair.workflows.result import FailoverResult

SETTLE_S: Final = 30.0
_NOT_YET: Final = frozenset({Code.NOT_STABLE, Code.PEER_NOT_OPTIMAL, Code.CONFIRM_FAILOVER})
"""Refusals that pass by themselves, such as heartbeats not heard yet on one interface of several."""


def hand_over(
    addresses: Addresses, to: ManagementAddress, *, force: bool = False, settle_s: float = SETTLE_S
) -> Flow[FailoverResult]:
    """Let a node take over, asking again while the pair is still settling.

    Args:
        addresses: The two appliances in canonical order.
        to: The node that is to be primary; nothing is done if it is already.
        force: Do it even if it is not in its best health.
        settle_s: Seconds in which a refusal that may pass is not final.

    Raises:
        FailoverRefused: The appliance refuses, or refuses still.
    """

    def attempt() -> Flow[FailoverResult | FailoverRefused]:
        try:
            return (yield from fail_over(addresses, force=force, to=to))
        except FailoverRefused as refusal:
            if refusal.errorcode in _NOT_YET or (yield from _is_outdated(refusal, addresses, to)):
                return refusal
            raise

    found = yield from poll(
        attempt,
        until=lambda outcome: not isinstance(outcome, FailoverRefused),
        waiting_for=str,
        give_up=lambda outcome, _: _refusal(outcome),
        patience=Patience(deadline_s=settle_s),
    )
    if isinstance(found, FailoverRefused):
        raise found
    return found


def unable(node: ObservedNode) -> str:
    """Return why a node cannot serve in place of its peer, in words; empty when it can."""
    if node.error:
        return f"{node.address} does not answer: {node.error.message}"
    if node.ha.held:
        return f"{node.address} is held as {node.ha.held}"
    health = node.one(HaStatistics).health.upper()
    return f"{node.address} is {health}" if health and health != UP else ""


def _is_outdated(refusal: FailoverRefused, addresses: Addresses, to: ManagementAddress) -> Flow[bool]:
    """Whether the primary refuses for a state in which its peer no longer is.

    It knows its peer from the last heartbeat, and a node that was held a moment ago may serve by now.
    """
    if refusal.errorcode != Code.INVALID_PEER_STATE:
        return False
    pair = yield from observe(addresses, tolerant=True)
    return not unable(pair.node(to))


def _refusal(outcome: FailoverResult | FailoverRefused) -> FailoverRefused:
    return outcome if isinstance(outcome, FailoverRefused) else FailoverRefused("it did not take over")
