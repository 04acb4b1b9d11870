from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sdk_strategies import addresses, pairs

from gatepair.documents import (
    FORMED,
    OPTIONAL_KEYS,
    WRITE_ONLY_KEYS,
    canonical_pair_id,
    network_differences,
    network_to_document,
    pair_differences,
    pair_document,
    pair_from_document,
    pair_query,
    pair_to_document,
    parse_pair_id,
)
from gatepair.errors import InvalidInput
from gatepair.models import (
    Appliance,
    Failover,
    FurtherVirtualIp,
    Heartbeat,
    InternalVirtualIp,
    ManagementAddress,
    Network,
    Pair,
    Route,
    Secret,
    SecretReference,
    VirtualIp,
)

A, B = Appliance(address="127.0.10.11:8443"), Appliance(address="127.0.10.12:8443")
OFFICE = Pair(
    appliances=(B, A),
    shared_key=SecretReference("file:.emulator/shared-key"),
    external=VirtualIp(address="127.0.10.20"),
    internal=InternalVirtualIp(address="127.0.10.21", netmask="255.255.255.0"),
    failover=Failover(heartbeat=Heartbeat.preset("access-gateway-5")),
)
CANONICAL = {
    "id": "127.0.10.11:8443,127.0.10.12:8443",
    "failover_pair": "formed",
    "external_virtual_ip": {"address": "127.0.10.20", "netmask": "255.255.255.255"},
    "internal_virtual_ip": {
        "address": "127.0.10.21",
        "netmask": "255.255.255.0",
        "management_access": "enabled",
    },
    "heartbeat": {"hello_interval_ms": 1000, "dead_interval_s": 10},
    "fail_safe": "off",
    "max_flips": 0,
    "max_flip_time_s": 0,
    "synchronization": "enabled",
    "propagation": "enabled",
    "sync_vlan": 0,
    "independent_network": "disabled",
}


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [value]


def test_a_pair_has_exactly_this_document() -> None:
    assert pair_to_document(OFFICE) == CANONICAL
    assert list(pair_to_document(OFFICE)) == list(CANONICAL)


def test_write_only_keys_come_after_the_canonical_ones() -> None:
    document = pair_to_document(OFFICE, write_only=True)
    assert document == CANONICAL | {
        "shared_key": "file:.emulator/shared-key",
        "shared_key_version": 1,
        "preferred_primary": "127.0.10.12:8443",
        "overwrite_joining_node": "no",
        "replaces_external": "",
    }
    assert tuple(document)[len(CANONICAL) :] == WRITE_ONLY_KEYS


def test_what_is_not_declared_is_empty_text() -> None:
    document = pair_to_document(Pair(appliances=(A, B)))
    assert document["external_virtual_ip"] == {"address": "", "netmask": ""}
    assert document["internal_virtual_ip"] == {"address": "", "netmask": "", "management_access": ""}


@given(pairs())
def test_a_document_holds_text_and_whole_numbers_only(pair: Pair) -> None:
    document = pair_to_document(pair, write_only=True)
    further = document.pop("further_virtual_ips", [])
    assert {type(leaf) for leaf in leaves(document)} == {str, int}
    assert {type(leaf) for each in further for leaf in leaves(each)} <= {str}


@given(pairs())
def test_a_pair_comes_back_from_its_document(pair: Pair) -> None:
    document = json.loads(json.dumps(pair_to_document(pair, write_only=True)))
    found = pair_from_document(document)
    by_address = attrs.evolve(pair, appliances=tuple(sorted(pair.appliances, key=lambda node: node.address)))
    assert found == by_address
    assert pair_to_document(found, write_only=True) == document


@given(pairs())
def test_write_only_keys_need_not_be_sent(pair: Pair) -> None:
    document = pair_to_document(pair)
    found = pair_from_document(document)
    assert pair_to_document(found) == document
    assert found.shared_key is None
    assert found.preferred_primary == found.addresses[0]


@given(pairs())
def test_the_order_of_the_appliances_is_no_difference(pair: Pair) -> None:
    first, second = pair.appliances
    assert pair_to_document(attrs.evolve(pair, appliances=(second, first))) == pair_to_document(pair)


def test_whole_numbers_may_come_as_floating_point() -> None:
    assert pair_from_document(CANONICAL | {"max_flips": 3.0}).failover.max_flips == 3


def test_a_secret_itself_never_gets_into_a_document() -> None:
    pair = attrs.evolve(OFFICE, shared_key=Secret("canary"))
    assert "canary" not in str(pair_to_document(pair))
    with pytest.raises(InvalidInput, match="only a reference") as refused:
        pair_to_document(pair, write_only=True)
    assert "canary" not in str(refused.value)


def changed(path: str, value: object) -> dict[str, object]:
    document = json.loads(json.dumps(pair_to_document(OFFICE, write_only=True)))
    *outer, last = path.split(".")
    table = document
    for key in outer:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("id", None, "id: is missing"),
        ("id", "192.0.2.1", "two management addresses"),
        ("id", "192.0.2.1,192.0.2.1", "both appliances are 192.0.2.1"),
        ("id", "192.0.2.1,x y", "neither an IP address nor a host name"),
        ("id", 7, "must be text, not a number"),
        ("failover_pair", "dissolved", "to dissolve a pair, delete it"),
        ("external_virtual_ip", "127.0.10.20", "must be a table, not text"),
        ("external_virtual_ip.address", "127.0.10.256", "is not an IPv4 address"),
        ("external_virtual_ip.address", "127.0.10.11", "management address of an appliance"),
        ("external_virtual_ip.address", "", "must not be empty"),
        ("external_virtual_ip.netmask", "255.0.255.0", "is not a netmask"),
        ("external_virtual_ip.netmask", None, "is missing"),
        ("external_virtual_ip.adress", "x", "did you mean address?"),
        ("internal_virtual_ip.management_access", True, 'must be "enabled" or "disabled", not a truth value'),
        ("internal_virtual_ip.address", "127.0.10.0", "is the network itself"),
        ("heartbeat", None, "heartbeat: is missing"),
        ("heartbeat.hello_interval_ms", 300, "200, 400, 600, 800, 1000"),
        ("heartbeat.dead_interval_s", "10", "must be a whole number, not text"),
        ("fail_safe", "enabled", 'must be "on" or "off", not "enabled"'),
        ("max_flips", -1, "less than 0"),
        ("max_flips", True, "must be a whole number, not a truth value"),
        ("max_flip_time_s", 1.5, "must be a whole number, not a number"),
        ("sync_vlan", 4095, "is not a VLAN"),
        ("sync_vlan", [], "must be a whole number, not a list"),
        ("independent_network", "on", '"enabled" or "disabled"'),
        ("shared_key", "canary", "is not a secret reference"),
        ("shared_key_version", 0, "less than 1"),
        ("preferred_primary", "127.0.10.13", "is not one of the appliances"),
        ("overwrite_joining_node", True, '"yes" or "no"'),
        ("replaces_external", "127.0.10.20", "is the external virtual IP itself"),
        ("fail_saf", "on", "did you mean fail_safe?"),
        ("shared_keys", "file:x", "did you mean shared_key?"),
        ("zzz", "x", "zzz: is not known"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(path: str, value: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pair_from_document(changed(path, value))
    assert said in refused.value.message
    assert refused.value.key == path
    assert refused.value.message.startswith(path)
    assert "canary" not in str(refused.value)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {"max_flips": -1, "sync_vlan": 5, "independent_network": "enabled", "fail_safe": 0}
    with pytest.raises(InvalidInput) as refused:
        pair_from_document(CANONICAL | wrong)
    for key in ("max_flips: ", "sync_vlan: ", "fail_safe: "):
        assert key in refused.value.message


def test_nodes_in_different_networks_have_no_internal_address() -> None:
    with pytest.raises(InvalidInput) as refused:
        pair_from_document(CANONICAL | {"independent_network": "enabled"})
    assert refused.value.key == "internal_virtual_ip"


@given(
    st.dictionaries(
        st.sampled_from([*CANONICAL, *WRITE_ONLY_KEYS, "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
            ),
        ),
    )
)
def test_any_document_is_a_pair_or_refused(changes: dict[str, object]) -> None:
    document = CANONICAL | changes
    try:
        pair = pair_from_document(document)
    except InvalidInput:
        return
    assert pair_to_document(pair).keys() == CANONICAL.keys()


@given(addresses, addresses)
def test_a_pair_identifier_reads_back(first: ManagementAddress, second: ManagementAddress) -> None:
    if first == second:
        with pytest.raises(InvalidInput, match="both appliances"):
            canonical_pair_id(first, second)
        return
    identifier = canonical_pair_id(first, second)
    assert identifier == canonical_pair_id(str(second), str(first))
    assert parse_pair_id(identifier) == tuple(sorted((first, second)))


def test_differences_are_in_words_of_the_pair() -> None:
    found = pair_document(
        pair_id=OFFICE.id,
        failover_pair="dissolved",
        external=None,
        internal=None,
        failover=Failover(fail_safe=True),
    )
    assert [
        str(difference) for difference in pair_differences(found, pair_to_document(OFFICE, write_only=True))
    ] == [
        f"failover pair: dissolved -> {FORMED}",
        "external virtual IP: none -> 127.0.10.20",
        "netmask of the external virtual IP: none -> 255.255.255.255",
        "internal virtual IP: none -> 127.0.10.21",
        "netmask of the internal virtual IP: none -> 255.255.255.0",
        "management access on the internal virtual IP: none -> enabled",
        "hello interval (ms): 200 -> 1000",
        "dead interval (s): 3 -> 10",
        "fail-safe: on -> off",
    ]


@given(pairs())
def test_a_pair_does_not_differ_from_itself(pair: Pair) -> None:
    assert pair_differences(pair_to_document(pair), pair_to_document(pair, write_only=True)) == ()


def test_a_pairs_query_names_its_virtual_ips() -> None:
    assert pair_query(OFFICE) == "external=127.0.10.20&internal=127.0.10.21"
    assert pair_query(Pair(appliances=(A, B))) == ""


FURTHER = (
    FurtherVirtualIp(address="127.0.10.31", netmask="255.255.255.0", role="internal"),
    FurtherVirtualIp(address="127.0.10.30"),
)


def test_further_virtual_ips_and_a_failover_interface_are_there_if_declared() -> None:
    failover = attrs.evolve(OFFICE.failover, failover_interface="1/2")
    pair = attrs.evolve(OFFICE, further=FURTHER, failover=failover)
    document = pair_to_document(pair)
    assert set(document) - set(pair_to_document(OFFICE)) == set(OPTIONAL_KEYS)
    assert document["failover_interface"] == "1/2"
    assert document["further_virtual_ips"] == [
        {
            "address": "127.0.10.30",
            "netmask": "255.255.255.255",
            "role": "external",
            "management_access": "",
        },
        {
            "address": "127.0.10.31",
            "netmask": "255.255.255.0",
            "role": "internal",
            "management_access": "disabled",
        },
    ]
    assert pair_query(pair).endswith("&further=127.0.10.30,127.0.10.31&failover_interface=1/2")
    assert pair_query(attrs.evolve(OFFICE, further=())).endswith("&further=")


@pytest.mark.parametrize(
    ("entry", "key", "said"),
    [
        ("127.0.10.30", None, ""),
        ({"address": "127.0.10.30"}, "further_virtual_ips[0].netmask", "is missing"),
        (7, "further_virtual_ips[0]", "must be an address or a table"),
        (
            {
                "address": "127.0.10.30",
                "netmask": "255.255.255.0",
                "role": "external",
                "management_access": "enabled",
            },
            "further_virtual_ips[0].management_access",
            "an external virtual IP has no management access",
        ),
    ],
)
def test_what_is_wrong_with_a_further_virtual_ip(entry: object, key: str | None, said: str) -> None:
    document = pair_to_document(OFFICE) | {"further_virtual_ips": [entry]}
    with pytest.raises(InvalidInput) as refused:
        pair_from_document(document)
    assert key is None or refused.value.key == key
    assert said in refused.value.message


def test_differences_of_lists_are_read_as_lists() -> None:
    before = network_to_document("192.0.2.11", Network(dns_servers=["192.0.2.53"], routes=[]))
    route = Route(network="198.51.100.0", netmask="255.255.255.0", gateway="192.0.2.1")
    after = network_to_document("192.0.2.11", Network(dns_servers=[], routes=[route]))
    assert [str(difference) for difference in network_differences(before, after)] == [
        "routes: none -> 198.51.100.0 255.255.255.0 192.0.2.1",
        "DNS servers: 192.0.2.53 -> none",
    ]
