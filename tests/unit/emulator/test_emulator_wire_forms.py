"""Envelope, URLs and bodies: what goes over the wire, byte for byte."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair_emulator.nitro.errors import NitroError, message_of, status_of
from gatepair_emulator.wire.envelope import encode, envelope
from gatepair_emulator.wire.request import HttpRequest, accepts_json, parse_body, parse_target
from gatepair_emulator.wire.server import reason_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in {".", ".."}
)


@given(JSON)
def test_whatever_is_encoded_is_json_of_one_line_and_reads_back(value: object) -> None:
    text = encode(value)
    assert "\n" not in text
    assert json.loads(text) == value


def test_a_recorded_reply_has_the_recorded_length() -> None:
    """Content-Length 100 stands in the recording of a 409 reply with this message."""
    first = encode(envelope(273, message_of(273, "name, 10.32.158.11"), "ERROR"))
    assert first == (
        '{ "errorcode": 273, "message": "Resource already exists [name, 10.32.158.11]", "severity": "ERROR" }'
    )
    assert len(first) == 100


def test_lists_and_objects_have_spaces_inside_their_brackets() -> None:
    assert encode({"hanode": [{"id": "0"}, {}], "none": []}) == (
        '{ "hanode": [ { "id": "0" }, { } ], "none": [ ] }'
    )


@given(NAMES)
def test_a_name_encoded_twice_arrives_whole(name: str) -> None:
    path = f"/nitro/v1/config/Interface/{quote(quote(name, safe=''), safe='')}"
    assert parse_target(path).name == name


def test_a_slash_encoded_once_is_refused() -> None:
    with pytest.raises(NitroError) as caught:
        parse_target("/nitro/v1/config/Interface/LA%2F1")
    assert (caught.value.code, caught.value.status) == (1074, 400)


@pytest.mark.parametrize(
    ("query", "arguments", "filters", "attributes"),
    [
        ("args=ipaddress:192.0.2.1,td:0", {"ipaddress": "192.0.2.1", "td": "0"}, {}, ()),
        ("args=ipv6address:2001%3Adb8%3A%3A1", {"ipv6address": "2001:db8::1"}, {}, ()),
        ("args=filename:a,filelocation:%2Fnsconfig", {"filename": "a", "filelocation": "/nsconfig"}, {}, ()),
        ("args=filelocation:%252Fnsconfig", {"filelocation": "/nsconfig"}, {}, ()),
        ("filter=type:VIP,state:ENABLED", {}, {"type": "VIP", "state": "ENABLED"}, ()),
        ("attrs=id,%20state", {}, {}, ("id", "state")),
        ("filter=type:VIP&attrs=id", {}, {"type": "VIP"}, ("id",)),
    ],
)
def test_queries(
    query: str, arguments: dict[str, str], filters: dict[str, str], attributes: tuple[str, ...]
) -> None:
    target = parse_target(f"/nitro/v1/config/nsip?{query}")
    assert (target.arguments, target.filters, target.attributes) == (arguments, filters, attributes)


def test_options_know_yes_in_any_case_and_the_semicolon_of_the_reference() -> None:
    target = parse_target("/nitro/v1/config/nsip?count=YES&pagesize=10;pageno=2")
    assert target.asks("count")
    assert (target.options["pagesize"], target.options["pageno"]) == ("10", "2")


@given(st.text())
def test_no_url_breaks_the_parser(text: str) -> None:
    try:
        target = parse_target(f"/nitro/v1/{text}")
    except NitroError:
        return
    assert target.area in {"config", "stat"}


def body(content: bytes, kind: str = "application/json") -> HttpRequest:
    return HttpRequest(method="POST", target="/", headers={"content-type": kind}, body=content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"hanode": {"id": 1}}', "application/json"),
        (b'{"hanode": [{"id": 1}]}', "application/vnd.com.citrix.netscaler.hanode+json"),
        (b'{"params": {"warning": "yes"}, "hanode": {"id": 1}}', "application/json; charset=utf-8"),
        (b"object=" + quote('{"hanode": {"id": 1}}').encode(), "application/x-www-form-urlencoded"),
    ],
)
def test_all_forms_of_a_body(content: bytes, kind: str) -> None:
    parsed = parse_body(body(content, kind), "hanode")
    assert parsed.entries == ({"id": 1},)
    assert not parsed.bulk


def test_an_old_client_names_the_type_in_the_body_alone() -> None:
    parsed = parse_body(body(b'{"params": {"action": "save"}, "nsconfig": {}}'), "")
    assert (parsed.type, parsed.parameters) == ("nsconfig", {"action": "save"})


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b'{"hanode": 3}', b'{"other": {}}', b"\xff\xfe"])
def test_what_is_no_body_is_refused(content: bytes) -> None:
    with pytest.raises(NitroError) as caught:
        parse_body(body(content), "hanode")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("accept", "good"),
    [
        ("application/json", True),
        ("*/*", True),
        ("text/html, */*;q=0.1", True),
        ("text/html", False),
        ("", True),
    ],
)
def test_accept(accept: str, good: bool) -> None:  # noqa: FBT001 - a table
    assert accepts_json({"accept": accept}) is good


@pytest.mark.parametrize(
    ("code", "status"),
    [(258, 404), (273, 409), (1335, 409), (278, 599), (293, 599), (354, 401), (444, 401), (2138, 403),
     (1240, 400), (1148, 400), (363, 599), (1449, 599), (256, 503), (344, 404)],
)  # fmt: skip
def test_status_of_codes(code: int, status: int) -> None:
    assert status_of(code) == status


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(200, "OK"), (201, "Created"), (207, "Multi Status"), (209, "X-NITRO-WARNING"),
     (599, "Netscaler specific error"), (302, "Found"), (799, "Unknown")],
)  # fmt: skip
def test_reason_phrases(status: int, phrase: str) -> None:
    assert reason_of(status) == phrase
