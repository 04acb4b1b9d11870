"""A small gateway on a loopback address: real TLS and HTTP/1.1, answers that a test decides on."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

import attrs
import trustme

NAME = "gateway.example.net"
COOKIE = "NSC_AAAC"
TOKEN = "canary-session-cookie-11f0"
PASSWORD = "canary-user-password-77aa"


@attrs.frozen
class Asked:
    """One request as it came in.

    Attributes:
        connection: Number of the connection, from 1.
    """

    method: str
    path: str
    host: str
    cookie: str
    form: dict[str, list[str]]
    connection: int


@attrs.frozen
class Reply:
    """One answer; status 0 closes the connection without one."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"<h1>Citrix Gateway</h1>"


Answering = Callable[[Asked], Reply]


def logon_pages(asked: Asked) -> Reply:
    """Answer as a gateway whose users sign in with `PASSWORD`."""
    signed_in = f"{COOKIE}={TOKEN}" in asked.cookie
    match asked.path:
        case "/cgi/login" if asked.form.get("passwd") == [PASSWORD]:
            return Reply(302, (("Location", "/portal"), ("Set-Cookie", f"{COOKIE}={TOKEN}; Path=/; Secure")))
        case "/cgi/login":
            return Reply(401)
        case "/cgi/logout":
            return Reply(302, (("Location", "/logon"), ("Set-Cookie", f"{COOKIE}=; Max-Age=0")))
        case "/portal" if not signed_in:
            return Reply(302, (("Location", "/logon"),))
        case _:
            return Reply()


class SmallGateway:
    """The server; it may be replaced by another one on the same port.

    Args:
        answering: Decides on each answer; may be exchanged while it runs.
        address: Loopback address.
        port: TCP port, 0 for a free one.
        trust: Certificate to use; one of its own is made without.
    """

    def __init__(
        self,
        answering: Answering = logon_pages,
        address: str = "127.0.0.1",
        port: int = 0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.answering = answering
        self.asked: list[Asked] = []
        self.authority = trustme.CA()
        if trust is None:
            trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.authority.issue_cert(NAME).configure_cert(trust)
        self._context = trust
        self._lock = threading.Lock()
        self._connections = 0
        self._server = _Server((address, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, and cut every connection that is open."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.cut()
        self._server.server_close()

    def _number(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], gateway: SmallGateway) -> None:
        self.gateway = gateway
        self._open: list[ssl.SSLSocket] = []
        super().__init__(address, _Handler)

    def finish_request(self, request, client_address) -> None:  # noqa: ANN001 - the base class's names
        try:
            secured = self.gateway._context.wrap_socket(request, server_side=True)
        except OSError:
            return
        self._open.append(secured)
        try:
            super().finish_request(secured, client_address)
        except OSError:
            pass
        finally:
            secured.close()

    def cut(self) -> None:
        for one in self._open:
            try:
                one.shutdown(2)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: users who go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.number = self.server.gateway._number()  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        gateway: SmallGateway = self.server.gateway  # type: ignore[attr-defined]
        asked = Asked(
            method=self.command,
            path=self.path,
            host=self.headers.get("Host", ""),
            cookie=self.headers.get("Cookie", ""),
            form=parse_qs(body.decode()),
            connection=self.number,
        )
        gateway.asked.append(asked)
        reply = gateway.answering(asked)
        if reply.status == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
