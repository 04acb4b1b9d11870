"""Checks of what is declared against what the appliances have, before a change."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from gatepair.models import FurtherVirtualIp, VirtualIpRole
from gatepair.nitro.resources.addresses import SNIP, NsIp
from gatepair.nitro.resources.gateway import CertificateKey, LdapAction
from gatepair.nitro.resources.system import NsConfig
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.virtual_ips import NO_ADDRESS, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Pair, VirtualIp
    from gatepair.workflows.changes import Changes
    from gatepair.workflows.observation import ObservedNode, ObservedPair

_TITLES: Final = {
    "virtual-ip-is-not-management": "Is no virtual IP a management address?",
    "virtual-ips-free": "Are the virtual IPs free?",
    "virtual-ips-subnet": "Do the virtual IPs fit the networks?",
    "joining-node-empty": "Does the joining node lose nothing?",
}
_MOST_NAMED: Final = 6


def _check(check_id: str, verdict: Verdict, *, node: str = "", evidence: str, remedy: str = "") -> Check:
    return Check(
        id=check_id, title=_TITLES[check_id], verdict=verdict, node=node, evidence=evidence, remedy=remedy
    )


def _declared(desired: Pair) -> tuple[tuple[str, VirtualIp], ...]:
    named = (("external", desired.external), ("internal", desired.internal))
    further = (("further", virtual_ip) for virtual_ip in desired.further or ())
    return (*((role, virtual_ip) for role, virtual_ip in named if virtual_ip is not None), *further)


def _needs_snip(desired: Pair, role: str, virtual_ip: VirtualIp) -> bool:
    if isinstance(virtual_ip, FurtherVirtualIp):
        return virtual_ip.role is VirtualIpRole.INTERNAL
    return role == "internal" or desired.same_address


def not_management(pair: ObservedPair, desired: Pair) -> Iterator[Check]:
    """A virtual IP moves between the nodes, so it cannot be the address of one of them."""
    found = False
    for role, virtual_ip in _declared(desired):
        for node in pair.nodes:
            if str(virtual_ip.address) in {node.nsip, str(node.address.host)}:
                found = True
                yield _check(
                    "virtual-ip-is-not-management",
                    Verdict.FAIL,
                    node=str(node.address),
                    evidence=f"the {role} virtual IP {virtual_ip.address} is this appliance's own address",
                    remedy=f"Declare another {role} virtual IP, one that no machine uses.",
                )
    if not found:
        yield _check("virtual-ip-is-not-management", Verdict.PASS, evidence="none is")


def free(changes: Changes, desired: Pair) -> Iterator[Check]:
    """An address that is there already must be one that can serve as this virtual IP."""
    found = False
    for role, virtual_ip in _declared(desired):
        problem = _obstacle(changes, desired, role, virtual_ip)
        if problem:
            found = True
            yield problem
    if not found:
        yield _check("virtual-ips-free", Verdict.PASS, evidence="they are free or the pair's already")


def _obstacle(changes: Changes, desired: Pair, role: str, virtual_ip: VirtualIp) -> Check | None:
    address = str(virtual_ip.address)
    source = changes.source
    other = next((row for row in source.all(NsIp) if row.address == address and not row.floats), None)
    if other is not None and address != source.nsip:
        return _check(
            "virtual-ips-free",
            Verdict.FAIL,
            node=str(source.address),
            evidence=f"{address} is there already as an address of type {other.kind}",
            remedy=f"Remove it, or declare another {role} virtual IP.",
        )
    row = row_of(source, address)
    if row is None:
        return None
    needs_snip = _needs_snip(desired, role, virtual_ip)
    if needs_snip and not row.is_a(SNIP):
        return _check(
            "virtual-ips-free",
            Verdict.FAIL,
            node=str(source.address),
            evidence=f"{address} is there as a VIP, which back ends cannot be reached from",
            remedy=(
                "An appliance does not change the type of an address: move what listens on it to another "
                f"address and remove it, or declare another {role} virtual IP."
            ),
        )
    if not needs_snip and row.is_a(SNIP) and not row.virtual_servers:
        return _check(
            "virtual-ips-free",
            Verdict.FAIL,
            node=str(source.address),
            evidence=f"{address} is there as a SNIP that no virtual server may use",
            remedy="Declare the same address as internal virtual IP too, or declare another one.",
        )
    return None


def fits_networks(changes: Changes, desired: Pair) -> Iterator[Check]:
    """An address outside the appliances' networks works only if routers know the way to it."""
    networks = _networks(changes.source)
    lost = [
        (role, virtual_ip)
        for role, virtual_ip in _declared(desired)
        if not any(virtual_ip.address in network for network in networks)
    ]
    if not lost:
        yield _check("virtual-ips-subnet", Verdict.PASS, evidence="they are in networks of the appliances")
    for role, virtual_ip in lost:
        yield _check(
            "virtual-ips-subnet",
            Verdict.WARN,
            node=str(changes.source.address),
            evidence=f"the {role} virtual IP {virtual_ip.address} is in no network of the appliance",
            remedy="Check the address, or see that routers lead it to both appliances.",
        )


def _networks(node: ObservedNode) -> list[IPv4Network]:
    config = node.one(NsConfig)
    pairs = [(node.nsip, config.netmask), *((row.address, row.netmask) for row in node.all(NsIp))]
    found: list[IPv4Network] = []
    for address, netmask in pairs:
        try:
            found.append(IPv4Network(f"{address}/{netmask}", strict=False))
        except ValueError:
            continue
    return found


def joining_node_empty(changes: Changes, desired: Pair) -> Iterator[Check]:
    """Joining replaces the node's configuration: what only it has would be lost."""
    if not changes.link:
        return
    node = str(changes.joining.address)
    lost = would_lose(changes.joining, changes.source)
    if not lost:
        yield _check("joining-node-empty", Verdict.PASS, node=node, evidence="it loses nothing by joining")
        return
    more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    named = ", ".join(lost[:_MOST_NAMED]) + more
    yield _check(
        "joining-node-empty",
        Verdict.WARN if desired.overwrite_joining_node else Verdict.FAIL,
        node=node,
        evidence=f"it has a configuration of its own, which joining replaces: {named}",
        remedy=(
            "It will be overwritten, as declared."
            if desired.overwrite_joining_node
            else "If that may go, declare overwrite_joining_node = true; if it is to stay, declare this node "
            "as preferred_primary."
        ),
    )


def would_lose(joining: ObservedNode, source: ObservedNode) -> tuple[str, ...]:
    """Return what the joining node has and the other one has not, in words."""
    kept = set(_belongings(source))
    return tuple(thing for thing in _belongings(joining) if thing not in kept)


def _belongings(node: ObservedNode) -> Iterator[str]:
    for certificate in node.all(CertificateKey):
        yield f"certificate {certificate.name}"
    for action in node.all(LdapAction):
        yield f"LDAP action {action.name}"
    for server in node.servers:
        where = "" if server.address in NO_ADDRESS else f" ({server.address}:{server.port})"
        yield f"{type(server).TYPE} {server.name}{where}"
    for row in node.addresses:
        yield f"address {row.address}"
