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
    "apply": "gatepair.cli.change:apply",
    "dissolve": "gatepair.cli.change:dissolve",
    "failover": "gatepair.cli.change:failover",
    "hosts": "gatepair.cli.look:hosts",
    "init": "gatepair.cli.adopt:init",
    "plan": "gatepair.cli.change:plan",
    "preflight": "gatepair.cli.look:preflight",
    "status": "gatepair.cli.status:status",
}
COMMAND_GROUP = "gatepair.commands"


def _room_commands() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMAND_GROUP)}


class LazyCommands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, this room's and the others'."""
        del ctx
        return sorted({*OWN_COMMANDS, *_room_commands()})

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
