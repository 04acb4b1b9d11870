"""Long operations: a 202 with a ``Location`` is followed to its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from . import jsontext, log, retry
from .client import Call, Client, Reply
from .errors import NoAnswerError, ResponseError, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable

_ACCEPTED: Final = 202
_SEE_OTHER: Final = 303
_RUNNING: Final = frozenset({"pending", "queued", "accepted", "running", "in_progress", "cancelling"})
_SUCCEEDED: Final = frozenset({"succeeded", "success", "completed", "done"})
_FAILED: Final = frozenset({"failed", "error", "cancelled", "canceled", "aborted"})
_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 5.0


def follow(client: Client, call: Call, reply: Reply, is_own: Callable[[str], bool]) -> Reply:
    """Follow an accepted operation; any other reply is returned as it is.

    Args:
        client: Who asks.
        call: What was asked.
        reply: The first answer.
        is_own: Tells whether a target is the object's own path, which is no operation.

    Returns:
        A reply whose body is the operation's result, or the first one if it has none.

    Raises:
        StatusError: The operation failed; the body is its problem document.
        NoAnswerError: It did not end within the provider's timeout.
    """
    location = reply.headers.get("location", "")
    if reply.status != _ACCEPTED or not location:
        return reply
    target = client.transport.resolve(location, call.target)
    if is_own(target):
        return reply
    return _Follower(client, call, target).run(reply)


class _Follower:
    def __init__(self, client: Client, call: Call, target: str) -> None:
        self._client = client
        self._poll = Call("GET", target, chatty=call.chatty)
        limit = client.settings.timeout_s
        self._limit_s = limit
        self._end = None if limit is None else time.monotonic() + limit
        self._wait_s = _FIRST_WAIT_S
        self._said = ""

    def run(self, reply: Reply) -> Reply:
        while True:
            self._pause(reply)
            reply = self._client.send(self._poll)
            if reply.status == _ACCEPTED:
                self._report(_status(reply), reply)
                continue
            status = _status(reply)
            if status in _FAILED:
                raise _failure(reply)
            if status in _SUCCEEDED:
                return _result(reply)
            if status not in _RUNNING:
                return reply
            self._report(status, reply)

    def _pause(self, reply: Reply) -> None:
        asked = retry.retry_after_s(reply.headers, time.time())
        wait = self._wait_s if asked is None else asked
        self._wait_s = min(_LONGEST_WAIT_S, self._wait_s * 1.5)
        if self._end is not None and time.monotonic() + wait > self._end:
            raise NoAnswerError(
                f"the operation {self._poll.target} did not end within {self._limit_s:g} s; it may go on. "
                "Raise the provider's timeout, or run again",
                sent=True,
            )
        # Not cut short when Terraform stops: the object is being made, and its end has to be saved.
        wait_s(wait)

    def _report(self, status: str, reply: Reply) -> None:
        text = _progress(reply)
        if text != self._said:
            self._said = text
            log.write("info", f"operation {self._poll.target}: {status or 'running'}", progress=text)


def wait_s(seconds: float) -> None:
    """Wait between two looks."""
    time.sleep(seconds)


def _document(reply: Reply) -> jsontext.JsonObject:
    try:
        return reply.document()
    except ResponseError:
        return {}


def _status(reply: Reply) -> str:
    """Read the word for how it stands: ``state`` in the bridge, ``status`` in many other APIs."""
    document = _document(reply)
    word = next((word for key in ("state", "status") if isinstance(word := document.get(key), str)), "")
    return word.lower()


def _progress(reply: Reply) -> str:
    document = _document(reply)
    for key in ("progress", "message", "step"):
        value = document.get(key)
        if isinstance(value, list):
            value = value[-1] if value else None
        if isinstance(value, dict):
            value = value.get("message")
        if value is not None:
            return value if isinstance(value, str) else jsontext.dump(value)
    return ""


def _result(reply: Reply) -> Reply:
    result = _document(reply).get("result")
    return reply._replace(text=jsontext.dump(result) if isinstance(result, dict) else "")


def _failure(reply: Reply) -> StatusError:
    document = _document(reply)
    for key in ("problem", "error", "result"):
        problem = document.get(key)
        if isinstance(problem, dict) and problem:
            status = problem.get("status")
            code = status if isinstance(status, int) else reply.status
            return StatusError(code, jsontext.dump(problem), "application/problem+json", 1)
    return StatusError(reply.status, reply.text, reply.headers.get("content-type", ""), 1)
