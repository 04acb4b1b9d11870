"""Ctrl-C and SIGTERM in the midst of an operation: held back until nothing is half done.

Python runs a signal's handler between any two instructions of the main thread. If the handler raises while
that thread is inside a lock of the standard library, the lock may stay held for ever, or be released twice
(https://docs.python.org/3/library/signal.html#handlers-and-exceptions). So while an operation is at work,
signals are only noted; where it waits, their handlers run.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], object]

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Signals that end an operation, in the thread that runs it; does nothing in any but the main one."""

    def __init__(self) -> None:
        self._handlers: dict[int, Handler] = {}
        self._noted: list[int] = []

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold signals back for the block; those that came are handled at its end."""
        if self._handlers or threading.current_thread() is not threading.main_thread():
            yield
            return
        # A signal without a handler of Python's ends the process wherever it is.
        found = {number: signal.getsignal(number) for number in _ENDING}
        self._handlers = {number: handler for number, handler in found.items() if callable(handler)}
        self._hold()
        try:
            yield
        finally:
            handlers, self._handlers = self._handlers, {}
            self._release(handlers)

    @contextmanager
    def let_through(self) -> Generator[None]:
        """Within a block that holds them back, handle signals as they come."""
        try:
            self._release(self._handlers)
            yield
        finally:
            self._hold()

    def _hold(self) -> None:
        for number in self._handlers:
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._noted.append(number)

    def _release(self, handlers: dict[int, Handler]) -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        while self._noted:
            number = self._noted.pop(0)
            handlers[number](number, None)
