"""Networks, what two nodes share of them, further virtual IPs and the interface for heartbeats."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from sdk_strategies import networks, pairs

from gatepair.errors import InvalidInput
from gatepair.models import (
    NETWORK_KEYS,
    Appliance,
    Failover,
    FurtherVirtualIp,
    Interface,
    InternalVirtualIp,
    ManagementAddress,
    Network,
    Pair,
    Route,
    VirtualIp,
    Vlan,
    shared_network_keys,
)

A, B = ManagementAddress.parse("192.0.2.11"), ManagementAddress.parse("192.0.2.12")
ROUTE = Route(network="198.51.100.0", netmask="255.255.255.0", gateway="192.0.2.1")
INDEPENDENT = Failover(independent_network=True)


def pair(first: Network | None = None, second: Network | None = None, **parts: Any) -> Pair:
    appliances = (
        Appliance(address=A, network=first or Network()),
        Appliance(address=B, network=second or Network()),
    )
    return Pair(appliances=appliances, **parts)


def test_everything_is_in_its_order() -> None:
    network = Network(
        interfaces={"1/10": Interface(), "1/2": Interface()},
        vlans={30: Vlan(), 4: Vlan(interfaces={"LA/1": "tagged", "1/2": "tagged"})},
        routes=[ROUTE, Route(network="10.0.0.0", netmask="255.0.0.0", gateway="192.0.2.1")],
        dns_servers=["2001:db8::1", "192.0.2.200", "192.0.2.9"],
        ntp_servers=["b.example.net", "192.0.2.9", "A.example.net."],
    )
    assert list(network.interfaces or ()) == ["1/2", "1/10"]
    assert list(network.vlans or ()) == [4, 30]
    assert list((network.vlans or {})[4].interfaces) == ["1/2", "LA/1"]
    assert [str(route) for route in network.routes or ()] == [
        "10.0.0.0/8 via 192.0.2.1",
        "198.51.100.0/24 via 192.0.2.1",
    ]
    assert [*map(str, network.dns_servers or ())] == ["192.0.2.9", "192.0.2.200", "2001:db8::1"]
    assert [*map(str, network.ntp_servers or ())] == ["192.0.2.9", "a.example.net", "b.example.net"]


@given(networks)
def test_a_network_is_the_sum_of_its_parts(network: Network) -> None:
    parts = [network.limited(keys=[key]) for key in NETWORK_KEYS]
    assert [part.declared for part in parts if part.declared] == [(key,) for key in network.declared]
    found = {key: getattr(part, key) for key, part in zip(NETWORK_KEYS, parts, strict=True)}
    assert attrs.evolve(Network(), **found) == network


@pytest.mark.parametrize(
    ("key", "parts", "said"),
    [
        ("vlans", {"vlans": {1: Vlan()}}, "1 is not a VLAN"),
        ("vlans", {"vlans": {4095: Vlan()}}, "4095 is not a VLAN"),
        (
            "vlans",
            {"vlans": dict.fromkeys((2, 3), Vlan(addresses={"192.0.2.3": "255.255.255.0"}))},
            "both have 192.0.2.3",
        ),
        ("routes", {"routes": [ROUTE, ROUTE]}, "is there twice"),
        ("dns_servers", {"dns_servers": ["x"]}, "is not an IP address"),
        ("ntp_servers", {"ntp_servers": ["1.2.3"]}, "is not an IP address"),
    ],
)
def test_what_cannot_be_meant(key: str, parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        Network(**parts)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"netmask": "255.0.255.0"}, "is not a netmask"),
        ({"netmask": "0.0.0.0"}, "the default route"),
        ({"network": "198.51.100.1"}, "is a host in the network"),
        ({"gateway": "0.0.0.0"}, "is no gateway"),
    ],
)
def test_what_is_no_route(parts: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        attrs.evolve(ROUTE, **parts)


class TestShared:
    def test_in_one_network_all_but_names_and_interfaces_is_shared(self) -> None:
        assert shared_network_keys(independent_network=False) == NETWORK_KEYS[2:]
        assert shared_network_keys(independent_network=True) == ("dns_servers", "ntp_servers")

    def test_it_is_declared_on_either_node_or_alike_on_both(self) -> None:
        one = pair(Network(host_name="a", routes=[ROUTE]), Network(dns_servers=["192.0.2.53"]))
        assert one.shared_network == Network(routes=[ROUTE], dns_servers=["192.0.2.53"])
        assert one.own_network(A) == Network(host_name="a")
        assert pair(Network(routes=[ROUTE]), Network(routes=[ROUTE])).shared_network.routes == (ROUTE,)

    def test_two_nodes_cannot_have_different_ones(self) -> None:
        with pytest.raises(InvalidInput, match="routes belong to the pair") as refused:
            pair(Network(routes=[ROUTE]), Network(routes=[]))
        assert refused.value.key == "appliances"

    def test_in_different_networks_they_can(self) -> None:
        apart = pair(Network(routes=[ROUTE]), Network(routes=[]), failover=INDEPENDENT)
        assert apart.own_network(A).routes == (ROUTE,)
        assert apart.shared_network == Network()
        with pytest.raises(InvalidInput, match="dns_servers belong to the pair"):
            pair(Network(dns_servers=["192.0.2.53"]), Network(dns_servers=[]), failover=INDEPENDENT)

    def test_a_vlan_for_synchronization_has_no_address(self) -> None:
        vlan = Vlan(addresses={"192.0.2.50": "255.255.255.0"})
        with pytest.raises(InvalidInput, match="VLAN 20 has an address") as refused:
            pair(Network(vlans={20: vlan}), failover=Failover(sync_vlan=20))
        assert refused.value.key == "sync_vlan"

    def test_what_both_share_is_placed_on_the_node_that_keeps_its_configuration(self) -> None:
        declared = (
            Network(host_name="a", routes=[ROUTE], dns_servers=["192.0.2.53"], ntp_servers=[]),
            Network(host_name="b", ntp_servers=[]),
        )
        usual = pair(*declared)
        assert [usual.placed_network(node) for node in (A, B)] == list(declared)
        other = pair(*declared, preferred_primary=B)
        assert other.placed_network(A) == Network(host_name="a", ntp_servers=[]), "declared for both"
        assert other.placed_network(B) == attrs.evolve(declared[0], host_name="b")
        apart = pair(*declared, preferred_primary=B, failover=INDEPENDENT)
        assert apart.placed_network(A) == Network(host_name="a", routes=[ROUTE], ntp_servers=[])
        assert apart.placed_network(B) == Network(host_name="b", dns_servers=["192.0.2.53"], ntp_servers=[])

    @given(pairs(networked=True))
    def test_placing_loses_nothing(self, found: Pair) -> None:
        kept = found.placed_network(found.preferred_primary)
        placed = [found.placed_network(node) for node in found.addresses]
        again = attrs.evolve(
            found,
            appliances=tuple(
                Appliance(address=node, network=network)
                for node, network in zip(found.addresses, placed, strict=True)
            ),
        )
        assert again.shared_network == found.shared_network
        assert set(found.shared_network.declared) <= set(kept.declared)
        assert [again.own_network(node) for node in found.addresses] == [
            found.own_network(node) for node in found.addresses
        ]

    @given(pairs(networked=True))
    def test_a_node_has_its_own_and_the_shared_part(self, found: Pair) -> None:
        for node in found.appliances:
            own, declared = found.own_network(node.address), node.network
            for key in declared.declared:
                assert getattr(declared, key) in (getattr(own, key), getattr(found.shared_network, key))


class TestFurther:
    EXTERNAL = VirtualIp(address="192.0.2.20")

    def test_they_are_in_the_order_of_their_addresses(self) -> None:
        found = pair(further=[FurtherVirtualIp(address=f"192.0.2.{last}") for last in (99, 30)]).further
        assert [str(each.address) for each in found or ()] == ["192.0.2.30", "192.0.2.99"]

    @pytest.mark.parametrize(
        ("address", "said"),
        [
            ("192.0.2.11", "the management address"),
            ("192.0.2.20", "the external virtual IP"),
            ("192.0.2.21", "the internal virtual IP"),
        ],
    )
    def test_each_is_one_more(self, address: str, said: str) -> None:
        internal = InternalVirtualIp(address="192.0.2.21")
        with pytest.raises(InvalidInput, match=said) as refused:
            pair(external=self.EXTERNAL, internal=internal, further=[FurtherVirtualIp(address=address)])
        assert refused.value.key == "further"

    def test_none_is_there_twice(self) -> None:
        with pytest.raises(InvalidInput, match="twice"):
            pair(further=[FurtherVirtualIp(address="192.0.2.30")] * 2)

    def test_none_is_internal_between_different_networks(self) -> None:
        internal = FurtherVirtualIp(address="192.0.2.30", role="internal")
        with pytest.raises(InvalidInput, match="no internal address"):
            pair(further=[internal], failover=INDEPENDENT)

    def test_only_internal_ones_are_for_management(self) -> None:
        with pytest.raises(InvalidInput, match="no management access"):
            FurtherVirtualIp(address="192.0.2.30", management_access=True)
        with pytest.raises(InvalidInput, match="neither external nor internal"):
            FurtherVirtualIp(address="192.0.2.30", role="both")


def test_the_failover_interface_decides_all_heartbeats() -> None:
    own = Network(interfaces={"1/1": Interface(), "1/2": Interface(heartbeat=False, monitor=False)})
    found = pair(own, failover=Failover(failover_interface="1/2")).own_network(A).interfaces
    assert found == {
        "1/1": Interface(heartbeat=False),
        "1/2": Interface(heartbeat=True, monitor=False),
    }
    with pytest.raises(InvalidInput, match="is not the name of an interface") as refused:
        Failover(failover_interface="12")
    assert refused.value.key == "failover_interface"
