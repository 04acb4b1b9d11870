"""Kept HTTP/1.1 connections over :mod:`http.client`, for many threads at once."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
import time
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from .deferred import deferred
from .transport import Response

with deferred("ssl"):  # which many an address does not need
    import http.client

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from .settings import Tls

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class ConnectError(OSError):
    """No connection came about, so nothing was sent."""


class AnswerError(OSError):
    """What came back is not HTTP, or not all of it."""


class Exchange(NamedTuple):
    """One request on one connection."""

    method: str
    url: SplitResult
    headers: Mapping[str, str]
    body: bytes | None
    cancellable: bool = False


class Connections:
    """Keeps connections and gives each to one thread at a time.

    Args:
        tls: What the TLS context is made of, at the first connection that needs one.
    """

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._context: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._cancellable: set[http.client.HTTPConnection] = set()
        self._cancelled = False
        self._lock = threading.Lock()
        self._proxies = _proxies()

    def exchange(self, what: Exchange, timeout_s: float | None) -> Response:
        """Send a request and read the whole answer.

        Args:
            what: The request.
            timeout_s: Seconds for all of it, ``None`` for no limit.

        Raises:
            ConnectError: Nothing was sent.
            AnswerError: The answer is not HTTP.
            OSError: The connection broke, or the time was up.
        """
        try:
            return self._exchanged(what, timeout_s)
        except http.client.HTTPException as error:
            raise AnswerError(str(error) or type(error).__name__) from error

    def _exchanged(self, what: Exchange, timeout_s: float | None) -> Response:
        end = None if timeout_s is None else time.monotonic() + timeout_s
        kept = self._take(what.url)
        if kept is not None:
            try:
                return self._on(kept, what, end)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # The server closed it just now; what may be repeated goes over a new connection.
                if what.method.upper() not in _IDEMPOTENT:
                    raise
        return self._on(self._connect(what.url, end), what, end)

    def context(self) -> ssl.SSLContext:
        """Give the TLS context.

        Raises:
            SettingsError: It cannot be made of the configuration.
        """
        with self._lock:
            if self._context is None:
                from .tls import context  # noqa: PLC0415 - only what is needed is loaded

                self._context = context(self._tls)
            return self._context

    def cancel(self) -> None:
        """Break the connections of cancellable exchanges, of those that come later too."""
        with self._lock:
            self._cancelled = True
            for connection in self._cancellable:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close all connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()

    def _take(self, url: SplitResult) -> http.client.HTTPConnection | None:
        while True:
            with self._lock:
                connections = self._idle.get((url.scheme, url.netloc))
                connection = connections.pop() if connections else None
            if connection is None or not _is_closed(connection):
                return connection
            connection.close()

    def _connect(self, url: SplitResult, end: float | None) -> http.client.HTTPConnection:
        proxy = self._proxy(url)
        host, port = (url.hostname or "", url.port) if proxy is None else (proxy.hostname or "", proxy.port)
        made = (
            http.client.HTTPSConnection(host, port, timeout=_left(end), context=self.context())
            if url.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=_left(end))
        )
        try:
            if proxy is not None and url.scheme == "https":
                made.set_tunnel(url.hostname or "", url.port, _proxy_headers(proxy))
            made.connect()
        except OSError as error:
            made.close()
            raise ConnectError(*error.args) from error
        return made

    def _proxy(self, url: SplitResult) -> SplitResult | None:
        named = self._proxies.get(url.scheme)
        if not named:
            return None
        from urllib.request import proxy_bypass  # noqa: PLC0415 - only where there is a proxy

        if proxy_bypass(url.hostname or ""):
            return None
        return urlsplit(named if "://" in named else f"http://{named}")

    def _on(self, connection: http.client.HTTPConnection, what: Exchange, end: float | None) -> Response:
        try:
            headers, target = (
                dict(what.headers),
                what.url._replace(scheme="", netloc="", fragment="").geturl(),
            )
            proxy = self._proxy(what.url) if what.url.scheme == "http" else None
            if proxy is not None:
                headers |= _proxy_headers(proxy)
                target = what.url._replace(fragment="").geturl()
            if what.cancellable:
                self._remember(connection)
            connection.sock.settimeout(_left(end))
            connection.request(what.method, target or "/", what.body, headers)
            connection.sock.settimeout(_left(end))
            answer = connection.getresponse()
            content = _read(answer, connection, end)
        except BaseException:
            self._forget(connection)
            connection.close()
            raise
        self._forget(connection)
        if answer.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.setdefault((what.url.scheme, what.url.netloc), []).append(connection)
        return Response(answer.status, _lower(answer), content)

    def _remember(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if self._cancelled:
                raise ConnectionAbortedError("given up")
            self._cancellable.add(connection)

    def _forget(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._cancellable.discard(connection)


def _proxies() -> dict[str, str]:
    """Give the proxies of the environment, and on macOS and Windows those of the system."""
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies  # noqa: PLC0415 - costs as much as all of the HTTP client

    return getproxies()


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the server ended a connection that waits: then there is something to read, its end."""
    try:
        return bool(select.select([connection.sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _left(end: float | None) -> float | None:
    if end is None:
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _read(
    answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, end: float | None
) -> bytes:
    if end is None or (answer.length is not None and answer.length < 65536):  # noqa: PLR2004 - one piece
        content = answer.read()
    else:
        pieces: list[bytes] = []
        while piece := answer.read1(65536):
            pieces.append(piece)
            if connection.sock is not None:  # pyright: ignore[reportUnnecessaryComparison]  # None once closed
                connection.sock.settimeout(_left(end))
        content = b"".join(pieces)
    if answer.headers.get("Content-Encoding", "").lower() == "gzip" and content:
        import gzip  # noqa: PLC0415 - only if a server compresses

        return gzip.decompress(content)
    return content


def _lower(answer: http.client.HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in answer.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}\n{value}" if key == "set-cookie" and key in headers else value
    return headers


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + b64encode(pair.encode()).decode()}
