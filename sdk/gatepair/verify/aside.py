"""Work that blocks, done in a thread while a flow waits for it as flows do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from gatepair.workflows.core import wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.workflows.core import Flow

T = TypeVar("T")
EVERY_S: Final = 0.05


def aside(work: Callable[[], T], doing: str) -> Flow[T]:
    """Do something in a thread and return what came of it; what it raises is raised here."""
    with ThreadPoolExecutor(1, thread_name_prefix="gatepair-aside") as pool:
        future = pool.submit(work)
        while not future.done():
            yield from wait(EVERY_S, doing)
        return future.result()


def until(
    holds: Callable[[], bool], *, clock: Callable[[], float], limit_s: float, reason: str
) -> Flow[bool]:
    """Wait until something holds that threads bring about; return whether it came to that in time."""
    deadline = clock() + limit_s
    while not holds():
        if clock() >= deadline:
            return False
        yield from wait(EVERY_S, reason)
    return True
