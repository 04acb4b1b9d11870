"""Static routes of an appliance."""

from __future__ import annotations

from ipaddress import IPv4Address

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.virtual_ip import parse_ipv4


def _address(value: IPv4Address | str) -> IPv4Address:
    return parse_ipv4(str(value))


@attrs.frozen(kw_only=True, order=True)
class Route:
    """A static route (``route`` of the vendor's NITRO reference).

    The default route is none of these: an appliance is reached through it, so it stays as it was set
    up with the appliance's own address.

    Attributes:
        network: Network behind the gateway.
        netmask: Its netmask, more than ``0.0.0.0``.
        gateway: Next hop.

    Example:
        >>> print(Route(network="10.0.0.0", netmask="255.0.0.0", gateway="192.0.2.1"))
        10.0.0.0/8 via 192.0.2.1
    """

    network: IPv4Address = attrs.field(converter=_address)
    netmask: IPv4Address = attrs.field(converter=_address)
    gateway: IPv4Address = attrs.field(converter=_address)

    def __attrs_post_init__(self) -> None:
        bits = int(self.netmask)
        zeros = ~bits & 0xFFFFFFFF
        if zeros & (zeros + 1):
            raise InvalidInput(
                f"'{self.netmask}' is not a netmask: its ones must all be on the left", key="netmask"
            )
        if not bits:
            raise InvalidInput("the default route is left as it was set up on the appliance", key="netmask")
        if int(self.network) & zeros:
            raise InvalidInput(f"{self.network} is a host in the network, not the network", key="network")
        if not int(self.gateway):
            raise InvalidInput("0.0.0.0 is no gateway", key="gateway")

    def __str__(self) -> str:
        """Return ``network/prefix via gateway``."""
        return f"{self.network}/{int(self.netmask).bit_count()} via {self.gateway}"
