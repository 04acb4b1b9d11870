"""Commands that look and change nothing beside ``status``: preflight, hosts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepair.cli.choice import config_option, json_option, load_pair, open_pair, pair_options, unwinding
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from gatepair.workflows.report import PreflightReport

VERDICT_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red"}


@click.command()
@pair_options
def preflight(name: str | None, config_file: Path, *, as_json: bool) -> int:
    """Check everything that would stop a pair from forming.

    Nothing is changed. Each check says what was seen and, if it is not fine, what to do. Exit code 3 when
    one fails.

    \b
    Example: gatepair preflight office
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    with open_pair(config_file, name) as (session, pair):
        report = session.preflight(pair)
    if as_json:
        print_json(report.to_dict())
    else:
        _print_checks(report)
    return ExitCode.FINE if report.ok else ExitCode.UNHEALTHY


def _print_checks(report: PreflightReport) -> None:
    for check in report.checks:
        mark = click.style(f"{check.verdict:4}", fg=VERDICT_COLOURS[check.verdict])
        where = f" {check.node}" if check.node else ""
        click.echo(f"{mark}  {check.id}{where}: {check.evidence}")
        if check.remedy:
            click.echo(f"      {check.remedy}")
    count = len(report.checks)
    click.echo(f"{count} checks, {len(report.failures)} failed, {len(report.warnings)} warnings")


@click.command()
@click.argument("address", metavar="ADDRESS")
@json_option
@config_option
def appliance(address: str, config_file: Path, *, as_json: bool) -> int:
    """Show what an appliance is.

    Firmware, platform, serial number, licence, clock, and whether everything is saved. It need not belong to
    a declared pair; without a file, GATEPAIR_PASSWORD and the like say how it is reached. Exit code 3 when it
    does not answer.

    \b
    Example: gatepair appliance 192.0.2.11
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from gatepair.config import Connections, load_config
    from gatepair.models import ManagementAddress
    from gatepair.sessions.plain import PairSession

    known = ManagementAddress.parse(address)
    source = load_config(config_file) if config_file.exists() else Connections.from_environment()
    with unwinding(), PairSession((known, known), source) as session:
        facts = session.appliance(known).to_dict()
    if as_json:
        print_json(facts)
    else:
        told = {name.replace("_", " "): value for name, value in facts.items() if value not in ("", None)}
        told["licence days"] = "no end told" if facts["licence_days"] == -1 else facts["licence_days"]
        width = max(map(len, told))
        for name, value in told.items():
            said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            click.echo(f"{name.ljust(width)}  {said}")
    return ExitCode.FINE if facts["reachable"] else ExitCode.UNHEALTHY


@click.command()
@click.option("--host", "gateway", required=True, help="The name users type, such as gateway.example.net.")
@pair_options
def hosts(name: str | None, config_file: Path, gateway: str, *, as_json: bool) -> int:
    """Print the hosts-file line for the external virtual IP.

    It sends this machine to the pair, for a test by hand; no appliance is asked. Where the file is goes to
    standard error, so that the line can be appended to it.

    \b
    Example: gatepair hosts office --host gateway.example.net
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    _, pair = load_pair(config_file, name)
    if pair.external is None:
        message = "the pair declares no external virtual IP, so there is nothing for a hosts file."
        raise click.ClickException(message)
    line = f"{pair.external.address} {gateway}"
    if as_json:
        print_json({"address": str(pair.external.address), "host": gateway, "line": line})
        return ExitCode.FINE
    click.echo(line)
    for where in (
        "Unix and macOS: /etc/hosts",
        r"Windows: C:\Windows\System32\drivers\etc\hosts",
        "Also on the Web Interface or StoreFront server, which calls the gateway back by name.",
    ):
        click.echo(where, err=True)
    return ExitCode.FINE
