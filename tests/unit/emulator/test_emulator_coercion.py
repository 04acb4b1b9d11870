"""Values: what clients may send for an attribute and what is refused, with which code."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatepair_emulator.nitro.coercion import changes, coerce, new_row, present
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import (
    Access,
    Attribute,
    ResourceType,
    Wire,
    address,
    flag,
    listing,
    number,
    switch,
    text,
)

PORT = number("port", 1, 65535)
KIND = ResourceType(
    name="thing",
    command="thing",
    key=("name",),
    attributes=(
        text("name", required=True, longest=8),
        switch("state"),
        number("port", 1, 65535, default=80, wire=Wire.NUMBER),
        number("kind", access=Access.ADD_ONLY),
        number("shape", access=Access.FIXED),
        Attribute(name="seen", access=Access.READ_ONLY),
    ),
)


@given(st.integers(1, 65535))
def test_integers_come_as_numbers_or_as_text(value: int) -> None:
    assert coerce(PORT, value) == coerce(PORT, str(value)) == value


@given(
    st.one_of(
        st.integers(max_value=0), st.integers(min_value=65536), st.text(), st.none(), st.lists(st.integers())
    )
)
@example("--5")
def test_other_integers_are_refused(value: object) -> None:
    if isinstance(value, str) and value.strip().isdecimal() and 1 <= int(value) <= 65535:
        return
    with pytest.raises(NitroError) as caught:
        coerce(PORT, value)
    assert caught.value.code in {1097, 1108, 1109, 1234}


@pytest.mark.parametrize(
    ("value", "stored"),
    [("enabled", "ENABLED"), ("ENABLE", "ENABLED"), ("Disable", "DISABLED"), ("DISABLED", "DISABLED")],
)
def test_choices_ignore_case_and_know_the_old_short_forms(value: str, stored: str) -> None:
    assert coerce(switch("state"), value) == stored


@pytest.mark.parametrize(
    ("value", "stored"), [(True, True), ("true", True), ("YES", True), ("false", False), (0, False)]
)
def test_flags_come_as_text_too(value: object, stored: bool) -> None:  # noqa: FBT001 - a table
    assert coerce(flag("force"), value) is stored


def test_lists_come_as_lists_or_as_one_text() -> None:
    attribute = listing("feature", "LB", "SSLVPN")
    assert coerce(attribute, ["lb", "SSLVPN"]) == coerce(attribute, "LB sslvpn") == ["LB", "SSLVPN"]


@pytest.mark.parametrize("value", ["192.0.2.1", "2001:db8::1", "2001:db8::1/64", "*"])
def test_addresses(value: str) -> None:
    assert coerce(address("ipaddress"), value) == value


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(NitroError) as caught:
        coerce(address("ipaddress"), "192.0.2.300")
    assert (caught.value.code, caught.value.status) == (1074, 400)


def test_a_new_row_gets_its_defaults() -> None:
    assert new_row(KIND, {"name": "n"}) == {"name": "n", "state": "ENABLED", "port": 80}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, 1095),
        ({"name": ""}, 1091),
        ({"name": "far too long"}, 1106),
        ({"name": "n", "port": 0}, 1109),
        ({"name": "n", "port": 70000}, 1108),
        ({"name": "n", "state": "MAYBE"}, 1097),
        ({"name": "n", "nonsense": 1}, 1090),
        ({"name": "n", "seen": "1"}, 278),
        ({"name": {"a": 1}}, 1234),
    ],
)
def test_what_add_refuses(payload: dict[str, object], code: int) -> None:
    with pytest.raises(NitroError) as caught:
        new_row(KIND, payload)
    assert caught.value.code == code


def test_an_update_refuses_or_ignores_what_is_fixed() -> None:
    with pytest.raises(NitroError) as caught:
        changes(KIND, {"name": "n", "kind": 2})
    assert (caught.value.code, caught.value.status, caught.value.message) == (
        278,
        599,
        "Invalid argument [kind]",
    )
    assert changes(KIND, {"name": "n", "shape": 3}) == {"name": "n"}


def test_numbers_are_printed_as_the_wire_has_them() -> None:
    assert present(KIND.by_name["port"], 80) == 80
    assert present(KIND.by_name["kind"], 2) == "2"
