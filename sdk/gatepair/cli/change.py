"""Commands that change a pair: plan, apply, failover, dissolve."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from gatepair.cli.choice import open_pair, pair_options
from gatepair.cli.outcome import ExitCode, fall_silent, print_json

if TYPE_CHECKING:
    from gatepair.workflows.core import ProgressEvent
    from gatepair.workflows.plan import ChangePlan


class Result(Protocol):
    """What a workflow returns and a program can read."""

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-ready mapping."""
        ...


def change_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add ``--dry-run`` and ``--yes`` to the shared options."""
    for decorate in (
        click.option("-y", "--yes", is_flag=True, help="Do it without asking."),
        click.option("--dry-run", is_flag=True, help="Print the steps and their impact; change nothing."),
    ):
        command = decorate(command)
    return pair_options(command)


def tell(event: ProgressEvent) -> None:
    """Print one progress event to standard error; that nobody reads it stops no change half way."""
    where = f" [{event.node}]" if event.node else ""
    try:
        click.echo(f"  {event.message}{where}", err=True)
    except BrokenPipeError:
        fall_silent(sys.stderr)


def print_plan(plan: ChangePlan, *, as_json: bool) -> None:
    """Print planned steps, for a person or a program."""
    if as_json:
        print_json(plan.to_dict() | {"differences": [each.to_dict() for each in plan.differences]})
        return
    if not plan.steps:
        click.echo("No changes: the pair is as declared.")
        return
    for number, step in enumerate(plan.steps, 1):
        where = f" [{step.node}]" if step.node else ""
        impact = f" ({step.impact})" if step.impact != "none" else ""
        click.echo(f"{number:3}. {step.title}{where}{impact}")
        if step.notice:
            click.echo(f"     {step.notice}")
    if plan.differences:
        click.echo("Differences:")
    for difference in plan.differences:
        click.echo(f"  - {difference}")
    click.echo(f"Impact on users: {plan.impact}")


def agreed(plan: ChangePlan, *, yes: bool, as_json: bool, question: str) -> bool:
    """Show the plan and ask, unless ``--yes`` was given or there is nothing to do.

    Raises:
        click.UsageError: Nobody is there to answer.
    """
    if yes or not plan.steps:
        return True
    if as_json:
        message = "--json asks no questions: add --yes to make the change or --dry-run to see its steps."
        raise click.UsageError(message)
    print_plan(plan, as_json=False)
    try:
        answer = click.confirm(question)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        message = "nobody is there to answer: add --yes to make the change or --dry-run to see its steps."
        raise click.UsageError(message) from None
    if not answer:
        click.echo("Nothing was changed.", err=True)
    return answer


def finish(result: Result, *, as_json: bool, sentence: str) -> int:
    """Print what came of a change."""
    if as_json:
        print_json(result.to_dict())
    else:
        click.echo(sentence)
    return ExitCode.FINE


@click.command()
@pair_options
def plan(name: str | None, config_file: Path, *, as_json: bool) -> int:
    """Show the steps between the pair as it is and as it is declared.

    Nothing is changed. Each step says on which appliance and what it does to users.

    \b
    Example: gatepair plan office
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name) as (session, pair):
        print_plan(session.plan(pair), as_json=as_json)
    return ExitCode.FINE


@click.command()
@click.option(
    "--backup",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Back up there what a joining node loses.",
)
@change_options
def apply(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    directory: Path | None,
) -> int:
    """Form the pair, or mend what differs from its declaration.

    It checks everything first, shows the steps and asks. Cut off anywhere, run it again: it goes on from what
    it finds.

    \b
    Example: gatepair apply office --yes
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, pair):
        steps = session.plan(pair)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Make these changes?"):
            return ExitCode.FAILED
        session.converge(pair, backup_directory=directory)
        found = session.status()
    return finish(found, as_json=as_json, sentence=f"failover pair {found.failover_pair}: {found.id}")


@click.command()
@click.option("--to", metavar="ADDRESS", help="The appliance that shall serve; without it, the other one.")
@click.option("--force", is_flag=True, help="Also when the peer is not in the best of health.")
@change_options
def failover(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    force: bool,
    to: str | None,
) -> int:
    """Let the other node serve; users reconnect.

    It returns when both nodes agree on the new roles.

    \b
    Example: gatepair failover office --to 192.0.2.12
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        steps = session.plan_failover(to=to)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Fail over now?"):
            return ExitCode.FAILED
        done = session.failover(force=force, to=to)
    sentence = (
        f"{done.new_primary} serves, after {done.seconds:.1f} s"
        if done.changed
        else f"{done.new_primary} is primary already"
    )
    return finish(done, as_json=as_json, sentence=sentence)


@click.command()
@click.option("--abandon", is_flag=True, help="Also when one appliance does not answer.")
@change_options
def dissolve(
    name: str | None, config_file: Path, *, as_json: bool, dry_run: bool, yes: bool, abandon: bool
) -> int:
    """Dissolve the pair; the primary keeps serving users.

    The other node lets go of the pair's addresses and is free. An appliance that does not answer stops the
    command: should it come back, it would bring the addresses up a second time. --abandon says that it will
    not.

    \b
    Example: gatepair dissolve office --dry-run
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        steps = session.plan_dissolve(abandon=abandon)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Dissolve the pair?"):
            return ExitCode.FAILED
        done = session.dissolve(abandon=abandon)
    sentence = (
        f"dissolved: {done.serving} serves, {done.freed} is free"
        if done.changed
        else "there is no pair to dissolve"
    )
    return finish(done, as_json=as_json, sentence=sentence)
