"""What a caller may make the bridge reach: which appliances, and which secrets.

The process that embeds the bridge is its own caller and may name anything. A service has callers who must not
use it to reach other machines or to read other secrets, so it allows only what its operator listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from gatepair.models.addresses import HTTPS_PORT
from gatepair_bridge.api.faults import Forbidden

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress

IpNetwork = IPv4Network | IPv6Network


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


class AllowAll:
    """For the bridge inside the process that uses it."""

    def check_appliance(self, address: ManagementAddress) -> None:
        """Allow every appliance."""

    def check_reference(self, reference: str, key: str) -> None:
        """Allow every reference."""


class AllowListed:
    """For a service: the operator's own appliances and networks, and no other address.

    A caller may name an appliance by address only. A host name would be looked up twice, here and when
    the connection is made, with answers that may differ; names are taken from the operator's file alone.

    Args:
        appliances: Appliances the operator's pairs file names.
        networks: Networks in which a caller may name further appliances.
        ports: Ports of those.
        references: Patterns of secret references; ``*`` stands for anything but a slash.
    """

    def __init__(
        self,
        *,
        appliances: Iterable[ManagementAddress] = (),
        networks: Iterable[IpNetwork] = (),
        ports: Iterable[int] = (HTTPS_PORT,),
        references: Iterable[str] = (),
    ) -> None:
        self._appliances = frozenset(appliances)
        self._networks = tuple(networks)
        self._ports = frozenset(ports)
        self._references = tuple(_pattern(text) for text in references)

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
        # ::ffff:10.0.0.1 reaches 10.0.0.1, so it is judged as that.
        reached = getattr(address.ip, "ipv4_mapped", None) or address.ip
        if not any(reached in network for network in self._networks):
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


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("[^/]*".join(re.escape(part) for part in text.split("*")), re.DOTALL)
