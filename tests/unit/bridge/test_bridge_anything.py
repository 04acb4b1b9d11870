"""Whatever is sent, the answer is a success or a problem document, and never 500."""

from __future__ import annotations

import json

import pytest
from bridge_fakes import PAIR_PATH, A, Appliances
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepair.documents import WRITE_ONLY_KEYS
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.routes import ROUTES
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.settings import SettingsError, read_settings

TARGETS = [
    ("POST", "/v1/pairs"),
    ("PUT", PAIR_PATH),
    ("POST", f"{PAIR_PATH}/preflight"),
    ("POST", f"{PAIR_PATH}/failover"),
    ("PUT", f"{PAIR_PATH}/virtual-ips/192.0.2.20"),
    ("PUT", f"/v1/appliances/{A}/network"),
]
KEYS = st.sampled_from(
    [
        "id",
        "failover_pair",
        "external_virtual_ip",
        "internal_virtual_ip",
        "heartbeat",
        "address",
        "netmask",
        "management_access",
        "fail_safe",
        "max_flips",
        "sync_vlan",
        "host_name",
        "interfaces",
        "force",
        "to",
        "role",
        *WRITE_ONLY_KEYS,
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(
        ["formed", "192.0.2.20", "255.255.255.0", "on", "enabled", f"{A},192.0.2.12", "external", ""]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, st.text()), inner, max_size=12)
    ),
    max_leaves=30,
)


@pytest.fixture(scope="module")
def bridge() -> EmbeddedBridge:
    return EmbeddedBridge(Sessions(object(), open_session=Appliances().open))


def is_fine(status: int, headers: dict[str, str], body: bytes) -> bool:
    if status in {204, 304}:
        return body == b""
    if status < 300:
        return True
    problem = json.loads(body)
    assert headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"].startswith("urn:gatepair:error:")
    assert problem["title"]
    assert problem["detail"]
    return 400 <= status < 500


@settings(max_examples=400, deadline=None)
@given(target=st.sampled_from(TARGETS), body=JSON)
def test_any_json(bridge: EmbeddedBridge, target: tuple[str, str], body: object) -> None:
    assert is_fine(*bridge.request(*target, "", {}, json.dumps(body).encode()))


@settings(max_examples=200, deadline=None)
@given(target=st.sampled_from(TARGETS), body=st.binary())
def test_any_bytes(bridge: EmbeddedBridge, target: tuple[str, str], body: bytes) -> None:
    assert is_fine(*bridge.request(*target, "", {}, body))


@settings(max_examples=300, deadline=None)
@given(
    route=st.sampled_from([route for route in ROUTES if route.method != "*"]),
    values=st.lists(st.text(min_size=1), min_size=3, max_size=3),
    query=st.text(),
    headers=st.dictionaries(
        st.sampled_from(["prefer", "if-match", "if-none-match", "idempotency-key"]), st.text(), max_size=3
    ),
)
def test_any_path_query_and_header(
    bridge: EmbeddedBridge, route: object, values: list[str], query: str, headers: dict[str, str]
) -> None:
    path = route.template
    for value in values:
        start, brace, rest = path.partition("{")
        path = start + value + rest.partition("}")[2] if brace else path
    headers.pop("prefer", None) if "respond-async" in headers.get("prefer", "") else None
    assert is_fine(*bridge.request(route.method, path, query, headers, None))


@settings(max_examples=200, deadline=None)
@given(
    values=st.dictionaries(st.sampled_from(["bind", "threads", "tokens", "appliance_networks", "x"]), JSON)
)
def test_any_settings(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        read_settings(None, {**values, "unknown": 1})
