"""Drives conversations with one appliance: in threads or under asyncio, over any transport."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Protocol

from gatepair.nitro.call import Call, HttpRequest, HttpResponse, Reply
from gatepair.nitro.conversation import Answer, Pause, Session, Talk, converse, log_in, log_out

if TYPE_CHECKING:
    from gatepair.config import Connection
    from gatepair.nitro.breakdown import Breakdown


class Sends(Protocol):
    """A transport for threads."""

    def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        """Send one request and return what came of it."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncSends(Protocol):
    """A transport for asyncio."""

    async def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        """Send one request and return what came of it."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Clock:
    """Time that never goes back, and ways to let it pass; tests put their own in its place."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass in this thread."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let time pass in this task."""
        await asyncio.sleep(seconds)


def new_session(connection: Connection, clock: Clock) -> Session:
    """Return the state of a session that is yet to be opened."""
    return Session(node=connection.address, credentials=connection.credentials, now=clock.now)


class Channel:
    """Calls to one appliance from any number of threads."""

    def __init__(self, session: Session, transport: Sends, clock: Clock) -> None:
        self.session = session
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()

    def open(self) -> None:
        """Get a session if there is none."""
        if self.session.cookie is None:
            self._log_in(None)

    def perform(self, call: Call) -> Reply:
        """Make one call.

        Raises:
            GatepairError: It failed.
        """
        return self._drive(converse(self.session, call))

    def close(self) -> None:
        """End the session, if there is one, and close the connections.

        Raises:
            GatepairError: The session could not be ended; it ends by itself after a while.
        """
        try:
            if self.session.cookie is not None:
                self._drive(log_out(self.session))
        finally:
            self._transport.close()

    def _log_in(self, stale: str | None) -> None:
        with self._lock:
            if self.session.cookie == stale:
                self._drive(log_in(self.session))

    def _drive(self, talk: Talk) -> Reply:
        answer: Answer = None
        try:
            while True:
                action = talk.send(answer)
                answer = None
                if isinstance(action, HttpRequest):
                    answer = self._transport.send(action)
                elif isinstance(action, Pause):
                    self._clock.sleep(action.seconds)
                else:
                    self._log_in(action.stale)
        except StopIteration as done:
            return done.value


class AsyncChannel:
    """Calls to one appliance from any number of tasks."""

    def __init__(self, session: Session, transport: AsyncSends, clock: Clock) -> None:
        self.session = session
        self._transport = transport
        self._clock = clock
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Get a session if there is none."""
        if self.session.cookie is None:
            await self._log_in(None)

    async def perform(self, call: Call) -> Reply:
        """Make one call.

        Raises:
            GatepairError: It failed.
        """
        return await self._drive(converse(self.session, call))

    async def close(self) -> None:
        """End the session, if there is one, and close the connections.

        Raises:
            GatepairError: The session could not be ended; it ends by itself after a while.
        """
        try:
            if self.session.cookie is not None:
                await self._drive(log_out(self.session))
        finally:
            await self._transport.close()

    async def _log_in(self, stale: str | None) -> None:
        async with self._lock:
            if self.session.cookie == stale:
                await self._drive(log_in(self.session))

    async def _drive(self, talk: Talk) -> Reply:
        answer: Answer = None
        try:
            while True:
                action = talk.send(answer)
                answer = None
                if isinstance(action, HttpRequest):
                    answer = await self._transport.send(action)
                elif isinstance(action, Pause):
                    await self._clock.asleep(action.seconds)
                else:
                    await self._log_in(action.stale)
        except StopIteration as done:
            return done.value
