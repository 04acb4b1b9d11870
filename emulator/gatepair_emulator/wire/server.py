"""An HTTP/1.1 server on h11: exact reason phrases, odd statuses, and connections that can be cut.

One ``Listener`` owns one bound socket and the connections that came through it, so that an address
that moves to another node takes its connections down with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

import h11
from attrs import frozen

from gatepair.nitro.codes import REASONS
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.request import HttpRequest

if TYPE_CHECKING:
    import ssl

Handler = Callable[[HttpRequest], "Answer | Awaitable[Answer]"]

# Recorded with replies of 13.x and 14.1 (netscaler/ansible-collection-netscaleradc issues 242, 492
# and 553).
APPLIANCE_HEADERS: Final = (
    ("Server", "Apache"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"),
    ("Pragma", "no-cache"),
    ("Feature-Policy", "camera 'none'; microphone 'none'; geolocation 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-XSS-Protection", "1; mode=block"),
    ("X-Content-Type-Options", "nosniff"),
)
MAXIMUM_BODY: Final = 16 * 1024 * 1024
_SLICES: Final = 10


@frozen(kw_only=True)
class Endpoint:
    """An address and port to listen on.

    Attributes:
        address: IPv4 address.
        port: TCP port.
    """

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


def reason_of(status: int) -> str:
    """The reason phrase an appliance sends with a status.

    Args:
        status: HTTP status.

    Returns:
        The phrase; the standard one for statuses NITRO does not use.
    """
    known = REASONS.get(status)
    if known is not None:
        return known
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def bound_socket(endpoint: Endpoint) -> socket.socket:
    """A listening socket of our own on the address.

    Args:
        endpoint: Where to listen.

    Returns:
        The socket, not blocking.

    Raises:
        OSError: The address is taken (another node holds it) or not on this machine.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Connections in TIME_WAIT must not keep a virtual IP from coming back; two listeners on
        # the same address are still refused by the kernel.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind((endpoint.address, endpoint.port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


class Listener:
    """A bound address, its connections and the handler behind it."""

    def __init__(
        self,
        endpoint: Endpoint,
        handler: Handler,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.handler = handler
        self.headers = [(name.encode(), value.encode()) for name, value in headers]
        self.tls = tls
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Bind the address and begin to accept.

        Raises:
            OSError: The address cannot be bound.
        """
        listener = bound_socket(self.endpoint)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: Connection(self),
                sock=listener,
                ssl=self.tls,
                ssl_handshake_timeout=10 if self.tls else None,
            )
        except BaseException:
            listener.close()
            raise

    def close(self) -> None:
        """Give the address up and cut every connection, as a node does that loses the address."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self.connections):
            connection.cut()

    @property
    def is_open(self) -> bool:
        """Whether the address is bound."""
        return self._server is not None


class Connection(asyncio.Protocol):
    """One client connection."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
        self._transport: asyncio.Transport | None = None
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._client = ""
        self._local = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection in, unless the address was given up while its TLS handshake was under way."""
        if not self._listener.is_open:
            cast("asyncio.Transport", transport).abort()
            return
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self._client = str(peer[0])
        self._local = (self._listener.endpoint.address, self._listener.endpoint.port)
        self._listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Forget the connection and what was being done for it."""
        self._transport = None
        self._listener.connections.discard(self)

    def eof_received(self) -> bool:
        """Let the answer under way be finished when the client has stopped sending."""
        return self._task is not None and self._listener.tls is None

    def cut(self) -> None:
        """End the connection at once, without an answer."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Feed received bytes to the parser."""
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError:
            self.cut()
            return
        if self._task is None:
            self._advance()

    def _advance(self) -> None:
        """Read events until the parser wants more bytes or an answer is being made."""
        while self._task is None and self._transport is not None:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as problem:
                self._refuse(problem.error_status_hint)
                return
            if isinstance(event, h11.Request):
                self._request = event
                self._body.clear()
                if self._http.they_are_waiting_for_100_continue:
                    self._send(h11.InformationalResponse(status_code=100, headers=[]))
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAXIMUM_BODY:
                    self._refuse(413)
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._dispatch()
            elif event is h11.NEED_DATA or event is h11.PAUSED:
                return
            else:  # the client closed
                self._transport.close()
                return

    def _dispatch(self) -> None:
        """Hand the request to the handler; answer at once or when it is done."""
        request = self._request
        if request is None:
            return
        headers: dict[str, str] = {}
        for raw_name, raw_value in request.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        made = self._listener.handler(
            HttpRequest(
                method=request.method.decode("ascii").upper(),
                target=request.target.decode("ascii"),
                headers=headers,
                body=bytes(self._body),
                client=self._client,
                local=self._local,
            )
        )
        if isinstance(made, Answer):
            self._answer(made)
            return
        self._task = asyncio.ensure_future(self._answer_later(made))

    async def _answer_later(self, made: Awaitable[Answer]) -> None:
        """Answer when the handler is done, then go on reading."""
        try:
            answer = await made
        finally:
            self._task = None
        if self._transport is not None:
            self._answer(answer)
            self._advance()

    def _answer(self, answer: Answer) -> None:
        """Send the answer and make ready for the next request."""
        if answer.silent:
            self.cut()
            return
        headers = [
            *self._listener.headers,
            *((name.encode(), value.encode()) for name, value in answer.headers),
            (b"Content-Length", str(len(answer.body)).encode()),
            (b"Connection", b"close" if answer.close else b"Keep-Alive"),
            (b"Content-Type", answer.content_type.encode()),
        ]
        head = h11.Response(
            status_code=answer.status, reason=reason_of(answer.status).encode(), headers=headers
        )
        parts = [self._http.send(head)]
        if answer.truncate is not None or answer.slow_s:
            self._spoil(answer, parts[0] or b"")
            return
        if answer.body and self._request is not None and self._request.method != b"HEAD":
            parts.append(self._http.send(h11.Data(data=answer.body)))
        with contextlib.suppress(h11.LocalProtocolError):
            parts.append(self._http.send(h11.EndOfMessage()))
        if self._transport is None:
            return
        self._transport.write(b"".join(part for part in parts if part))
        if self._http.our_state is h11.MUST_CLOSE or self._http.our_state is h11.ERROR:
            self._transport.close()
            return
        self._http.start_next_cycle()

    def _spoil(self, answer: Answer, head: bytes) -> None:
        """Send a body that breaks off, or one that takes its time; the connection ends afterwards."""
        if self._transport is None:
            return
        if answer.truncate is not None:
            self._transport.write(head + answer.body[: answer.truncate])
            self._transport.close()
            return
        self._transport.write(head)
        self._task = asyncio.ensure_future(self._trickle(answer))

    async def _trickle(self, answer: Answer) -> None:
        size = max(len(answer.body) // _SLICES, 1)
        for start in range(0, len(answer.body), size):
            await asyncio.sleep(answer.slow_s / _SLICES)
            if self._transport is None:
                return
            self._transport.write(answer.body[start : start + size])
        if self._transport is not None:
            self._transport.close()

    def _refuse(self, status: int) -> None:
        """Answer what cannot be understood, and close."""
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._send(
                h11.Response(
                    status_code=status,
                    reason=reason_of(status).encode(),
                    headers=[(b"Content-Length", b"0"), (b"Connection", b"close")],
                )
            )
        if self._transport is not None:
            self._transport.close()

    def _send(self, event: h11.Event) -> None:
        """Write one event of the answer."""
        data = self._http.send(event)
        if data and self._transport is not None:
            self._transport.write(data)
