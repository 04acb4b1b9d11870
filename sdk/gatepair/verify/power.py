"""Cutting the power of an appliance and giving it back: by commands, or by what a program brings along."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from gatepair.errors import InvalidInput, LocalFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND_LIMIT_S: Final = 120.0
_LONGEST_WORDS: Final = 300


@attrs.frozen(kw_only=True)
class PoweredNode:
    """The node whose power is meant; its attributes may stand in braces in a command.

    Attributes:
        address: Management address as ``host[:port]``.
        host: The same without port.
        name: Host name; empty if it has none.
        letter: ``a`` for the appliance that is declared first, ``b`` for the other one.
    """

    address: str
    host: str
    name: str = ""
    letter: str = "a"


class Power(Protocol):
    """Who can cut the power of a node: a power strip, a hypervisor, a person with a cable."""

    def off(self, node: PoweredNode) -> None:
        """Cut the power; return when it is off."""
        ...

    def on(self, node: PoweredNode) -> None:
        """Give the power back; return when it is on, not when the node is up."""
        ...


@attrs.frozen(kw_only=True)
class PowerCommands:
    """Commands that cut the power of a node and give it back.

    They are run as argument lists, without a shell. ``{address}``, ``{host}``, ``{name}`` and ``{letter}``
    in an argument stand for the node.

    Attributes:
        off_command: Arguments of the command that cuts the power.
        on_command: Arguments of the command that gives it back.

    Raises:
        InvalidInput: A command is empty or holds braces that stand for nothing.

    Example:
        >>> power = PowerCommands.parse("pdu --outlet {letter} off", "pdu --outlet {letter} on")
        >>> power.off_command
        ('pdu', '--outlet', '{letter}', 'off')
    """

    off_command: tuple[str, ...] = attrs.field(converter=tuple)
    on_command: tuple[str, ...] = attrs.field(converter=tuple)

    def __attrs_post_init__(self) -> None:
        example = PoweredNode(address="192.0.2.11", host="192.0.2.11")
        for key, command in (("power_off", self.off_command), ("power_on", self.on_command)):
            if not command:
                raise InvalidInput("must name a command", key=key)
            try:
                _filled(command, example)
            except (KeyError, IndexError, ValueError) as error:
                known = "{address}, {host}, {name} and {letter}"
                raise InvalidInput(f"only {known} stand for something in a command", key=key) from error

    @classmethod
    def parse(cls, off: str, on: str) -> PowerCommands:
        """Return the commands from two command lines, split as a shell would split them.

        Raises:
            InvalidInput: They cannot be split, or see `PowerCommands`.
        """
        try:
            return cls(off_command=shlex.split(off), on_command=shlex.split(on))
        except ValueError as error:
            raise InvalidInput(f"is no command line: {error}", key="power_off") from error

    def off(self, node: PoweredNode) -> None:
        """Run the command that cuts the power.

        Raises:
            LocalFileError: It cannot be run, or it fails.
        """
        _run(_filled(self.off_command, node))

    def on(self, node: PoweredNode) -> None:
        """Run the command that gives the power back.

        Raises:
            LocalFileError: It cannot be run, or it fails.
        """
        _run(_filled(self.on_command, node))


def _filled(command: Sequence[str], node: PoweredNode) -> list[str]:
    return [argument.format(**attrs.asdict(node)) for argument in command]


def _run(command: list[str]) -> None:
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_LIMIT_S,
            check=True,
            # Ctrl-C is meant for verify, which still has to give the power back.
            start_new_session=True,
        )
    except OSError as error:
        raise LocalFileError(f"{command[0]} cannot be run: {error.strerror}", remedy=_REMEDY) from error
    except subprocess.TimeoutExpired:
        raise LocalFileError(
            f"{command[0]} did not end within {COMMAND_LIMIT_S:.0f} s", remedy=_REMEDY
        ) from None
    except subprocess.CalledProcessError as error:
        words = " ".join(str(error.stderr or error.stdout).split())[-_LONGEST_WORDS:]
        raise LocalFileError(
            f"{command[0]} ended with code {error.returncode}: {words or 'it says nothing'}", remedy=_REMEDY
        ) from None


_REMEDY: Final = "Try the command by hand; without it, the power cannot be cut or given back."
