"""Planning: what changes, what is unknown, what is replaced, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gatepair_bridge.provider import tables
from gatepair_bridge.provider.planning import plan_change, validate_object
from gatepair_bridge.provider.wire import UNKNOWN

COMPUTED = ("id", "api_data", "api_response", "create_response")


def attributes(**more: Any) -> dict[str, Any]:
    return tables.resource().empty() | {"path": "/api", "data": '{"id":"a1","n":1}'} | more


def stored(**more: Any) -> dict[str, Any]:
    return attributes(id="a1", api_data={"id": "a1"}, api_response="{}", create_response="{}", **more)


def test_a_create_knows_everything_but_the_response() -> None:
    plan = plan_change(None, attributes(query_string=UNKNOWN))
    assert plan.state is not None
    assert {name for name, value in plan.state.items() if value is UNKNOWN} == {*COMPUTED, "query_string"}


def test_a_delete_plans_nothing() -> None:
    assert plan_change(stored(), None).state is None


def test_formatting_is_no_change() -> None:
    prior = stored(update_data='{"a": 1}')
    plan = plan_change(prior, stored(data='{ "n": 1, "id": "a1" }', update_data='{"a":1}'))
    assert plan.state == prior


@pytest.mark.parametrize("more", [{"data": '{"id":"a1","n":2}'}, {"debug": True}, {"data": UNKNOWN}])
def test_any_change_makes_the_response_unknown_and_keeps_the_id(more: dict[str, Any]) -> None:
    plan = plan_change(stored(), stored(**more))
    assert plan.state is not None
    assert plan.state["api_data"] is plan.state["api_response"] is UNKNOWN
    assert plan.state["id"] == "a1"
    assert plan.state["create_response"] == "{}"
    assert plan.replace == ()


def test_the_id_follows_the_object_id() -> None:
    for object_id in ("b1", UNKNOWN):
        plan = plan_change(stored(), stored(object_id=object_id))
        assert plan.state is not None
        assert plan.state["id"] == object_id
    plan = plan_change(stored(object_id="a1"), stored())
    assert plan.state is not None
    assert plan.state["id"] == "a1"


@pytest.mark.parametrize(
    ("data", "replace"),
    [
        ('{"id":"a1","n":2}', ("data",)),
        ('{"id":"a1"}', ("data",)),
        ('{"id":"a1","n":1.0}', ("data",)),
        ('{"id":"a2","n":1}', ()),
        (UNKNOWN, ()),
    ],
)
def test_listed_keys_force_a_new_object(data: Any, replace: tuple[str, ...]) -> None:
    assert plan_change(stored(), stored(data=data, force_new=["n", "x.y"])).replace == replace


def test_what_is_not_known_yet_is_not_judged() -> None:
    assert validate_object(attributes(data=UNKNOWN, path=UNKNOWN, read_search=UNKNOWN)) == []


def test_a_value_that_may_be_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = validate_object(attributes(data="{canary"))
    assert "canary" in fault.detail
    monkeypatch.setenv(tables.SENSITIVE_VARIABLE, "true")
    (fault,) = validate_object(attributes(data="{canary"))
    assert "canary" not in fault.detail
