"""The network around an appliance: VLANs, routes, name servers, time servers.

Source of the attributes: the vendor's NITRO reference, configuration/network, dns and ntp.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

from gatepair.nitro.decoding import Resource, flag, number, text, words


@attrs.frozen(kw_only=True)
class VlanRow(Resource):
    """``vlan``: with the interfaces in it."""

    TYPE: ClassVar[str] = "vlan"

    id: int = number()
    alias: str = text("aliasname")
    members: tuple[str, ...] = words("ifaces")
    tagged: tuple[str, ...] = words("tagifaces")


@attrs.frozen(kw_only=True)
class VlanInterface(Resource):
    """``vlan_interface_binding``: an interface in a VLAN."""

    TYPE: ClassVar[str] = "vlan_interface_binding"
    BULK: ClassVar[bool] = True

    vlan: int = number("id")
    interface: str = text("ifnum")


@attrs.frozen(kw_only=True)
class VlanAddress(Resource):
    """``vlan_nsip_binding``: an address bound to a VLAN."""

    TYPE: ClassVar[str] = "vlan_nsip_binding"
    BULK: ClassVar[bool] = True

    vlan: int = number("id")
    address: str = text("ipaddress")
    netmask: str = text()


@attrs.frozen(kw_only=True)
class StaticRoute(Resource):
    """``route``: a way to a network; the appliance lists its own networks among them."""

    TYPE: ClassVar[str] = "route"

    network: str = text()
    netmask: str = text()
    gateway: str = text()
    kinds: tuple[str, ...] = words("routetype")
    static: bool = flag(default=True)
    direct: bool = flag()
    permanent: bool = flag()

    @property
    def is_static(self) -> bool:
        """Whether somebody set it up, as opposed to one that follows from an address or a protocol."""
        named = not self.kinds or any(kind.upper() == "STATIC" for kind in self.kinds)
        return self.static and named and not self.direct and not self.permanent


@attrs.frozen(kw_only=True)
class NameServer(Resource):
    """``dnsnameserver``: a name server by its address, or a virtual server by its name."""

    TYPE: ClassVar[str] = "dnsnameserver"

    ip: str = text()


@attrs.frozen(kw_only=True)
class TimeServer(Resource):
    """``ntpserver``: by its address or by its name."""

    TYPE: ClassVar[str] = "ntpserver"

    address: str = text("serverip")
    name: str = text("servername")

    @property
    def host(self) -> str:
        """Address or name."""
        return self.address or self.name
