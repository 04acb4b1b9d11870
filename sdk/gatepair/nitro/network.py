"""The changes of an appliance's network, each as a `Call`.

They ask for warnings: on a secondary, one says that the change will be lost.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from gatepair.models import Route, Tagging
from gatepair.nitro.call import Call, Method
from gatepair.nitro.calls import act, add, remove, update
from gatepair.nitro.resources.addresses import NetworkInterface
from gatepair.nitro.resources.network import (
    NameServer,
    StaticRoute,
    TimeServer,
    VlanAddress,
    VlanInterface,
    VlanRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair.models.network import Host


def switch_interface(interface: str, *, on: bool) -> Call:
    """Switch a network interface on or off."""
    verb = "enable" if on else "disable"
    return act(NetworkInterface.TYPE, verb, {"id": interface}, replayable=True)


def add_vlan(number: int, alias: str) -> Call:
    """Add a VLAN that nothing is bound to yet."""
    return add(VlanRow.TYPE, {"id": number, **({"aliasname": alias} if alias else {})}, warnings=True)


def name_vlan(number: int, alias: str) -> Call:
    """Give a VLAN another alias, or none."""
    if alias:
        return update(VlanRow.TYPE, {"id": number, "aliasname": alias}, warnings=True)
    return act(VlanRow.TYPE, "unset", {"id": number, "aliasname": True}, replayable=True, warnings=True)


def remove_vlan(number: int) -> Call:
    """Remove a VLAN with all that is bound to it."""
    return remove(VlanRow.TYPE, str(number), warnings=True)


def bind_interface(number: int, interface: str, tagging: Tagging) -> Call:
    """Put an interface into a VLAN."""
    tagged = {"tagged": True} if tagging is Tagging.TAGGED else {}
    return add(VlanInterface.TYPE, {"id": number, "ifnum": interface, **tagged}, warnings=True)


def unbind_interface(number: int, interface: str, tagging: Tagging) -> Call:
    """Take an interface out of a VLAN; an untagged one goes back to VLAN 1."""
    tagged = {"tagged": "true"} if tagging is Tagging.TAGGED else {}
    return _remove_by(VlanInterface.TYPE, str(number), {"ifnum": interface, **tagged})


def bind_address(number: int, address: IPv4Address, netmask: IPv4Address) -> Call:
    """Bind an address that the appliance owns to a VLAN."""
    payload = {"id": number, "ipaddress": str(address), "netmask": str(netmask)}
    return add(VlanAddress.TYPE, payload, warnings=True)


def unbind_address(number: int, address: IPv4Address, netmask: IPv4Address) -> Call:
    """Take an address off a VLAN."""
    return _remove_by(VlanAddress.TYPE, str(number), {"ipaddress": str(address), "netmask": str(netmask)})


def add_route(route: Route) -> Call:
    """Add a static route."""
    return add(StaticRoute.TYPE, _route(route), warnings=True)


def remove_route(route: Route) -> Call:
    """Remove a static route."""
    values = _route(route)
    return _remove_by(StaticRoute.TYPE, values.pop("network"), values)


def add_name_server(server: IPv4Address | IPv6Address) -> Call:
    """Ask one more name server."""
    return add(NameServer.TYPE, {"ip": str(server)}, warnings=True)


def remove_name_server(server: IPv4Address | IPv6Address) -> Call:
    """Ask a name server no longer."""
    return remove(NameServer.TYPE, str(server), warnings=True)


def add_time_server(server: Host) -> Call:
    """Take the time from one more server."""
    key = "servername" if isinstance(server, str) else "serverip"
    return add(TimeServer.TYPE, {key: str(server)}, warnings=True)


def remove_time_server(server: Host) -> Call:
    """Take the time from a server no longer."""
    return remove(TimeServer.TYPE, str(server), warnings=True)


def _route(route: Route) -> dict[str, str]:
    return {"network": str(route.network), "netmask": str(route.netmask), "gateway": str(route.gateway)}


def _remove_by(resource: str, name: str, arguments: Mapping[str, str]) -> Call:
    """Delete a resource whose key has several parts."""
    return Call(
        method=Method.DELETE,
        resource=resource,
        name=name,
        arguments=arguments,
        replayable=True,
        warnings=True,
    )
