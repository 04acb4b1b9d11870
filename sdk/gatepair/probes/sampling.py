"""Threads that look at something again and again until they are told to end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType


class Sampling:
    """Begins threads together and ends them together.

    Args:
        tasks: Name and body of each thread. A body returns soon after ``_over`` is set.
    """

    def __init__(self, tasks: Iterable[tuple[str, Callable[[], None]]]) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=body, name=name, daemon=True) for name, body in tasks]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tell the threads to end; returns at once."""
        self._over.set()

    @property
    def running(self) -> bool:
        """Whether a thread has not ended yet."""
        return any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Stop, and wait for what is under way, at most its time-out."""
        self.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
