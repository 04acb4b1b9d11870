"""The one place where HTTP is spoken: httpx, in a face for threads and one for asyncio.

Nothing is followed, nothing is taken from the environment: a redirect from an appliance is an error,
and a proxy variable meant for the Internet must not get the administrator's password. All four
timeouts are set. What goes wrong is returned as a `Breakdown`, never raised.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, cast

import httpx

from gatepair.errors import LocalFileError, Unreachable
from gatepair.log import log_exchange, quiet_http_library
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse, HttpStream

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair.config import Connection, Timeouts, Tls

CONNECTIONS: Final = 6
"""Connections at once to one appliance: as many as a browser opens, and the appliance's own user
interface is NITRO in a browser. Far more of them end in error 446 (citrix/citrix-k8s-ingress-controller
issue 525)."""

CHUNK_BYTES: Final = 65536

_KEEP_ALIVE_S: Final = 4.0

quiet_http_library()


class Transport:
    """Sends requests to one appliance from threads; connections are kept and reused."""

    def __init__(self, connection: Connection) -> None:
        self._address = connection.address
        self._timeouts = connection.timeouts
        self._client = httpx.Client(**_options(connection))

    def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        """Send one request and return what came of it."""
        start = time.monotonic()
        answer: HttpResponse | Breakdown
        try:
            answer = _response(self._client.request(**_arguments(request, self._timeouts)))
        except httpx.HTTPError as error:
            answer = breakdown(error)
        _log(self._address, request, answer, start)
        return answer

    def stream(self, request: HttpRequest, content: Iterable[bytes] | None = None) -> HttpStream | Breakdown:
        """Send one request and return its answer as soon as its headers are here.

        Args:
            request: What is sent.
            content: The body piece by piece, in place of the request's own. If it raises, nothing more is
                sent and the connection is closed.

        Returns:
            The answer, whose body the caller reads or closes.
        """
        start = time.monotonic()
        arguments = _arguments(request, self._timeouts)
        if content is not None:
            arguments["content"] = content
        answer: HttpStream | Breakdown
        try:
            answer = _stream(self._client.send(self._client.build_request(**arguments), stream=True))
        except httpx.HTTPError as error:
            answer = breakdown(error)
        _log(self._address, request, answer, start)
        return answer

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncTransport:
    """Sends requests to one appliance from asyncio; connections are kept and reused."""

    def __init__(self, connection: Connection) -> None:
        self._address = connection.address
        self._timeouts = connection.timeouts
        self._client = httpx.AsyncClient(**_options(connection))

    async def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        """Send one request and return what came of it."""
        start = time.monotonic()
        answer: HttpResponse | Breakdown
        try:
            answer = _response(await self._client.request(**_arguments(request, self._timeouts)))
        except httpx.HTTPError as error:
            answer = breakdown(error)
        _log(self._address, request, answer, start)
        return answer

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _options(connection: Connection) -> dict[str, Any]:
    return {
        "base_url": connection.address.origin,
        "verify": trust(connection.tls),
        "trust_env": False,
        "follow_redirects": False,
        # The session cookie is set by hand, encoded or not as the appliance gave it.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        "limits": httpx.Limits(
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=_KEEP_ALIVE_S,
        ),
        "headers": {"User-Agent": "gatepair"},
    }


def _arguments(request: HttpRequest, timeouts: Timeouts) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.target,
        "headers": dict(request.headers),
        "content": request.body,
        "timeout": httpx.Timeout(
            connect=timeouts.connect_s,
            read=max(timeouts.read_s, request.allowance_s or 0.0),
            write=timeouts.write_s,
            pool=timeouts.pool_s,
        ),
    }


def trust(tls: Tls) -> ssl.SSLContext:
    """Return the TLS context for a way of trusting; it is built once as long as the file is the same.

    Raises:
        LocalFileError: The CA file cannot be read or holds no certificate.
    """
    if tls.insecure:
        return _context(None, 0, insecure=True)
    if tls.ca_file is None:
        return _context(None, 0, insecure=False)
    try:
        changed = tls.ca_file.stat().st_mtime_ns
        return _context(tls.ca_file, changed, insecure=False)
    except OSError as error:
        raise LocalFileError(
            f"the CA file {tls.ca_file} cannot be used: {error.strerror or 'it holds no certificate'}",
            key="ca_file",
            remedy="Name a PEM file with the CA of the appliances' management certificates.",
        ) from error


@lru_cache(maxsize=32)
def _context(ca_file: Path | None, changed: int, *, insecure: bool) -> ssl.SSLContext:
    del changed  # part of the cache's key: a CA made anew is read anew
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _response(response: httpx.Response) -> HttpResponse:
    return HttpResponse(
        status=response.status_code, headers=tuple(response.headers.multi_items()), body=response.content
    )


def _stream(response: httpx.Response) -> HttpStream:
    return HttpStream(
        status=response.status_code,
        headers=tuple(response.headers.multi_items()),
        chunks=_chunks(response),
        close=response.close,
    )


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    try:
        # As it was sent: whoever hands it on hands on how it is encoded, too.
        yield from response.iter_raw(CHUNK_BYTES)
    except httpx.HTTPError as error:
        raise Unreachable(f"the answer broke off ({breakdown(error).detail})") from error


def breakdown(error: httpx.HTTPError) -> Breakdown:
    """Return what a failure of the HTTP library means for the request."""
    causes = _causes(error)
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return Breakdown(kind=BreakdownKind.UNTRUSTED, detail=untrusted.verify_message.rstrip("."))
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Breakdown(kind=BreakdownKind.NOT_SENT, detail="timed out")
    if isinstance(error, httpx.ConnectError):
        return Breakdown(kind=BreakdownKind.NOT_SENT, detail=_reason(causes, error))
    if isinstance(error, httpx.TimeoutException):
        return Breakdown(kind=BreakdownKind.TIMED_OUT, detail=type(error).__name__)
    return Breakdown(kind=BreakdownKind.BROKEN, detail=_reason(causes, error))


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    pending: list[BaseException] = [error]
    while pending:
        cause = pending.pop()
        if cause in found:
            continue
        found.append(cause)
        pending += [inner for inner in (cause.__cause__, cause.__context__) if inner is not None]
        if isinstance(cause, BaseExceptionGroup):
            pending += cast("BaseExceptionGroup[BaseException]", cause).exceptions
    return found


def _reason(causes: list[BaseException], error: httpx.HTTPError) -> str:
    """Return the cause in words; asyncio and plain sockets have different ones for the same number."""
    failed = next((cause for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    if failed is None:
        return (str(error) or type(error).__name__).lower()
    if failed.errno and not isinstance(failed, ssl.SSLError | socket.gaierror):
        return os.strerror(failed.errno).lower()
    return str(failed.strerror).lower()


def _log(
    node: object, request: HttpRequest, answer: HttpResponse | HttpStream | Breakdown, start: float
) -> None:
    status = answer.kind if isinstance(answer, Breakdown) else answer.status
    log_exchange(node, request.label, status, round((time.monotonic() - start) * 1000))
