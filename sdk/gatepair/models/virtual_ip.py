"""Virtual IP addresses: they belong to the pair and move with the primary."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from typing import Final

import attrs

from gatepair.errors import InvalidInput

HOST_MASK: Final = IPv4Address("255.255.255.255")
HIGHEST_UNICAST: Final = IPv4Address("223.255.255.255")
POINT_TO_POINT: Final = 31


def parse_ipv4(text: str) -> IPv4Address:
    """Return an IPv4 address.

    Raises:
        InvalidInput: It is none.
    """
    try:
        return IPv4Address(text)
    except ValueError:
        raise InvalidInput(f"'{text}' is not an IPv4 address") from None


def parse_netmask(text: str) -> IPv4Address:
    """Return a netmask such as ``255.255.255.0``.

    Raises:
        InvalidInput: It is no netmask, or its ones are not all on the left.
    """
    try:
        mask = IPv4Address(text)
    except ValueError:
        raise InvalidInput(f"'{text}' is not a netmask such as 255.255.255.0") from None
    bits = int(mask)
    zeros = ~bits & 0xFFFFFFFF
    if not bits or zeros & (zeros + 1):
        raise InvalidInput(f"'{text}' is not a netmask: its ones must all be on the left")
    return mask


def _address(value: IPv4Address | str) -> IPv4Address:
    return parse_ipv4(value) if isinstance(value, str) else value


def _netmask(value: IPv4Address | str) -> IPv4Address:
    return parse_netmask(str(value))


@attrs.frozen(kw_only=True)
class VirtualIp:
    """The external virtual IP: users connect to it (``nsip`` of type VIP).

    Attributes:
        address: Unicast IPv4 address.
        netmask: Usually that of a single host.

    Example:
        >>> str(VirtualIp(address="198.51.100.7").netmask)
        '255.255.255.255'
    """

    address: IPv4Address = attrs.field(converter=_address)
    netmask: IPv4Address = attrs.field(default=HOST_MASK, converter=_netmask)

    def __attrs_post_init__(self) -> None:
        if not 0 < int(self.address) <= int(HIGHEST_UNICAST):
            raise InvalidInput(f"{self.address} is not the address of a host", key="address")
        network = self.network
        if network.prefixlen >= POINT_TO_POINT:
            return
        if self.address == network.network_address:
            raise InvalidInput(
                f"{self.address} is the network itself ({network}), no host in it", key="address"
            )
        if self.address == network.broadcast_address:
            raise InvalidInput(f"{self.address} is the broadcast address of {network}", key="address")

    @property
    def network(self) -> IPv4Network:
        """The network that address and netmask describe."""
        return IPv4Network((int(self.address), int(self.netmask).bit_count()), strict=False)


@attrs.frozen(kw_only=True)
class InternalVirtualIp(VirtualIp):
    """The internal virtual IP: the pair talks to back ends from it (``nsip`` of type SNIP).

    Attributes:
        management_access: Whether the primary can be managed through it.
    """

    management_access: bool = True


class VirtualIpRole(StrEnum):
    """What a virtual IP is for."""

    EXTERNAL = "external"
    INTERNAL = "internal"


def _role(value: VirtualIpRole | str) -> VirtualIpRole:
    if value not in set(VirtualIpRole):
        raise InvalidInput(f"'{value}' is neither external nor internal", key="role")
    return VirtualIpRole(value)


@attrs.frozen(kw_only=True)
class FurtherVirtualIp(VirtualIp):
    """One more virtual IP beside the external and the internal one.

    Attributes:
        role: ``external`` for users to connect to (``nsip`` of type VIP), ``internal`` to talk to back
            ends from (SNIP).
        management_access: Whether the primary can be managed through it; only of an internal one.
    """

    role: VirtualIpRole = attrs.field(default=VirtualIpRole.EXTERNAL, converter=_role)
    management_access: bool = False

    def __attrs_post_init__(self) -> None:
        VirtualIp.__attrs_post_init__(self)
        if self.management_access and self.role is VirtualIpRole.EXTERNAL:
            raise InvalidInput("an external virtual IP has no management access", key="management_access")
