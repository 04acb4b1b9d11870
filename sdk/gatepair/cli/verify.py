"""``gatepair verify``: the proof that failover works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gatepair.cli.change import agreed, change_options, print_plan, tell
from gatepair.cli.choice import open_pair
from gatepair.cli.concise import Concise
from gatepair.cli.fleet import FleetCommand, fleet_options, run_on_all
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from gatepair.cli.fleet import FleetChoice
    from gatepair.models import Credentials, Pair
    from gatepair.sessions.asynchronous import AsyncPairSession
    from gatepair.sessions.plain import PairSession
    from gatepair.verify import PowerCommands, VerifyOptions, VerifyReport
    from gatepair.workflows.plan import ChangePlan

Command = TypeVar("Command", bound=Callable[..., object])
_NARROWEST = 110
_USUAL = ("kinds", "power_off", "power_on", "html_file", "server_name", "user", "user_password")


def _users_options(command: Command) -> Command:
    """Add the options that say how users come to the gateway."""
    for decorate in (
        click.option(
            "--user-password", metavar="REF", help="Where that user's password is: env:NAME, file:PATH."
        ),
        click.option("--user", metavar="NAME", help="A user of the gateway; signs in and stays signed in."),
        click.option(
            "--ca-file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="CA of the gateway's certificate.  [default: the appliances' own]",
        ),
        click.option("--path", default="/", show_default=True, help="What users ask for."),
        click.option("--port", type=click.IntRange(1, 65535), help="Port users connect to."),
        click.option("--server-name", metavar="NAME", help="The gateway's own name, as users type it."),
    ):
        command = decorate(command)
    return command


def _pace_options(command: Command) -> Command:
    """Add the options that say what is done, and how it is watched."""
    for decorate in (
        click.option(
            "--html",
            "html_file",
            type=click.Path(path_type=Path),
            help="Write the report as a page.",
        ),
        click.option(
            "--return",
            "return_limit",
            type=click.FloatRange(1, 86400),
            default=900.0,
            show_default=True,
            help="Seconds a node may take to come back and synchronize.",
        ),
        click.option(
            "--patience",
            type=click.FloatRange(1, 3600),
            help="Seconds until a switch that does not serve users is undone.",
        ),
        click.option(
            "--margin",
            type=click.FloatRange(0, 600),
            default=1.0,
            show_default=True,
            help="Seconds allowed on top of what the timers promise.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.05, 60),
            default=1.0,
            show_default=True,
            help="Seconds one attempt may take.",
        ),
        click.option(
            "--interval",
            type=click.FloatRange(0.05, 60),
            default=0.2,
            show_default=True,
            help="Seconds from one attempt to the next.",
        ),
        click.option(
            "--power-on",
            metavar="COMMAND",
            help="Gives the power back.",
        ),
        click.option("--power-off", metavar="COMMAND", help="Cuts the power of {host}, {name} or {letter}."),
        click.option(
            "--fail-back/--no-fail-back", default=True, show_default=True, help="Switch back after each."
        ),
        click.option("--kinds", default="forced", show_default=True, help="Of forced,graceful,hard."),
    ):
        command = decorate(command)
    return command


@click.command(cls=Concise, usual=_USUAL)
@change_options
@_pace_options
@_users_options
@fleet_options(at_once=1, waves="1", stop_after="1")
def verify(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    fleet: FleetChoice | None,
    html_file: Path | None,
    **wishes: object,
) -> int:
    """Prove that failover works: switch while users are probed.

    Do it in a maintenance window. Exit code 3 when the verdict is negative; a switch after which users are
    not served is undone.

    \b
    Example: gatepair verify office --kinds forced,graceful --html proof.html
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    options = _options(wishes)
    if fleet is not None:
        return _on_all(
            options, fleet, config_file, name, html_file, as_json=as_json, dry_run=dry_run, yes=yes
        )
    with open_pair(config_file, name, progress=None if as_json else tell) as (session, _):
        if dry_run:
            print_plan(session.plan_verify(options), as_json=as_json)
            return ExitCode.FINE
        if not (yes or _agreed(session, options, as_json=as_json)):
            return ExitCode.FAILED
        report = session.verify(options)
    if html_file is not None:
        _write_page(report, html_file)
    _print(report, as_json=as_json)
    return ExitCode.FINE if report.ok else ExitCode.UNHEALTHY


def _agreed(session: PairSession, options: VerifyOptions, *, as_json: bool) -> bool:
    """Ask, unless nothing would be done: then the report says why."""
    from gatepair.errors import PreflightFailed

    try:
        steps = session.plan_verify(options)
    except PreflightFailed:
        return True
    return agreed(steps, yes=False, as_json=as_json, question="Make these switches now?")


def _options(wishes: dict[str, object]) -> VerifyOptions:
    """Return the options of a command line.

    Raises:
        click.UsageError: They contradict each other.
    """
    from gatepair.errors import InvalidInput
    from gatepair.verify import VerifyOptions

    text = {key: str(value) for key, value in wishes.items() if value is not None}
    try:
        return VerifyOptions(
            kinds=[kind.strip() for kind in text["kinds"].split(",") if kind.strip()],
            fail_back=bool(wishes["fail_back"]),
            server_name=text.get("server_name"),
            port=int(text["port"]) if "port" in text else None,
            path=text["path"],
            ca_file=Path(text["ca_file"]) if "ca_file" in text else None,
            user=_user(text.get("user"), text.get("user_password")),
            interval_s=float(text["interval"]),
            timeout_s=float(text["timeout"]),
            margin_s=float(text["margin"]),
            return_s=float(text["return_limit"]),
            patience_s=float(text["patience"]) if "patience" in text else None,
            power=_power(text.get("power_off"), text.get("power_on")),
        )
    except InvalidInput as error:
        where = f"{error.key}: " if error.key else ""
        raise click.UsageError(f"{where}{error.message}. {error.remedy}".strip()) from None


def _user(name: str | None, password: str | None) -> Credentials | None:
    from gatepair.models import Credentials, SecretReference

    if name is None and password is None:
        return None
    if name is None or password is None:
        message = "--user and --user-password go together."
        raise click.UsageError(message)
    return Credentials(username=name, password=SecretReference(password).anchored(Path.cwd()))


def _power(off: str | None, on: str | None) -> PowerCommands | None:
    from gatepair.verify import PowerCommands

    if off is None and on is None:
        return None
    if off is None or on is None:
        message = "--power-off and --power-on go together: a node must not stay dark."
        raise click.UsageError(message)
    return PowerCommands.parse(off, on)


def _write_page(report: VerifyReport, path: Path) -> None:
    from gatepair.errors import LocalFileError
    from gatepair.verify.page import page

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(report), encoding="utf-8")
    except OSError as error:
        raise LocalFileError(
            f"{path} cannot be written: {error.strerror}", remedy="Name another file for --html."
        ) from error


def _print(report: VerifyReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    from rich.console import Console

    from gatepair.verify.terminal import render

    person = sys.stdout.isatty()
    # Stated, not guessed from the environment: what goes into a pipe has no colours.
    console = Console(highlight=False, force_terminal=person, width=None if person else _NARROWEST)
    with console.capture() as captured:
        console.print(render(report))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _on_all(
    options: VerifyOptions,
    fleet: FleetChoice,
    config_file: Path,
    name: str | None,
    folder: Path | None,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Verify one pair after the other; by default the first negative verdict is the last."""
    from gatepair.verify.words import headline

    async def plan(session: AsyncPairSession, pair: Pair) -> ChangePlan:
        del pair
        return await session.plan_verify(options)

    async def work(session: AsyncPairSession, pair: Pair) -> VerifyReport:
        del pair
        report = await session.verify(options)
        if folder is not None:
            _write_page(report, folder / f"{report.id.replace(':', '_').replace(',', '+')}.html")
        return report

    if dry_run:
        planning = FleetCommand["ChangePlan"](
            work=plan,
            in_words=lambda steps: f"{len(steps.steps)} switches, impact {steps.impact}",
            verdict_of=lambda steps: bool(steps.steps),
        )
        return run_on_all(planning, fleet, config_file, name, as_json=as_json)
    proving = FleetCommand["VerifyReport"](
        work=work,
        in_words=headline,
        verdict_of=lambda report: report.ok,
        question="Make failovers on {pairs}, in {waves}?",
    )
    return run_on_all(proving, fleet, config_file, name, as_json=as_json, yes=yes)
