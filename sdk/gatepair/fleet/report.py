"""What came of the work on each pair, and on all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs

if TYPE_CHECKING:
    from gatepair.errors import GatepairError


class Verdict(StrEnum):
    """What came of the work on a pair.

    Attributes:
        DONE: It was done and its result is good.
        NEGATIVE: It was done and its result is not good: a pair is unhealthy, a check has failed.
        FAILED: It could not be done.
        STOPPED: It was begun and then interrupted.
        SKIPPED: It was not begun, because the work on others went wrong or was interrupted.
    """

    DONE = "done"
    NEGATIVE = "negative"
    FAILED = "failed"
    STOPPED = "stopped"
    SKIPPED = "skipped"

    @property
    def is_wrong(self) -> bool:
        """Whether it counts for the stop rule."""
        return self in {Verdict.NEGATIVE, Verdict.FAILED}


class Readable(Protocol):
    """A result that a program can read; all results of `PairSession` can be."""

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-ready mapping."""
        ...


R = TypeVar("R", bound=Readable)


@attrs.frozen(kw_only=True)
class Outcome(Generic[R]):
    """What came of the work on one pair.

    Attributes:
        pair: Its name.
        wave: The wave it was in, from 1.
        verdict: What came of it.
        result: What the work returned, if it was done.
        error: Why it failed, if it did.
        seconds: How long it took.
    """

    pair: str
    wave: int
    verdict: Verdict
    result: R | None = None
    error: GatepairError | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """Return it as one line of JSON lines has it: result or problem beside the facts."""
        facts: dict[str, object] = {"pair": self.pair, "wave": self.wave, "verdict": str(self.verdict)}
        if self.verdict is not Verdict.SKIPPED:
            facts["seconds"] = round(self.seconds, 3)
        if self.result is not None:
            facts["result"] = self.result.to_dict()
        if self.error is not None:
            facts["problem"] = self.error.to_problem()
        return facts


@attrs.frozen(kw_only=True)
class FleetReport(Generic[R]):
    """What came of the work on all pairs.

    Attributes:
        outcomes: One for each pair, in the order the pairs were given.
        waves: How many waves there were to be.
        stopped: Why pairs were left out, empty if none was.
    """

    outcomes: Sequence[Outcome[R]]
    waves: int
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Whether the work was done on every pair, with a good result."""
        return all(outcome.verdict is Verdict.DONE for outcome in self.outcomes)

    def of(self, *verdicts: Verdict) -> tuple[Outcome[R], ...]:
        """Return the outcomes with these verdicts.

        Args:
            *verdicts: The ones that are wanted.
        """
        return tuple(outcome for outcome in self.outcomes if outcome.verdict in verdicts)

    @property
    def counts(self) -> dict[str, int]:
        """How many pairs have each verdict, those that none has left out."""
        found = Counter(outcome.verdict for outcome in self.outcomes)
        return {str(verdict): found[verdict] for verdict in Verdict if found[verdict]}

    def to_dict(self) -> dict[str, object]:
        """Return the summary as the last line of JSON lines has it; the pairs have lines of their own."""
        return {"pairs": len(self.outcomes), "waves": self.waves, **self.counts, "stopped": self.stopped}
