"""The run itself: starts the work on pairs, counts what goes wrong, stops by the rule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeAlias, TypeVar

from gatepair.errors import GatepairError
from gatepair.fleet.report import FleetReport, Outcome, Readable, Verdict
from gatepair.fleet.schedule import Schedule

R = TypeVar("R", bound=Readable)
Tell: TypeAlias = Callable[[Outcome[R]], None]


class FleetRun(Generic[R]):
    """Does the same work on many pairs, as a schedule says.

    One pair's failure is that pair's outcome and no exception. After any exception but a `GatepairError`,
    from the work or from `tell`, no further pair is begun, and it comes out when those in work are finished.

    Cancelled, for example by Ctrl-C, it cancels the work on each pair, waits until all have cleaned up, and
    `report` tells what had been done.

    Args:
        pairs: Names of the pairs, in the order they shall be begun.
        work: Does the work on the pair of a name. An `AsyncPairSession` of its own for each call is the way.
        schedule: How many at once, in which waves, when to stop; all at once up to 16 if not given.
        verdict_of: Whether a result is good; if not given, every one is.
        tell: Called with the outcome of each pair when it is known, skipped ones last.
        clock: Seconds that only go up, for tests to put their own in its place.

    Example:
        ```python
        run = FleetRun(config.pairs, verify, schedule=Schedule.parse(waves="1,10%", stop_after="1"))
        report = asyncio.run(run.run())
        print(report.counts, report.stopped)
        ```
    """

    def __init__(
        self,
        pairs: Iterable[str],
        work: Callable[[str], Awaitable[R]],
        *,
        schedule: Schedule | None = None,
        verdict_of: Callable[[R], bool] | None = None,
        tell: Tell[R] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._schedule = schedule or Schedule()
        self._pairs = tuple(dict.fromkeys(pairs))
        self._waves = self._schedule.split(self._pairs)
        self._work = work
        self._verdict_of = verdict_of
        self._tell = tell
        self._clock = clock
        self._outcomes: dict[str, Outcome[R]] = {}
        self._stopped = ""
        self._defect: Exception | None = None

    async def run(self) -> FleetReport[R]:
        """Do the work and return what came of it.

        Returns:
            An outcome for each pair; there are no exceptions for pairs that failed.
        """
        try:
            for number, names in enumerate(self._waves, 1):
                if not self._stopped:
                    await self._run_wave(number, names)
        except asyncio.CancelledError:
            self._stopped = "it was interrupted"
            raise
        finally:
            self._skip_the_rest()
        if self._defect:
            raise self._defect
        return self.report()

    def report(self) -> FleetReport[R]:
        """Return what is known now; pairs without an outcome yet are left out."""
        known = tuple(self._outcomes[name] for name in self._pairs if name in self._outcomes)
        cut = any(outcome.verdict in {Verdict.STOPPED, Verdict.SKIPPED} for outcome in known)
        return FleetReport(outcomes=known, waves=len(self._waves), stopped=self._stopped if cut else "")

    async def _run_wave(self, number: int, names: tuple[str, ...]) -> None:
        waiting = iter(names)

        async def take_turns() -> None:
            for name in waiting:
                if self._stopped:
                    return
                await self._run_one(number, name)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._schedule.at_once, len(names))):
                group.create_task(take_turns())

    async def _run_one(self, wave: int, name: str) -> None:
        begun = self._clock()

        def note(verdict: Verdict, result: R | None = None, error: GatepairError | None = None) -> None:
            seconds = self._clock() - begun
            self._note(
                Outcome(pair=name, wave=wave, verdict=verdict, result=result, error=error, seconds=seconds)
            )

        try:
            result = await self._work(name)
        except GatepairError as error:
            note(Verdict.FAILED, error=error)
        except asyncio.CancelledError:
            note(Verdict.STOPPED)
            raise
        except Exception as defect:  # noqa: BLE001 - it comes out when the others have finished
            self._stop_for(defect, name)
            note(Verdict.STOPPED)
        else:
            good = self._verdict_of is None or self._verdict_of(result)
            note(Verdict.DONE if good else Verdict.NEGATIVE, result=result)

    def _note(self, outcome: Outcome[R]) -> None:
        self._outcomes[outcome.pair] = outcome
        self._tell_of(outcome)
        wrong = sum(known.verdict.is_wrong for known in self._outcomes.values())
        if not self._stopped and self._schedule.is_over(wrong, len(self._pairs)):
            pairs = "1 pair" if wrong == 1 else f"{wrong} pairs"
            self._stopped = f"the stop rule {self._schedule.stop_after}: {pairs} went wrong"

    def _tell_of(self, outcome: Outcome[R]) -> None:
        if self._tell is None:
            return
        try:
            self._tell(outcome)
        except Exception as defect:  # noqa: BLE001 - the pairs in work must not be cut off for it
            self._stop_for(defect, outcome.pair)

    def _stop_for(self, defect: Exception, name: str) -> None:
        self._defect = self._defect or defect
        self._stopped = self._stopped or f"{type(defect).__name__} at pair {name}"

    def _skip_the_rest(self) -> None:
        for number, names in enumerate(self._waves, 1):
            for name in names:
                if name not in self._outcomes:
                    self._note(Outcome(pair=name, wave=number, verdict=Verdict.SKIPPED))
