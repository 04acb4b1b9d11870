"""Whether a call that failed is worth sending again, and after how long: a pure decision.

A call that was certainly not carried out (the appliance is busy, at a limit or still starting) is
sent again whatever it does; one that may have been carried out only if sending it twice does the
same as sending it once. Refused credentials are final: repeating them could lock the account.
"""

from __future__ import annotations

from typing import Final

import attrs

from gatepair.nitro.faults import Trouble


@attrs.frozen(kw_only=True)
class Allowance:
    """How often and how long one kind of trouble is worth another try.

    Attributes:
        attempts: Repetitions at most.
        budget_s: Seconds in all, from the first try on.
        first_s: First pause; each next one is half as long again.
        longest_s: Longest pause.
        only_replayable: Only for calls that may be sent twice.
    """

    attempts: int
    budget_s: float
    first_s: float
    longest_s: float
    only_replayable: bool = False


POLICY: Final = {
    Trouble.BUSY: Allowance(attempts=60, budget_s=120.0, first_s=0.5, longest_s=5.0),
    Trouble.LIMIT: Allowance(attempts=6, budget_s=20.0, first_s=1.0, longest_s=5.0),
    Trouble.STARTING: Allowance(attempts=2, budget_s=5.0, first_s=0.5, longest_s=2.0),
    Trouble.BROKEN: Allowance(attempts=2, budget_s=30.0, first_s=0.2, longest_s=2.0, only_replayable=True),
    Trouble.TIMED_OUT: Allowance(attempts=1, budget_s=60.0, first_s=0.2, longest_s=1.0, only_replayable=True),
}
"""Trouble that is not named here is final: whoever asked decides what it means."""

_SPREAD: Final = 0.5


def next_pause_s(
    trouble: Trouble,
    *,
    replayable: bool,
    attempt: int,
    elapsed_s: float,
    asked_s: float | None = None,
    jitter: float = 0.0,
) -> float | None:
    """Return the seconds to wait before the next try, ``None`` to give up.

    Args:
        trouble: What stood in the way.
        replayable: Whether the call may be carried out twice.
        attempt: Repetitions made so far.
        elapsed_s: Seconds since the first try.
        asked_s: ``Retry-After`` of the answer in seconds (RFC 9110, section 10.2.3).
        jitter: Random number from 0 to 1 that keeps several clients from marching in step.

    Example:
        >>> next_pause_s(Trouble.BUSY, replayable=False, attempt=0, elapsed_s=0.0)
        0.5
        >>> next_pause_s(Trouble.BROKEN, replayable=False, attempt=0, elapsed_s=0.0) is None
        True
    """
    rule = POLICY.get(trouble)
    if rule is None or attempt >= rule.attempts or (rule.only_replayable and not replayable):
        return None
    grown = min(rule.longest_s, rule.first_s * 1.5**attempt)
    pause = grown * (1 + _SPREAD * jitter) if asked_s is None else max(asked_s, grown)
    return pause if elapsed_s + pause <= rule.budget_s else None
