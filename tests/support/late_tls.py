"""A client whose TLS handshake is under way while something happens to the server."""

from __future__ import annotations

import contextlib
import socket
import ssl
from types import TracebackType
from typing import Self

LIMIT_S = 30.0
CHUNK = 65536


class LateTls:
    """A TLS client that has yet to send the last part of its handshake.

    Args:
        host: Address of the server, which is also the name that its certificate has to have.
        port: Its port.
        context: Whom to trust.
    """

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._socket = socket.create_connection((host, port), timeout=LIMIT_S)

    def __enter__(self) -> Self:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._socket.sendall(self._outgoing.read())
                self._incoming.write(self._socket.recv(CHUNK))
            else:
                return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> bytes:
        """End the handshake, send a request and return all that comes until the connection ends."""
        self._tls.write(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(self._outgoing.read())
            while received := self._socket.recv(CHUNK):
                self._incoming.write(received)
                with contextlib.suppress(ssl.SSLWantReadError):
                    while part := self._tls.read(CHUNK):
                        answer += part
                    break  # the server has said that it ends here
        return answer
