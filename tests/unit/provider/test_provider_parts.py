"""Small parts: repeats, pace, tokens, patches, paths, settings, diagnostics, stored states."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair_bridge.provider import paths, retry, tables
from gatepair_bridge.provider.diagnostics import explain
from gatepair_bridge.provider.errors import NoAnswerError, SettingsError, StatusError
from gatepair_bridge.provider.importing import identity_from_location, read_import_id
from gatepair_bridge.provider.log import threshold
from gatepair_bridge.provider.oauth import TokenSource
from gatepair_bridge.provider.pace import Bucket
from gatepair_bridge.provider.patch import PatchError, apply, parse_patch
from gatepair_bridge.provider.settings import OAuth, RetryPolicy, Settings, Tls, read_settings
from gatepair_bridge.provider.transport import Request, Response
from gatepair_bridge.provider.upgrade import conformed
from gatepair_bridge.provider.wire import UNKNOWN, decode, encode


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_waits_double_up_to_the_longest() -> None:
    policy = RetryPolicy(6, 1.0, 10.0)
    assert [retry.wait_s(policy, n) for n in range(1, 8)] == [1, 2, 4, 8, 10, 10, None]
    assert retry.wait_s(policy, 1, 99.0) == 99.0
    assert retry.wait_s(RetryPolicy(), 1, 99.0) is None


def test_retry_after_in_both_forms() -> None:
    assert retry.retry_after_s({"retry-after": " 7 "}, 0) == 7
    date = "Thu, 01 Jan 1970 00:01:40 GMT"
    assert retry.retry_after_s({"retry-after": date}, 40) == 60
    assert retry.retry_after_s({"retry-after": date}, 400) == 0
    assert retry.retry_after_s({"retry-after": "soon"}, 0) is None
    assert retry.retry_after_s({}, 0) is None


@pytest.mark.parametrize(
    ("error", "passing", "may_have_worked"),
    [
        (StatusError(400, "", "", 1), False, False),
        (StatusError(429, "", "", 1), True, False),
        (StatusError(500, "", "", 1), True, True),
        (StatusError(501, "", "", 1), False, False),
        (StatusError(503, "", "", 1), True, False),
        (NoAnswerError("", sent=False), True, False),
        (NoAnswerError("", sent=True), True, True),
    ],
)
def test_what_may_be_repeated(error: Any, passing: bool, may_have_worked: bool) -> None:  # noqa: FBT001 - parameters
    assert (retry.is_passing(error), retry.may_have_worked(error)) == (passing, may_have_worked)


@given(st.floats(0.1, 50), st.lists(st.floats(0, 2), max_size=40))
def test_never_more_requests_than_the_rate_allows(rate: float, pauses: list[float]) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    sent: list[float] = []
    for pause in pauses:
        clock.now += pause
        sent.append(clock.now + bucket.take())
    burst = max(1.0, float(round(rate)))
    for first, begin in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + rate * (sent[last] - begin) + 1e-6


def test_a_burst_then_one_by_one() -> None:
    clock = Clock()
    bucket = Bucket(2, clock)
    assert [round(bucket.take(), 2) for _ in range(5)] == [0, 0, 0.5, 1.0, 1.5]


def test_a_token_is_kept_until_shortly_before_it_ends() -> None:
    clock, asked = Clock(), list[Request]()

    def send(request: Request) -> Response:
        asked.append(request)
        return Response(200, {}, json.dumps({"access_token": f"t{len(asked)}", "expires_in": 100}).encode())

    source = TokenSource(OAuth("id", "canary", "http://t", (), {}), send, clock)
    assert source.header() == source.header() == {"Authorization": "Bearer t1"}
    clock.now += 71
    assert source.header() == {"Authorization": "Bearer t2"}
    source.forget("Bearer t1")  # renewed meanwhile
    assert source.header() == {"Authorization": "Bearer t2"}
    source.forget("Bearer t2")
    assert source.header() == {"Authorization": "Bearer t3"}


def test_settings_do_not_show_secrets() -> None:
    settings = Settings(
        password="canary", bearer_token="canary", headers={"a": "canary"},
        oauth=OAuth("id", "canary", "http://t", (), {"p": "canary"}), tls=Tls(key_string="canary"),
    )  # fmt: skip
    for value in (settings, settings.oauth, settings.tls):
        assert "canary" not in repr(value)
        assert "canary" not in str(value)


def config(**more: Any) -> dict[str, Any]:
    return tables.PROVIDER.empty() | more


def test_settings_have_the_defaults_of_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    for attribute in tables.PROVIDER.attributes:
        monkeypatch.delenv(attribute.variable or "NONE", raising=False)
    assert read_settings(config()) == Settings()
    assert read_settings(config(uri="http://h/base/")).uri == "http://h/base"
    assert read_settings(config(timeout=0)).timeout_s is None
    assert read_settings(config(retries={"max_retries": 2})).retries == RetryPolicy(2)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"timeout": -1}, ("timeout",)),
        ({"rate_limit": 0}, ("rate_limit",)),
        ({"retries": {"max_retries": -1}}, ("retries", "max_retries")),
        ({"oauth_client_credentials": {}}, ("oauth_client_credentials", "oauth_client_id")),
    ],
)
def test_settings_that_cannot_be_are_blamed_on_an_attribute(given: Any, path: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(config(**given))
    assert caught.value.path == path
    assert len(caught.value.others) == (2 if "oauth_client_credentials" in given else 0)


DOCUMENT = {"a": [1, 2], "b": {"c": "x"}, "~/": 0}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/a/1", "value": 9}], {"a": [1, 9, 2], "b": {"c": "x"}, "~/": 0}),
        ([{"op": "add", "path": "/a/-", "value": 9}], {"a": [1, 2, 9], "b": {"c": "x"}, "~/": 0}),
        ([{"op": "remove", "path": "/~0~1"}], {"a": [1, 2], "b": {"c": "x"}}),
        ([{"op": "replace", "path": "/b/c", "value": None}], {"a": [1, 2], "b": {"c": None}, "~/": 0}),
        ([{"op": "move", "from": "/a/0", "path": "/b/d"}], {"a": [2], "b": {"c": "x", "d": 1}, "~/": 0}),
        ([{"op": "copy", "from": "/b", "path": "/e"}], DOCUMENT | {"e": {"c": "x"}}),
        ([{"op": "test", "path": "/b/c", "value": "x"}], DOCUMENT),
        ([{"op": "replace", "path": "", "value": {}}], {}),
    ],
)
def test_patches(operations: Any, result: Any) -> None:
    before = json.dumps(DOCUMENT)
    assert apply(json.loads(before), parse_patch(json.dumps(operations))) == result
    assert json.dumps(DOCUMENT) == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/x"},
        {"op": "add", "path": "/a/9", "value": 1},
        {"op": "add", "path": "/a/01", "value": 1},
        {"op": "add", "path": "/b/c/d", "value": 1},
        {"op": "test", "path": "/a/0", "value": "1"},
        {"op": "move", "from": "/b", "path": "/b/c/d"},
        {"op": "copy", "from": "/nope", "path": "/e"},
    ],
)
def test_patches_that_do_not_apply(operation: Any) -> None:
    with pytest.raises(PatchError, match="operation 1"):
        apply(DOCUMENT, parse_patch(json.dumps([operation])))


NO_PATCHES = """
{}
1
x
[1]
[{"op":"go","path":""}]
[{"op":"add","path":"/a"}]
[{"op":"remove","path":"a"}]
[{"op":{},"path":"/a"}]
"""


@pytest.mark.parametrize("text", NO_PATCHES.split())
def test_what_is_no_patch(text: str) -> None:
    with pytest.raises(PatchError):
        parse_patch(text)


@given(st.text(min_size=1))
def test_an_id_survives_its_way_through_a_path(identity: str) -> None:
    escaped = paths.encoded(identity.encode(errors="replace").decode())
    assert "/" not in escaped
    assert "?" not in escaped
    if "{" not in identity:
        assert read_import_id(f"/api/{escaped}").identity == identity.encode(errors="replace").decode()


def test_locations() -> None:
    assert identity_from_location("http://h/base/api/objects/a%2F1/", "/api/objects?x=1") == "a/1"
    assert identity_from_location("/v1/operations/7", "/v1/pairs") == ""


def test_stored_states_are_brought_to_the_schema() -> None:
    old = {"path": "/x", "debug": "true", "copy_keys": ["a"], "read_search": {"search_key": "k", "old": "x"},
           "force_new": ["a"], "api_data": {"n": 1}, "ignore_all_server_changes": False}  # fmt: skip
    new = conformed(old, tables.resource())
    assert list(new) == [attribute.name for attribute in tables.resource().attributes]
    assert (new["debug"], new["ignore_all_server_changes"], new["query_string"]) == (True, False, None)
    assert new["api_data"] == {"n": "1"}
    search = new["read_search"]
    assert isinstance(search, dict)
    assert (search["search_key"], search["search_value"], len(search)) == ("k", None, 6)


@given(st.recursive(st.none() | st.booleans() | st.text() | st.just(UNKNOWN),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_values_survive_the_wire(value: Any) -> None:
    assert decode(encode(value)) == value or "\\ud" in repr(value)


def test_a_problem_that_is_none_is_shown_as_it_is() -> None:
    error = StatusError(500, "not json", "application/problem+json", 1)
    assert explain("read", error).detail.endswith("unexpected response code '500': not json")
    long = explain("read", StatusError(500, "x" * 9000, "text/plain", 1)).detail
    assert "further characters" in long


def test_the_log_listens_to_terraforms_variables() -> None:
    assert threshold({}) > threshold({"TF_LOG": "ERROR"}) > threshold({"TF_LOG": "trace"})
    assert threshold({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "error"}) == threshold({"TF_LOG": "error"})
