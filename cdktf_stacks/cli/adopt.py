"""``gatepair adopt``: pairs that exist come under the care of their stacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepair.cli.adopt import (
    adopted_text,
    loaded_pair,
    outlook,
    pair_name,
    reach_options,
    reach_settings,
    write_file,
)
from gatepair.cli.choice import config_option, json_option, unwinding
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from gatepair.config import Config, Settings
    from gatepair.models import Pair, SecretReference
    from gatepair.workflows.plan import ChangePlan


@click.command()
@click.argument("name", metavar="PAIR", callback=pair_name)
@click.option("--from", "addresses", metavar="A,B", help="Two management addresses, if not declared yet.")
@reach_options
@click.option("--dry-run", is_flag=True, help="Print the file instead of writing it.")
@json_option
@config_option
def adopt(
    name: str,
    config_file: Path,
    *,
    addresses: str | None,
    username: str | None,
    password: SecretReference | None,
    shared_key: SecretReference,
    ca_file: Path | None,
    insecure: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Put a pair that exists under its stack: declare it in pairs.toml, and import it.

    With --from, the pair is read from its appliances and added to the file. Nothing is changed on them, and
    the first plan of the stack imports what is there.

    \b
    Example: gatepair adopt office --from 192.0.2.11,192.0.2.12
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from cdktf_stacks.adoption import with_adopted

    settings = reach_settings(username, password, ca_file, insecure=insecure)
    given = bool(username or password or ca_file or insecure)
    text, plan, problem = _declared(name, config_file, addresses, (settings, given), shared_key)
    text = with_adopted(text, name)
    if dry_run and not as_json:
        click.echo(text, nl=False)
    elif not dry_run:
        write_file(config_file, text)
    if as_json:
        written = "" if dry_run else str(config_file)
        steps = plan.to_dict() if plan else None
        print_json({"file": written, "text": text, "plan": steps, "problem": problem})
    else:
        wrote = "" if dry_run else f"Wrote {config_file}. "
        click.echo(f"{wrote}{outlook(plan, problem)}", err=True)
        click.echo(f"Next: cdktf diff {name}", err=True)
    return ExitCode.FINE


def _declared(
    name: str,
    config_file: Path,
    addresses: str | None,
    settings: tuple[Settings, bool],
    shared_key: SecretReference,
) -> tuple[str, ChangePlan | None, str]:
    """Return the text of a file that declares the pair, and what its next plan is or why there is none."""
    from gatepair.config import load_config

    if not config_file.exists():
        if addresses is None:
            message = f"{config_file} does not exist: name the two management addresses with --from A,B."
            raise click.UsageError(message)
        return adopted_text(name, addresses, config_file, settings[0], shared_key)
    config = load_config(config_file)
    text = config_file.read_text(encoding="utf-8")
    if name in config.pairs:
        if addresses is not None:
            message = f"{config_file} declares '{name}' already: leave --from out."
            raise click.UsageError(message)
        return text, *_plan(config, config.pairs[name])
    if addresses is None:
        message = (
            f"{config_file} declares no pair '{name}': name its two management addresses with --from A,B."
        )
        raise click.UsageError(message)
    if settings[1]:
        message = f"{config_file} exists, and its [defaults] say how appliances are reached."
        raise click.UsageError(message)
    # The key's reference counts from where the person is, everything else from the file.
    found, _, _ = adopted_text(name, addresses, config_file, config.connections.common, shared_key)
    _, _, table = found.partition(f"[pairs.{name}]")
    text = f"{text.rstrip()}\n\n[pairs.{name}]{table}"
    # What [defaults] of the file say holds for it as well, so only the whole file tells what is declared.
    return text, *_plan(config, loaded_pair(text, name, config_file.absolute().parent))


def _plan(config: Config, pair: Pair) -> tuple[ChangePlan | None, str]:
    from gatepair.errors import GatepairError
    from gatepair.sessions.plain import PairSession

    try:
        with unwinding(), PairSession(pair, config) as session:
            return session.plan(pair), ""
    except GatepairError as error:
        return None, str(error)
