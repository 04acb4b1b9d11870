"""The command that upgrades a pair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepair.cli.change import agreed, change_options, print_plan, tell
from gatepair.cli.choice import load_pair, open_pair
from gatepair.cli.concise import Concise
from gatepair.cli.fleet import FleetCommand, fleet_options, run_on_all
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from gatepair.cli.fleet import FleetChoice
    from gatepair.config import Config
    from gatepair.models import Pair
    from gatepair.sessions.asynchronous import AsyncPairSession
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.upgrading.evidence import UpgradeReport
    from gatepair.workflows.upgrading.options import Thresholds, UpgradeOptions, UserWatch

HTTPS_PORT = 443
_USUAL = ("url", "build", "server_name", "directory", "evidence", "everything")


@click.command(cls=Concise, usual=_USUAL)
@click.option("--from", "url", required=True, metavar="URL", help="Where the appliances find the archive.")
@click.option("--build", metavar="BUILD", help="Its build, if its name does not tell: 14.1-51.80.")
@click.option("--server-name", metavar="NAME", help="Probe users' side all the time, under this name.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CA of the gateway, if not that of the appliances.",
)
@click.option(
    "--outage", type=float, default=15.0, metavar="SECONDS", help="Stop when users wait longer.  [15]"
)
@click.option(
    "--allow", multiple=True, metavar="WHAT=NUMBER", help="What may be lost, such as down_servers=1."
)
@click.option(
    "--backup",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Back up first, into this directory.",
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the report, JSON (--all: folder).",
)
@click.option("--no-fail-back", is_flag=True, help="Leave the roles as they are in the end.")
@click.option("--downgrade", is_flag=True, help="The build may be an older one.")
@change_options
@fleet_options(at_once=5, waves="1,5,10%", stop_after="1")
def upgrade(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    url: str,
    build: str | None,
    server_name: str | None,
    ca_file: Path | None,
    outage: float,
    allow: tuple[str, ...],
    directory: Path | None,
    evidence: Path | None,
    no_fail_back: bool,
    downgrade: bool,
    fleet: FleetChoice | None,
) -> int:
    """Upgrade both appliances, one after the other.

    Users are served by the other one. Exit code 3: it stopped, with users served; run it again, it goes on.
    With --all it is done in waves, and by default the first pair that stops is the last one begun.

    \b
    Example: gatepair upgrade office --from http://files/build-14.1-51.80_nc.tgz
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    import attrs

    from gatepair.workflows.upgrading.options import UpgradeOptions

    options = UpgradeOptions(
        url=url,
        build=build,
        longest_outage_s=outage,
        thresholds=_thresholds(allow),
        fail_back=not no_fail_back,
        backup_directory=directory,
        evidence=evidence,
        allow_downgrade=downgrade,
    )
    if fleet is not None:
        users = (server_name, ca_file) if server_name and not dry_run else None
        return _on_all(options, users, fleet, config_file, name, as_json=as_json, dry_run=dry_run, yes=yes)
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        if server_name and not dry_run:
            config, pair = load_pair(config_file, name)
            watch = _watch(session.observe(), server_name, ca_file or _ca_of(config, pair))
            options = attrs.evolve(options, users=watch)
        steps = session.plan_upgrade(options)
        if dry_run:
            print_plan(steps, as_json=as_json)
            return ExitCode.FINE
        if not agreed(steps, yes=yes, as_json=as_json, question="Upgrade now?"):
            return ExitCode.FAILED
        report = session.upgrade(options)
    _print(report, as_json=as_json)
    return ExitCode.FINE if report.ok else ExitCode.UNHEALTHY


def _print(report: UpgradeReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    click.echo("\n".join(report.lines()))


def _thresholds(allowed: tuple[str, ...]) -> Thresholds:
    """Return what may be different afterwards.

    Raises:
        click.UsageError: Something else is named, or it is no number.
    """
    import attrs

    from gatepair.workflows.upgrading.options import Thresholds

    known = {field.name: field for field in attrs.fields(Thresholds)}
    values: dict[str, float] = {}
    for one in allowed:
        what, _, number = one.partition("=")
        try:
            values[known[what].name] = float(number)
        except (KeyError, ValueError):
            message = f"--allow {one}: write one of {', '.join(known)}, an equals sign and a number."
            raise click.UsageError(message) from None
    whole = {name: value if name == "sessions_kept" else int(value) for name, value in values.items()}
    return Thresholds(**whole)  # pyright: ignore[reportArgumentType]  # made whole where it has to be


def _watch(found: ObservedPair, server_name: str, ca_file: Path | None) -> UserWatch:
    """Return who tries all the time what users do at the external virtual IP.

    Raises:
        InvalidInput: There is no external virtual IP.
    """
    from gatepair.errors import InvalidInput
    from gatepair.nitro.resources.gateway import GatewayServer
    from gatepair.probes import Probe, Target, Watch
    from gatepair.workflows.virtual_ips import observed_external

    external = observed_external(found)
    if external is None:
        raise InvalidInput("--server-name: the pair has no external virtual IP that users could go to")
    address = str(external.address)
    ports = [row.port for row in found.speaker.all(GatewayServer) if row.address == address]
    target = Target(address, port=ports[0] if ports else HTTPS_PORT, server_name=server_name, ca_file=ca_file)
    # A kept connection breaks with every failover; that is what users reconnect for.
    return Watch(target, probes=(Probe.CONNECT, Probe.REQUEST))


def _ca_of(config: Config, pair: Pair) -> Path | None:
    return config.connection(str(pair.addresses[0])).tls.ca_file


def _on_all(
    options: UpgradeOptions,
    users: tuple[str, Path | None] | None,
    fleet: FleetChoice,
    config_file: Path,
    name: str | None,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Upgrade every pair in waves; backups and evidence of each go into a folder of its own."""
    import attrs

    from gatepair.config import load_config

    config = load_config(config_file)

    async def wishes(session: AsyncPairSession, pair: Pair) -> UpgradeOptions:
        folder = pair.id.replace(":", "_").replace(",", "+")
        directory, evidence = options.backup_directory, options.evidence
        if evidence is not None:
            evidence.mkdir(parents=True, exist_ok=True)
        watch = None
        if users is not None:
            watch = _watch(await session.observe(), users[0], users[1] or _ca_of(config, pair))
        return attrs.evolve(
            options,
            users=watch,
            backup_directory=directory / folder if directory else None,
            evidence=evidence / f"{folder}.json" if evidence else None,
        )

    async def plan(session: AsyncPairSession, pair: Pair) -> ChangePlan:
        return await session.plan_upgrade(attrs.evolve(await wishes(session, pair), evidence=None))

    async def work(session: AsyncPairSession, pair: Pair) -> UpgradeReport:
        return await session.upgrade(await wishes(session, pair))

    if dry_run:
        planning = FleetCommand["ChangePlan"](
            work=plan,
            in_words=lambda steps: f"{len(steps.steps)} steps, impact {steps.impact}",
            verdict_of=lambda _: True,
        )
        return run_on_all(planning, fleet, config_file, name, as_json=as_json)
    upgrading = FleetCommand["UpgradeReport"](
        work=work,
        in_words=lambda report: report.lines()[0],
        verdict_of=lambda report: report.ok,
        question="Upgrade {pairs}, in {waves}?",
    )
    return run_on_all(upgrading, fleet, config_file, name, as_json=as_json, yes=yes)
