"""Bodies that are too large to hold: pulled from, and pushed to, the event loop by the threads that work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeAlias

from gatepair.errors import GatepairError
from gatepair_bridge.api.faults import BadRequest

if TYPE_CHECKING:
    from gatepair.nitro.call import HttpStream

# The shapes of https://asgi.readthedocs.io/en/latest/specs/main.html, where every value may be anything.
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

# Without a byte in this time, the other side is taken for gone.
STALLED_S = 60.0


class Upload:
    """The rest of a request's body, for the thread that hands it on.

    Args:
        receive: Gives the next message of the request.
        check_length: Raises if the body has become too long.
        length: Bytes that were read before.
    """

    def __init__(self, receive: Receive, check_length: Callable[[int], None], length: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._check_length = check_length
        self._length = length

    def __iter__(self) -> Iterator[bytes]:
        """Give the body piece by piece.

        Raises:
            BadRequest: The caller went away, or sends nothing any more.
            TooLarge: It sends too much.
        """
        more = True
        while more:
            chunk, more = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            self._length += len(chunk)
            self._check_length(self._length)
            yield chunk

    async def _next(self) -> tuple[bytes, bool]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STALLED_S):
                message = await self._receive()
            if message["type"] != "http.disconnect":
                return message.get("body", b""), bool(message.get("more_body"))
        raise BadRequest("The body broke off.", remedy="Send it again; the appliance took none of it.")


async def push(stream: HttpStream, receive: Receive, send: Send, executor: Executor) -> bool:
    """Send a body that is on its way; tell whether all of it was sent.

    What was begun cannot be taken back: a body that breaks off ends with its connection.
    """
    loop = asyncio.get_running_loop()
    async with _watched(receive) as gone:
        try:
            while not gone.is_set():
                chunk = await loop.run_in_executor(executor, next, stream.chunks, None)
                if chunk is None:
                    await send({"type": "http.response.body", "body": b""})
                    return True
                async with asyncio.timeout(STALLED_S):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except (TimeoutError, OSError, GatepairError):
            return False
        finally:
            await loop.run_in_executor(executor, stream.close)
    return False


@contextlib.asynccontextmanager
async def _watched(receive: Receive) -> AsyncGenerator[asyncio.Event]:
    """Tell when the caller has gone: a server does not say so when something is sent to it."""
    gone = asyncio.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
