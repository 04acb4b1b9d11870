"""The command, and the real server it starts."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import attrs
import httpx
import pytest
import trustme
from bridge_process import Service, bridge_service
from click.testing import CliRunner
from late_tls import LateTls
from waiting import until

from gatepair.errors import PairsFileError
from gatepair_bridge.cli import bridge

PAIRS = """
[pairs.office]
appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]
shared_key = "env:GATEPAIR_KEY"
"""


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.toml"
    file.write_text(PAIRS)
    return file


def test_a_configuration_is_checked(pairs_file: Path) -> None:
    result = CliRunner().invoke(bridge, ["serve", "--pairs", str(pairs_file), "--check"])
    assert (result.exit_code, result.output) == (0, "The configuration is valid.\n")


def test_a_configuration_that_cannot_be_used(tmp_path: Path) -> None:
    result = CliRunner().invoke(bridge, ["serve", "--pairs", str(tmp_path / "none.toml"), "--check"])
    assert isinstance(result.exception, PairsFileError)


def test_a_token_is_shown_once_and_its_hash_goes_into_the_file() -> None:
    result = CliRunner().invoke(bridge, ["token", "ci-runner", "--scope", "read", "--scope", "change"])
    token = result.stdout.strip()
    assert re.fullmatch(r"gatepair_[\w-]{43}", token)
    assert token not in result.stderr
    assert 'scopes = ["read", "change"]' in result.stderr
    assert re.search(r'sha256 = "[0-9a-f]{64}"', result.stderr)
    assert CliRunner().invoke(bridge, ["token", "a b"]).exit_code == 2


def test_the_description_is_printed() -> None:
    assert json.loads(CliRunner().invoke(bridge, ["openapi"]).stdout)["openapi"] == "3.1.0"


@attrs.frozen
class Served:
    """A service over TLS and what a client needs to trust it, or to be trusted by it."""

    service: Service
    trust: ssl.SSLContext
    known: ssl.SSLContext

    def client(self, context: ssl.SSLContext) -> httpx.Client:
        return httpx.Client(base_url=self.service.url, verify=context, trust_env=False, timeout=60)


@pytest.fixture
def served(pairs_file: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    directory, authority = pairs_file.parent, trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(directory / "server.pem"))
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    settings = directory / "bridge.toml"
    settings.write_text(
        'bind = "127.0.0.1:0"\npairs = "pairs.toml"\ncertificate = "server.pem"\nkey = "server.pem"\n'
        + getattr(request, "param", "")
    )
    trust, known = (ssl.create_default_context(cafile=str(directory / "ca.pem")) for _ in range(2))
    authority.issue_cert("client@example.net").configure_cert(known)
    with bridge_service(settings) as service:
        yield Served(service, trust, known)


@pytest.mark.slow
def test_the_server_answers_over_tls_and_stops_when_told(served: Served) -> None:
    process = served.service.process
    with served.client(served.trust) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        assert client.get("/v1/pairs").json() == [{"id": "192.0.2.11,192.0.2.12", "name": "office"}]
        assert "server" not in client.get("/docs").headers
        process.send_signal(signal.SIGHUP)
        renewed = lambda: "renewed" in served.service.log.read_text()  # noqa: E731 - a look, not a function
        until(renewed, "the certificate is renewed")
        assert client.get("/healthz").status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) in {0, -signal.SIGTERM}


def refuses(url: httpx.URL) -> bool:
    """Whether nobody listens there."""
    try:
        socket.create_connection((url.host, url.port or 443), timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.slow
def test_a_client_that_comes_while_it_stops_does_not_hold_it_up(served: Served) -> None:
    process, url = served.service.process, httpx.URL(served.service.url)
    assert url.port
    half = b"POST /v1/pairs HTTP/1.1\r\nHost: bridge\r\nContent-Length: 9\r\n\r\n"
    with (
        LateTls(url.host, url.port, served.trust) as late,
        socket.create_connection((url.host, url.port)) as plain,
        served.trust.wrap_socket(plain, server_hostname=url.host) as standing,
    ):
        standing.sendall(half)  # without the rest it stands, and the bridge waits for it
        process.send_signal(signal.SIGTERM)
        until(lambda: refuses(url), "it takes no more connections, and has told those that stand")
        answer = late.ask(b"GET /healthz HTTP/1.1\r\nHost: bridge\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert process.wait(30) in {0, -signal.SIGTERM}
    assert "Traceback" not in served.service.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("served", ['client_ca = "ca.pem"\n'], indirect=True)
def test_a_client_without_a_certificate_is_kept_out_where_one_is_demanded(served: Served) -> None:
    with served.client(served.known) as client:
        assert client.get("/healthz").status_code == 200
    with served.client(served.trust) as client, pytest.raises(httpx.TransportError):
        client.get("/healthz")
