"""Authentication, pace, TLS, cookies: experiments E29 and E32 to E35."""

from __future__ import annotations

import json
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import trustme
from rest_server import RestServer, reply, rest_server
from terraform_lab import BASE, TerraformLab

from gatepair_bridge.provider.pace import Bucket

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"


def oauth(api: RestServer, **more: Any) -> dict[str, Any]:
    block = {
        "oauth_client_id": "me",
        "oauth_client_secret": "canary-secret",
        "oauth_token_endpoint": f"{api.uri}/token",
        "oauth_scopes": ["a", "b"],
        "endpoint_params": {"audience": "x"},
    }
    return {"oauth_client_credentials": block | more}


@pytest.mark.experiment("E29")
def test_e29_one_token_for_all_requests(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", "/token", reply(200, {"access_token": "t1", "expires_in": 3600}), forever=True)
    tf.provider = oauth(api)
    tf.write({f"o{n}": {"path": PATH, "data": {"id": f"o{n}"}} for n in range(5)})
    tf.applied()
    seen = api.take()
    tokens = [request for request in seen if request.target == "/token"]
    assert len(tokens) == 1  # the original fetches one for each request
    form = parse_qs(tokens[0].body)
    assert form == {"audience": ["x"], "grant_type": ["client_credentials"], "scope": ["a b"]}
    assert tokens[0].headers["Authorization"] == "Basic " + b64encode(b"me:canary-secret").decode()
    others = {request.headers["Authorization"] for request in seen if request.target != "/token"}
    assert others == {"Bearer t1"}


@pytest.mark.experiment("E29")
def test_e29_a_token_about_to_end_is_renewed(tf: TerraformLab, api: RestServer) -> None:
    tokens = [reply(200, {"access_token": f"t{n}", "expires_in": 0}) for n in range(9)]
    api.on("POST", "/token", *tokens)
    tf.provider = oauth(api)
    tf.object()
    tf.applied()
    used = [request.headers["Authorization"] for request in api.take() if request.target != "/token"]
    assert used == ["Bearer t0", "Bearer t1"]


@pytest.mark.experiment("E29")
def test_e29_a_token_that_was_withdrawn_is_replaced(tf: TerraformLab, api: RestServer) -> None:
    tokens = [reply(200, {"access_token": f"t{n}", "expires_in": 3600}) for n in range(9)]
    api.on("POST", "/token", *tokens)
    api.on("GET", ITEM, reply(401, {"error": "expired"}))
    tf.provider = oauth(api)
    tf.object()
    tf.applied()
    used = [(seen.method, seen.headers["Authorization"]) for seen in api.take() if seen.target != "/token"]
    assert used == [("POST", "Bearer t0"), ("GET", "Bearer t0"), ("GET", "Bearer t1")]


@pytest.mark.experiment("E29")
def test_e29_basic_authentication_goes_before_a_token(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = oauth(api) | {"username": "u", "password": "p"}
    tf.object()
    tf.applied()
    used = {request.headers["Authorization"] for request in api.take()}
    assert used == {"Basic " + b64encode(b"u:p").decode()}


@pytest.mark.experiment("E29")
def test_e29_credentials_in_the_form_if_the_server_wants_them_there(
    tf: TerraformLab, api: RestServer
) -> None:
    api.on(
        "POST",
        "/token",
        reply(401),
        reply(200, {"access_token": "t1"}),
        reply(401, {"error": "invalid_client"}),
    )
    tf.provider = oauth(api)
    tf.object()
    tf.applied()
    first, second, *_ = api.take()
    assert "client_id" not in parse_qs(first.body)
    assert parse_qs(second.body)["client_secret"] == ["canary-secret"]
    api.on("POST", "/token", reply(401, {"error": "invalid_client"}))
    done = tf.plan()
    assert 'oauth2: "invalid_client"' in done.flat
    assert "canary-secret" not in done.text


def test_basic_and_bearer(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"username": "u", "password": "p", "headers": {"authorization": "own"}}
    tf.object()
    tf.applied()
    assert api.take()[0].headers["Authorization"] == "Basic " + b64encode(b"u:p").decode()
    tf.provider = {"bearer_token": "t"}
    tf.object()
    tf.plan()
    assert api.take()[0].headers["Authorization"] == "Bearer t"
    tf.provider = {"username": "u"}
    tf.object()
    tf.plan()
    assert "Authorization" not in api.take()[0].headers


def test_settings_from_the_environment_give_way_to_the_configuration(
    tf: TerraformLab, api: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REST_API_URI", api.uri)
    monkeypatch.setenv("REST_API_BEARER", "of the environment")
    monkeypatch.setenv("REST_API_WRO", "true")
    monkeypatch.setenv("REST_API_CREATE_METHOD", "PUT")
    tf.uri = ""
    tf.provider = {"create_method": "POST"}
    tf.object()
    tf.applied()
    (create,) = api.take()
    assert create.line == f"POST {PATH}"
    assert create.headers["Authorization"] == "Bearer of the environment"
    tf.provider = {"bearer_token": ""}  # the empty text is a value too
    tf.object()
    tf.plan()
    assert "Authorization" not in api.take()[0].headers


@pytest.mark.experiment("E32")
def test_e32_the_rate_is_limited(tf: TerraformLab, api: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[float] = []
    take = Bucket.take

    def noted(self: Bucket) -> float:
        begun.append(time.monotonic())
        return take(self)

    monkeypatch.setattr(Bucket, "take", noted)
    tf.provider = {"rate_limit": 10, "write_returns_object": True}
    tf.write({f"o{n:02}": {"path": PATH, "data": {"id": f"o{n:02}"}} for n in range(16)})
    tf.applied()
    last = max(request.at for request in api.take())
    # Ten at once, then one each tenth of a second. Not counted from when the first one came in: it may have
    # been on its way for a while.
    assert last - min(begun) >= 0.5


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[RestServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with rest_server(context) as server:
        yield server


@pytest.mark.experiment("E33")
def test_e33_trust(tf: TerraformLab, secure: RestServer, authority: trustme.CA) -> None:
    pem = authority.cert_pem.bytes().decode()
    (tf.folder / "ca.pem").write_text(pem)
    tf.uri = secure.uri
    tf.object()
    assert "CERTIFICATE_VERIFY_FAILED" in tf.apply().flat
    for trust in ({"insecure": True}, {"root_ca_string": pem}, {"root_ca_file": str(tf.folder / "ca.pem")}):
        tf.provider = trust
        tf.object()
        tf.applied()
        tf.destroy()
    tf.uri, tf.provider = secure.uri.replace("https", "http"), {}
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert f"POST {tf.uri}/api/objects: " in done.flat


@pytest.mark.experiment("E33")
def test_e33_client_certificates(
    tf: TerraformLab, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    mine = authority.issue_cert("me.example")
    certificate = mine.cert_chain_pems[0].bytes().decode()
    key = mine.private_key_pem.bytes().decode()
    (tf.folder / "cert.pem").write_text(certificate)
    (tf.folder / "key.pem").write_text(key)
    trust = {"root_ca_string": authority.cert_pem.bytes().decode()}
    with rest_server(context) as server:
        tf.uri = server.uri
        tf.provider = trust
        tf.object()
        assert tf.apply().code == 1
        files = {"cert_file": str(tf.folder / "cert.pem"), "key_file": str(tf.folder / "key.pem")}
        for identity in (files, {"cert_string": certificate, "key_string": key}):
            tf.provider = trust | identity
            tf.object()
            tf.applied()
            tf.destroy()
        tf.provider = trust
        for names in (("CERT_FILE", "KEY_FILE"), ("CERT_STRING", "KEY_STRING")):
            values = files.values() if names[0] == "CERT_FILE" else (certificate, key)
            with monkeypatch.context() as environment:
                for name, value in zip(names, values, strict=True):
                    environment.setenv(f"REST_API_{name}", value)
                tf.object()
                tf.applied()
                tf.destroy()


@pytest.mark.experiment("E34")
def test_e34_a_uri_that_is_known_only_after_apply(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"uri": "${terraform_data.uri.output}"}
    uri = {"terraform_data": {"uri": {"input": api.uri, "triggers_replace": 1}}}
    tf.write({"o": {"path": PATH, "data": BASE}}, resource=uri)
    assert tf.plan().code == 2
    assert api.lines() == []
    tf.applied()
    assert api.lines() == [f"POST {PATH}", f"GET {ITEM}"]
    uri["terraform_data"]["uri"]["triggers_replace"] = 2
    tf.write({"o": {"path": PATH, "data": BASE}}, resource=uri)
    assert tf.plan().code == 2  # nothing can be read, and nothing fails


@pytest.mark.experiment("E35")
def test_e35_cookies_only_if_wanted(tf: TerraformLab, api: RestServer) -> None:
    for wanted in (False, True):
        tf.provider = {"use_cookies": wanted}
        api.on("POST", PATH, reply(201, BASE, Set_Cookie="session=c1; Path=/"))
        api.on("GET", ITEM, reply(200, BASE))
        tf.object()
        tf.applied()
        assert api.take()[1].headers.get("Cookie") == ("session=c1" if wanted else None)
        api.calm()
        tf.destroy()
        api.take()


def test_the_xssi_prefix_is_cut(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"xssi_prefix": ")]}',"}
    api.on("GET", ITEM, reply(200, ")]}'," + json.dumps(BASE)), forever=True)
    tf.object()
    tf.applied()
    assert tf.state()["api_response"] == json.dumps(BASE)


def test_the_test_path_is_read_at_each_configure(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", "/health", reply(200, "fine"), forever=True)
    tf.provider = {"test_path": "/health"}
    tf.object()
    tf.plan()
    assert api.lines() == ["GET /health"]
    tf.applied()
    assert api.lines() == ["GET /health", "GET /health", f"POST {PATH}", f"GET {ITEM}"]
