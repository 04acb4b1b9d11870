"""What else to touch when a pair changes: names, translation, firewalls, other hosts.

Sources: docs.netscaler.com, "High Availability", and jgspiers.com/netscaler-high-availability for the ports
between the nodes; danielruiz.net/2012/07/05/access-gateway-5-0-4-fail-over-configuration for the hosts entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.values import further, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.plans import Json

PEER_PORTS: Final = "UDP 3003, TCP 3008, 3010, 22 and 443"
LOGON_PORTS: Final = "TCP 443, and UDP 443 for DTLS"
_ALLOW_INTERNAL: Final = "Firewall to the back ends: allow"


def to_touch(before: Json | None, after: Json | None) -> Iterator[str]:
    """Yield what people have to do outside of the pair, in sentences.

    Args:
        before: Document of the pair as it is, None for a new one.
        after: Document as it shall be, None for one that goes.
    """
    yield from _peers(before, after)
    if after is None and member(before, "id"):
        return
    yield from _external(_address(before, "external"), _address(after, "external"))
    yield from _internal(_address(before, "internal"), _address(after, "internal"))
    yield from _further(before, after)
    access = [member(side, "internal_virtual_ip.management_access") for side in (before, after)]
    if before and after and access[0] != access[1] and access[0] and access[1]:
        yield (
            f"Management: what is managed through the internal virtual IP has to use "
            f"{'it again' if access[1] == 'enabled' else 'the management addresses'}."
        )
    if after and member(after, "sync_vlan") not in (0, "", member(before, "sync_vlan")):
        yield f"Switches: VLAN {member(after, 'sync_vlan')} must reach both appliances."


def _peers(before: Json | None, after: Json | None) -> Iterator[str]:
    old, new = (set(str(member(side, "id")).split(",")) - {""} for side in (before, after))
    if new - old:
        nodes = " and ".join(sorted(new))
        yield f"Firewall between the appliances: open {PEER_PORTS} both ways between {nodes}."
    if after is None and old:
        yield "Monitoring: the appliance that leaves the pair is a standalone one from then on."


def _external(old: str, new: str) -> Iterator[str]:
    if old == new:
        return
    if not new:
        yield f"Nothing is done about {old}: it stays on the appliances until somebody removes it there."
        return
    if old:
        yield f"DNS: point the gateway's name from {old} to {new}; lower its time to live before."
        yield f"NAT: translate the public address to {new} instead of {old}."
        yield f"Firewall: allow users to {new} ({LOGON_PORTS}); drop the rules for {old} afterwards."
        yield f"Web Interface and StoreFront hosts: the hosts entry of the gateway goes from {old} to {new}."
    else:
        yield f"DNS: the gateway's name has to point to {new}."
        yield f"NAT and firewall: let users reach {new} ({LOGON_PORTS})."
        yield f"Web Interface and StoreFront hosts: their hosts entry of the gateway has to name {new}."


def _internal(old: str, new: str) -> Iterator[str]:
    if old == new:
        return
    if not new:
        yield f"Nothing is done about {old}: it stays on the appliances until somebody removes it there."
    elif old:
        yield f"{_ALLOW_INTERNAL} {new}; drop the rules for {old} afterwards."
    else:
        yield f"{_ALLOW_INTERNAL} {new}."


def _further(before: Json | None, after: Json | None) -> Iterator[str]:
    if "further_virtual_ips" not in (after or {}):  # then they are left as they are
        return
    for role, allow in (("external", "NAT and firewall: let users reach"), ("internal", _ALLOW_INTERNAL)):
        old, new = further(before, role), further(after, role)
        came, gone = ([each for each in a if each not in b] for a, b in ((new, old), (old, new)))
        if came:
            yield f"{allow} {', '.join(came)}."
        if gone:
            yield f"Firewall: drop the rules for {', '.join(gone)} afterwards."


def _address(document: Json | None, role: str) -> str:
    return str(member(document, f"{role}_virtual_ip.address"))


def network_to_touch(address: str, labels: set[str]) -> Iterator[str]:
    """Yield what people have to do when the network of an appliance changes.

    Args:
        address: The appliance.
        labels: First parts of the keys that change.
    """
    if "host_name" in labels:
        yield f"Monitoring and inventory: {address} gets another host name."
    if {"vlans", "interfaces"} & labels:
        yield f"Switches: the ports of {address} must carry what its interfaces and VLANs now expect."
    if {"dns_servers", "ntp_servers"} & labels:
        yield f"Firewall: let {address} reach its name servers (UDP and TCP 53) and time servers (UDP 123)."
    if "routes" in labels:
        yield f"Routers: the way back to {address} must match its new routes."
