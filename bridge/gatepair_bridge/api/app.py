"""The bridge over HTTP: a small ASGI application over the route table."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

from gatepair_bridge.api.audit import log_refusal
from gatepair_bridge.api.core import Bridge
from gatepair_bridge.api.faults import ApiError, BadRequest
from gatepair_bridge.api.gate import Gate
from gatepair_bridge.api.messages import Caller, Request, Response, parse_query
from gatepair_bridge.api.problems import problem_of, problem_response
from gatepair_bridge.api.work import Work

if TYPE_CHECKING:
    from gatepair_bridge.api.sessions import Sessions
    from gatepair_bridge.settings import BridgeSettings

# The shapes of https://asgi.readthedocs.io/en/latest/specs/main.html, where every value may be anything.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

BODY_S = 30.0
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class BridgeApp:
    """ASGI application: admits requests, lets threads answer them, sends what they answer.

    Args:
        bridge: Answers the requests.
        gate: Lets them in.
        threads: Requests that are answered at the same time; the same number again may be changes.
    """

    def __init__(self, bridge: Bridge, gate: Gate, *, threads: int) -> None:
        self.bridge = bridge
        self._gate = gate
        # Changes take minutes: with threads of their own they never keep a reader waiting.
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._changers = ThreadPoolExecutor(threads, thread_name_prefix="change")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def close(self) -> None:
        """Stop the work that goes on and let go of the threads."""
        self.bridge.close()
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._changers.shutdown(wait=False, cancel_futures=True)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self.close)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await self._request(scope, receive)
        except ApiError as error:
            self.bridge.metrics.refused(error.slug)
            response = problem_response(problem_of(error))
            log_refusal(str((scope.get("client") or ("",))[0]), response)
        else:
            if request is None:
                return
            pool = self._readers if request.method in {"GET", "HEAD"} else self._changers
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(pool, self.bridge.handle, request)
        with contextlib.suppress(OSError):
            await self._send(response, send, with_body=scope["method"] != "HEAD")

    async def _request(self, scope: Scope, receive: Receive) -> Request | None:
        headers = _headers(scope)
        address = str((scope.get("client") or ("",))[0])
        path = str(scope.get("raw_path", b"").decode("latin-1") or scope["path"])
        caller: Caller = self._gate.admit(path, headers, address)
        try:
            async with asyncio.timeout(BODY_S):
                body = await self._body(headers, receive)
        except TimeoutError:
            raise BadRequest(
                f"The body did not arrive within {BODY_S:g} s.", remedy="Send it again, all at once."
            ) from None
        if body is None:
            return None
        self._gate.check_type(path, headers, body)
        method = "GET" if scope["method"] == "HEAD" and "/primary/nitro/" not in path else scope["method"]
        raw_query = scope["query_string"].decode("latin-1")
        return Request(
            method=method,
            path=path,
            query=parse_query(raw_query),
            raw_query=raw_query,
            headers=headers,
            body=body,
            caller=caller,
            work=Work(),
        )

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes | None:
        announced = headers.get("content-length", "0")
        self._gate.check_length(int(announced) if announced.isdigit() else 0)
        chunks: list[bytes] = []
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk: bytes = message.get("body", b"")
            length += len(chunk)
            self._gate.check_length(length)
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks)

    async def _send(self, response: Response, send: Send, *, with_body: bool) -> None:
        headers = {**SECURITY_HEADERS, **response.headers}
        if response.status not in {204, 304}:
            headers["content-length"] = str(len(response.body))
        pairs = [*headers.items(), *(("set-cookie", cookie) for cookie in response.cookies)]
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
            }
        )
        await send({"type": "http.response.body", "body": response.body if with_body else b""})


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def create_app(settings: BridgeSettings, *, sessions: Sessions | None = None) -> BridgeApp:
    """Make the service's ASGI application.

    Args:
        settings: What the operator configured.
        sessions: Opens conversations with appliances; made from the settings if absent.

    Raises:
        gatepair_bridge.settings.SettingsError: A file that the settings name cannot be used.
    """
    bridge = Bridge(sessions or settings.sessions(), policy=settings.policy(), busy_wait_s=0.0)
    gate = Gate(
        tokens=settings.token_file(),
        per_second=settings.requests_per_second,
        max_body_bytes=settings.max_body_bytes,
    )
    return BridgeApp(bridge, gate, threads=settings.threads)
