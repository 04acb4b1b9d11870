"""``--all``: a command on every pair of the file, in waves, results as they come, failures at the end.

A command that has it takes one more parameter, ``fleet``: what was asked for, or None without ``--all``.
"""

from __future__ import annotations

import asyncio
import fnmatch
import functools
import json
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs
import click

from gatepair.cli.outcome import ExitCode

if TYPE_CHECKING:
    from gatepair.fleet import FleetReport, FleetRun, Outcome, Schedule
    from gatepair.fleet.report import Readable
    from gatepair.models import Pair
    from gatepair.sessions.asynchronous import AsyncPairSession

R = TypeVar("R", bound="Readable")
COLOURS = {"done": "green", "negative": "yellow", "failed": "red", "stopped": "red", "skipped": "cyan"}


@attrs.frozen(kw_only=True)
class FleetChoice:
    """What somebody asked for with ``--all``.

    Attributes:
        schedule: How many pairs at once, in which waves, when to stop.
    """

    schedule: Schedule


def fleet_options(
    *, at_once: int = 16, waves: str = "", stop_after: str = ""
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add ``--all``, ``--at-once``, ``--waves`` and ``--stop-after``, as one parameter ``fleet``.

    Args:
        at_once: Default of pairs at the same time.
        waves: Default sizes of the waves; empty for one wave of all.
        stop_after: Default of the stop rule; empty for none.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def packed(
            *args: object, everything: bool, at_once: int, waves: str, stop_after: str, **others: object
        ) -> int:
            fleet = _choice(at_once, waves, stop_after) if everything else None
            return command(*args, fleet=fleet, **others)

        options = (
            click.option("--all", "everything", is_flag=True, help="Every pair, or those like PAIR: 'eu-*'."),
            click.option(
                "--at-once", type=click.IntRange(min=1), default=at_once, show_default=True,
                help="With --all: pairs at the same time.",
            ),
            click.option(
                "--waves", metavar="SIZES", default=waves, show_default=bool(waves),
                help="With --all: sizes of the waves, such as 1,10%; the last one repeats.",
            ),
            click.option(
                "--stop-after", metavar="NUMBER", default=stop_after, show_default=bool(stop_after),
                help="With --all: begin no further pair after so many went wrong, such as 1 or 5%.",
            ),
        )  # fmt: skip
        decorated: Callable[..., int] = packed
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def _choice(at_once: int, waves: str, stop_after: str) -> FleetChoice:
    from gatepair.errors import InvalidInput
    from gatepair.fleet import Schedule

    try:
        return FleetChoice(schedule=Schedule.parse(at_once=at_once, waves=waves, stop_after=stop_after))
    except InvalidInput as error:
        raise click.UsageError(error.message) from None


@attrs.frozen(kw_only=True)
class FleetCommand(Generic[R]):
    """What a command does with each pair.

    Attributes:
        work: Does it, with a session of the pair's own that is closed afterwards.
        in_words: A result in a few words, for one line.
        verdict_of: Whether a result is good.
        question: Asked once before the first pair, with ``{pairs}`` for how many and ``{waves}`` for the
            sizes; empty for what changes nothing.
    """

    work: Callable[[AsyncPairSession, Pair], Awaitable[R]]
    in_words: Callable[[R], str]
    verdict_of: Callable[[R], bool]
    question: str = ""


def run_on_all(
    command: FleetCommand[R],
    fleet: FleetChoice,
    config_file: Path,
    name: str | None,
    *,
    as_json: bool,
    yes: bool = True,
) -> int:
    """Run a command on every pair and print what comes of it: a line for each, and failures at the end.

    Args:
        command: What to do with each pair.
        fleet: How many at once, in which waves.
        config_file: The file that declares the pairs.
        name: Pattern for the names, such as ``eu-*``; absent, all.
        as_json: Print JSON lines, the summary as the last one.
        yes: Ask no question.

    Returns:
        The exit code: 0 all went well, 1 a pair failed or was left out, 3 a result is negative.
    """
    from gatepair.config import load_config
    from gatepair.fleet import FleetRun
    from gatepair.sessions.asynchronous import AsyncPairSession

    config = load_config(config_file)
    names = _matching(config.pairs, name, config_file)
    if command.question and not yes:
        _ask(command.question, [len(wave) for wave in fleet.schedule.split(names)], as_json=as_json)

    async def work(pair: str) -> R:
        async with AsyncPairSession(config.pairs[pair], config) as session:
            return await command.work(session, config.pairs[pair])

    printer = _Printer(total=len(names), in_words=command.in_words, as_json=as_json)
    run = FleetRun(names, work, schedule=fleet.schedule, verdict_of=command.verdict_of, tell=printer.tell)
    try:
        report = asyncio.run(_until_terminated(run))
    except asyncio.CancelledError:
        raise SystemExit(ExitCode.TERMINATED) from None
    finally:
        printer.summarize(run.report())
    return _exit_code(report)


async def _until_terminated(run: FleetRun[R]) -> FleetReport[R]:
    """Run, and let SIGTERM end it as Ctrl-C does: each pair in work is cleaned up."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await run.run()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _matching(pairs: Mapping[str, Pair], pattern: str | None, config_file: Path) -> list[str]:
    names = sorted(pairs) if pattern is None else sorted(fnmatch.filter(pairs, pattern))
    if not names:
        known = f" that matches '{pattern}'" if pattern else ""
        message = f"{config_file} declares no pair{known}."
        raise click.UsageError(message)
    return names


def _ask(question: str, sizes: list[int], *, as_json: bool) -> None:
    if as_json:
        message = "--json asks no questions: add --yes to make the change or --dry-run to see its steps."
        raise click.UsageError(message)
    pairs = "1 pair" if sizes == [1] else f"{sum(sizes)} pairs"
    waves = "one wave" if len(sizes) == 1 else f"waves of {', '.join(map(str, sizes))}"
    if not click.confirm(question.format(pairs=pairs, waves=waves)):
        click.echo("Nothing was changed.", err=True)
        raise SystemExit(ExitCode.FAILED)


@attrs.define(kw_only=True)
class _Printer(Generic[R]):
    """Prints each outcome when it is known, and at the end what a person has to look after."""

    total: int
    in_words: Callable[[R], str]
    as_json: bool
    _known: int = 0

    def tell(self, outcome: Outcome[R]) -> None:
        self._known += 1
        if self.as_json:
            click.echo(json.dumps(outcome.to_dict()))
        elif str(outcome.verdict) != "skipped":
            place = f"[{self._known:{len(str(self.total))}}/{self.total}]"
            click.echo(f"{place} {outcome.pair}: {self._words(outcome)}")

    def summarize(self, report: FleetReport[R]) -> None:
        if self.as_json:
            click.echo(json.dumps({"summary": report.to_dict()}))
            return
        bad = [outcome for outcome in report.outcomes if str(outcome.verdict) in {"failed", "negative"}]
        if bad and len(report.outcomes) > 1:
            click.echo("\nLook after:")
            for outcome in bad:
                click.echo(f"- {outcome.pair}: {self._words(outcome)}")
        counts = ", ".join(f"{number} {verdict}" for verdict, number in report.counts.items())
        click.echo(f"\n{len(report.outcomes)} pairs: {counts}.")
        if report.stopped:
            click.echo(click.style(f"Stopped: {report.stopped}.", fg="red"))

    def _words(self, outcome: Outcome[R]) -> str:
        verdict = click.style(str(outcome.verdict), fg=COLOURS[str(outcome.verdict)])
        if outcome.error is not None:
            return f"{verdict}: {outcome.error}"
        return f"{verdict}: {self.in_words(outcome.result)}" if outcome.result is not None else verdict


def _exit_code(report: FleetReport[R]) -> int:
    verdicts = set(report.counts)
    if verdicts & {"failed", "stopped", "skipped"}:
        return ExitCode.FAILED
    return ExitCode.UNHEALTHY if "negative" in verdicts else ExitCode.FINE
