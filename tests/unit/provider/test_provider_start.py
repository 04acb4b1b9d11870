"""What a provider process loads and makes before Terraform can talk to it."""

from __future__ import annotations

import doctest
import importlib
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from gatepair_bridge.provider.certificate import make_certificate
from gatepair_bridge.provider.deferred import deferred

NOW = datetime(2026, 6, 1, tzinfo=UTC)

PLAN_ONCE = """
import os, sys, threading
os.environ["PLUGIN_CLIENT_CERT"] = "pinned"
from gatepair_bridge.provider.serve import Process
from gatepair_bridge.provider import rpc, tables, wire
process = Process()
process._listen()
process.stop()
from gatepair_bridge.provider.protocol import pb
config = tables.resource().empty() | {"path": "/x", "data": "{}"}
answer = rpc.Dispatcher(None, threading.Event()).answer
answer("GetProviderSchema", b"")
configured = wire.encode({"uri": "http://127.0.0.1:1"})
answer("ConfigureProvider", pb.ConfigureProvider.Request(config=configured).SerializeToString())
request = pb.PlanResourceChange.Request(proposed_new_state=wire.encode(config))
answer("PlanResourceChange", request.SerializeToString())
print(*sys.modules)
"""
HEAVY = {"httpx", "urllib3", "litestar", "attr", "gatepair", "gatepair_bridge.api", "http.client"}
OTHERS_NEED = {"asyncio.events", "_ssl", "google.protobuf.text_format", "cryptography.x509"}
"""Parts of libraries that would be loaded for other users of them."""

REQUEST_ONCE = """
import sys
from gatepair_bridge.provider.http_transport import HttpTransport
from gatepair_bridge.provider.settings import Settings
HttpTransport(Settings(uri="http://127.0.0.1:1"))
before = set(sys.modules)
HttpTransport(Settings(uri="https://127.0.0.1:1"))
print(*before, "and", *sys.modules)
"""


def printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_nothing_heavy_is_loaded_before_a_request_needs_it() -> None:
    assert not set(printed(PLAN_ONCE).split()) & (HEAVY | OTHERS_NEED)


def test_tls_is_loaded_for_the_addresses_that_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    before, _, after = printed(REQUEST_ONCE).partition(" and ")
    assert not {"_ssl", "urllib.request"} & set(before.split())
    assert "_ssl" in after.split()


@pytest.fixture
def noisy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that says when it runs."""
    (tmp_path / "gatepair_noisy.py").write_text("print('running')\nANSWER = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "gatepair_noisy", raising=False)
    return "gatepair_noisy"


def test_a_deferred_module_runs_when_a_name_of_it_is_used(
    noisy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    finders = list(sys.meta_path)
    with deferred(noisy):
        module = __import__(noisy)
    assert sys.meta_path == finders
    assert capsys.readouterr().out == ""
    assert module.ANSWER == 42
    assert __import__(noisy) is module
    assert capsys.readouterr().out == "running\n"


def test_other_modules_and_missing_ones_are_as_ever(noisy: str, capsys: pytest.CaptureFixture[str]) -> None:
    with deferred("gatepair_missing"):
        assert __import__(noisy).ANSWER == 42
        with pytest.raises(ModuleNotFoundError):
            __import__("gatepair_missing")
    assert capsys.readouterr().out == "running\n"


def test_the_example_of_the_docstring_runs() -> None:
    module = importlib.import_module(deferred.__module__)
    assert doctest.testmod(module) == doctest.TestResults(failed=0, attempted=2)


def test_the_certificate_is_what_go_plugin_expects() -> None:
    key, pem, der = make_certificate()
    certificate = x509.load_der_x509_certificate(der)
    assert x509.load_pem_x509_certificate(pem) == certificate
    assert certificate.version is x509.Version.v3
    assert certificate.subject == certificate.issuer == x509.Name.from_rfc4514_string("CN=localhost")
    certificate.verify_directly_issued_by(certificate)
    private = load_pem_private_key(key, None)
    assert isinstance(private, Ed25519PrivateKey)
    public = certificate.public_key()
    assert isinstance(public, Ed25519PublicKey)
    assert public == private.public_key()
    now = datetime.now(UTC)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    assert timedelta(minutes=4) < now - begin < timedelta(minutes=10)
    assert timedelta(days=29) < end - now < timedelta(days=31)
    found = certificate.extensions
    constraints = found.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.ca
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    usage = found.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_cert_sign
    assert not usage.value.key_encipherment
    purposes = found.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_certificates_differ() -> None:
    made = [x509.load_der_x509_certificate(make_certificate()[2]) for _ in range(20)]
    assert len({one.serial_number for one in made}) == len(made)
    assert all(one.serial_number.bit_length() <= 159 for one in made)  # RFC 5280: at most 20 octets, positive


def test_openssl_trusts_the_certificate_for_localhost(tmp_path: Path) -> None:
    key, pem, der = make_certificate()
    file = tmp_path / "both.pem"
    file.write_bytes(key + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=pem.decode())
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[0].version() == "TLSv1.3"
    assert ends[0].getpeercert(binary_form=True) == der


@pytest.mark.parametrize("year", [2026, 2049, 2050, 2120])
def test_dates_of_any_year_can_be_read(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = NOW.replace(year=year, month=12, day=20)
    monkeypatch.setattr(time, "time", moment.timestamp)
    certificate = x509.load_der_x509_certificate(make_certificate()[2])
    assert certificate.not_valid_before_utc == moment - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == moment + timedelta(days=30)
