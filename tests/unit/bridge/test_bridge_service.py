"""The service's door, over ASGI in process: tokens, scopes, limits, and what web pages may not do."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from bridge_fakes import CANARY, PAIR_PATH, through_asgi

from gatepair_bridge.api.app import BridgeApp, create_app
from gatepair_bridge.api.tokens import new_token
from gatepair_bridge.settings import BridgeSettings, read_settings

if TYPE_CHECKING:
    from bridge_fakes import Appliances
    from bridge_process import Answer

    from gatepair_bridge.api.sessions import Sessions

NETWORKS = ["192.0.2.0/24"]


@attrs.frozen
class Service:
    app: BridgeApp

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        address: str = "127.0.0.1",
    ) -> Answer:
        return through_asgi(self.app, method, path, body, headers=headers, content=content, address=address)


def settings(**values: object) -> BridgeSettings:
    return read_settings(
        None, {"appliance_networks": NETWORKS, "secret_references": ["env:GATEPAIR_*"], **values}
    )


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    made = {name: new_token() for name in ("reader", "changer", "operator", "late")}
    scopes = {"reader": ["read"], "changer": ["read", "change"], "operator": ["read", "operate"]}
    lines = [
        f'["{name}"]\nsha256 = "{digest}"\nscopes = {json.dumps(scopes.get(name, ["read"]))}\n'
        for name, (_, digest) in made.items()
    ]
    lines.append("expires = 2020-01-31\n")
    (tmp_path / "tokens.toml").write_text("".join(lines))
    return {name: secret for name, (secret, _) in made.items()}


@pytest.fixture
def guarded(sessions: Sessions, tokens: dict[str, str], tmp_path: Path) -> Service:
    assert tokens
    return Service(create_app(settings(tokens=str(tmp_path / "tokens.toml")), sessions=sessions))


@pytest.fixture
def service(sessions: Sessions) -> Service:
    return Service(create_app(settings(), sessions=sessions))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_both_faces_answer_alike(service: Service, declaration: dict[str, object]) -> None:
    created = service("POST", "/v1/pairs", declaration)
    assert (created.status, created.json) == (201, declaration)
    assert service("GET", "/v1/pairs/192.0.2.12%2C192.0.2.11").json == declaration
    assert service("DELETE", PAIR_PATH).status == 204


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs"])
def test_some_paths_need_no_token(guarded: Service, path: str) -> None:
    assert guarded("GET", path).status == 200


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}])
def test_without_a_known_token_nobody_gets_in(guarded: Service, headers: dict[str, str]) -> None:
    answer = guarded("GET", f"{PAIR_PATH}/status", headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json["remedy"]


def test_a_token_ends_when_it_expires_or_is_taken_out_of_the_file(
    guarded: Service, tokens: dict[str, str], tmp_path: Path
) -> None:
    assert guarded("GET", "/v1/pairs", headers=bearer(tokens["late"])).status == 401
    assert guarded("GET", "/v1/pairs", headers=bearer(tokens["reader"])).status == 200
    _, digest = new_token()
    (tmp_path / "tokens.toml").write_text(f'[other]\nsha256 = "{digest}"\nscopes = ["read"]\n')
    assert guarded("GET", "/v1/pairs", headers=bearer(tokens["reader"])).status == 401


@pytest.mark.parametrize(
    ("name", "target", "status"),
    [
        ("reader", ("GET", f"{PAIR_PATH}/status"), 200),
        ("reader", ("POST", f"{PAIR_PATH}/preflight"), 200),
        ("reader", ("DELETE", f"{PAIR_PATH}?dry_run=true"), 200),
        ("reader", ("DELETE", PAIR_PATH), 403),
        ("reader", ("POST", f"{PAIR_PATH}/failover"), 403),
        ("changer", ("DELETE", PAIR_PATH), 204),
        ("changer", ("POST", f"{PAIR_PATH}/failover"), 403),
        ("operator", ("POST", f"{PAIR_PATH}/failover"), 200),
        ("operator", ("DELETE", PAIR_PATH), 403),
    ],
)
def test_scopes(
    guarded: Service, tokens: dict[str, str], name: str, target: tuple[str, str], status: int
) -> None:
    assert guarded(*target, headers=bearer(tokens[name])).status == status


@pytest.mark.parametrize(
    "identifier", ["198.51.100.1,192.0.2.1", "gw.example.net,192.0.2.1", "192.0.2.1:22,192.0.2.2"]
)
def test_no_appliance_out_of_bounds_is_reached(
    service: Service, appliances: Appliances, declaration: dict[str, object], identifier: str
) -> None:
    answers = [
        service("GET", f"/v1/pairs/{identifier}"),
        service("POST", "/v1/pairs", {**declaration, "id": identifier}),
        service("DELETE", f"/v1/pairs/{identifier}"),
        service("POST", f"/v1/pairs/{identifier}/failover"),
        service("GET", f"/v1/appliances/{identifier.split(',', maxsplit=1)[0]}/network"),
    ]
    assert [answer.status for answer in answers] == [403] * 5
    assert appliances.calls == []


@pytest.mark.parametrize("reference", ["file:/etc/shadow", "env:PATH", "keyring:a/b", "file:GATEPAIR_X"])
def test_no_secret_out_of_bounds_is_named(
    service: Service, appliances: Appliances, declaration: dict[str, object], reference: str
) -> None:
    answer = service("POST", "/v1/pairs", {**declaration, "shared_key": reference})
    assert (answer.status, answer.json["key"]) == (403, "shared_key")
    assert appliances.calls == []
    assert service("POST", "/v1/pairs", {**declaration, "shared_key": "env:GATEPAIR_KEY"}).status == 201


def test_a_large_body_is_refused_unread(service: Service) -> None:
    answer = service("POST", "/v1/pairs", content=b"x" * 70_000, headers={"content-type": "application/json"})
    assert answer.status == 413


def test_a_body_must_say_that_it_is_json(service: Service) -> None:
    assert service("POST", "/v1/pairs", content=b"{}", headers={"content-type": "text/plain"}).status == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://127.0.0.1:8642"},
        {"sec-fetch-site": "cross-site"},
        {"host": "attacker.example:8642"},
    ],
)
def test_without_tokens_web_pages_are_kept_out(
    service: Service, appliances: Appliances, headers: dict[str, str]
) -> None:
    assert service("POST", f"{PAIR_PATH}/failover", headers=headers).status == 403
    assert appliances.calls == []


def test_a_caller_has_its_share_and_no_more(sessions: Sessions) -> None:
    # So seldom that no machine is slow enough for the next share to come in between.
    service = Service(create_app(settings(requests_per_second=0.001), sessions=sessions))
    first, second = service("GET", "/v1/pairs"), service("GET", "/v1/pairs")
    assert (first.status, second.status) == (200, 429)
    assert int(second.headers["retry-after"]) >= 1
    assert service("GET", "/v1/pairs", address="127.0.0.2").status == 200


def test_head_answers_like_get_without_a_body(service: Service) -> None:
    answer = service("HEAD", "/healthz")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_the_logs_say_who_changed_what_and_hold_no_secret(
    guarded: Service, tokens: dict[str, str], declaration: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {
        **declaration,
        "shared_key": f"env:GATEPAIR_{CANARY.upper().replace('-', '_')}",
        "replaces_external": "",
    }
    answer = guarded("POST", "/v1/pairs", body, headers=bearer(tokens["changer"]) | {"x-other": CANARY})
    assert answer.status == 201
    audit = [record for record in caplog.records if record.name == "gatepair_bridge.audit"]
    assert [(record.data["who"], record.data["route"]) for record in audit] == [("changer", "createPair")]
    assert "shared_key" in audit[0].data["keys"]
    everything = str([vars(record) for record in caplog.records])
    assert tokens["changer"] not in everything
    assert CANARY.lower() not in everything.lower().replace("_", "-")


def test_a_refused_change_is_in_the_audit_log(
    service: Service, declaration: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service("POST", "/v1/pairs", {**declaration, "fail_safe": "maybe"})
    audit = [record for record in caplog.records if record.name == "gatepair_bridge.audit"]
    assert [record.data["problem"] for record in audit] == ["invalid-input"]


@pytest.mark.parametrize(("sent", "kept"), [("ci-run.42", True), ("two words", False), ("x" * 65, False)])
def test_a_request_is_found_in_the_logs_by_its_name(
    service: Service,
    declaration: dict[str, object],
    caplog: pytest.LogCaptureFixture,
    sent: str,
    kept: bool,  # noqa: FBT001 - an expected value
) -> None:
    caplog.set_level(logging.INFO)
    answer = service("POST", "/v1/pairs", declaration, headers={"x-request-id": sent})
    named = answer.headers["x-request-id"]
    assert (named == sent) is kept
    logged = [record.data["request"] for record in caplog.records if "request" in getattr(record, "data", {})]
    assert logged == [named, named]


def test_a_program_under_a_pairs_own_name_reads_without_a_token(
    sessions: Sessions, tokens: dict[str, str], tmp_path: Path, appliances: Appliances
) -> None:
    (tmp_path / "pairs.toml").write_text(
        """
        [defaults]
        password = "env:GATEPAIR_TEST_PASSWORD"

        [pairs.office]
        appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]
        shared_key = "env:GATEPAIR_KEY"
        """
    )
    named = settings(
        tokens=str(tmp_path / "tokens.toml"),
        pairs=str(tmp_path / "pairs.toml"),
        primary_hosts={"office.example.net": "office"},
    )
    service = Service(create_app(named, sessions=sessions))
    here, elsewhere = {"host": "office.example.net:8642"}, {"host": "other.example.net"}
    # Without credentials of its own it would read with the bridge's.
    assert service("GET", "/nitro/v1/config/nsip", headers=here).status == 403
    assert service("POST", "/nitro/v1/config/nsip", headers={**here, "x-nitro-user": "x"}).status == 403
    assert service("GET", "/nitro/v1/config/nsip", headers=elsewhere).status == 401
    assert service("GET", "/v1/pairs", headers=here).status == 401
    assert service("GET", f"{PAIR_PATH}/status", headers=here).status == 401
    mine = {**elsewhere, **bearer(tokens["operator"])}
    assert service("GET", "/nitro/v1/config/nsip", headers=mine).status == 404
    assert appliances.calls == []
