"""The one HTTP seam, against a real server with a certificate of its own."""

from __future__ import annotations

import ast
import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

import gatepair
from gatepair import errors
from gatepair.config import Connection, Timeouts, Tls
from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.nitro import calls
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse
from gatepair.nitro.codec import encode
from gatepair.nitro.transport import AsyncTransport, Transport, trust

CANARY = "canary-body-9d1c"
Send = Callable[..., list[HttpResponse | Breakdown]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        server.seen.append((self.path, dict(self.headers), id(self.connection)))
        if self.path == "/reset":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if self.path == "/silent":
            server.silence.wait(timeout=30)
            self.close_connection = True
            return
        status = {"/moved": 302, "/warning": 209, "/odd": 599}.get(self.path, 200)
        body = b'{ "errorcode": 0 }'
        self.send_response(status, "Netscaler specific error" if status == 599 else None)
        self.send_header("Set-Cookie", "NITRO_AUTH_TOKEN=first")
        self.send_header("Set-Cookie", "SESSID=deleted")
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[ThreadingHTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    found: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    found.seen, found.silence = [], threading.Event()
    found.socket = context.wrap_socket(found.socket, server_side=True)
    found.handle_error = lambda *_: None
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.silence.set()
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def connection(port: int, tls: Tls, *, host: str = "127.0.0.1", read_s: float = 20.0) -> Connection:
    return Connection(
        address=ManagementAddress(host=host, port=port),
        credentials=Credentials(password=Secret("x")),
        tls=tls,
        timeouts=Timeouts(read_s=read_s),
    )


def get(path: str) -> HttpRequest:
    return HttpRequest(
        method="GET", target=path, headers={"Cookie": f"NITRO_AUTH_TOKEN={CANARY}"}, label="GET x"
    )


@pytest.fixture(params=["threads", "asyncio"])
def send(request: pytest.FixtureRequest) -> Send:
    def threads(to: Connection, *requests: HttpRequest) -> list[HttpResponse | Breakdown]:
        transport = Transport(to)
        try:
            return [transport.send(one) for one in requests]
        finally:
            transport.close()

    async def tasks(to: Connection, *requests: HttpRequest) -> list[HttpResponse | Breakdown]:
        transport = AsyncTransport(to)
        try:
            return [await transport.send(one) for one in requests]
        finally:
            await transport.close()

    return threads if request.param == "threads" else lambda *args: asyncio.run(tasks(*args))


def broken(answer: HttpResponse | Breakdown) -> Breakdown:
    assert isinstance(answer, Breakdown)
    return answer


def test_answers_come_back_whole(send: Send, server: Any, ca_file: Path) -> None:
    (answer,) = send(connection(server.server_port, Tls(ca_file=ca_file)), get("/x"))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body) == (200, b'{ "errorcode": 0 }')
    assert answer.all_headers("set-cookie") == ("NITRO_AUTH_TOKEN=first", "SESSID=deleted")


@pytest.mark.parametrize(("path", "status"), [("/warning", 209), ("/odd", 599), ("/moved", 302)])
def test_odd_statuses_are_handed_on_and_redirects_not_followed(
    send: Send, server: Any, ca_file: Path, path: str, status: int
) -> None:
    (answer,) = send(connection(server.server_port, Tls(ca_file=ca_file)), get(path))
    assert isinstance(answer, HttpResponse)
    assert answer.status == status
    assert [one[0] for one in server.seen] == [path]


def test_the_connection_is_reused_and_no_cookie_kept(send: Send, server: Any, ca_file: Path) -> None:
    send(connection(server.server_port, Tls(ca_file=ca_file)), get("/1"), get("/2"))
    (_, first, one), (_, second, other) = server.seen
    assert one == other
    assert first["cookie" if "cookie" in first else "Cookie"] == f"NITRO_AUTH_TOKEN={CANARY}"
    assert second == first


def test_proxies_of_the_environment_are_not_used(
    send: Send, server: Any, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (answer,) = send(connection(server.server_port, Tls(ca_file=ca_file)), get("/x"))
    assert isinstance(answer, HttpResponse)


class TestBreakdowns:
    def test_an_unknown_authority(self, send: Send, server: Any) -> None:
        (answer,) = send(connection(server.server_port, Tls()), get("/x"))
        assert broken(answer).kind is BreakdownKind.UNTRUSTED
        assert server.seen == []

    def test_a_certificate_for_another_address(self, send: Send, server: Any, ca_file: Path) -> None:
        to = connection(server.server_port, Tls(ca_file=ca_file), host="localhost")
        (answer,) = send(to, get("/x"))
        assert broken(answer).kind is BreakdownKind.UNTRUSTED
        assert "localhost" in broken(answer).detail

    def test_insecure_trusts_it_all_the_same(self, send: Send, server: Any) -> None:
        (answer,) = send(connection(server.server_port, Tls(insecure=True)), get("/x"))
        assert isinstance(answer, HttpResponse)

    def test_nobody_listens(self, send: Send) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            (answer,) = send(connection(unused.getsockname()[1], Tls(insecure=True)), get("/x"))
        assert broken(answer).kind is BreakdownKind.NOT_SENT
        assert broken(answer).detail == "connection refused"

    def test_the_connection_breaks(self, send: Send, server: Any, ca_file: Path) -> None:
        (answer,) = send(connection(server.server_port, Tls(ca_file=ca_file)), get("/reset"))
        assert broken(answer).kind is BreakdownKind.BROKEN

    def test_no_answer_comes(self, send: Send, server: Any, ca_file: Path) -> None:
        to = connection(server.server_port, Tls(ca_file=ca_file), read_s=0.2)
        (answer,) = send(to, get("/silent"))
        assert broken(answer).kind is BreakdownKind.TIMED_OUT


class TestTrust:
    def test_a_context_is_built_once(self, ca_file: Path) -> None:
        assert trust(Tls(ca_file=ca_file)) is trust(Tls(ca_file=ca_file))
        assert trust(Tls()) is trust(Tls())

    def test_certificates_are_verified(self, ca_file: Path) -> None:
        context = trust(Tls(ca_file=ca_file))
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)

    @pytest.mark.parametrize("content", [None, "no certificate"])
    def test_a_ca_file_that_is_none_is_told(self, tmp_path: Path, content: str | None) -> None:
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_text(content)
        with pytest.raises(errors.LocalFileError) as caught:
            trust(Tls(ca_file=path))
        assert caught.value.key == "ca_file"


def test_one_line_per_call_without_a_secret(
    send: Send, server: Any, ca_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = encode(calls.set_shared_key("192.0.2.1", Secret(CANARY)), CANARY)
    send(connection(server.server_port, Tls(ca_file=ca_file)), request)
    (record,) = [record for record in caplog.records if record.name == "gatepair.nitro"]
    assert "PUT config/nsrpcnode -> 200 in" in record.getMessage()
    assert CANARY not in "".join(str(vars(record)) for record in caplog.records)
    assert not [record for record in caplog.records if record.name.startswith("http")]


def test_http_is_spoken_in_one_module() -> None:
    root = Path(gatepair.__file__).parent
    importers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(name.name.split(".")[0] == "httpx" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "httpx")
    }
    assert importers == {"nitro/transport.py"}


def test_secrets_are_opened_in_few_places() -> None:
    root = Path(gatepair.__file__).parent
    openers = {
        str(path.relative_to(root)) for path in root.rglob("*.py") if ".reveal()" in path.read_text()
    } - {"models/secrets.py"}
    assert openers == {"nitro/codec.py", "nitro/faults.py", "probes/logon.py", "workflows/keys.py"}
