"""An answer that is read while it comes, over real TLS: in pieces, and honest about one that breaks off."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import pytest
import trustme

from gatepair.config import Connection, Tls
from gatepair.errors import Unreachable
from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpStream
from gatepair.nitro.transport import CHUNK_BYTES, Transport

PIECE = b"x" * CHUNK_BYTES
PIECES = 256


@attrs.define
class Far:
    """A server that sends a long answer, and how much of it went out and what came in."""

    address: ManagementAddress
    sent: int = 0
    received: int = 0


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    seen = Far(ManagementAddress(host="127.0.0.1"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(PIECES * len(PIECE)))
            self.end_headers()
            until = PIECES // 2 if self.path.endswith("broken") else PIECES
            try:
                for _ in range(until):
                    self.wfile.write(PIECE)
                    seen.sent += 1
            except OSError:
                pass
            self.close_connection = True

        def do_POST(self) -> None:
            left = int(self.headers["content-length"])
            while left:
                left -= (got := len(self.rfile.read(min(left, CHUNK_BYTES))))
                seen.received += got
            self.send_response(201)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    seen.address = ManagementAddress(host="127.0.0.1", port=server.server_port)
    yield seen
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def transport(far: Far, tmp_path: Path) -> Iterator[Transport]:
    credentials = Credentials(password=Secret("x"))
    way = Connection(address=far.address, credentials=credentials, tls=Tls(ca_file=tmp_path / "ca.pem"))
    transport = Transport(way)
    yield transport
    transport.close()


def ask(path: str = "/", method: str = "GET", **headers: str) -> HttpRequest:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method=method, target=path, headers=sent)


def test_an_answer_comes_in_pieces_and_the_far_side_waits_for_its_reader(
    far: Far, transport: Transport
) -> None:
    answer = transport.stream(ask())
    assert isinstance(answer, HttpStream)
    first = next(answer.chunks)
    # Both sides' buffers hold a part of it, but nobody has read the whole.
    assert far.sent < PIECES
    assert len(first) + sum(map(len, answer.chunks)) == PIECES * len(PIECE)
    answer.close()


def test_an_answer_that_nobody_wants_is_let_go(transport: Transport) -> None:
    for _ in range(20):
        answer = transport.stream(ask())
        assert isinstance(answer, HttpStream)
        answer.close()


def test_an_answer_that_breaks_off_says_so(transport: Transport) -> None:
    answer = transport.stream(ask("/broken"))
    assert isinstance(answer, HttpStream)
    with pytest.raises(Unreachable, match="broke off"):
        sum(map(len, answer.chunks))


def test_a_body_goes_out_in_pieces_under_its_own_length(far: Far, transport: Transport) -> None:
    length = str(PIECES * len(PIECE))
    answer = transport.stream(ask(method="POST", content_length=length), iter([PIECE] * PIECES))
    assert isinstance(answer, HttpStream)
    assert (answer.status, far.received) == (201, int(length))
    answer.close()


def test_a_body_that_its_sender_breaks_off_is_never_made_whole(far: Far, transport: Transport) -> None:
    def body() -> Iterator[bytes]:
        yield PIECE
        raise Unreachable("the sender went away")

    length = str(PIECES * len(PIECE))
    with pytest.raises(Unreachable, match="went away"):
        transport.stream(ask(method="POST", content_length=length), body())
    assert far.received < int(length)


def test_a_server_that_is_not_there(transport: Transport, far: Far) -> None:
    del far
    gone = Transport(
        Connection(
            address=ManagementAddress(host="127.0.0.1", port=1), credentials=Credentials(password=Secret("x"))
        )
    )
    answer = gone.stream(ask())
    assert isinstance(answer, Breakdown)
    assert answer.kind is BreakdownKind.NOT_SENT
    gone.close()
    assert transport is not None
