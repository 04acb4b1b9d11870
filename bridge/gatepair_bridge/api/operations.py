"""Long changes that a caller does not wait for: started, watched, cancelled.

Operations live in this process only. One that is lost with it loses nothing else: what it did is on the
appliances, and the same request sent again goes on from there.
"""

from __future__ import annotations

import contextvars
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from gatepair_bridge.api.faults import NothingHere
from gatepair_bridge.api.messages import Json, JsonObject, Request, Response, json_response
from gatepair_bridge.api.work import Cancelled

MAX_OPERATIONS = 1000
KEPT_S = 3600.0


def instant(at: datetime | None) -> str:
    """Write a time as RFC 3339 in UTC, empty text for none."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


@attrs.define(kw_only=True)
class Operation:
    """One change that goes on after its request was answered."""

    id: str
    request: Request
    started: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    response: Response | None = None
    thread: threading.Thread | None = None

    @property
    def path(self) -> str:
        """Where the operation is found."""
        return f"/v1/operations/{self.id}"

    @property
    def state(self) -> str:
        """``running``, ``succeeded``, ``failed`` or ``cancelled``."""
        if self.response is None:
            return "running"
        if not self.response.slug:
            return "succeeded"
        return "cancelled" if self.response.slug == Cancelled.slug else "failed"

    def to_document(self) -> JsonObject:
        """Write the operation as the API shows it."""
        progress: list[Json] = [
            {"at": instant(entry.at), "node": entry.node, "step": entry.step, "message": entry.message}
            for entry in self.request.work.progress
        ]
        done = self.response
        return {
            "id": self.id,
            "state": self.state,
            "method": self.request.method,
            "path": self.request.path,
            "who": self.request.caller.name,
            "started": instant(self.started),
            "ended": instant(self.ended),
            "progress": progress,
            "status": done.status if done else 0,
            "result": read_back(done) if done else {},
        }


def read_back(response: Response) -> Json:
    """Give a response's JSON, an empty object if it has no body."""
    return json.loads(response.body or b"{}")


class Operations:
    """The operations of this process, the finished ones for an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Operation] = OrderedDict()
        self._ended_at: dict[str, float] = {}

    def start(self, request: Request, run: Callable[[Request], Response], *, wait_s: float) -> Response:
        """Start a change in a thread of its own and answer for it.

        Args:
            request: What was asked.
            run: Does it; answers, and never raises.
            wait_s: Seconds to wait for the end before answering 202.

        Returns:
            The change's own response if it ended in time or never got as far as to begin; else 202.
        """
        operation = Operation(id=secrets.token_urlsafe(15), request=request)
        self._remember(operation)
        context = contextvars.copy_context()
        operation.thread = threading.Thread(
            target=context.run,
            args=(self._work, operation, run),
            name=f"operation-{operation.id}",
            daemon=True,
        )
        operation.thread.start()
        # A request that is refused (busy, not valid) is answered as such, not by an operation that failed.
        request.work.settled.wait()
        request.work.ended.wait(wait_s if request.work.begun.is_set() else None)
        if operation.response is not None:
            return operation.response
        return json_response(
            202,
            operation.to_document(),
            {"location": operation.path, "preference-applied": "respond-async", "retry-after": "1"},
        )

    def get(self, identifier: str) -> Operation:
        """Give an operation.

        Raises:
            NothingHere: This process knows none by that name (any more).
        """
        with self._lock:
            self._forget_old()
            if operation := self._known.get(identifier):
                return operation
        raise NothingHere(
            "No such operation in this process; a finished one is remembered for an hour.",
            remedy="Look at the pair itself, or send the request again: it goes on from what is there.",
        )

    def all(self) -> tuple[Operation, ...]:
        """Give all operations, oldest first."""
        with self._lock:
            self._forget_old()
            return tuple(self._known.values())

    def join(self, timeout_s: float) -> None:
        """Wait for the threads that still work."""
        deadline = self._clock() + timeout_s
        for operation in self.all():
            if operation.thread is not None:
                operation.thread.join(max(0.0, deadline - self._clock()))

    def _work(self, operation: Operation, run: Callable[[Request], Response]) -> None:
        response = run(operation.request)
        operation.ended = datetime.now(UTC)
        operation.response = response  # by this others tell that it has ended
        with self._lock:
            self._ended_at[operation.id] = self._clock()
        operation.request.work.end()

    def _remember(self, operation: Operation) -> None:
        with self._lock:
            self._forget_old()
            self._known[operation.id] = operation

    def _forget_old(self) -> None:
        too_old = self._clock() - KEPT_S
        surplus = len(self._known) - MAX_OPERATIONS
        for count, (identifier, ended_at) in enumerate(
            sorted(self._ended_at.items(), key=lambda row: row[1])
        ):
            if ended_at < too_old or count < surplus:
                del self._ended_at[identifier]
                self._known.pop(identifier, None)
