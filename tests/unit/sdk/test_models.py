from __future__ import annotations

from ipaddress import IPv4Address

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sdk_strategies import addresses, interfaces, pairs

from gatepair import models
from gatepair.errors import InvalidInput
from gatepair.models import (
    HEARTBEAT_PRESETS,
    Appliance,
    Difference,
    Failover,
    Heartbeat,
    Interface,
    InternalVirtualIp,
    ManagementAddress,
    Network,
    Pair,
    Secret,
    VirtualIp,
    compare,
)

A, B = Appliance(address="192.0.2.11"), Appliance(address="192.0.2.12")


def test_every_model_is_frozen_slotted_and_listed_in_order() -> None:
    kinds = [value for name in models.__all__ if attrs.has(value := getattr(models, name))]
    assert len(kinds) > 10
    for kind in kinds:
        assert "__dict__" not in dir(kind), kind
        assert kind.__setattr__ is not object.__setattr__, kind
    assert models.__all__ == sorted(models.__all__, key=lambda name: (name.upper() != name, name))


@given(addresses)
def test_an_address_reads_back_from_its_text(address: ManagementAddress) -> None:
    assert ManagementAddress.parse(str(address)) == address
    assert ManagementAddress.parse(f"{address.url_host}:{address.port}") == address
    assert address.origin == f"https://{address}"


@given(st.lists(addresses))
def test_addresses_have_one_order(found: list[ManagementAddress]) -> None:
    assert sorted(found) == sorted(found, reverse=True)[::-1]
    for first, second in zip(sorted(found), sorted(found)[1:], strict=False):
        assert first <= second
        assert not second < first


def test_addresses_sort_by_number_and_ip_before_names() -> None:
    texts = [
        "gw-b.example",
        "[2001:db8::1]:8443",
        "192.0.2.100",
        "192.0.2.9:8443",
        "192.0.2.9",
        "gw-a.example",
    ]
    assert [str(address) for address in sorted(map(ManagementAddress.parse, texts))] == [
        "192.0.2.9",
        "192.0.2.9:8443",
        "192.0.2.100",
        "[2001:db8::1]:8443",
        "gw-a.example",
        "gw-b.example",
    ]
    with pytest.raises(TypeError):
        assert ManagementAddress.parse("a.example") < "b.example"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("GW-A.Example.", "gw-a.example"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("2001:DB8::0:1", "[2001:db8::1]"),
        ("[2001:db8::1]:443", "[2001:db8::1]"),
        ("gw_a:08443", "gw_a:8443"),
    ],
)
def test_addresses_have_one_text(text: str, canonical: str) -> None:
    assert str(ManagementAddress.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither"),
        ("192.0.2.300", "not an IP address"),
        ("192.0.2.1:", "no port number"),
        ("192.0.2.1:x", "no port number"),
        ("192.0.2.1:²", "no port number"),
        ("192.0.2.1:0", "not between 1 and 65535"),
        ("192.0.2.1:65536", "not between 1 and 65535"),
        ("192.0.2.1:" + "9" * 5000, "not between 1 and 65535"),
        ("[192.0.2.1]:443", "no IPv6 address"),
        ("[2001:db8::1", "not an IP address"),
        ("fe80::1%eth0", "zone"),
        ("-a.example", "neither"),
        ("a b", "neither"),
        ("a,b", "neither"),
        ("a" * 64, "neither"),
        (".".join(["a" * 60] * 5), "neither"),
        ("https://nsroot:canary@192.0.2.1", "without scheme, user or path"),
    ],
)
def test_what_is_no_address_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        ManagementAddress.parse(text)
    assert "canary" not in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = ManagementAddress.parse(text)
    except InvalidInput:
        return
    assert ManagementAddress.parse(str(address)) == address


@pytest.mark.parametrize("hello", [0, 100, 199, 300, 1001, 1200, -200])
def test_hello_interval_has_a_range_and_a_step(hello: int) -> None:
    with pytest.raises(InvalidInput, match="200, 400") as refused:
        Heartbeat(hello_interval_ms=hello)
    assert refused.value.key == "hello_interval_ms"


@pytest.mark.parametrize("dead", [2, 61])
def test_dead_interval_has_a_range(dead: int) -> None:
    with pytest.raises(InvalidInput, match="between 3 and 60") as refused:
        Heartbeat(dead_interval_s=dead)
    assert refused.value.key == "dead_interval_s"


def test_heartbeats_have_presets() -> None:
    assert Heartbeat.preset("access-gateway-5") == Heartbeat(hello_interval_ms=1000, dead_interval_s=10)
    assert Heartbeat.preset("default") == Heartbeat()
    assert all(
        preset.hello_interval_ms * 3 <= preset.dead_interval_s * 1000 for preset in HEARTBEAT_PRESETS.values()
    )
    with pytest.raises(InvalidInput, match="access-gateway-5"):
        Heartbeat.preset("access-gateway")


@pytest.mark.parametrize(
    ("key", "value"), [("max_flips", -1), ("max_flip_time_s", -1), ("sync_vlan", -1), ("sync_vlan", 4095)]
)
def test_failover_settings_have_ranges(key: str, value: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        Failover(**{key: value})
    assert refused.value.key == key


def test_a_sync_vlan_does_not_go_with_independent_networks() -> None:
    with pytest.raises(InvalidInput, match="independent_network") as refused:
        Failover(sync_vlan=7, independent_network=True)
    assert refused.value.key == "sync_vlan"


@pytest.mark.parametrize(
    ("address", "netmask", "key"),
    [
        ("0.0.0.0", "255.255.255.255", "address"),
        ("224.0.0.1", "255.255.255.255", "address"),
        ("255.255.255.255", "255.255.255.255", "address"),
        ("192.0.2.0", "255.255.255.0", "address"),
        ("192.0.2.255", "255.255.255.0", "address"),
    ],
)
def test_a_virtual_ip_is_the_address_of_a_host(address: str, netmask: str, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        VirtualIp(address=address, netmask=netmask)
    assert refused.value.key == key


@pytest.mark.parametrize("netmask", ["0.0.0.0", "255.0.255.0", "0.0.0.255", "24", "", "x"])
def test_what_is_no_netmask_is_refused(netmask: str) -> None:
    with pytest.raises(InvalidInput, match="netmask"):
        VirtualIp(address="192.0.2.1", netmask=netmask)


@given(st.integers(1, 32))
def test_every_prefix_has_a_netmask(length: int) -> None:
    mask = IPv4Address((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF)
    assert VirtualIp(address="127.0.10.21", netmask=mask).network.prefixlen == length


def test_interfaces_are_in_the_order_of_their_numbers() -> None:
    network = Network(interfaces=dict.fromkeys(["LA/1", "1/10", "10/1", "1/2"], Interface()))
    assert list(network.interfaces or ()) == ["1/2", "1/10", "10/1", "LA/1"]


@given(found=interfaces, named=st.booleans())
def test_a_network_can_be_limited(*, found: dict[str, Interface], named: bool) -> None:
    network = Network(host_name="gw-a", interfaces=found)
    assert network.limited(keys=("host_name",)) == Network(host_name="gw-a")
    names = tuple(found)[:1] if named else None
    limited = network.limited(keys=("interfaces",), interfaces=names)
    assert list(limited.interfaces or ()) == [
        name for name in network.interfaces or () if names is None or name in names
    ]
    assert limited.declared == ("interfaces",)


@pytest.mark.parametrize("name", ["", "1", "1/", "/1", "1/1/1/1", "1 /1", "1/1\n"])
def test_what_is_no_interface_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        Network(interfaces={name: Interface()})


@pytest.mark.parametrize("name", ["", "-gw", "gw a", "gw-", "a" * 256])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Network(host_name=name)
    assert refused.value.key == "host_name"


@given(pairs())
def test_a_pair_is_the_same_whichever_appliance_is_named_first(pair: Pair) -> None:
    first, second = pair.appliances
    swapped = attrs.evolve(pair, appliances=(second, first))
    assert swapped.id == pair.id
    assert swapped.addresses == pair.addresses
    assert {pair.preferred_primary, pair.joining} == set(pair.addresses)
    assert pair.other(pair.joining) == pair.preferred_primary
    assert pair.appliance(first.address) is first
    assert pair.heartbeat is pair.failover.heartbeat
    hash(pair)


def test_the_first_appliance_is_the_preferred_primary() -> None:
    assert Pair(appliances=(B, A)).preferred_primary == B.address
    assert Pair(appliances=(B, A), preferred_primary=A.address).joining == B.address


EXTERNAL = VirtualIp(address="198.51.100.7")


@pytest.mark.parametrize(
    ("parts", "key", "said"),
    [
        ({"appliances": ()}, "appliances", "exactly two"),
        ({"appliances": (A,)}, "appliances", "exactly two"),
        ({"appliances": (A, B, A)}, "appliances", "exactly two"),
        ({"appliances": (A, A)}, "appliances", "both appliances are 192.0.2.11"),
        ({"preferred_primary": ManagementAddress.parse("192.0.2.13")}, "preferred_primary", "not one of"),
        ({"shared_key_version": 0}, "shared_key_version", "less than 1"),
        ({"external": VirtualIp(address="192.0.2.12")}, "external.address", "management address"),
        ({"internal": InternalVirtualIp(address="192.0.2.11")}, "internal.address", "management address"),
        ({"replaces_external": IPv4Address("192.0.2.11")}, "replaces_external", "management address"),
        (
            {
                "internal": InternalVirtualIp(address="192.0.2.21"),
                "failover": Failover(independent_network=True),
            },
            "internal",
            "independent_network",
        ),
        (
            {
                "external": EXTERNAL,
                "internal": InternalVirtualIp(address="198.51.100.7", netmask="255.255.255.0"),
            },
            "external.netmask",
            "netmasks 255.255.255.255 and 255.255.255.0",
        ),
        ({"external": EXTERNAL, "replaces_external": EXTERNAL.address}, "replaces_external", "itself"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: dict[str, object], key: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        Pair(**({"appliances": (A, B)} | parts))
    assert refused.value.key == key


def test_external_and_internal_may_be_one_address() -> None:
    pair = Pair(appliances=(A, B), external=EXTERNAL, internal=InternalVirtualIp(address="198.51.100.7"))
    assert pair.same_address
    assert not Pair(appliances=(A, B)).same_address


def test_only_nodes_of_the_pair_have_a_peer() -> None:
    with pytest.raises(InvalidInput, match="not one of the appliances"):
        Pair(appliances=(A, B)).other(ManagementAddress.parse("192.0.2.13"))


def test_a_pair_does_not_show_its_shared_key() -> None:
    assert "canary" not in repr(Pair(appliances=(A, B), shared_key=Secret("canary")))


def test_differences_are_readable() -> None:
    before = {"a": {"b": 1}, "gone": "x", "same": 1}
    after = {"same": 1, "new_key": "y", "a": {"b": 2}}
    assert [str(difference) for difference in compare(before, after, {"a.b": "A b"})] == [
        "new key: none -> y",
        "A b: 1 -> 2",
        "gone: x -> none",
    ]
    assert compare(after, after) == ()
    assert Difference(key="fail_safe", before="off", after="on").label == "fail safe"
