"""HTTP/1.1 as uvicorn speaks it, with an end to waiting for a request that never comes."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 20.0


class PromptH11(H11Protocol):
    """Closes a connection that does not send the head of its first request in time.

    uvicorn limits how many connections there are and how long a kept one may be idle, but not how long the
    first request may take: a few hundred silent connections would keep everybody else out.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take the connection in, and start the clock."""
        super().connection_made(transport)
        self._head_due: asyncio.TimerHandle | None = self.loop.call_later(HEAD_S, transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on; stop the clock when a request has begun."""
        super().data_received(data)
        if self.cycle is not None:  # pyright: ignore[reportUnnecessaryComparison]  # none before the first
            self._stop_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_clock()
        super().connection_lost(exc)

    def _stop_clock(self) -> None:
        due: Any = getattr(self, "_head_due", None)
        if due is not None:
            due.cancel()
            self._head_due = None
