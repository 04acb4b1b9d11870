"""What a caller may make the bridge reach: which appliances, and which secrets.

The process that embeds the bridge is its own caller and may name anything. A service has callers who must not
use it to reach other machines or to read other secrets, so it allows only what its operator listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from gatepair.models.addresses import HTTPS_PORT
from gatepair_bridge.api.faults import Forbidden

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress

IpNetwork = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address


class Policy(Protocol):
    """Decides what requests may name."""

    def check_appliance(self, address: ManagementAddress) -> None:
        """Refuse an appliance that is out of bounds.

        Raises:
            Forbidden: It is.
        """
        ...

    def check_reference(self, reference: str, key: str) -> None:
        """Refuse a secret reference that is out of bounds.

        Raises:
            Forbidden: It is.
        """
        ...

    def check_users_address(self, address: IpAddress) -> None:
        """Refuse to act as a user at an address that is out of bounds.

        Raises:
            Forbidden: It is.
        """
        ...

    def check_firmware(self, url: str) -> None:
        """Refuse a place for firmware that is out of bounds.

        Raises:
            Forbidden: It is.
        """
        ...


class AllowAll:
    """For the bridge inside the process that uses it."""

    def check_appliance(self, address: ManagementAddress) -> None:
        """Allow every appliance."""

    def check_reference(self, reference: str, key: str) -> None:
        """Allow every reference."""

    def check_users_address(self, address: IpAddress) -> None:
        """Allow every address."""

    def check_firmware(self, url: str) -> None:
        """Allow every URL."""


class AllowListed:
    """For a service: the operator's own appliances and networks, and no other address.

    A caller may name an appliance by address only. A host name would be looked up twice, here and when
    the connection is made, with answers that may differ; names are taken from the operator's file alone.

    Args:
        appliances: Appliances the operator's pairs file names.
        networks: Networks in which a caller may name further appliances.
        ports: Ports of those.
        references: Patterns of secret references; ``*`` stands for anything but a slash.
        users: External virtual IPs of the operator's pairs.
        user_networks: Networks of further ones.
        firmware: Patterns of URLs of firmware.
    """

    def __init__(
        self,
        *,
        appliances: Iterable[ManagementAddress] = (),
        networks: Iterable[IpNetwork] = (),
        ports: Iterable[int] = (HTTPS_PORT,),
        references: Iterable[str] = (),
        users: Iterable[IpAddress] = (),
        user_networks: Iterable[IpNetwork] = (),
        firmware: Iterable[str] = (),
    ) -> None:
        self._appliances = frozenset(appliances)
        self._networks = tuple(networks)
        self._ports = frozenset(ports)
        self._references = tuple(_pattern(text) for text in references)
        self._users = frozenset(users)
        self._user_networks = tuple(user_networks)
        self._firmware = tuple(_pattern(text) for text in firmware)

    def check_appliance(self, address: ManagementAddress) -> None:
        """Refuse what is neither in the operator's file nor in one of the networks."""
        if address in self._appliances:
            return
        if address.ip is None:
            raise Forbidden(
                f"The appliance {address} is named by a host name that is not in the bridge's pairs file.",
                key="id",
                remedy="Name it by its management address, or add it to the bridge's pairs file.",
            )
        if not _within(address.ip, self._networks):
            raise Forbidden(
                f"The appliance {address} is in none of the networks this bridge may connect to.",
                key="id",
                remedy="Add its network to appliance_networks in the bridge's configuration.",
            )
        if address.port not in self._ports:
            raise Forbidden(
                f"Port {address.port} is not one this bridge may connect to.",
                key="id",
                remedy="Add it to appliance_ports in the bridge's configuration.",
            )

    def check_reference(self, reference: str, key: str) -> None:
        """Refuse a reference that matches none of the patterns or climbs out of its folder."""
        kind, _, name = reference.partition(":")
        climbs = kind == "file" and (
            ".." in PurePosixPath(name).parts or str(PurePosixPath(name)) != name or "\\" in name
        )
        if climbs or not any(pattern.fullmatch(reference) for pattern in self._references):
            raise Forbidden(
                "This secret reference is not one that callers of this bridge may name.",
                key=key,
                remedy="Use one that secret_references in the bridge's configuration allows.",
            )

    def check_users_address(self, address: IpAddress) -> None:
        """Refuse what is neither an external virtual IP of the operator's file nor in a network of users."""
        if address not in self._users and not _within(address, self._user_networks):
            raise Forbidden(
                f"The external virtual IP {address} is not one that this bridge may go to as a user.",
                remedy="Declare it in the bridge's pairs file, or add its network to user_networks.",
            )

    def check_firmware(self, url: str) -> None:
        """Refuse a URL that matches none of the patterns, or climbs out of its folder."""
        climbs = ".." in PurePosixPath(unquote(unquote(url))).parts
        if climbs or not any(pattern.fullmatch(url) for pattern in self._firmware):
            raise Forbidden(
                "This is no place that callers of this bridge may have firmware taken from.",
                key="url",
                remedy="Use one that firmware_urls in the bridge's configuration allows.",
            )


def _within(address: IpAddress, networks: Iterable[IpNetwork]) -> bool:
    # ::ffff:10.0.0.1 reaches 10.0.0.1, so it is judged as that.
    reached = getattr(address, "ipv4_mapped", None) or address
    return any(reached in network for network in networks)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("[^/]*".join(re.escape(part) for part in text.split("*")), re.DOTALL)
