"""The network of a node: read it, and what has to change so that it is as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.models import Interface, ManagementAddress, Network, Pair
from gatepair.nitro import calls
from gatepair.nitro.resources.addresses import NetworkInterface
from gatepair.nitro.resources.system import NsHostName
from gatepair.workflows.plan import PlannedStep
from gatepair.workflows.settings import OFF, ON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.nitro.call import Call
    from gatepair.workflows.observation import ObservedNode


@attrs.frozen(kw_only=True)
class NetworkChange:
    """One change of a node's own network: the step in words and the call that makes it."""

    address: ManagementAddress
    step: PlannedStep
    call: Call


def host_name_of(node: ObservedNode) -> str:
    """Return the node's host name; its own entry among the nodes carries it as well."""
    return node.one(NsHostName).host_name or node.ha.name


def interfaces_of(node: ObservedNode) -> dict[str, Interface]:
    """Return the node's interfaces as far as failover is concerned, the loopback left out."""
    return {
        found.id: Interface(heartbeat=found.heartbeat.upper() != OFF, monitor=found.monitor.upper() != OFF)
        for found in node.all(NetworkInterface)
        if not found.is_loopback
    }


def observed_network(node: ObservedNode) -> Network:
    """Return the whole network of a node as it was found."""
    return Network(host_name=host_name_of(node) or None, interfaces=interfaces_of(node))


def network_changes(nodes: Iterable[ObservedNode], desired: Pair) -> tuple[NetworkChange, ...]:
    """Return what is missing on the nodes of a pair."""
    return tuple(
        change
        for node in nodes
        for change in node_network_changes(node, desired.appliance(node.address).network)
    )


def node_network_changes(node: ObservedNode, desired: Network) -> tuple[NetworkChange, ...]:
    """Return what is missing on one node; what is not declared is left as it is.

    An interface that is declared but not there is planned all the same, for the appliance to refuse
    by its name.
    """
    changes: list[NetworkChange] = []
    found = host_name_of(node)
    if desired.host_name is not None and desired.host_name != found:
        changes.append(
            NetworkChange(
                address=node.address,
                step=PlannedStep(
                    id="host-name",
                    title=f"Set the host name: {found or 'none'} -> {desired.host_name}",
                    node=str(node.address),
                ),
                call=calls.set_host_name(desired.host_name),
            )
        )
    present = interfaces_of(node)
    for name, wanted in (desired.interfaces or {}).items():
        if present.get(name) != wanted:
            changes.append(_interface_change(node, name, present.get(name), wanted))
    return tuple(changes)


def _interface_change(
    node: ObservedNode, name: str, found: Interface | None, wanted: Interface
) -> NetworkChange:
    values = {"haheartbeat": _switch(wanted.heartbeat), "hamonitor": _switch(wanted.monitor)}
    words = f"heartbeat {values['haheartbeat'].lower()}, monitor {values['hamonitor'].lower()}"
    was = (
        f" (was heartbeat {_switch(found.heartbeat).lower()}, monitor {_switch(found.monitor).lower()})"
        if found
        else ""
    )
    return NetworkChange(
        address=node.address,
        step=PlannedStep(id="interface", title=f"Set interface {name}: {words}{was}", node=str(node.address)),
        call=calls.set_interface(name, values),
    )


def _switch(on: bool) -> str:  # noqa: FBT001 - a conversion of one value
    return ON if on else OFF
