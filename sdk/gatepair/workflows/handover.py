"""Let the other node take over, and give a pair that has just come together the time to agree to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import FailoverRefused
from gatepair.nitro.codes import Code
from gatepair.workflows.core import Flow, Patience, poll
from gatepair.workflows.failover import fail_over

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
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
            if refusal.errorcode not in _NOT_YET:
                raise
            return refusal

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


def _refusal(outcome: FailoverResult | FailoverRefused) -> FailoverRefused:
    return outcome if isinstance(outcome, FailoverRefused) else FailoverRefused("it did not take over")
