from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.errors import GatepairError, InvalidInput
from gatepair.fleet import FleetReport, FleetRun, Outcome, Portion, Schedule, Verdict

NAMES = tuple(f"pair-{number:02}" for number in range(10))
PORTIONS = st.builds(Portion, st.integers(1, 100), percent=st.booleans())


@attrs.frozen
class Result:
    good: bool = True

    def to_dict(self) -> dict[str, object]:
        return {"good": self.good}


class Site:
    """Work on pairs that a test steers: which ones go wrong, and how many were worked on at once."""

    def __init__(self, *, bad: tuple[str, ...] = (), failing: tuple[str, ...] = ()) -> None:
        self.bad = bad
        self.failing = failing
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.most_at_once = 0

    async def work(self, name: str) -> Result:
        self.begun.append(name)
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.ended))
        await asyncio.sleep(0)
        try:
            if name in self.failing:
                raise GatepairError(f"{name} does not answer")
            return Result(name not in self.bad)
        finally:
            self.ended.append(name)

    def run(self, schedule: Schedule, names: tuple[str, ...] = NAMES) -> FleetReport[Result]:
        return asyncio.run(FleetRun(names, self.work, schedule=schedule, verdict_of=lambda r: r.good).run())


def run_of(work: Callable[[str], Awaitable[Result]], **more: object) -> FleetRun[Result]:
    return FleetRun(NAMES, work, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("waves", "sizes"),
    [
        ("", [10]),
        ("1", [1] * 10),
        ("1,3", [1, 3, 3, 3]),
        ("1, 50%", [1, 5, 4]),
        ("100%", [10]),
        ("1%", [1] * 10),
        ("99", [10]),
    ],
)
def test_waves_are_as_they_were_written(waves: str, sizes: list[int]) -> None:
    split = Schedule.parse(waves=waves).split(NAMES)
    assert [len(wave) for wave in split] == sizes
    assert tuple(itertools.chain(*split)) == NAMES


@pytest.mark.parametrize("text", ["0", "0%", "101%", "-1", "1.5", "five", "%", "1,,2"])
def test_what_is_no_number_of_pairs_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Schedule.parse(waves=text)


def test_nothing_at_once_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Schedule(at_once=0)


def test_all_pairs_are_worked_on_so_many_at_once() -> None:
    site = Site()
    report = site.run(Schedule(at_once=3))
    assert report.ok
    assert report.counts == {"done": 10}
    assert report.stopped == ""
    assert site.most_at_once == 3
    assert [outcome.pair for outcome in report.outcomes] == list(NAMES)


def test_a_wave_begins_when_the_one_before_has_ended() -> None:
    site = Site()
    waves: list[int] = []

    async def work(name: str) -> Result:
        if name == NAMES[1]:
            assert site.ended == [NAMES[0]]
        if name == NAMES[6]:
            assert sorted(site.ended) == list(NAMES[:6])
        return await site.work(name)

    run = run_of(work, schedule=Schedule.parse(waves="1,5"), tell=lambda outcome: waves.append(outcome.wave))
    assert asyncio.run(run.run()).ok
    assert waves == [1] + [2] * 5 + [3] * 4


def test_failures_are_the_pair_s_and_the_others_go_on() -> None:
    report = Site(failing=("pair-03",), bad=("pair-05",)).run(Schedule())
    assert report.counts == {"done": 8, "negative": 1, "failed": 1}
    assert not report.ok
    (failed,) = report.of(Verdict.FAILED)
    assert failed.pair == "pair-03"
    assert failed.to_dict()["problem"] == failed.error.to_problem() if failed.error else False
    assert report.of(Verdict.NEGATIVE)[0].to_dict()["result"] == {"good": False}


def test_the_stop_rule_begins_no_further_pair_and_finishes_those_in_work() -> None:
    site = Site(failing=("pair-01",))
    report = site.run(Schedule.parse(at_once=2, waves="1,4", stop_after="1"))
    assert site.begun == ["pair-00", "pair-01", "pair-02"]
    assert site.ended == site.begun
    assert report.counts == {"done": 2, "failed": 1, "skipped": 7}
    assert report.stopped == "the stop rule 1: 1 pair went wrong"
    assert report.to_dict()["stopped"] == report.stopped
    assert "seconds" not in report.outcomes[-1].to_dict()


def test_a_rule_that_is_met_by_the_last_pair_stops_nothing() -> None:
    report = Site(bad=("pair-09",)).run(Schedule.parse(at_once=1, stop_after="10%"))
    assert report.counts == {"done": 9, "negative": 1}
    assert report.stopped == ""


@given(
    waves=st.lists(PORTIONS, max_size=3).map(tuple),
    at_once=st.integers(1, 12),
    stop_after=st.none() | PORTIONS,
    wrong=st.sets(st.sampled_from(NAMES)),
)
def test_each_pair_has_one_outcome_and_the_rule_holds(
    waves: tuple[Portion, ...], at_once: int, stop_after: Portion | None, wrong: set[str]
) -> None:
    site = Site(failing=tuple(wrong))
    schedule = Schedule(at_once=at_once, waves=waves, stop_after=stop_after)
    report = site.run(schedule)
    assert [outcome.pair for outcome in report.outcomes] == list(NAMES)
    assert site.most_at_once <= at_once
    assert sorted(site.begun) == sorted(site.ended)
    begun = {o.pair for o in report.outcomes if o.verdict is not Verdict.SKIPPED}
    assert begun == set(site.begun)
    limit = stop_after.of(len(NAMES)) if stop_after else len(NAMES) + 1
    # Those in work when the limit is reached may go wrong as well.
    assert len(begun & wrong) < limit + at_once
    if len(begun) < len(NAMES):
        assert len(begun & wrong) >= limit
        assert report.stopped


def test_a_defect_comes_out_when_the_others_have_finished() -> None:
    site = Site()

    async def work(name: str) -> Result:
        if name == "pair-01":
            raise ZeroDivisionError
        return await site.work(name)

    run = run_of(work, schedule=Schedule(at_once=3))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(run.run())
    assert site.ended == site.begun
    assert run.report().counts["stopped"] == 1
    assert run.report().stopped == "ZeroDivisionError at pair pair-01"


def test_whoever_listens_cuts_no_pair_off() -> None:
    site = Site()

    def tell(_: Outcome[Result]) -> None:
        raise BrokenPipeError

    run = run_of(site.work, schedule=Schedule(at_once=2), tell=tell)
    with pytest.raises(BrokenPipeError):
        asyncio.run(run.run())
    assert site.ended == site.begun
    assert run.report().counts["skipped"] == 8


def test_interrupted_each_pair_cleans_up_and_the_report_stands() -> None:
    cleaned: list[str] = []

    async def work(name: str) -> Result:
        if name == "pair-00":
            return Result()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(name)
        raise AssertionError

    async def interrupt() -> FleetReport[Result]:
        first = asyncio.Event()
        run = run_of(work, schedule=Schedule(at_once=2), tell=lambda _: first.set())
        task = asyncio.create_task(run.run())
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return run.report()

    report = asyncio.run(interrupt())
    assert report.counts["done"] == 1
    assert report.counts["stopped"] == len(cleaned)
    assert report.counts["skipped"] == 9 - len(cleaned)
    assert report.stopped == "it was interrupted"


def test_a_pair_named_twice_is_one_pair() -> None:
    site = Site()
    report = site.run(Schedule(), ("a", "b", "a"))
    assert [outcome.pair for outcome in report.outcomes] == ["a", "b"]
