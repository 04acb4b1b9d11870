"""JSON: exact numbers, canonical text, equality, Go's display form."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair_bridge.provider import jsontext
from gatepair_bridge.provider.jsontext import MISSING, JsonError, Number

numbers = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda value: f"{value:E}"),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(numbers)
def test_no_digit_of_a_number_is_lost(literal: str) -> None:
    assert jsontext.dump(jsontext.parse(literal)) == literal
    assert jsontext.dump(jsontext.parse(f'{{"a":[{literal}]}}')) == f'{{"a":[{literal}]}}'


@given(plain)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert jsontext.parse(jsontext.dump(value)) == value
    assert json.loads(jsontext.encode(value)) == value


@given(plain, plain)
def test_equality_is_that_of_values(one: Any, other: Any) -> None:
    formatted = json.dumps(one, indent=3, ensure_ascii=True)
    assert jsontext.equal_text(formatted, jsontext.dump(one))
    assert jsontext.equal(one, other) == jsontext.equal(other, one)
    assert jsontext.equal(one, other) == (repr(sort(one)) == repr(sort(other)))


def sort(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sort(value[key]) for key in sorted(value)}
    return [sort(item) for item in value] if isinstance(value, list) else value


@given(st.text(), st.text())
def test_texts_that_are_not_json_are_equal_only_if_they_are_the_same(one: str, other: str) -> None:
    if not (is_json(one) and is_json(other)):
        assert jsontext.equal_text(one, other) == (one == other)


def is_json(text: str) -> bool:
    try:
        jsontext.parse(text)
    except JsonError:
        return False
    return True


def test_kinds_of_values_differ() -> None:
    texts = ["1", "1.0", '"1"', "true", "null", "[1]", '{"a":1}', "1e0"]
    for number, one in enumerate(texts):
        for other in texts[number + 1 :]:
            assert not jsontext.equal_text(one, other)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "{'a':1}", "[" * 100_000, "01"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(JsonError):
        jsontext.parse(text)


def test_an_integer_of_any_length_is_kept() -> None:
    literal = "9" * 5000
    assert jsontext.dump(jsontext.parse(literal)) == literal
    assert jsontext.plain_number(Number(literal)) == literal


def test_text_is_escaped_as_go_does() -> None:
    assert jsontext.dump("<a>&\u2028ä") == '"\\u003ca\\u003e\\u0026\\u2028ä"'
    assert jsontext.encode("\ud800ä") == '"\\ud800ä"'.encode()


@pytest.mark.parametrize(
    ("literal", "shown"),
    [
        ("5", "5"),
        ("1.5", "1.5"),
        ("12345678901", "1.2345678901e+10"),
        ("1000000", "1e+06"),
        ("21000000", "2.1e+07"),
        ("0.000001", "1e-06"),
        ("999999", "999999"),
        ("1234567", "1.234567e+06"),
        ("1234567.5", "1.2345675e+06"),
        ("123456.789", "123456.789"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1.0", "1"),
        ("-0.5", "-0.5"),
        ("-1e7", "-1e+07"),
        ("0", "0"),
        ("0.0", "0"),
        ("1e-100", "1e-100"),
    ],
)
def test_numbers_are_displayed_as_go_does(literal: str, shown: str) -> None:
    assert jsontext.display(jsontext.parse(literal)) == shown


def test_other_values_are_displayed_as_go_does() -> None:
    document = jsontext.parse('[1,"a",null,{"k":1},true,"",{"z":1,"a":[true]}]')
    assert jsontext.display(document) == "[1 a <nil> map[k:1] true  map[a:[true] z:1]]"


@given(numbers)
def test_a_displayed_number_has_the_value_of_the_number(literal: str) -> None:
    value = jsontext.parse(literal)
    assert Decimal(jsontext.display(value)) == Decimal(literal)
    assert isinstance(value, int | float | Number)
    assert Decimal(jsontext.plain_number(value)) == Decimal(literal)


def test_lookup() -> None:
    document = jsontext.parse('{"a":{"b":[{"c":null}]},"x.y":1}')
    assert jsontext.lookup(document, "a/b/0/c") is None
    for path in ("a/b/1/c", "a/b/x", "a/c", "a/b/-1", "a/b/0/c/d"):
        assert jsontext.lookup(document, path) is MISSING
    assert jsontext.lookup(document, "a.b.0.c", ".") is None


def test_numbers_are_values() -> None:
    assert Number("1.50") == Number("1.50") != Number("1.5")
    assert len({Number("1e3"), Number("1e3")}) == 1
    assert repr(Number("1e3")) == "Number(1e3)"
