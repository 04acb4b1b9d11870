"""How long a process of the emulator runs: until it is told to end, or nobody wants it any more."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_WATCH_S: Final = 0.5


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
            if not await asyncio.to_thread(wanted):
                return False
    return True
