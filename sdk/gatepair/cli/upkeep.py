"""Commands of upkeep that need nothing but the pair: sync, rotate-key, restart, backup."""

from __future__ import annotations

from pathlib import Path

import click

from gatepair.cli.change import agreed, change_options, finish, print_plan, tell
from gatepair.cli.choice import open_pair, pair_options
from gatepair.cli.outcome import ExitCode, print_json


@click.command()
@click.option("--files", is_flag=True, help="Certificates and other files as well.")
@change_options
def sync(name: str | None, config_file: Path, *, as_json: bool, dry_run: bool, yes: bool, files: bool) -> int:
    """Copy the primary's configuration to the secondary.

    It returns when the secondary has taken it over and saved it. Users are not affected.

    \b
    Example: gatepair sync office
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        steps = session.plan_synchronize(files=files)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Synchronize now?"):
            return ExitCode.FAILED
        done = session.synchronize(files=files)
    return finish(done, as_json=as_json, sentence=f"{done.secondary} has the configuration of {done.primary}")


@click.command("rotate-key")
@click.option("--key", metavar="REFERENCE", help="Where the new key is; without it, where shared_key points.")
@click.option(
    "--previous", metavar="REFERENCE", help="Where the present key is, to go back to if one refuses."
)
@change_options
def rotate_key(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    key: str | None,
    previous: str | None,
) -> int:
    """Give both appliances a new shared key.

    The pair stays together; users are not affected. A reference is env:NAME, file:PATH or
    keyring:SERVICE/USER, never the key itself.

    \b
    Example: gatepair rotate-key office --key file:shared-key.new
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from gatepair.models import SecretReference

    with open_pair(config_file, name, progress=None if as_json else tell) as (session, pair):
        new = SecretReference(key) if key else pair.shared_key
        if new is None:
            message = "nothing says where the new key is: name it with --key."
            raise click.UsageError(message)
        steps = session.plan_rotate_key()
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Write the new key?"):
            return ExitCode.FAILED
        done = session.rotate_key(new, previous=SecretReference(previous) if previous else None)
    return finish(done, as_json=as_json, sentence=f"{' and '.join(done.nodes)} have the new key")


@click.command()
@click.option("--node", "nodes", multiple=True, metavar="ADDRESS", help="Only this one; without it, both.")
@click.option("--force", is_flag=True, help="Also when nobody serves users meanwhile.")
@click.option("--no-fail-back", is_flag=True, help="Leave the roles as they are in the end.")
@click.option(
    "--up-for",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Only what is up for as long as that.",
)
@change_options
def restart(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    nodes: tuple[str, ...],
    force: bool,
    no_fail_back: bool,
    up_for: float,
) -> int:
    """Restart appliances one after the other, the secondary first.

    Users are served by the other one; the primary hands its role over before. To go on where a run was cut
    off, leave alone with --up-for what it has restarted.

    \b
    Example: gatepair restart office --node 192.0.2.12
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        asked = nodes or None
        fail_back = not no_fail_back
        steps = session.plan_restart(asked, force=force, fail_back=fail_back, unless_up_less_than_s=up_for)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Restart now?"):
            return ExitCode.FAILED
        done = session.restart(asked, force=force, fail_back=fail_back, unless_up_less_than_s=up_for)
    named = " and ".join(done.restarted) or "nothing"
    serves = f"; {done.primary} serves" if done.primary else ""
    return finish(done, as_json=as_json, sentence=f"restarted {named} in {done.seconds:.0f} s{serves}")


@click.command()
@click.option(
    "--to",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory for the files; only their owner may read them.",
)
@click.option("--node", "nodes", multiple=True, metavar="ADDRESS", help="Only this one; without it, both.")
@click.option("--level", type=click.Choice(["full", "basic"]), default="full", show_default=True)
@click.option("--dry-run", is_flag=True, help="Print what would be done; do nothing.")
@pair_options
def backup(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    directory: Path,
    nodes: tuple[str, ...],
    level: str,
) -> int:
    """Back up both appliances to this machine.

    Each file comes with its checksum, for sha256sum -c. Nothing is changed on the appliances and no file is
    left there, so no question is asked.

    \b
    Example: gatepair backup office --to backups
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        if dry_run:
            print_plan(session.plan_backup(nodes or None), as_json=as_json)
            return ExitCode.FINE
        made = session.backup(directory, nodes or None, level=level)
    if as_json:
        print_json({"backups": [one.to_dict() for one in made]})
    else:
        for one in made:
            click.echo(f"{one.path}  {one.size} bytes  sha256 {one.sha256}")
    return ExitCode.FINE
