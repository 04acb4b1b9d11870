"""Which of an appliance's addresses are the pair's virtual IPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import AmbiguousVirtualIp
from gatepair.models import InternalVirtualIp, VirtualIp
from gatepair.models.virtual_ip import HOST_MASK
from gatepair.nitro.resources.addresses import SNIP, VIP, NsIp
from gatepair.nitro.resources.gateway import GatewayServer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address

    from gatepair.workflows.observation import ObservedNode, ObservedPair

NO_ADDRESS = frozenset({"", "0.0.0.0"})  # noqa: S104 - what an address-less virtual server shows


def row_of(node: ObservedNode, address: object) -> NsIp | None:
    """Return an address of the node that moves with the primary, if it has it."""
    return next((row for row in node.addresses if row.address == str(address)), None)


def gateway_addresses(node: ObservedNode) -> frozenset[str]:
    """Return the addresses users log on at."""
    return frozenset(server.address for server in node.all(GatewayServer)) - NO_ADDRESS


def find_external(node: ObservedNode, expected: str | None) -> NsIp | None:
    """Return the external virtual IP.

    It is the expected address if the node has it; else the one address all Gateway virtual servers
    share; else the one address of type VIP; else none can be told. If an empty one is expected, there
    is none.
    """
    if expected == "":
        return None
    rows = [row for row in node.addresses if row.serves_users]
    named = next((row for row in rows if row.address == expected), None)
    if named:
        return named
    logon = gateway_addresses(node)
    if len(logon) == 1:
        (address,) = logon
        return next((row for row in rows if row.address == address), None)
    return _only(row for row in rows if row.is_a(VIP))


def find_internal(node: ObservedNode, expected: str | None) -> NsIp | None:
    """Return the internal virtual IP.

    It is the expected address if the node has it; else the one SNIP with management access; else the
    one SNIP; else none can be told. If an empty one is expected, there is none.
    """
    if expected == "":
        return None
    rows = [row for row in node.addresses if row.is_a(SNIP)]
    named = next((row for row in rows if row.address == expected), None)
    return named or _only(row for row in rows if row.management_access) or _only(rows)


def old_external(node: ObservedNode, wanted: VirtualIp, named: IPv4Address | None) -> str | None:
    """Return the address that ``wanted`` replaces, nothing if it replaces none.

    A change that was cut off shows as a declared address on which nothing listens yet, while all
    Gateway virtual servers still listen on one other address: that one is the old one.

    Args:
        node: The primary.
        wanted: The declared external virtual IP.
        named: The old one as the declaration names it.

    Raises:
        AmbiguousVirtualIp: Several addresses could be the old one and none is named.
    """
    address = str(wanted.address)
    logon = gateway_addresses(node) - {address}
    if named is not None:
        return str(named) if row_of(node, named) or str(named) in logon else None
    if any(server.address == address for server in node.servers):
        return None
    if len(logon) == 1:
        return next(iter(logon))
    if row_of(node, address):
        return None
    others = [row.address for row in node.addresses if row.is_a(VIP)]
    candidates = sorted(logon) or others
    if len(candidates) > 1:
        raise AmbiguousVirtualIp(
            f"{' and '.join(candidates)} could each be the external virtual IP that {address} replaces",
            node=node.address,
            key="replaces_external",
        )
    return candidates[0] if candidates else None


def observed_external(pair: ObservedPair) -> VirtualIp | None:
    """Return the pair's external virtual IP as it was found."""
    row = find_external(pair.speaker, pair.expected_external)
    return VirtualIp(address=row.address, netmask=_mask(row)) if row else None


def observed_internal(pair: ObservedPair) -> InternalVirtualIp | None:
    """Return the pair's internal virtual IP as it was found."""
    row = find_internal(pair.speaker, pair.expected_internal)
    if row is None:
        return None
    return InternalVirtualIp(address=row.address, netmask=_mask(row), management_access=row.management_access)


def _mask(row: NsIp) -> str:
    return row.netmask or str(HOST_MASK)


def _only(rows: Iterable[NsIp]) -> NsIp | None:
    found = list(rows)
    return found[0] if len(found) == 1 else None
