"""A process of the emulator: what it is told at its start, and how long it runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WATCH_INPUT: Final = "--watch-input"
_WATCH_S: Final = 0.5


class Orders(NamedTuple):
    """What a process is told at its start.

    Attributes:
        directory: Everything else it has to know lies there.
        watch_input: Whether it ends when standard input ends, as it does when the parent dies.
    """

    directory: Path
    watch_input: bool


def orders(words: Sequence[str]) -> Orders:
    """Read a command line. There is so little on it that argparse would only make each start slower.

    Args:
        words: The command line with the program's name.

    Returns:
        What it says.

    Raises:
        SystemExit: It says something else.

    Example:
        >>> orders(["appliance", "--watch-input", "pair/a"]).watch_input
        True
    """
    program, *rest = words
    directories = [word for word in rest if word != WATCH_INPUT]
    if len(directories) != 1 or directories[0].startswith("-"):
        sys.exit(f"usage: {program} [{WATCH_INPUT}] DIRECTORY")
    return Orders(directory=Path(directories[0]), watch_input=WATCH_INPUT in rest)


def ends_when_told(ended: asyncio.Event, *, watch_input: bool) -> None:
    """Set an event on SIGTERM, SIGINT or, if wanted, at the end of standard input.

    Args:
        ended: What is set, in the running loop.
        watch_input: Standard input ends when the parent dies.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if watch_input:
        loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 1024) or ended.set())


async def until_ended(ended: asyncio.Event, wanted: Callable[[], bool]) -> bool:
    """Wait for an event, or until the directory is gone that the process runs for.

    Args:
        ended: What ends it.
        wanted: Whether the directory is still there; asked every half second.

    Returns:
        Whether it was told to end.
    """
    while not ended.is_set():
        try:
            async with asyncio.timeout(_WATCH_S):
                await ended.wait()
        except TimeoutError:
            if not wanted():
                return False
    return True
