from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from bridge_fakes import PAIR_ID, PAIR_PATH, A, B

from gatepair import errors
from gatepair.documents import WRITE_ONLY_KEYS

if TYPE_CHECKING:
    from bridge_fakes import Appliances, Client

Document = dict[str, object]


def test_a_pair_is_created_read_changed_and_dissolved(client: Client, declaration: Document) -> None:
    created = client("POST", "/v1/pairs", declaration)
    assert (created.status, created.json) == (201, declaration)
    assert created.headers["location"] == PAIR_PATH

    assert client("GET", PAIR_PATH).json == declaration

    changed = {**declaration, "max_flips": 3}
    updated = client("PUT", PAIR_PATH, changed)
    assert (updated.status, updated.json) == (200, changed)

    gone = client("DELETE", PAIR_PATH)
    assert (gone.status, gone.body) == (204, b"")
    assert client("GET", PAIR_PATH).json["failover_pair"] == "dissolved"


def test_what_is_done_already_may_be_asked_for_again(client: Client, declaration: Document) -> None:
    assert [client("POST", "/v1/pairs", declaration).status for _ in range(2)] == [201, 201]
    assert [client("DELETE", PAIR_PATH).status for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("identifier", [PAIR_ID, quote(PAIR_ID, safe=""), f"{B},{A}", f"{A}:443,{B}"])
def test_an_id_is_taken_in_any_spelling(client: Client, declaration: Document, identifier: str) -> None:
    client("POST", "/v1/pairs", declaration)
    assert client("GET", f"/v1/pairs/{identifier}").json["id"] == PAIR_ID
    assert client("PUT", f"/v1/pairs/{identifier}", declaration).status == 200


def test_write_only_keys_are_taken_and_never_given_back(client: Client, declaration: Document) -> None:
    values = ("env:GATEPAIR_KEY", 2, B, "yes", "192.0.2.99")
    body = {**declaration, **dict(zip(WRITE_ONLY_KEYS, values, strict=True))}
    assert client("POST", "/v1/pairs", body).json == declaration


@pytest.mark.parametrize(
    ("version", "changed"),
    [(2, None), (2, "preferred_primary, shared_key_version"), (7, "shared_key")],
)
def test_an_update_above_the_first_version_writes_the_key_anew(
    client: Client, appliances: Appliances, declaration: Document, version: int, changed: str | None
) -> None:
    body = {**declaration, "shared_key": "env:GATEPAIR_KEY", "shared_key_version": version}
    headers = {} if changed is None else {"Gatepair-Changed": changed}
    assert client("PUT", PAIR_PATH, body, query="dry_run=true", headers=headers).status == 200
    assert appliances.calls == ["plan with key", "close"]
    assert client("PUT", PAIR_PATH, body, headers=headers).json == declaration
    assert "write env:GATEPAIR_KEY" in appliances.calls


@pytest.mark.parametrize(
    ("version", "changed"), [(1, None), (1, "shared_key_version"), (2, ""), (2, "preferred_primary")]
)
def test_a_first_version_or_one_that_did_not_change_leaves_the_key(
    client: Client, appliances: Appliances, declaration: Document, version: int, changed: str | None
) -> None:
    body = {**declaration, "shared_key": "env:GATEPAIR_KEY", "shared_key_version": version}
    headers = {} if changed is None else {"Gatepair-Changed": changed}
    assert client("PUT", PAIR_PATH, body, query="dry_run=true", headers=headers).status == 200
    assert client("PUT", PAIR_PATH, body, headers=headers).json == declaration
    assert [call for call in appliances.calls if "key" in call.lower()] == []


def test_a_create_writes_the_key_only_where_it_ties(
    client: Client, appliances: Appliances, declaration: Document
) -> None:
    body = {**declaration, "shared_key": "env:GATEPAIR_KEY", "shared_key_version": 4}
    assert client("POST", "/v1/pairs", body).status == 201
    assert not [call for call in appliances.calls if call.startswith("write")]


def test_the_query_names_the_expected_addresses(client: Client, appliances: Appliances) -> None:
    client("GET", PAIR_PATH, query="external=192.0.2.20&internal=192.0.2.21")
    client("GET", PAIR_PATH)
    assert appliances.calls[::2] == ["observe 192.0.2.20 192.0.2.21", "observe None None"]


def test_the_stacks_query_is_taken_by_every_method(client: Client, declaration: Document) -> None:
    query = "external=192.0.2.20&internal=192.0.2.21"
    statuses = [
        client("POST", "/v1/pairs", declaration, query=query).status,
        client("PUT", PAIR_PATH, declaration, query=query).status,
        client("DELETE", PAIR_PATH, query=query).status,
    ]
    assert statuses == [201, 200, 204]


@pytest.mark.parametrize(
    ("target", "step"),
    [
        (("POST", "/v1/pairs"), "plan"),
        (("PUT", PAIR_PATH), "plan"),
        (("DELETE", PAIR_PATH), "plan_dissolve False"),
        (("POST", f"{PAIR_PATH}/failover"), "plan_failover None"),
    ],
)
def test_a_dry_run_plans_and_changes_nothing(
    client: Client, appliances: Appliances, declaration: Document, target: tuple[str, str], step: str
) -> None:
    method, path = target
    body = declaration if step == "plan" else None
    answer = client(method, path, body, query="dry_run=true")
    assert answer.status == 200
    assert answer.json["dry_run"] is True
    assert [set(planned) for planned in answer.json["steps"]] == [{"id", "title", "node", "impact", "notice"}]
    assert answer.json["impact"] == answer.json["steps"][0]["impact"]
    assert appliances.calls == [step, "close"]


def test_everything_wrong_with_a_document_is_told_at_once(client: Client, declaration: Document) -> None:
    declaration |= {"fail_safe": "maybe", "max_flips": "3", "colour": "red"}
    del declaration["propagation"]
    problem = client("POST", "/v1/pairs", declaration)
    assert problem.status == 422
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json["type"] == "urn:gatepair:error:invalid-input"
    assert problem.json["key"] == "fail_safe"
    assert problem.json["remedy"]
    for key in ("fail_safe", "max_flips", "colour", "propagation"):
        assert key in problem.json["detail"]


def test_the_bodys_id_must_be_the_paths(client: Client, declaration: Document) -> None:
    problem = client("PUT", "/v1/pairs/192.0.2.1,192.0.2.2", declaration)
    assert (problem.status, problem.json["key"]) == (422, "id")


@pytest.mark.parametrize("identifier", ["one", "a,b,c", f"{A},{A}", "%20,x", f"{A}:0,{B}", ",", "a/b,c"])
def test_what_is_no_id_is_a_problem(client: Client, identifier: str) -> None:
    assert client("GET", f"/v1/pairs/{quote(identifier, safe='%')}").status in {404, 422}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"id": 1, "id": 2}', 400),
        (b'{"id": NaN}', 400),
        (b'{"id": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
    ],
)
def test_a_body_that_is_no_document_is_a_problem(client: Client, body: bytes, status: int) -> None:
    answered, _, problem = client.bridge.request("POST", "/v1/pairs", "", {}, body)
    assert answered == status
    assert b'"remedy"' in problem


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Unreachable("No answer", node=A), 504),
        (errors.TlsUntrusted("Unknown CA", node=A), 502),
        (errors.LoginRefused("Wrong password", node=A), 502),
        (errors.PreflightFailed([]), 409),
        (errors.InAnotherPair("It is in another pair", node=A), 409),
        (errors.AmbiguousVirtualIp("Two could be it"), 422),
        (errors.NotReady("Starting", node=A), 503),
        (errors.NitroError("Whatever", errorcode=1095, node=A), 502),
        (errors.DeadlineExceeded("Waiting", waited_s=3), 504),
    ],
)
def test_errors_become_problem_documents(
    client: Client, appliances: Appliances, declaration: Document, error: errors.GatepairError, status: int
) -> None:
    appliances.error = error
    answer = client("POST", "/v1/pairs", declaration)
    assert answer.status == answer.json["status"] == status
    assert {**error.to_problem(), "status": status} == answer.json


def test_an_unforeseen_error_is_a_problem_without_its_text(
    client: Client, appliances: Appliances, caplog: pytest.LogCaptureFixture
) -> None:
    appliances.error = RuntimeError("canary-text")
    answer = client("GET", PAIR_PATH)
    assert (answer.status, answer.json["type"]) == (500, "urn:gatepair:error:internal")
    assert b"canary-text" not in answer.body
    assert "canary-text" not in str([vars(record) for record in caplog.records])


@pytest.mark.parametrize(
    "query", ["dryrun=true", "dry_run=yes", "dry_run=true&dry_run=false", "external=%ff"]
)
def test_a_query_that_is_not_understood_changes_nothing(
    client: Client, appliances: Appliances, declaration: Document, query: str
) -> None:
    assert client("POST", "/v1/pairs", declaration, query=query).status == 400
    assert appliances.calls == []


def test_paths_and_methods_that_are_not_there(client: Client) -> None:
    assert client("GET", "/v1/nothing").status == 404
    assert client("GET", "/v1/pairs/").status == 404
    refused = client("PATCH", PAIR_PATH)
    assert (refused.status, refused.headers["allow"]) == (405, "DELETE, GET, PUT")


def test_the_list_holds_the_declared_pairs(client: Client) -> None:
    assert client("GET", "/v1/pairs").json == []
