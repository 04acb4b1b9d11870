"""The network of one appliance: its own part, and the part it shares with its peer."""

# ruff: noqa: TC001 - the types of attrs classes stay resolvable at run time
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.addresses import parse_host
from gatepair.models.interface import Interface, check_interface_name, interface_order
from gatepair.models.route import Route
from gatepair.models.vlan import Vlan, check_vlans

IpAddress: TypeAlias = IPv4Address | IPv6Address
Host: TypeAlias = IpAddress | str

LONGEST_HOST_NAME: Final = 255
# nshostname refuses other names with error 417, "Invalid hostname".
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def _interfaces(value: Mapping[str, Interface] | None) -> Mapping[str, Interface] | None:
    if value is None:
        return None
    for name in value:
        check_interface_name(name)
    return MappingProxyType({name: value[name] for name in sorted(value, key=interface_order)})


def _vlans(value: Mapping[int, Vlan] | None) -> Mapping[int, Vlan] | None:
    if value is None:
        return None
    check_vlans(value)
    return MappingProxyType(dict(sorted(value.items())))


def _routes(value: Iterable[Route] | None) -> tuple[Route, ...] | None:
    if value is None:
        return None
    routes = tuple(sorted(value))
    _check_different("routes", routes)
    return routes


def _dns_servers(value: Iterable[IpAddress | str] | None) -> tuple[IpAddress, ...] | None:
    if value is None:
        return None
    found = tuple(sorted((_ip(server) for server in value), key=_host_order))
    _check_different("dns_servers", found)
    return found


def _ntp_servers(value: Iterable[Host] | None) -> tuple[Host, ...] | None:
    if value is None:
        return None
    found = tuple(sorted((_named_host(server) for server in value), key=_host_order))
    _check_different("ntp_servers", found)
    return found


def _ip(value: IpAddress | str) -> IpAddress:
    try:
        return ip_address(value) if isinstance(value, str) else value
    except ValueError:
        raise InvalidInput(f"'{value}' is not an IP address", key="dns_servers") from None


def _named_host(value: Host) -> Host:
    try:
        return parse_host(value) if isinstance(value, str) else value
    except InvalidInput as error:
        raise error.at(key="ntp_servers") from None


def _host_order(host: Host) -> tuple[int, int, str]:
    return (9, 0, host) if isinstance(host, str) else (host.version, int(host), "")


def _check_different(key: str, things: tuple[object, ...]) -> None:
    twice = next((thing for thing in things if things.count(thing) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{twice} is there twice", key=key)


def _check_host_name(_: object, __: object, value: str | None) -> None:
    if value is not None and (len(value) > LONGEST_HOST_NAME or not _HOST_NAME.fullmatch(value)):
        raise InvalidInput(f"'{value}' is not a host name", key="host_name")


@attrs.frozen(kw_only=True)
class Network:
    """What is declared of an appliance's network. ``None`` means: not declared, left as it is.

    A declared list is complete: what is not in it is removed. Interfaces cannot be removed, so of
    these only the named ones are touched.

    Host name and interfaces are always the node's own. The others belong to the pair, come from the
    primary and are changed there, except that VLANs and routes are each node's own when the nodes
    stand in different networks; see `shared_network_keys`.

    Attributes:
        host_name: 1 to 255 characters.
        interfaces: Declared interfaces by name, in the order of their numbers.
        vlans: VLANs by number, 2 to 4094.
        routes: Static routes other than the default route, in the order of their networks.
        dns_servers: Name servers, IP addresses in their order.
        ntp_servers: Time servers, IP addresses before host names.

    Example:
        >>> Network(host_name="gw-a", interfaces={"1/10": Interface(), "1/2": Interface()}).declared
        ('host_name', 'interfaces')
    """

    host_name: str | None = attrs.field(default=None, validator=_check_host_name)
    interfaces: Mapping[str, Interface] | None = attrs.field(default=None, converter=_interfaces, hash=False)
    vlans: Mapping[int, Vlan] | None = attrs.field(default=None, converter=_vlans, hash=False)
    routes: tuple[Route, ...] | None = attrs.field(default=None, converter=_routes)
    dns_servers: tuple[IpAddress, ...] | None = attrs.field(default=None, converter=_dns_servers)
    ntp_servers: tuple[Host, ...] | None = attrs.field(default=None, converter=_ntp_servers)

    @property
    def declared(self) -> tuple[str, ...]:
        """Names of the members that are declared."""
        return tuple(name for name in NETWORK_KEYS if getattr(self, name) is not None)

    def limited(self, *, keys: Iterable[str], interfaces: tuple[str, ...] | None = None) -> Network:
        """Return the network with only some members and, of the interfaces, only some names.

        Args:
            keys: Members to keep, see `NETWORK_KEYS`.
            interfaces: Interfaces to keep; absent, all.
        """
        wanted = set(keys)
        kept: dict[str, object] = {key: getattr(self, key) for key in NETWORK_KEYS if key in wanted}
        if interfaces is not None and "interfaces" in wanted and self.interfaces is not None:
            kept["interfaces"] = {
                name: interface for name, interface in self.interfaces.items() if name in interfaces
            }
        return attrs.evolve(Network(), **kept)


NETWORK_KEYS: Final = tuple(field.name for field in attrs.fields(Network))
"""Everything of a network that can be declared."""

_SHARED: Final = ("vlans", "routes", "dns_servers", "ntp_servers")
_SHARED_ANYWHERE: Final = ("dns_servers", "ntp_servers")


def shared_network_keys(*, independent_network: bool) -> tuple[str, ...]:
    """Return the members of a network that the two nodes of a pair share.

    Source: NetScaler documentation, "Configuring high availability nodes in different subnets" and
    the command reference of ``sync HA`` for what is synchronized.

    Args:
        independent_network: Whether the nodes stand in different networks (INC mode).
    """
    return _SHARED_ANYWHERE if independent_network else _SHARED
