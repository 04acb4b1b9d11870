"""Which of an appliance's addresses are the pair's virtual IPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import AmbiguousVirtualIp
from gatepair.models import FurtherVirtualIp, InternalVirtualIp, VirtualIp, VirtualIpRole
from gatepair.models.virtual_ip import HOST_MASK
from gatepair.nitro.resources.addresses import SNIP, VIP, NsIp
from gatepair.nitro.resources.gateway import GatewayServer
from gatepair.workflows.settings import independent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from ipaddress import IPv4Address

    from gatepair.workflows.observation import ObservedNode, ObservedPair

NO_ADDRESS = frozenset({"", "0.0.0.0"})  # noqa: S104 - what an address-less virtual server shows


def row_of(node: ObservedNode, address: object) -> NsIp | None:
    """Return an address of the node that moves with the primary, if it has it."""
    return next((row for row in node.addresses if row.address == str(address)), None)


def gateway_addresses(node: ObservedNode) -> frozenset[str]:
    """Return the addresses users log on at."""
    return frozenset(server.address for server in node.all(GatewayServer)) - NO_ADDRESS


def find_external(node: ObservedNode, expected: str | None, apart: Collection[str] = ()) -> NsIp | None:
    """Return the external virtual IP.

    It is the expected address if the node has it; else the one address all Gateway virtual servers
    share; else the one address of type VIP, those in ``apart`` left aside; else none can be told. If an
    empty one is expected, there is none.
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
    return _only(row for row in rows if row.is_a(VIP) and row.address not in apart)


def find_internal(node: ObservedNode, expected: str | None, apart: Collection[str] = ()) -> NsIp | None:
    """Return the internal virtual IP.

    It is the expected address if the node has it; else the one SNIP with management access; else the
    one SNIP; else none can be told; those in ``apart`` are left aside. If an empty one is expected, there
    is none.
    """
    if expected == "":
        return None
    rows = [row for row in node.addresses if row.is_a(SNIP)]
    named = next((row for row in rows if row.address == expected), None)
    rows = [row for row in rows if row.address not in apart]
    return named or _only(row for row in rows if row.management_access) or _only(rows)


def old_external(
    node: ObservedNode, wanted: VirtualIp, named: IPv4Address | None, apart: Collection[str] = ()
) -> str | None:
    """Return the address that ``wanted`` replaces, nothing if it replaces none.

    A change that was cut off shows as a declared address on which nothing listens yet, while all
    Gateway virtual servers still listen on one other address: that one is the old one.

    Args:
        node: The primary.
        wanted: The declared external virtual IP.
        named: The old one as the declaration names it.
        apart: Addresses that cannot be it.

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
    others = [row.address for row in node.addresses if row.is_a(VIP) and row.address not in apart]
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
    row = find_external(pair.speaker, pair.expected_external, pair.expected_further or ())
    return VirtualIp(address=row.address, netmask=_mask(row)) if row else None


def observed_internal(pair: ObservedPair) -> InternalVirtualIp | None:
    """Return the pair's internal virtual IP as it was found."""
    row = find_internal(pair.speaker, pair.expected_internal, pair.expected_further or ())
    if row is None:
        return None
    return InternalVirtualIp(address=row.address, netmask=_mask(row), management_access=row.management_access)


def observed_further(pair: ObservedPair) -> tuple[FurtherVirtualIp, ...] | None:
    """Return the pair's further virtual IPs as they were found, ``None`` if they are not managed."""
    if pair.expected_further is None:
        return None
    main = {str(found.address) for found in (observed_external(pair), observed_internal(pair)) if found}
    rows = further_rows(pair.speaker, pair.expected_further, main)
    found = (
        FurtherVirtualIp(
            address=row.address,
            netmask=_mask(row),
            role=VirtualIpRole.INTERNAL if row.is_a(SNIP) else VirtualIpRole.EXTERNAL,
            management_access=row.management_access and row.is_a(SNIP),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda virtual_ip: virtual_ip.address))


def further_rows(node: ObservedNode, named: Collection[str], main: Collection[str]) -> tuple[NsIp, ...]:
    """Return the addresses of a node that are its pair's further virtual IPs.

    They are the named ones, and all others that nothing listens on: one that came with a virtual
    server is that server's matter. In different networks only external ones belong to the pair.

    Args:
        node: The node that speaks for the pair.
        named: Addresses that are declared.
        main: The external and the internal virtual IP, which are none of these.
    """
    own = independent(node.ha)
    return tuple(
        row
        for row in node.addresses
        if row.is_on
        and row.address not in main
        and (row.address in named or (not row.servers and not (own and row.is_a(SNIP))))
    )


def _mask(row: NsIp) -> str:
    return row.netmask or str(HOST_MASK)


def _only(rows: Iterable[NsIp]) -> NsIp | None:
    found = list(rows)
    return found[0] if len(found) == 1 else None
