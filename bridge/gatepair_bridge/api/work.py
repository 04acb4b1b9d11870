"""The work behind one request: when it began, how far it is, and a way to stop it safely."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeAlias

import attrs

from gatepair_bridge.api.faults import ApiError, Unavailable

MAX_PROGRESS = 200


class Cancelled(ApiError):  # noqa: N818 - named after what happened, as the whole tree is
    """The work was stopped between two steps, on request or because the bridge stops."""

    slug = "cancelled"
    title = "The change was stopped between two steps"
    default_remedy = "Send the same request again: it goes on from what is there."
    status = 409


@attrs.frozen(kw_only=True)
class ProgressEntry:
    """One thing the work had to say."""

    at: datetime
    node: str
    step: str
    message: str


OnProgress: TypeAlias = Callable[[ProgressEntry], None]


class Work:
    """What the thread that works and those that watch it share.

    Args:
        on_progress: Called with each line of progress, in the thread that works.
    """

    def __init__(self, on_progress: OnProgress | None = None) -> None:
        self._on_progress = on_progress
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.settled = threading.Event()
        self._asked = threading.Event()
        self._why_cancelled = ""
        self._stopped = False
        self._progress: deque[ProgressEntry] = deque(maxlen=MAX_PROGRESS)

    def begin(self) -> None:
        """Say that the request is valid, nothing is in its way, and the work starts now."""
        self.begun.set()
        self.settled.set()

    def end(self) -> None:
        """Say that the work is over, whatever came of it."""
        self.ended.set()
        self.settled.set()

    def cancel(self, why: str) -> None:
        """Ask the work to stop before its next step."""
        self._why_cancelled = self._why_cancelled or why
        self._asked.set()

    def note(self, message: str, *, node: str = "", step: str = "") -> None:
        """Keep a line of progress; stop here if the work is to be cancelled.

        Raises:
            Cancelled: Someone asked for it.
        """
        entry = ProgressEntry(at=datetime.now(UTC), node=node, step=step, message=message)
        self._progress.append(entry)
        if self._on_progress is not None:
            self._on_progress(entry)
        self._stop_if_asked()

    def sleep(self, seconds: float) -> None:
        """Let time pass; stop here if the work is to be cancelled.

        Raises:
            Cancelled: Someone asked for it.
        """
        if self._stopped:
            time.sleep(seconds)
            return
        self._asked.wait(seconds)
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        # Raised once only: after that the workflow cleans up, which must not be stopped again.
        if self._asked.is_set() and not self._stopped:
            self._stopped = True
            raise Cancelled(
                f"{self._why_cancelled} What was done so far stays.",
                remedy="Send the same request again: it goes on from what is there.",
            )

    @property
    def progress(self) -> tuple[ProgressEntry, ...]:
        """What the work said so far, oldest first."""
        return tuple(self._progress)


class ActiveWork:
    """All changes under way, so that a stopping bridge can wait for them and stop them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._works: set[Work] = set()
        self._closed = False

    @contextmanager
    def including(self, work: Work) -> Generator[None]:
        """Count a piece of work while the block does it.

        Raises:
            Unavailable: The bridge is stopping.
        """
        with self._changed:
            if self._closed:
                raise Unavailable(
                    "The bridge takes no more changes.", remedy="Send the request again in a minute."
                )
            self._works.add(work)
        try:
            yield
        finally:
            with self._changed:
                self._works.discard(work)
                self._changed.notify_all()

    def refuse_more(self) -> None:
        """Take in no more work."""
        with self._changed:
            self._closed = True

    def cancel_all(self, why: str) -> None:
        """Ask all work to stop before its next step."""
        with self._changed:
            for work in self._works:
                work.cancel(why)

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Wait until no work is under way; tell whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._works, timeout_s)

    @property
    def closed(self) -> bool:
        """Whether no more work is taken in."""
        return self._closed

    def __len__(self) -> int:
        with self._changed:
            return len(self._works)
