"""`gatepair deploy`: apply exactly what was reviewed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from cdktf_stacks.review.cli.review import directory_option, synth_option
from gatepair.cli.choice import config_option, unwinding
from gatepair.cli.outcome import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cdktf_stacks.review.model import Review
    from cdktf_stacks.review.terraform import Stack


@click.command()
@click.argument("names", nargs=-1, metavar="[STACK]...")
@click.option("--reviewed", metavar="FINGERPRINT", help="Apply only if this is what was reviewed.")
@click.option(
    "--review",
    "review_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The JSON of that review, to say what differs.",
)
@click.option("-y", "--yes", is_flag=True, help="Do it without asking.")
@click.option("--dry-run", is_flag=True, help="Plan, compare and print; change nothing.")
@directory_option
@synth_option
@config_option
def deploy(
    names: tuple[str, ...],
    reviewed: str | None,
    review_file: Path | None,
    directory: Path,
    config_file: Path,
    *,
    yes: bool,
    dry_run: bool,
    synth: bool,
) -> int:
    """Plan stacks and apply these very plans, if they are what was reviewed.

    With --reviewed nobody is asked; if a plan does anything else than what was reviewed, nothing is applied,
    the difference is printed and the exit code is 3. Ctrl-C lets Terraform finish what it has begun.

    \b
    Example: gatepair deploy office --reviewed gp1-5a9733aeb1a0c5f10d9e...
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from cdktf_stacks.review.build import review
    from cdktf_stacks.review.sources import known_masks, synthesized
    from cdktf_stacks.review.terminal import to_terminal
    from cdktf_stacks.review.terraform import make_plan

    with unwinding(), tempfile.TemporaryDirectory(prefix="gatepair-") as folder:
        stacks = synthesized(directory, names, synth=synth)
        files = {stack: Path(folder) / str(number) for number, stack in enumerate(stacks)}
        plans = [make_plan(stack, file) for stack, file in files.items()]
        found = review(plans, known_masks(plans, config_file))
        click.echo(to_terminal(found), nl=False)
        if reviewed is not None and not _is_reviewed(found, reviewed, review_file):
            return ExitCode.UNHEALTHY
        if dry_run:
            return ExitCode.FINE
        if found.is_empty and not any(plan.outputs for plan in plans):
            return ExitCode.FINE
        if reviewed is None and not yes and not _agreed():
            return ExitCode.FAILED
        return _apply(files)


def _apply(files: Mapping[Stack, Path]) -> int:
    from cdktf_stacks.review.terraform import apply_plan

    waiting = [stack.name for stack in files]
    for stack, file in files.items():
        code = apply_plan(stack, file)
        if code:
            left = f" Not begun: {', '.join(waiting[1:])}." if waiting[1:] else ""
            click.echo(
                f"Error: terraform apply of {stack.name} ended with {code}.{left} Review it again: what is "
                "left to do may be another plan.",
                err=True,
            )
            return ExitCode.FAILED
        waiting.remove(stack.name)
    return ExitCode.FINE


def _agreed() -> bool:
    import sys

    try:
        if click.confirm("Apply exactly this?"):
            return True
    except click.Abort:
        if sys.stdin.isatty():
            raise
        message = "nobody is there to answer: add --reviewed FINGERPRINT or --yes, or look with --dry-run."
        raise click.UsageError(message) from None
    click.echo("Nothing was changed.", err=True)
    return False


def _is_reviewed(found: Review, reviewed: str, review_file: Path | None) -> bool:
    if found.fingerprint == reviewed.strip():
        return True
    click.echo("Stopped: this is not what was reviewed; nothing was changed.", err=True)
    click.echo(f"  reviewed: {reviewed.strip()}\n  planned:  {found.fingerprint}", err=True)
    if review_file is None:
        click.echo("  Above is what is planned now. --review FILE.json says what differs.", err=True)
    else:
        for line in _differences(review_file, reviewed.strip(), found):
            click.echo(f"  {line}", err=True)
    click.echo("Review it again: gatepair review.", err=True)
    return False


def _differences(review_file: Path, reviewed: str, found: Review) -> Iterator[str]:
    import json

    from gatepair.errors import InvalidInput

    try:
        earlier = cast("Mapping[str, object]", json.loads(review_file.read_text(encoding="utf-8")))
        digests = cast("Mapping[str, str]", earlier["digests"])
        pairs = cast("list[Mapping[str, object]]", earlier["pairs"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InvalidInput(f"{review_file} is not the JSON of a review") from None
    if earlier.get("fingerprint") != reviewed:
        yield f"{review_file} is another review: {earlier.get('fingerprint')}"
        return
    for address in sorted({*digests, *found.digests}):
        if address not in found.digests:
            yield f"{address}: was to change, does not any more"
        elif address not in digests:
            yield f"{address}: changes now, was not to"
        elif digests[address] != found.digests[address]:
            yield f"{address}: changes in another way"
    was = {_line(pair, change) for pair in pairs for change in _rows(pair)}
    now = {_line(pair.to_dict(), change.to_dict()) for pair in found.pairs for change in pair.changes}
    yield from (f"- {line}" for line in sorted(was - now))
    yield from (f"+ {line}" for line in sorted(now - was))


def _rows(pair: Mapping[str, object]) -> list[Mapping[str, object]]:
    return cast("list[Mapping[str, object]]", pair.get("changes") or [])


def _line(pair: Mapping[str, object], change: Mapping[str, object]) -> str:
    from cdktf_stacks.review.text import visible

    return visible(
        f"{pair.get('name')}: {change.get('label')}: {change.get('before')} -> {change.get('after')}"
    )
