"""The ``gatepair`` command: one verb per workflow, and the verbs that other rooms add.

Rooms add commands through the entry point group ``gatepair.commands``. Their modules import nothing heavier
than click at the top, so that ``gatepair --help`` stays quick however many rooms are installed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

import click

from gatepair._version import __version__
from gatepair.cli.outcome import ExitCode, fall_silent, report_error
from gatepair.errors import GatepairError
from gatepair.log import configure_from_environment

OWN_COMMANDS = {
    "appliance": "gatepair.cli.look:appliance",
    "apply": "gatepair.cli.change:apply",
    "backup": "gatepair.cli.upkeep:backup",
    "dissolve": "gatepair.cli.change:dissolve",
    "failover": "gatepair.cli.change:failover",
    "hosts": "gatepair.cli.look:hosts",
    "init": "gatepair.cli.adopt:init",
    "plan": "gatepair.cli.change:plan",
    "preflight": "gatepair.cli.look:preflight",
    "replace": "gatepair.cli.replace:replace",
    "restart": "gatepair.cli.upkeep:restart",
    "rotate-key": "gatepair.cli.upkeep:rotate_key",
    "status": "gatepair.cli.status:status",
    "sync": "gatepair.cli.upkeep:sync",
    "upgrade": "gatepair.cli.upgrade:upgrade",
    "verify": "gatepair.cli.verify:verify",
}
SUMMARIES = {
    "appliance": "Show what an appliance is.",
    "apply": "Form the pair, or mend what differs from its declaration.",
    "backup": "Back up both appliances to this machine.",
    "dissolve": "Dissolve the pair; the primary keeps serving users.",
    "failover": "Let the other node serve; users reconnect.",
    "hosts": "Print the hosts-file line for the external virtual IP.",
    "init": "Write pairs.toml from two appliances as they are.",
    "plan": "Show the steps between the pair as it is and as it is declared.",
    "preflight": "Check everything that would stop a pair from forming.",
    "replace": "Put a fresh appliance in the place of a dead one.",
    "restart": "Restart appliances one after the other, the secondary first.",
    "rotate-key": "Give both appliances a new shared key.",
    "status": "Show the roles, health and synchronization of a pair.",
    "sync": "Copy the primary's configuration to the secondary.",
    "upgrade": "Upgrade both appliances, one after the other.",
    "verify": "Prove that failover works: switch while users are probed.",
}
"""What the list of commands says of those here, so that none has to be imported for it."""

COMMAND_GROUP = "gatepair.commands"


def _room_commands() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMAND_GROUP)}


class LazyCommands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, this room's and the others'."""
        del ctx
        return sorted({*OWN_COMMANDS, *_room_commands()})

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; one that has no summary here is imported and asked."""
        names = self.list_commands(ctx)
        room = formatter.width - 6 - max(map(len, names))
        rows = [(name, SUMMARIES.get(name) or self._summary(ctx, name, room)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _summary(self, ctx: click.Context, name: str, room: int) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(room) if command else ""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or nothing when there is none of that name.

        A room whose optional packages are missing has a command that says so instead of a traceback.
        """
        del ctx
        if target := OWN_COMMANDS.get(cmd_name):
            module, _, attribute = target.partition(":")
            return cast("click.Command", getattr(import_module(module), attribute))
        if (point := _room_commands().get(cmd_name)) is None:
            return None
        try:
            return cast("click.Command", point.load())
        except ModuleNotFoundError as missing:
            return _unavailable(cmd_name, missing.name or "a package")


def _unavailable(name: str, package: str) -> click.Command:
    sentence = f"not installed: {package} is missing; pip install 'gatepair[all]' brings it"

    @click.command(name, short_help=f"({sentence})", context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1)
    def unavailable(arguments: tuple[str, ...]) -> None:
        del arguments
        message = f"'gatepair {name}' is {sentence}."
        raise click.ClickException(message)

    return unavailable


@click.group(
    cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, message="gatepair %(version)s")
def gatepair() -> None:
    """Failover pairs of Citrix gateways (NetScaler) as code.

    Pairs are declared in pairs.toml; each command takes the name of one, which may be left out when the file
    holds just one.

    \b
    Example: gatepair status office
    Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 the pair is not healthy or
    a verdict is negative, 130 interrupted. GATEPAIR_LOG=debug shows each call.
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Args:
        arguments: The words after ``gatepair``; those of the process when left out.
    """
    configure_from_environment()
    try:
        outcome = gatepair.main(args=arguments, prog_name="gatepair", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except GatepairError as error:
        asked = sys.argv[1:] if arguments is None else arguments
        sys.exit(report_error(error, as_json="--json" in asked))
    except BrokenPipeError:
        # The reader of a pipe went away; a second failure at exit would only print noise.
        fall_silent(sys.stdout)
        sys.exit(ExitCode.FAILED)
    sys.exit(outcome if isinstance(outcome, int) else ExitCode.FINE)
