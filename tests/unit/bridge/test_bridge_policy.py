from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress
from gatepair_bridge.api.faults import Forbidden
from gatepair_bridge.api.policy import AllowListed

NETWORK = ip_network("10.1.0.0/16")
NAMED = ManagementAddress.parse("gw.example.net:8443")
POLICY = AllowListed(
    appliances=[NAMED], networks=[NETWORK], references=["env:GATEPAIR_*", "file:/etc/keys/*", "keyring:gw/*"]
)


def allowed(text: str) -> bool:
    try:
        POLICY.check_appliance(ManagementAddress.parse(text))
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.2.3", True),
        ("10.2.2.3", False),
        ("10.1.2.3:22", False),
        ("gw.example.net:8443", True),
        ("gw.example.net", False),
        ("localhost", False),
        ("127.0.0.1", False),
        ("[::ffff:10.1.2.3]", True),
        ("[::ffff:10.2.2.3]", False),
        ("169.254.169.254", False),
        # Other ways to write 10.2.2.3 reach nothing that the plain one does not.
        ("[::10.2.2.3]", False),
        ("[64:ff9b::10.2.2.3]", False),
        ("[2002:a02:203::1]", False),
        ("10.1.2.3.nip.io", False),
        ("0x0a010203", False),
    ],
)
def test_appliances(text: str, expected: bool) -> None:  # noqa: FBT001 - an expected value
    assert allowed(text) is expected


@given(st.ip_addresses())
def test_no_address_outside_the_networks_gets_through(address: object) -> None:
    inside = address in NETWORK or getattr(address, "ipv4_mapped", None) in NETWORK_ADDRESSES
    assert allowed(f"[{address}]" if ip_address(str(address)).version == 6 else str(address)) is inside


class Addresses:
    def __contains__(self, address: object) -> bool:
        return address is not None and address in NETWORK


NETWORK_ADDRESSES = Addresses()


@pytest.mark.parametrize("text", ["167838211", "10.1.515", "010.1.2.3", "10.1.2.3%eth0", "[fe80::1%25lo]"])
def test_addresses_that_readers_understand_differently_are_none(text: str) -> None:
    with pytest.raises(InvalidInput):
        ManagementAddress.parse(text)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.20", True),
        ("203.0.113.7", True),
        ("192.0.2.21", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:203.0.113.7", True),
        ("::ffff:127.0.0.1", False),
    ],
)
def test_users_addresses(address: str, expected: bool) -> None:  # noqa: FBT001 - an expected value
    policy = AllowListed(users=[ip_address("192.0.2.20")], user_networks=[ip_network("203.0.113.0/24")])
    if expected:
        policy.check_users_address(ip_address(address))
    else:
        with pytest.raises(Forbidden):
            policy.check_users_address(ip_address(address))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("env:GATEPAIR_KEY", True),
        ("env:PATH", False),
        ("env:XGATEPAIR_KEY", False),
        ("file:/etc/keys/office", True),
        ("file:/etc/keys/sub/office", False),
        ("file:/etc/keys/../shadow", False),
        ("file:/etc/keys/..", False),
        ("file:/etc/keys//../../shadow", False),
        ("file:/etc/keys/./office", False),
        ("file:/etc/keysx", False),
        ("keyring:gw/admin", True),
        ("keyring:other/admin", False),
    ],
)
def test_references(reference: str, expected: bool) -> None:  # noqa: FBT001 - an expected value
    if expected:
        POLICY.check_reference(reference, "shared_key")
    else:
        with pytest.raises(Forbidden) as refusal:
            POLICY.check_reference(reference, "shared_key")
        assert reference not in str(refusal.value)
