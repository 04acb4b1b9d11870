"""The canonical document of an appliance's network, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gatepair import _kinds as kinds
from gatepair._parts import read_interfaces
from gatepair._reading import Findings, Table
from gatepair.documents.refusal import raise_if_any
from gatepair.models import NETWORK_KEYS, Difference, ManagementAddress, Network, compare

if TYPE_CHECKING:
    from gatepair.documents.pair import Document

LABELS: Final[Mapping[str, str]] = {"host_name": "host name"}


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
    if network.host_name is not None:
        document["host_name"] = network.host_name
    if network.interfaces is not None:
        document["interfaces"] = {
            name: {"heartbeat": _on(interface.heartbeat), "monitor": _on(interface.monitor)}
            for name, interface in network.interfaces.items()
        }
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
    inner = table.table("interfaces") if "interfaces" in table else None
    parts = {
        "host_name": table.take("host_name", kinds.TEXT, None) if "host_name" in table else None,
        "interfaces": read_interfaces(inner) if inner else None,
    }
    table.close(NETWORK_KEYS)
    network = table.build(Network, {}, parts)
    raise_if_any(findings)
    return network or Network()


def network_differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return in which values two documents of a network differ."""
    return compare(before, after, LABELS)


def _on(value: bool) -> str:  # noqa: FBT001 - the value itself, not a mode of the function
    return "on" if value else "off"
