"""The command that puts a fresh appliance in the place of a dead one."""

from __future__ import annotations

from pathlib import Path

import click

from gatepair.cli.change import agreed, change_options, finish, print_plan, tell
from gatepair.cli.choice import open_pair
from gatepair.cli.outcome import ExitCode


@click.command()
@click.option("--dead", required=True, metavar="ADDRESS", help="The appliance that is gone for good.")
@click.option("--with", "fresh", required=True, metavar="ADDRESS", help="The one in its place.")
@click.option(
    "--backup",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Back up first, into this directory.",
)
@change_options
def replace(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    dead: str,
    fresh: str,
    directory: Path | None,
) -> int:
    """Put a fresh appliance in the place of a dead one.

    The survivor forgets the dead one and serves users all along; the fresh one joins it and takes over its
    configuration. The address may be the same. Declare the new pair afterwards.

    \b
    Example: gatepair replace office --dead 192.0.2.12 --with 192.0.2.13
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        steps = session.plan_replace_node(dead, fresh, backup_directory=directory)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Replace it?"):
            return ExitCode.FAILED
        done = session.replace_node(dead, fresh, backup_directory=directory)
    sentence = f"{done.joined} is in the pair with {done.survivor}"
    if done.joined != done.removed:
        sentence += f"\nIn {config_file}, write {done.joined} in place of {done.removed}."
    return finish(done, as_json=as_json, sentence=sentence)
