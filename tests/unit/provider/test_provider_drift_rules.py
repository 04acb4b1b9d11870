"""Drift: properties that hold for any object."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gatepair_bridge.provider.drift import DriftOptions, agrees, observed_data

keys = st.sampled_from("abcd")
values = st.recursive(
    st.integers(0, 3) | st.none() | st.text("xy", max_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(keys, values, max_size=4)


def observe(want: Any, have: Any, **options: Any) -> str:
    return observed_data(json.dumps(want), json.dumps(have), have, DriftOptions(**options))


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@given(objects)
def test_the_same_object_is_kept_letter_for_letter(want: Any) -> None:
    text = json.dumps(want, indent=2)
    assert observed_data(text, "", want, DriftOptions()) == text


@given(objects)
def test_members_configured_as_null_may_be_left_out(want: Any) -> None:
    assert observe(want, {k: v for k, v in want.items() if v is not None}) == json.dumps(want)


@given(objects, objects)
def test_without_options_the_state_shows_the_server(want: Any, have: Any) -> None:
    shown = json.loads(observe(want, have))
    assert without_nulls(shown) == without_nulls(have)


@given(objects, objects)
def test_ignoring_everything_keeps_what_was_configured(want: Any, have: Any) -> None:
    assert observe(want, have, everything=True) == json.dumps(want)


@given(objects, objects)
def test_ignoring_all_keys_keeps_what_was_configured(want: Any, have: Any) -> None:
    assert observe(want, have, keys=tuple({*want, *have})) == json.dumps(want)


@given(objects, st.dictionaries(st.sampled_from("pqr"), values))
def test_additions_are_ignored_at_any_level(want: Any, more: Any) -> None:
    def add(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: add(item) for key, item in value.items()} | more
        return [add(item) for item in value] if isinstance(value, list) else value

    assert observe(want, add(want), additions=True) == json.dumps(want)
    assert agrees(json.dumps(want), add(want), DriftOptions())


@given(objects, objects)
def test_ignoring_additions_still_sees_every_configured_member(want: Any, have: Any) -> None:
    shown = json.loads(observe(want, have, additions=True))
    for key, value in want.items():
        if without_nulls(have.get(key)) != without_nulls(value) and not isinstance(value, dict | list):
            assert shown.get(key) == have.get(key)


def test_a_configured_text_that_is_no_object_gives_way() -> None:
    assert observed_data("null", '{"a": 1}', {"a": 1}, DriftOptions()) == '{"a": 1}'
    assert observed_data("", '{"a": 1}', {"a": 1}, DriftOptions()) == '{"a": 1}'


def test_a_parent_that_is_missing_on_the_server_is_made_for_what_is_ignored() -> None:
    assert observe({"n": {"a": 1}}, {}, keys=("n.a",)) == json.dumps({"n": {"a": 1}})
    assert json.loads(observe({"n": {"a": 1, "b": 2}}, {}, keys=("n.a",))) == {"n": {"a": 1}}
    assert json.loads(observe({"n": 1}, {"n": {"a": 1}}, keys=("n.a",))) == {"n": {}}
