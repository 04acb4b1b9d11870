"""``gatepair status``: once, or again and again."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepair.cli.choice import open_pair, pair_options
from gatepair.cli.fleet import FleetChoice, FleetCommand, fleet_options, run_on_all
from gatepair.cli.outcome import ExitCode, print_json
from gatepair.cli.table import columns

if TYPE_CHECKING:
    from gatepair.models import Pair
    from gatepair.sessions.asynchronous import AsyncPairSession
    from gatepair.sessions.plain import PairSession
    from gatepair.workflows.result import NodeStatus, PairStatus

HEADING = ("appliance", "host name", "role", "health", "sync", "version", "saved")


@click.command()
@click.option("-w", "--watch", is_flag=True, help="Look again and again until Ctrl-C.")
@click.option(
    "--every", type=click.FloatRange(min=0.1), default=2.0, show_default=True, help="Seconds between looks."
)
@click.option("--times", type=click.IntRange(min=1), help="With --watch: how many looks.")
@fleet_options()
@pair_options
def status(
    name: str | None,
    config_file: Path,
    *,
    as_json: bool,
    watch: bool,
    every: float,
    times: int | None,
    fleet: FleetChoice | None,
) -> int:
    """Show the roles, health and synchronization of a pair.

    Exit code 3 when a pair is not healthy. A pipe gets a report when something has changed, and with --json a
    line for each look.

    \b
    Example: gatepair status office --watch
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    if fleet:
        if watch:
            message = "--watch follows one pair: leave --all out."
            raise click.UsageError(message)
        return run_on_all(_LOOKING, fleet, config_file, name, as_json=as_json)
    with open_pair(config_file, name) as (session, _):
        if watch:
            return _watch(session, as_json=as_json, every=every, times=times)
        found = session.status()
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(in_words(found))
    return ExitCode.FINE if found.healthy else ExitCode.UNHEALTHY


async def _status(session: AsyncPairSession, _: Pair) -> PairStatus:
    return await session.status()


def _in_one_line(found: PairStatus) -> str:
    who = f"{found.primary} serves" if found.primary else "nobody serves"
    return "; ".join((f"{found.failover_pair}, {who}", *found.problems))


_LOOKING = FleetCommand(work=_status, in_words=_in_one_line, verdict_of=lambda found: found.healthy)


def in_words(found: PairStatus) -> str:
    """Return a status as a person reads it."""
    external, internal = found.external or "none", found.internal or "none"
    lines = [
        columns([HEADING, *map(_cells, found.nodes)]),
        "",
        f"failover pair {found.failover_pair}; external {external}, internal {internal}",
        *(click.style(f"- {problem}", fg="yellow") for problem in found.problems),
        click.style("healthy", fg="green") if found.healthy else click.style("not healthy", fg="red"),
    ]
    return "\n".join(lines)


def _cells(node: NodeStatus) -> tuple[str, ...]:
    if not node.reachable:
        return node.address, "", "unreachable", "", "", "", ""
    saved = "no" if node.unsaved_changes else "yes"
    return node.address, node.host_name, node.role, node.health or node.state, node.sync, node.version, saved


def _watch(session: PairSession, *, as_json: bool, every: float, times: int | None) -> int:
    """Look until Ctrl-C or as often as told; the last look decides on the exit code."""
    shown = ""
    code = ExitCode.FINE
    look = 0
    while True:
        document, text, code = _look(session)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        if as_json:
            click.echo(json.dumps({"time": stamp, **document}))
        elif sys.stdout.isatty():
            click.clear()
            click.echo(f"{stamp}, every {every:g} s; Ctrl-C ends it\n\n{text}")
        elif text != shown:
            click.echo(f"{stamp}\n{text}\n")
        shown = text
        look += 1
        if look == times:
            return code
        time.sleep(every)


def _look(session: PairSession) -> tuple[dict[str, object], str, ExitCode]:
    """Return one look as document and text; that nobody answers is worth showing, not worth stopping."""
    from gatepair.errors import GatepairError

    try:
        found = session.status()
    except GatepairError as error:
        return error.to_problem(), f"Error: {error}", ExitCode.FAILED
    code = ExitCode.FINE if found.healthy else ExitCode.UNHEALTHY
    return found.to_dict(), in_words(found), code
