"""Kept connections: closed ones, compressed and chunked answers, proxies, deadlines."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest

from gatepair_bridge.provider.certificate import make_certificate
from gatepair_bridge.provider.errors import NoAnswerError, SettingsError
from gatepair_bridge.provider.http_transport import HttpTransport, public_url
from gatepair_bridge.provider.settings import Settings, Tls
from gatepair_bridge.provider.transport import Request

LIMIT_S = 30.0


class Peer:
    """A server that says, connection by connection, exactly what it is told."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests: list[str] = []
        self.connections = 0
        self.closed = threading.Semaphore(0)

    def serve(self, *scripts: list[bytes]) -> None:
        """Give each connection its answers, then close it."""
        threading.Thread(target=self._serve, args=(scripts,), daemon=True).start()

    def _serve(self, scripts: tuple[list[bytes], ...]) -> None:
        for answers in scripts:
            connection, _ = self.listener.accept()
            self.connections += 1
            with connection, connection.makefile("rb") as incoming:
                for answer in answers:
                    self.requests.append(_request(incoming))
                    connection.sendall(answer)
            self.closed.release()


def _request(incoming: BinaryIO) -> str:
    """Read a whole request, which may come in pieces, and return its first line."""
    first, length = incoming.readline(), 0
    while line := incoming.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    incoming.read(length)
    return first.decode().strip()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.listener.close()


def answer(body: bytes = b"{}", *lines: str) -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def get(transport: HttpTransport, method: str = "GET", timeout_s: float | None = LIMIT_S) -> bytes:
    return transport.send(Request(method, "/x", {}, b"{}" if method == "POST" else None), timeout_s).body


def test_connections_are_kept_and_closed_ones_replaced(peer: Peer) -> None:
    peer.serve([answer(), answer()], [answer()])
    transport = HttpTransport(Settings(uri=peer.uri))
    get(transport)
    get(transport, "POST")
    assert peer.connections == 1
    assert peer.closed.acquire(timeout=LIMIT_S)
    get(transport, "POST")  # over a new one: the old one's end was seen before anything was sent
    assert peer.connections == 2
    transport.close()


def test_compressed_and_chunked_answers(peer: Peer) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    peer.serve([answer(gzip.compress(b"text"), "Content-Encoding: gzip"), chunked, answer(b"x" * 100_000)])
    with closing(HttpTransport(Settings(uri=peer.uri))) as transport:
        assert get(transport) == b"text"
        assert get(transport) == b"abcdefg"
        assert get(transport) == b"x" * 100_000
    assert peer.connections == 1


def test_a_proxy_gets_the_whole_address(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", peer.uri.replace("//", "//user:pass@"))
    peer.serve([answer()])
    with closing(HttpTransport(Settings(uri="http://api.example/base"))) as transport:
        get(transport)
    assert peer.requests == ["GET http://api.example/base/x HTTP/1.1"]


def test_an_answer_that_drips_ends_at_the_deadline(peer: Peer) -> None:
    peer.serve([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12"])
    with pytest.raises(NoAnswerError) as caught:
        get(HttpTransport(Settings(uri=peer.uri)))
    assert caught.value.sent
    with pytest.raises(NoAnswerError, match=r"no answer within 0\.2 s"):
        get(HttpTransport(Settings(uri=peer.uri)), timeout_s=0.2)  # the listener accepts, nobody answers


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Peer, str]]:
    """A server with TLS, and its certificate as PEM text."""
    key, pem, _ = make_certificate()
    file = tmp_path / "both.pem"
    file.write_bytes(key + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    peer = Peer()
    peer.listener = context.wrap_socket(peer.listener, server_side=True)
    peer.uri = f"https://localhost:{peer.listener.getsockname()[1]}"
    yield peer, pem.decode()
    peer.listener.close()


def test_a_redirect_to_https_trusts_what_the_provider_was_told_to(
    peer: Peer, secure: tuple[Peer, str]
) -> None:
    target, pem = secure
    redirect = f"HTTP/1.1 307 Moved\r\nLocation: {target.uri}/y\r\nContent-Length: 0\r\n\r\n".encode()
    peer.serve([redirect])
    target.serve([answer(b"there")])
    with closing(HttpTransport(Settings(uri=peer.uri, tls=Tls(root_ca_string=pem)))) as transport:
        assert get(transport) == b"there"
    assert target.requests == ["GET /y HTTP/1.1"]


def test_a_redirect_to_https_names_the_setting_that_stands_in_its_way(peer: Peer) -> None:
    peer.serve([b"HTTP/1.1 307 Moved\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n"])
    with (
        closing(HttpTransport(Settings(uri=peer.uri, tls=Tls(root_ca_file="/nowhere.pem")))) as transport,
        pytest.raises(SettingsError, match="root_ca_file cannot be used: No such file"),
    ):
        get(transport)


def test_messages_show_no_credentials() -> None:
    assert public_url("https://user:canary@h:1/p?token=canary#x") == "https://h:1/p"
