"""VLANs of an appliance and what is bound to them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.failover import HIGHEST_VLAN
from gatepair.models.interface import check_interface_name, interface_order
from gatepair.models.virtual_ip import parse_ipv4, parse_netmask

# VLAN 1 is always there and holds what is bound nowhere else, so it is not declared.
LOWEST_OWN_VLAN: Final = 2
LONGEST_ALIAS: Final = 31


class Tagging(StrEnum):
    """How an interface is a member of a VLAN (IEEE 802.1Q)."""

    TAGGED = "tagged"
    UNTAGGED = "untagged"


def _interfaces(value: Mapping[str, Tagging | str]) -> Mapping[str, Tagging]:
    for name in value:
        check_interface_name(name)
    return MappingProxyType({name: _tagging(value[name]) for name in sorted(value, key=interface_order)})


def _tagging(value: Tagging | str) -> Tagging:
    if value not in set(Tagging):
        raise InvalidInput(f"'{value}' is neither tagged nor untagged", key="interfaces")
    return Tagging(value)


def _addresses(value: Mapping[IPv4Address | str, IPv4Address | str]) -> Mapping[IPv4Address, IPv4Address]:
    read = {parse_ipv4(str(address)): parse_netmask(str(netmask)) for address, netmask in value.items()}
    return MappingProxyType(dict(sorted(read.items())))


def _check_alias(_: object, __: object, value: str) -> None:
    if len(value) > LONGEST_ALIAS or (value and not value.isprintable()):
        raise InvalidInput(f"has to be {LONGEST_ALIAS} printable characters or less", key="alias")


@attrs.frozen(kw_only=True)
class Vlan:
    """A VLAN as the vendor's NITRO reference has it (``vlan`` and its two bindings).

    Attributes:
        alias: A name for people, at most 31 characters; empty for none.
        interfaces: Interfaces in it, each ``tagged`` or ``untagged``, in the order of their numbers.
        addresses: Addresses bound to it with their netmasks; the appliance has to own them already.

    Example:
        >>> dict(Vlan(interfaces={"1/10": "tagged", "1/2": "untagged"}).interfaces)
        {'1/2': <Tagging.UNTAGGED: 'untagged'>, '1/10': <Tagging.TAGGED: 'tagged'>}
    """

    alias: str = attrs.field(default="", validator=_check_alias)
    interfaces: Mapping[str, Tagging] = attrs.field(
        factory=dict[str, Tagging], converter=_interfaces, hash=False
    )
    addresses: Mapping[IPv4Address, IPv4Address] = attrs.field(
        factory=dict[IPv4Address, IPv4Address], converter=_addresses, hash=False
    )


def check_vlans(vlans: Mapping[int, Vlan]) -> None:
    """Refuse VLANs that cannot stand side by side.

    Raises:
        InvalidInput: A number is out of range, or two VLANs claim the same thing.
    """
    claimed: dict[str, int] = {}
    for number, vlan in vlans.items():
        if not LOWEST_OWN_VLAN <= number <= HIGHEST_VLAN:
            raise InvalidInput(
                f"{number} is not a VLAN from {LOWEST_OWN_VLAN} to {HIGHEST_VLAN}", key="vlans"
            )
        plain = [name for name, tagging in vlan.interfaces.items() if tagging is Tagging.UNTAGGED]
        for thing in (*(f"interface {name} untagged" for name in plain), *map(str, vlan.addresses)):
            if thing in claimed:
                raise InvalidInput(f"VLANs {claimed[thing]} and {number} both have {thing}", key="vlans")
            claimed[thing] = number
