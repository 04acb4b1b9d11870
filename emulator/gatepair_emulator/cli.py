"""``gatepair emulator``: an emulated pair on this machine."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab, Node
    from gatepair_emulator.values import JsonValue

DEFAULT_STATE = Path(".emulator")

_state = click.option(
    "--state",
    type=click.Path(path_type=Path),
    default=DEFAULT_STATE,
    show_default=True,
    envvar="GATEPAIR_EMULATOR_STATE",
    help="Directory of the emulated pair.",
)
_which = click.argument("appliance", type=click.Choice(["a", "b"]))
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def emulator() -> None:
    """Run an emulated pair: two appliances as two processes on this machine."""


def _fail(problem: Exception) -> NoReturn:
    raise click.ClickException(str(problem)) from None


def _open(state: Path) -> Lab:
    from gatepair_emulator.lab import Lab, LabError

    try:
        return Lab.open(state)
    except LabError as problem:
        _fail(problem)


def _node(lab: Lab, name: str) -> Node:
    return lab.a if name == "a" else lab.b


@emulator.command()
@_state
@click.option(
    "--scenario",
    default="default",
    show_default=True,
    help="How the two appliances are; a name or a TOML file.",
)
@click.option(
    "--network",
    help="Loopback network of three octets, or 'free'.  [default: 127.0.10, or the pair's own]",
)
@click.option(
    "--clock",
    type=click.FloatRange(min=0.01),
    help="Restarts, installations and full syncs go this many times faster. Heartbeats keep their time.  "
    "[default: 1, or as before]",
)
@click.option(
    "--namespaces",
    is_flag=True,
    help="Network namespaces with interfaces and addresses of their own instead of loopback; needs root.",
)
def up(
    state: Path,
    scenario: str,
    network: str | None,
    clock: float | None,
    namespaces: bool,  # noqa: FBT001 - a flag of the command line
) -> None:
    """Switch both appliances on; set them up first if the directory is new."""
    from gatepair_emulator.lab import DEFAULT_NETWORK, Lab, LabError
    from gatepair_emulator.scenario import ScenarioError

    if network is None and not Lab.exists(state) and not namespaces:
        network = DEFAULT_NETWORK
    place = None if network == "free" else network
    try:
        lab = Lab.start(state, place, scenario, clock, detached=True, namespaces=namespaces)
    except (LabError, ScenarioError) as problem:
        _fail(problem)
    for node in (lab.a, lab.b):
        state_text = f"https://{node.address}" if node.is_running() else "switched off"
        click.echo(f"appliance {node.name}  {node.host_name or '-':6}  {state_text}")
    click.echo(f"user nsroot, password in {lab.password_file}, trust {lab.ca_file}")


@emulator.command()
@_state
def down(state: Path) -> None:
    """Switch both appliances off; what was saved stays."""
    lab = _open(state)
    lab.down()
    click.echo("both appliances are off")


@emulator.command()
@_state
@_json
def status(state: Path, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show roles, addresses and faults."""
    lab = _open(state)
    statuses = {node.name: _status(node) for node in (lab.a, lab.b)}
    if as_json:
        click.echo(json.dumps(statuses, indent=2))
        return
    for name, known in statuses.items():
        click.echo(f"appliance {name}  {_summary(known)}")


def _status(node: Node) -> dict[str, JsonValue]:
    from gatepair_emulator.lab import LabError

    if not node.is_running():
        return {"phase": "off", "address": node.host}
    try:
        return node.status()
    except LabError as problem:
        return {"phase": "silent", "address": node.host, "problem": str(problem)}


def _summary(known: dict[str, JsonValue]) -> str:
    from gatepair_emulator.values import texts_of

    if known.get("phase") != "up":
        return f"{known.get('address')}  {known.get('phase')}"
    parts = [f"{known.get('address')}  {known.get('host_name')}  {known.get('role')}"]
    parts.append("in a pair" if known.get("paired") else "stand-alone")
    parts.append(f"sync {known.get('sync')}")
    parts.append(f"answers on {', '.join(texts_of(known.get('bound'))) or 'no virtual address'}")
    conflicts = known.get("conflicts")
    if isinstance(conflicts, dict) and conflicts:
        parts.append(f"address conflict on {', '.join(conflicts)}")
    return ", ".join(parts)


@emulator.command()
@_which
@click.argument("what", type=click.Choice(["off", "on", "freeze", "thaw", "exchange"]))
@_state
def power(appliance: str, what: str, state: Path) -> None:
    """Cut an appliance's power, switch it on again, freeze it or thaw it, exchange it for a fresh one."""
    from gatepair_emulator.lab import LabError
    from gatepair_emulator.processes import ProcessError

    lab = _open(state)
    node = _node(lab, appliance)
    try:
        {
            "off": node.kill,
            "on": node.start,
            "freeze": node.freeze,
            "thaw": node.thaw,
            "exchange": node.exchange,
        }[what]()
    except (LabError, ProcessError) as problem:
        _fail(problem)
    lab.remember()
    click.echo(f"appliance {appliance}: {what}")


@emulator.command()
@_state
@click.option(
    "--scenario", default="default", show_default=True, help="How the two appliances are afterwards."
)
@click.option("--clock", type=click.FloatRange(min=0.01), default=1.0, show_default=True, help="As for up.")
def reset(state: Path, scenario: str, clock: float) -> None:
    """Throw everything away and begin anew in the same network."""
    from gatepair_emulator.lab import Lab, LabError
    from gatepair_emulator.scenario import ScenarioError

    try:
        old = _open(state)
        old.remove()
        Lab.start(state, old.network, scenario, clock, detached=True)
    except (LabError, ScenarioError) as problem:
        _fail(problem)
    click.echo("both appliances are as new")


@emulator.command()
@click.argument("what", type=click.Choice(["on", "off", "hosts"]))
@click.argument("address", required=False)
@_state
def web(what: str, address: str | None, state: Path) -> None:
    """Switch the Web Interface of a scenario on or off, or set its hosts entry.

    Its hosts file says where it finds the Gateway; anything but the external virtual IP gives users a 401.

    Example: gatepair emulator web hosts 127.0.10.20
    """
    from gatepair_emulator.lab import LabError

    lab = _open(state)
    if not lab.web.directory.exists():
        raise click.ClickException(
            "this pair has no Web Interface: "
            "begin anew with `gatepair emulator reset --scenario web-interface`"
        )
    try:
        {"on": lab.web.start, "off": lab.web.stop, "hosts": lambda: lab.web.point_at(address or "")}[what]()
    except LabError as problem:
        _fail(problem)
    click.echo(f"Web Interface: {what} {address or ''}".rstrip())


@emulator.command()
@click.option("--pairs", "count", type=click.IntRange(min=1), required=True, help="How many pairs.")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    default=Path(".farm"),
    show_default=True,
    help="Directory of the farm; one that is there already is switched on again.",
)
@click.option(
    "--scenario", default="farm", show_default=True, help="How each pair is; a name or a TOML file."
)
@click.option("--network", help="Loopback network of two octets, or 'free'.  [default: 127.30]")
@click.option("--clock", type=click.FloatRange(min=0.01), default=1.0, show_default=True, help="As for up.")
def farm(count: int, state: Path, scenario: str, network: str | None, clock: float) -> None:
    """Run many light pairs in one process until Ctrl-C, for load tests.

    The directory gets a pairs.toml that declares them all: gatepair status p0000 --config .farm/pairs.toml
    """
    import asyncio

    from gatepair_emulator.farm import DEFAULT_NETWORK, Farm
    from gatepair_emulator.farm_process import run_farm
    from gatepair_emulator.lab import LabError
    from gatepair_emulator.scenario import ScenarioError

    place = None if network == "free" else network or DEFAULT_NETWORK
    try:
        made = Farm.open_or_set_up(state, count, place, scenario, clock)
        told = f"{len(made.pairs)} pairs answer in {made.network}.0.0/16, declared in {made.config_file}"
        asyncio.run(run_farm(made, lambda: click.echo(told), watch_input=False))
    except (LabError, ScenarioError, OSError) as problem:
        _fail(problem)


@emulator.command()
@_which
@_state
@click.option(
    "--lines", type=click.IntRange(min=1), default=40, show_default=True, help="How many of the last lines."
)
def logs(appliance: str, state: Path, lines: int) -> None:
    """Print the end of an appliance's log."""
    path = _node(_open(state), appliance).directory / "log"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for line in text.splitlines()[-lines:]:
        click.echo(line)


@emulator.command()
@_state
def env(state: Path) -> None:
    """Print lines for a shell that let gatepair find the pair."""
    lab = _open(state)
    values = {
        "GATEPAIR_USERNAME": "nsroot",
        "GATEPAIR_PASSWORD_FILE": lab.password_file,
        "GATEPAIR_CA_FILE": lab.ca_file,
    }
    for name, value in values.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@emulator.command()
@_which
@click.argument("effect")
@click.argument("settings", nargs=-1)
@_state
def fault(appliance: str, effect: str, settings: tuple[str, ...], state: Path) -> None:
    """Make something go wrong at an appliance.

    EFFECT concerns requests (latency, reset-before, reset-after, error, refuse, truncate, slow-body), the
    line between the nodes (partition, deaf, mute, loss), the appliance itself (link, ssl-card, routes,
    disk-full, clock, stuck-sync, stuck-restart), or is none, which takes every fault away.

    SETTINGS are name=value: for requests method, path (a regular expression), nth, times (0 for ever),
    seconds, jitter, status, code (of NITRO), octets; for loss share; for link name; for clock seconds.
    """
    from gatepair_emulator.fault_orders import FaultOrderError, order_for
    from gatepair_emulator.lab import LabError

    node = _node(_open(state), appliance)
    try:
        method, path, content = order_for(effect, settings)
        node.admin(method, path, content)
    except (LabError, FaultOrderError) as problem:
        _fail(problem)
    click.echo(f"appliance {appliance}: {effect}")
