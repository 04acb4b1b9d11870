"""The bridge over HTTP: a small ASGI application over the route table."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from gatepair_bridge.api.audit import log_refusal
from gatepair_bridge.api.core import Bridge
from gatepair_bridge.api.credentials import SPENT
from gatepair_bridge.api.faults import ApiError, BadRequest
from gatepair_bridge.api.gate import Gate, is_streamed
from gatepair_bridge.api.messages import Request, Response, new_id, parse_query
from gatepair_bridge.api.problems import problem_of, problem_response
from gatepair_bridge.api.streams import Receive, Send, Upload, push
from gatepair_bridge.api.work import Work

if TYPE_CHECKING:
    from gatepair_bridge.api.sessions import Sessions
    from gatepair_bridge.settings import BridgeSettings

Scope: TypeAlias = MutableMapping[str, Any]

log = logging.getLogger("gatepair_bridge")
BODY_S = 30.0
# A body up to here can be sent to a second node, since it is still there.
HELD_BYTES = 65536
# A caller's own name for its request is taken over into the logs if it can do no harm there.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
NO_BODY = frozenset({204, 304})
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
        pool = self._readers if scope["method"] in {"GET", "HEAD"} else self._changers
        try:
            request = await self._request(scope, receive)
        except ApiError as error:
            self.bridge.metrics.refused(error.slug)
            response = problem_response(problem_of(error))
            log_refusal(str((scope.get("client") or ("",))[0]), response)
        else:
            if request is None:
                return
            response = await asyncio.get_running_loop().run_in_executor(pool, self.bridge.handle, request)
            response = attrs.evolve(response, headers={"x-request-id": request.id, **response.headers})
        with contextlib.suppress(OSError):
            with_body = scope["method"] != "HEAD" and response.status not in NO_BODY
            await self._send(response, send, with_body=with_body)
            if response.stream is not None and not with_body:
                response.stream.close()
            elif response.stream is not None and not await push(response.stream, receive, send, pool):
                log.warning("an answer broke off", extra={"data": {"path": scope["path"]}})

    async def _request(self, scope: Scope, receive: Receive) -> Request | None:
        headers = _headers(scope)
        address = str((scope.get("client") or ("",))[0])
        path = str(scope.get("raw_path", b"").decode("latin-1") or scope["path"])
        caller = self._gate.admit(path, headers, address)
        credentials = self._gate.credentials(path, headers)
        try:
            async with asyncio.timeout(BODY_S):
                body, more = await self._body(path, headers, receive)
        except TimeoutError:
            raise BadRequest(
                f"The body did not arrive within {BODY_S:g} s.", remedy="Send it again, all at once."
            ) from None
        if body is None:
            return None
        self._gate.check_type(path, headers, body)
        method = "GET" if scope["method"] == "HEAD" and not is_streamed(path) else scope["method"]
        raw_query = scope["query_string"].decode("latin-1")
        return Request(
            method=method,
            path=path,
            query=parse_query(raw_query),
            raw_query=raw_query,
            headers={name: value for name, value in headers.items() if name not in SPENT},
            body=body,
            more=more,
            credentials=credentials,
            id=headers["x-request-id"] if REQUEST_ID.fullmatch(headers.get("x-request-id", "")) else new_id(),
            caller=caller,
            work=Work(),
        )

    async def _body(
        self, path: str, headers: Mapping[str, str], receive: Receive
    ) -> tuple[bytes | None, Iterator[bytes] | None]:
        """Read the body, or no more than the first part of one that is handed on."""

        def check_length(length: int) -> None:
            self._gate.check_length(path, length)

        announced = headers.get("content-length", "0")
        check_length(int(announced) if announced.isdigit() else 0)
        chunks: list[bytes] = []
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None, None
            chunk: bytes = message.get("body", b"")
            length += len(chunk)
            check_length(length)
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks), None
            if is_streamed(path) and length > HELD_BYTES:
                return b"".join(chunks), iter(Upload(receive, check_length, length))

    async def _send(self, response: Response, send: Send, *, with_body: bool) -> None:
        headers = {**SECURITY_HEADERS, **response.headers}
        if self.bridge.active.closed:
            # uvicorn tells the connections that stand; one whose TLS handshake was under way would be kept,
            # and a client that asks again and again would hold up the stop for as long as it may take.
            headers["connection"] = "close"
        if response.stream is None and response.status not in NO_BODY:
            headers["content-length"] = str(len(response.body))
        pairs = [*headers.items(), *(("set-cookie", cookie) for cookie in response.cookies)]
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
            }
        )
        if response.stream is None or not with_body:
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
    premises = settings.premises()
    bridge = Bridge(sessions or settings.sessions(), policy=settings.policy(), premises=premises)
    gate = Gate(
        tokens=settings.token_file(),
        per_second=settings.requests_per_second,
        max_body_bytes=settings.max_body_bytes,
        max_upload_bytes=settings.max_upload_bytes,
        caller_credentials=settings.caller_credentials,
        aliases=premises.aliases,
    )
    return BridgeApp(bridge, gate, threads=settings.threads)
