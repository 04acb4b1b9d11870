"""Replies to POST requests that may be sent twice: the same key gets the same reply.

Follows the IETF HTTPAPI working group's draft "The Idempotency-Key HTTP Header Field": 409 while the first
request is under way, 422 when the key comes with another request.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from gatepair_bridge.api.credentials import fingerprint
from gatepair_bridge.api.faults import BadRequest, Conflict, Unprocessable

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Request, Response

HEADER = "idempotency-key"
MAX_KEY_LENGTH = 255
MAX_REPLIES = 1000
KEPT_S = 24 * 3600.0


@attrs.define
class Reply:
    """The place for a reply: known already, or to be put here."""

    known: Response | None = None


@attrs.define(kw_only=True)
class _Entry:
    fingerprint: bytes
    at: float
    response: Response | None = None


class RememberedReplies:
    """Successful replies by caller and key, for a day; what failed may simply be sent again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()

    @contextmanager
    def once(self, request: Request) -> Generator[Reply]:
        """Give the place for the reply to a request, and keep the reply that is put there.

        Raises:
            BadRequest: The key is empty or too long.
            Conflict: A request with this key is under way.
            Unprocessable: The key was used for another request.
        """
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST":
            yield Reply()
            return
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise BadRequest(
                f"An idempotency key has 1 to {MAX_KEY_LENGTH} characters.",
                remedy="Send a fresh UUID as Idempotency-Key.",
            )
        place = (request.caller.name, key)
        entry, first = self._enter(place, _fingerprint(request))
        reply = Reply(entry.response)
        try:
            yield reply
        finally:
            if first:
                self._leave(place, entry, reply.known)

    def _enter(self, place: tuple[str, str], fingerprint: bytes) -> tuple[_Entry, bool]:
        with self._lock:
            self._forget_old()
            entry = self._entries.get(place)
            if entry is None:
                entry = self._entries[place] = _Entry(fingerprint=fingerprint, at=self._clock())
                return entry, True
            if entry.fingerprint != fingerprint:
                raise Unprocessable(
                    "This idempotency key was used for another request.",
                    remedy="Use a fresh key for each request that differs.",
                )
            if entry.response is None:
                raise Conflict(
                    "The request with this idempotency key is still under way.",
                    remedy="Wait for its reply, or send it again later with the same key.",
                    headers={"retry-after": "5"},
                )
            return entry, False

    def _leave(self, place: tuple[str, str], entry: _Entry, response: Response | None) -> None:
        with self._lock:
            if response is not None and not response.slug:
                entry.response = response
            else:
                self._entries.pop(place, None)

    def _forget_old(self) -> None:
        too_old = self._clock() - KEPT_S
        while self._entries:
            place, oldest = next(iter(self._entries.items()))
            if oldest.response is None or (oldest.at >= too_old and len(self._entries) < MAX_REPLIES):
                return
            del self._entries[place]


def _fingerprint(request: Request) -> bytes:
    parts = (
        request.method.encode(),
        request.path.encode(),
        request.raw_query.encode(),
        request.body,
        fingerprint(request.credentials),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
