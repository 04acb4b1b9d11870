from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from sdk_strategies import addresses, networks

from gatepair.documents import (
    network_differences,
    network_from_document,
    network_query,
    network_to_document,
)
from gatepair.errors import InvalidInput
from gatepair.models import (
    Interface,
    ManagementAddress,
    Network,
    Route,
    Vlan,
)

EMPTY_VLAN = {"alias": "", "interfaces": {}, "addresses": {}}
ROUTE = {"network": "192.0.2.0", "netmask": "255.255.255.0", "gateway": "192.0.2.1"}


def _one(**parts: object) -> dict[str, object]:
    return {"id": "127.0.10.11:8443", **parts}


def test_a_network_has_exactly_this_document() -> None:
    network = Network(
        host_name="gw-a",
        interfaces={"1/10": Interface(), "1/2": Interface(heartbeat=False, monitor=False, state=False)},
        vlans={
            30: Vlan(),
            20: Vlan(
                alias="dmz",
                interfaces={"1/10": "untagged", "1/2": "tagged"},
                addresses={"192.0.2.20": "255.255.255.0", "192.0.2.3": "255.255.255.0"},
            ),
        },
        routes=[
            Route(network="203.0.113.0", netmask="255.255.255.0", gateway="192.0.2.1"),
            Route(network="198.51.100.0", netmask="255.255.255.0", gateway="192.0.2.1"),
        ],
        dns_servers=["2001:db8::53", "192.0.2.53", "192.0.2.9"],
        ntp_servers=["ntp.example.net", "192.0.2.123"],
    )
    document = network_to_document("127.0.10.11:8443", network)
    assert document == {
        "id": "127.0.10.11:8443",
        "host_name": "gw-a",
        "interfaces": {
            "1/2": {"heartbeat": "off", "monitor": "off", "state": "disabled"},
            "1/10": {"heartbeat": "on", "monitor": "on", "state": "enabled"},
        },
        "vlans": {
            "20": {
                "alias": "dmz",
                "interfaces": {"1/2": "tagged", "1/10": "untagged"},
                "addresses": {"192.0.2.3": "255.255.255.0", "192.0.2.20": "255.255.255.0"},
            },
            "30": {"alias": "", "interfaces": {}, "addresses": {}},
        },
        "routes": [
            {"network": "198.51.100.0", "netmask": "255.255.255.0", "gateway": "192.0.2.1"},
            {"network": "203.0.113.0", "netmask": "255.255.255.0", "gateway": "192.0.2.1"},
        ],
        "dns_servers": ["192.0.2.9", "192.0.2.53", "2001:db8::53"],
        "ntp_servers": ["192.0.2.123", "ntp.example.net"],
    }
    assert json.dumps(document).index("1/2") < json.dumps(document).index("1/10")


@given(addresses, networks)
def test_a_network_comes_back_from_its_document(address: ManagementAddress, network: Network) -> None:
    document = network_to_document(address, network)
    assert set(document) == {"id", *network.declared}
    assert network_from_document(json.loads(json.dumps(document)), address) == network
    assert network_differences(document, document) == ()


@given(networks)
def test_a_query_names_what_is_declared(network: Network) -> None:
    query = parse_qs(network_query(network), keep_blank_values=True)
    assert query["keys"] == [",".join(network.declared)]
    assert query.get("interfaces") == (None if network.interfaces is None else [",".join(network.interfaces)])


@pytest.mark.parametrize(
    ("document", "key", "said"),
    [
        ({}, "id", "is missing"),
        ({"id": "127.0.10.12:8443"}, "id", "is 127.0.10.12:8443, but the document is for 127.0.10.11:8443"),
        ({"id": "127.0.10.11:8443", "hostname": "x"}, "hostname", "did you mean host_name?"),
        ({"id": "127.0.10.11:8443", "host_name": "x y"}, "host_name", "is not a host name"),
        ({"id": "127.0.10.11:8443", "interfaces": []}, "interfaces", "must be a table, not a list"),
        (
            {"id": "127.0.10.11:8443", "interfaces": {"1": {}}},
            "interfaces.1",
            "is not the name of an interface",
        ),
        (
            {"id": "127.0.10.11:8443", "interfaces": {"1/1": {"heartbeat": "on"}}},
            "interfaces.1/1.monitor",
            "is missing",
        ),
        (
            {"id": "127.0.10.11:8443", "interfaces": {"1/1": "on"}},
            "interfaces.1/1",
            "must be a table, not text",
        ),
        (_one(vlans={"1": EMPTY_VLAN}), "vlans", "1 is not a VLAN from 2 to 4094"),
        (_one(vlans={"x": EMPTY_VLAN}), "vlans.x", "is not the number of a VLAN"),
        (_one(vlans={"20": {"alias": ""}}), "vlans.20.interfaces", "is missing"),
        (_one(vlans={"20": EMPTY_VLAN | {"alias": "x" * 32}}), "vlans.20.alias", "31 printable"),
        (
            _one(vlans={"20": EMPTY_VLAN | {"interfaces": {"1/2": "both"}}}),
            "vlans.20.interfaces.1/2",
            'must be "tagged" or "untagged", not "both"',
        ),
        (
            _one(vlans=dict.fromkeys(("20", "30"), EMPTY_VLAN | {"interfaces": {"1/2": "untagged"}})),
            "vlans",
            "VLANs 20 and 30 both have interface 1/2 untagged",
        ),
        (
            _one(vlans={"20": EMPTY_VLAN | {"addresses": {"192.0.2.300": "255.255.255.0"}}}),
            "vlans.20.addresses.192.0.2.300",
            "is not an IPv4 address",
        ),
        (_one(routes=[{"network": "192.0.2.0"}]), "routes[0].netmask", "is missing"),
        (_one(routes=[ROUTE | {"network": "192.0.2.1"}]), "routes[0].network", "is a host in the network"),
        (_one(routes=[ROUTE | {"netmask": "0.0.0.0"}]), "routes[0].netmask", "the default route is left"),
        (_one(routes=[ROUTE, ROUTE]), "routes", "192.0.2.0/24 via 192.0.2.1 is there twice"),
        (_one(routes=["192.0.2.0"]), "routes[0]", "must be a table with network"),
        (_one(dns_servers=["dns.example"]), "dns_servers", "is not an IP address"),
        (_one(dns_servers="192.0.2.53"), "dns_servers", "must be a list, not text"),
        (_one(ntp_servers=["192.0.2.1", "192.0.2.1"]), "ntp_servers", "is there twice"),
        (_one(ntp_servers=["a b"]), "ntp_servers", "neither an IP address nor a host name"),
    ],
)
def test_what_is_wrong_with_a_network_is_named_by_its_key(
    document: dict[str, object], key: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        network_from_document(document, "127.0.10.11:8443")
    assert refused.value.key == key
    assert said in refused.value.message
