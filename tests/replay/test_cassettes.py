"""What must hold for every recording: it can be read, it tells nothing, somebody plays it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stage import CANARIES
from vcr.request import Request

from cassettes import (
    KEEP_HEADERS,
    SESSION,
    ReadableJson,
    StandIns,
    is_hidden,
    request_filter,
    response_filter,
    stand_in_for,
    tells_nothing,
)

CASSETTES = Path(__file__).resolve().parents[2] / "cassettes"
FILES = sorted(CASSETTES.glob("*/*.json"))
ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")


def interactions(file: Path) -> list[dict[str, Any]]:
    return json.loads(file.read_text())["interactions"]


def leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from leaves(item, key)
    elif key:
        yield key, node


def test_there_are_recordings() -> None:
    assert len(FILES) > 30


@EACH
def test_no_canary_sings(file: Path) -> None:
    text = file.read_text()
    for secret in CANARIES:
        assert secret not in text


@EACH
def test_only_what_is_known_to_be_harmless_is_kept(file: Path) -> None:
    for item in interactions(file):
        for part in (item["request"], item["response"]):
            for key, value in leaves(part["body"]):
                assert not is_hidden(key) or value == stand_in_for(key), key
            for name, values in part["headers"].items():
                assert name.lower() in KEEP_HEADERS or SESSION in values[0]


@EACH
def test_every_address_is_one_for_documentation(file: Path) -> None:
    for found in ADDRESS.findall(file.read_text()):
        assert tells_nothing(found)
        assert not found.startswith("127.") or found == "127.0.0.1"


@EACH
def test_the_source_is_noted(file: Path) -> None:
    noted = json.loads(file.read_text())["recorded_from"]
    assert noted["source"] in {"emulator", "appliance"}
    asked = any("/nsversion" in item["request"]["uri"] for item in interactions(file))
    assert not asked or all(build.startswith("NS") for build in noted["firmware"])


@EACH
def test_somebody_plays_it(file: Path) -> None:
    module = Path(__file__).with_name(f"{file.parent.name}.py")
    assert f"def {file.stem}(" in module.read_text()


# -- the scrubbing itself ------------------------------------------------------------------------

NAMES = st.sampled_from(
    ("password", "Password", "newpassword", "sessionid", "keytab", "hostname", "state", "x")
)
TREES = st.recursive(
    st.just(CANARIES[0]) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(body=st.dictionaries(st.sampled_from(("login", "nsrpcnode")), st.dictionaries(NAMES, TREES)))
def test_secrets_leave_no_trace_in_either_direction(body: dict[str, Any]) -> None:
    stand_in = StandIns({})
    headers = {"Cookie": CANARIES[1], "Authorization": CANARIES[1], "Content-Type": "application/json"}
    request = Request("POST", "https://192.0.2.11/nitro/v1/config/login", json.dumps(body).encode(), headers)
    response = {
        "status": {"code": 201, "message": "Created"},
        "headers": {"Set-Cookie": [CANARIES[1]], "X-Other": [CANARIES[1]]},
        "body": {"string": json.dumps(body).encode()},
    }
    sent, received = request_filter(stand_in)(request), response_filter(stand_in)(response)
    for key, value in (*leaves(json.loads(sent.body)), *leaves(json.loads(received["body"]["string"]))):
        assert not is_hidden(key) or value == stand_in_for(key)
    assert CANARIES[1] not in str(sent.headers) + str(received["headers"])


def test_an_address_that_nobody_named_gets_a_stand_in_too() -> None:
    stand_in = StandIns({"10.1.2.3": "192.0.2.11"})
    text = stand_in("10.1.2.3 10.1.2.30 10.1.2.30 255.255.255.0 NS14.1 10.9.9.9")
    assert text == "192.0.2.11 198.51.100.101 198.51.100.101 255.255.255.0 NS14.1 198.51.100.102"


def test_a_recording_with_a_secret_in_it_is_not_written() -> None:
    request = {"method": "GET", "uri": "https://192.0.2.11/x", "headers": {}, "body": None}
    response = {"status": {}, "headers": {}, "body": {"string": '{"message": "hidden-4711"}'}}
    cassette = {"version": 1, "interactions": [{"request": request, "response": response}]}
    with pytest.raises(AssertionError, match="not written"):
        ReadableJson("appliance", ["hidden-4711"]).serialize(cassette)
    assert "hidden" in ReadableJson("appliance").serialize(cassette)


def test_a_request_that_only_prepares_is_not_recorded() -> None:
    request = Request("GET", "https://192.0.2.11/x", None, {"X-NITRO-USER": "nsroot"})
    assert request_filter(StandIns({}))(request) is None
