"""Heartbeats as datagrams: what is sent is understood, anything else is ignored."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gatepair_emulator.ha.messages import Admin, Health, Hello, Role, decode_hello, encode_hello

NUMBERS = st.integers(min_value=0, max_value=2**63)
TEXTS = st.text(max_size=30)
HELLOS = st.builds(
    Hello,
    sender=TEXTS,
    target=TEXTS,
    sequence=NUMBERS,
    interface=TEXTS,
    role=st.sampled_from(list(Role)),
    admin=st.sampled_from(list(Admin)),
    health=st.sampled_from(list(Health)),
    eligible=st.booleans(),
    primary_since=NUMBERS,
    last_primary=NUMBERS,
    claim=NUMBERS,
    forced=st.booleans(),
    granted=NUMBERS,
    inviting=st.booleans(),
    sticky=st.booleans(),
    settled=st.booleans(),
    facts=st.dictionaries(TEXTS, TEXTS, max_size=4),
)


@given(HELLOS)
def test_a_heartbeat_reads_back(hello: Hello) -> None:
    assert decode_hello(encode_hello(hello)) == hello


@given(st.binary(max_size=200))
def test_any_datagram_is_survived(datagram: bytes) -> None:
    assert decode_hello(datagram) is None


@given(
    HELLOS,
    st.sampled_from(["sequence", "role", "eligible", "facts", "sender"]),
    st.sampled_from([None, [], 1.5, "x", {}]),
)
def test_a_spoilt_heartbeat_is_none(hello: Hello, name: str, value: object) -> None:
    magic, _, content = encode_hello(hello).partition(b"{")
    members = json.loads(b"{" + content)
    if type(members[name]) is type(value):
        value = 7
    members[name] = value
    assert decode_hello(magic + json.dumps(members).encode()) is None


def test_a_heartbeat_too_long_is_none() -> None:
    datagram = encode_hello(Hello(sender="a", target="b", facts={"name": "x" * 9000}))
    assert decode_hello(datagram) is None
