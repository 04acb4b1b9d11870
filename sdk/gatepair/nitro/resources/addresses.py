"""Addresses and interfaces of an appliance."""

from __future__ import annotations

from typing import ClassVar

import attrs

from gatepair.nitro.decoding import Resource, flag, number, text, words

NSIP = "NSIP"
SNIP = "SNIP"
VIP = "VIP"
FLOATING = frozenset({SNIP, VIP})
"""Types of address that move with the primary (all but the appliance's own)."""


@attrs.frozen(kw_only=True)
class NsIp(Resource):
    """``nsip``: an address the appliance owns."""

    TYPE: ClassVar[str] = "nsip"

    address: str = text("ipaddress")
    netmask: str = text()
    kind: str = text("type")
    kinds: tuple[str, ...] = words("iptype")
    virtual_servers: bool = flag("vserver")
    management_access: bool = flag("mgmtaccess")
    state: str = text()
    servers: int = number("vipvsercount")

    def is_a(self, kind: str) -> bool:
        """Whether the address is of this type; some builds fill ``iptype`` only."""
        return kind in {self.kind.upper(), *(word.upper() for word in self.kinds)}

    @property
    def floats(self) -> bool:
        """Whether the address moves with the primary."""
        return any(self.is_a(kind) for kind in FLOATING)

    @property
    def is_on(self) -> bool:
        """Whether the address answers at all on the node that is primary."""
        return self.state.upper() != "DISABLED"

    @property
    def serves_users(self) -> bool:
        """Whether virtual servers may listen on it and it moves with the primary."""
        return self.is_on and (self.is_a(VIP) or (self.is_a(SNIP) and self.virtual_servers))


@attrs.frozen(kw_only=True)
class NetworkInterface(Resource):
    """``Interface``: a network card; the capital letter is the wire's."""

    TYPE: ClassVar[str] = "Interface"

    id: str = text()
    heartbeat: str = text("haheartbeat")
    monitor: str = text("hamonitor")
    state: str = text()
    link: str = text("linkstate")
    kind: str = text("intftype")

    @property
    def is_loopback(self) -> bool:
        """Whether this is the internal loopback interface, which carries no heartbeats."""
        return self.id.upper().startswith("LO")
