"""The canonical document of an appliance's network, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from gatepair import _kinds as kinds
from gatepair._networks import read_network
from gatepair._reading import Findings, Table
from gatepair.documents.refusal import raise_if_any
from gatepair.models import (
    NETWORK_KEYS,
    Difference,
    Interface,
    ManagementAddress,
    Network,
    Route,
    Vlan,
    compare,
)

if TYPE_CHECKING:
    from gatepair.documents.pair import Document

K = TypeVar("K")
V = TypeVar("V")
LABELS: Final[Mapping[str, str]] = {
    "dns_servers": "DNS servers",
    "host_name": "host name",
    "ntp_servers": "NTP servers",
}


def network_to_document(address: ManagementAddress | str, network: Network) -> Document:
    """Return the canonical document of a network: its address and what is declared, nothing else.

    Raises:
        InvalidInput: ``address`` is no management address.

    Example:
        >>> network_to_document("192.0.2.11:443", Network(host_name="gw-a"))
        {'id': '192.0.2.11', 'host_name': 'gw-a'}
    """
    identifier = ManagementAddress.parse(address) if isinstance(address, str) else address
    document: Document = {"id": str(identifier)}
    written = {
        "host_name": network.host_name,
        "interfaces": _mapping(network.interfaces, _interface),
        "vlans": _mapping(network.vlans, _vlan),
        "routes": _list(network.routes, _route),
        "dns_servers": _list(network.dns_servers, str),
        "ntp_servers": _list(network.ntp_servers, str),
    }
    document.update({key: value for key, value in written.items() if value is not None})
    return document


def network_from_document(
    document: Mapping[str, object], address: ManagementAddress | str | None = None
) -> Network:
    """Return the network that a document declares.

    Args:
        document: ``id`` and any of `NETWORK_KEYS`; each interface with all of its keys.
        address: The appliance that ``id`` has to name, if given.

    Raises:
        InvalidInput: The message names everything that is wrong, ``key`` the first of it.
    """
    findings = Findings()
    table = Table(document, findings, complete=True)
    named = table.take("id", kinds.MANAGEMENT_ADDRESS, None)
    expected = ManagementAddress.parse(address) if isinstance(address, str) else address
    if named and expected and named != expected:
        table.note("id", f"is {named}, but the document is for {expected}")
    network = read_network(table)
    table.close(NETWORK_KEYS)
    raise_if_any(findings)
    return network or Network()


def network_differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return in which values two documents of a network differ."""
    return compare(before, after, LABELS)


def _mapping(values: Mapping[K, V] | None, write: Callable[[V], object]) -> Document | None:
    return None if values is None else {str(key): write(value) for key, value in values.items()}


def _list(values: Iterable[V] | None, write: Callable[[V], object]) -> list[object] | None:
    return None if values is None else [write(value) for value in values]


def _interface(interface: Interface) -> Document:
    return {
        "heartbeat": "on" if interface.heartbeat else "off",
        "monitor": "on" if interface.monitor else "off",
        "state": "enabled" if interface.state else "disabled",
    }


def _vlan(vlan: Vlan) -> Document:
    return {
        "alias": vlan.alias,
        "interfaces": {name: str(tagging) for name, tagging in vlan.interfaces.items()},
        "addresses": {str(address): str(netmask) for address, netmask in vlan.addresses.items()},
    }


def _route(route: Route) -> Document:
    return {"network": str(route.network), "netmask": str(route.netmask), "gateway": str(route.gateway)}
