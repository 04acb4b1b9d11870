"""Addresses of the appliance: ``nsip``.

Attributes, defaults and wire types: the vendor's NITRO reference (configuration/ns/nsip) and
recorded replies of CPX and VPX appliances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    Access,
    ResourceType,
    Wire,
    address,
    choice,
    flag,
    number,
    switch,
    text,
)
from gatepair_emulator.resources.behaviour import NOTHING, Action, Behaviour, Outcome
from gatepair_emulator.values import JsonObject, JsonValue, Row, text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

# Marks an address that came with a virtual server and goes with the last one.
IMPLICIT: Final = "_implicit"
TYPES: Final = ("SNIP", "VIP", "NSIP", "GSLBsiteIP", "CLIP", "HostIP")
_FIXED_STATE: Final = frozenset({"SNIP", "NSIP", "CLIP"})

NSIP: Final = ResourceType(
    name="nsip",
    command="ns ip",
    key=("ipaddress", "td"),
    attributes=(
        address("ipaddress", required=True),
        number("td", 0, 4094, default=0),
        choice("type", *TYPES, default="SNIP", access=Access.FIXED),
        text("netmask", required=True),
        text("flags", default="40", access=Access.READ_ONLY),
        switch("arp"),
        switch("icmp"),
        switch("vserver"),
        switch("telnet"),
        switch("ftp"),
        choice("gui", "ENABLED", "SECUREONLY", "DISABLED", default="ENABLED"),
        switch("ssh"),
        switch("snmp"),
        switch("mgmtaccess", "DISABLED"),
        switch("restrictaccess", "DISABLED"),
        switch("dynamicrouting", "DISABLED"),
        switch("decrementttl", "DISABLED"),
        switch("hostroute", None),
        switch("networkroute", None),
        switch("advertiseondefaultpartition", "DISABLED"),
        text("hostrtgw"),
        text("hostrtgwact", default="0.0.0.0", access=Access.READ_ONLY),  # noqa: S104 - as printed
        number("metric", default=0, wire=Wire.NUMBER),
        choice(
            "vserverrhilevel", "ONE_VSERVER", "ALL_VSERVERS", "NONE", "VSVR_CNTRLD", default="ONE_VSERVER"
        ),
        choice("vserverrhimode", "DYNAMIC_ROUTING", "RISE", default="DYNAMIC_ROUTING"),
        choice("ospflsatype", "TYPE1", "TYPE5", default="TYPE5"),
        number("ospfareaval", default=0, access=Access.READ_ONLY),
        choice("icmpresponse", "NONE", "ONE_VSERVER", "ALL_VSERVERS", "VSVR_CNTRLD", default="NONE"),
        choice("arpresponse", "NONE", "ONE_VSERVER", "ALL_VSERVERS", default="NONE"),
        choice("ownerdownresponse", "YES", "NO", default="YES"),
        number("ownernode", default=255),
        number("tag", default=0),
        number("riserhimsgcode", default=32, wire=Wire.NUMBER, access=Access.READ_ONLY),
        flag("viprtadv2bsd", default=False, access=Access.READ_ONLY),
        switch("state"),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable"}),
)


NSIP6: Final = ResourceType(
    name="nsip6",
    command="ns ip6",
    key=("ipv6address", "td"),
    attributes=(
        address("ipv6address", required=True),
        number("td", 0, 4094, default=0),
        choice("scope", "global", "link-local", default="global", access=Access.ADD_ONLY),
        choice("type", *TYPES, default="SNIP", access=Access.FIXED),
        number("vlan", 0, 4094),
        switch("nd"),
        switch("icmp"),
        switch("vserver"),
        switch("telnet"),
        switch("ftp"),
        choice("gui", "ENABLED", "SECUREONLY", "DISABLED", default="ENABLED"),
        switch("ssh"),
        switch("snmp"),
        switch("mgmtaccess", "DISABLED"),
        switch("restrictaccess", "DISABLED"),
        switch("dynamicrouting", "DISABLED"),
        switch("state"),
    ),
    verbs=ALL_VERBS,
)


class Address6Behaviour(Behaviour):
    """IPv6 addresses; they are kept and shown, the emulated pair itself talks IPv4."""

    def adding(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """An address comes with its prefix."""
        if "/" not in str(row["ipv6address"]) or ":" not in str(row["ipv6address"]):
            raise NitroError(Code.INVALID_VALUE, f"ipv6address, {row['ipv6address']}")
        if row["type"] == "NSIP":
            raise NitroError(Code.SECOND_NSIP)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """State, list form of the type, and what the appliance is part of."""
        return {
            "iptype": [str(row["type"])],
            "curstate": str(row["state"]),
            "systemtype": "HA" if node.ha.paired else "Stand-alone",
        }


class AddressBehaviour(Behaviour):
    """NSIP, SNIPs and VIPs."""

    def __init__(self) -> None:
        super().__init__(NSIP)
        self.actions = {"enable": _set_state("ENABLED"), "disable": _set_state("DISABLED")}

    def adding(self, node: Node, row: Row) -> None:
        """Refuse what is taken by this node or its peer."""
        if row["type"] == "NSIP":
            raise NitroError(Code.SECOND_NSIP)
        _refuse_peer(node, str(row["ipaddress"]))
        if row["type"] == "VIP":
            row.setdefault("hostroute", "DISABLED")
        _check(row)

    def updating(self, node: Node, row: Row, new: Row) -> None:  # noqa: ARG002 - the signature is given
        """Check what the type allows."""
        new["type"] = row["type"]
        _check(new)

    def deleting(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """The NSIP stays."""
        if row["type"] == "NSIP":
            raise NitroError(Code.NOT_PERMITTED)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Counters and the list form of the type."""
        servers = [
            each
            for kind in ("vpnvserver", "lbvserver", "authenticationvserver")
            for each in node.configuration.rows(kind)
            if each.get("ipv46") == row["ipaddress"]
        ]
        return {
            "iptype": [str(row["type"])],
            "vipvsercount": str(len(servers)),
            "vipvserdowncount": "0" if node.ha.is_primary else str(len(servers)),
            "freeports": "1032095",
        }


def _check(row: Row) -> None:
    kind = row["type"]
    if kind == "VIP" and row.get("mgmtaccess") == "ENABLED":
        raise NitroError(Code.MANAGEMENT_ACCESS_REFUSED)
    if kind in _FIXED_STATE and "DISABLED" in (row.get("arp"), row.get("icmp")):
        raise NitroError(Code.ARP_ICMP_FIXED)
    if kind in _FIXED_STATE and row.get("state") == "DISABLED":
        raise NitroError(Code.STATE_FIXED)


def _refuse_peer(node: Node, address_: str) -> None:
    peer = node.ha.peer_row()
    if peer is not None and peer.get("ipaddress") == address_:
        raise NitroError(Code.PEER_NSIP)


def _set_state(state: str) -> Action:
    def act(node: Node, payload: JsonObject) -> Outcome:
        row = find_address(node, text_of(payload.get("ipaddress")))
        if row is None:
            raise NitroError(Code.NO_SUCH_RESOURCE, f"ipaddress, {text_of(payload.get('ipaddress'))}")
        _check({**row, "state": state})
        row["state"] = state
        return NOTHING

    return act


def find_address(node: Node, address_: str) -> Row | None:
    """The row of an address.

    Args:
        node: The appliance.
        address_: IP address.

    Returns:
        The row itself, or None.
    """
    return node.configuration.get(NSIP.name, f"{address_}\x1f0")


def new_address(address_: str, netmask: str, kind: str) -> Row:
    """A row with the type's defaults.

    Args:
        address_: IP address.
        netmask: Its netmask.
        kind: ``NSIP``, ``SNIP`` or ``VIP``.

    Returns:
        The row.
    """
    row: Row = {each.name: each.default for each in NSIP.attributes if each.default is not None}
    row.update({"ipaddress": address_, "netmask": netmask, "type": kind})
    return row


def put_address(node: Node, row: Row) -> None:
    """Store a row without further checks.

    Args:
        node: The appliance.
        row: The row.
    """
    node.configuration.put(NSIP.name, f"{row['ipaddress']}\x1f{row['td']}", row)


def ensure_vip(node: Node, address_: str) -> None:
    """Make the VIP that comes with a virtual server, if the address is not there yet.

    Args:
        node: The appliance.
        address_: The virtual server's address.

    Raises:
        NitroError: The address is a management address.
    """
    if address_ in {"", "0.0.0.0"}:  # noqa: S104 - a virtual server without an address
        return
    known = find_address(node, address_)
    if known is not None:
        if known["type"] == "NSIP":
            raise NitroError(Code.ALREADY_EXISTS, f"ipv46, {address_}")
        return
    _refuse_peer(node, address_)
    row = new_address(address_, "255.255.255.255", "VIP")
    row[IMPLICIT] = True
    put_address(node, row)


def release_vip(node: Node, address_: str) -> None:
    """Take an implicit VIP away when no virtual server uses it any more.

    Args:
        node: The appliance.
        address_: The address.
    """
    row = find_address(node, address_)
    if row is None or row.get(IMPLICIT) is not True:
        return
    for kind in ("vpnvserver", "lbvserver", "authenticationvserver"):
        if any(each.get("ipv46") == address_ for each in node.configuration.rows(kind)):
            return
    node.configuration.remove(NSIP.name, f"{address_}\x1f0")


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [AddressBehaviour(), Address6Behaviour(NSIP6)]
