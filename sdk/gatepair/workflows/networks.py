"""Read and change the network of one appliance; never through its peer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.models import NETWORK_KEYS, ManagementAddress, Network
from gatepair.nitro.resources.addresses import NetworkInterface
from gatepair.nitro.resources.system import NsConfig, NsHostName
from gatepair.workflows.core import Flow, announce, ask
from gatepair.workflows.network_changes import node_network_changes, observed_network
from gatepair.workflows.observe import observe_node
from gatepair.workflows.plan import ChangePlan, PlannedStep
from gatepair.workflows.writing import save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.nitro.decoding import Resource
    from gatepair.workflows.observation import ObservedNode

_KINDS: tuple[type[Resource], ...] = (NsHostName, NetworkInterface, NsConfig)


def read_network(
    address: ManagementAddress, keys: Iterable[str] | None = None, interfaces: Iterable[str] | None = None
) -> Flow[Network]:
    """Return an appliance's network, or the part of it that is asked for.

    Args:
        address: The appliance.
        keys: Members to read, see `gatepair.models.NETWORK_KEYS`; absent, all.
        interfaces: Interfaces to read; absent, all but the loopback.
    """
    node = yield from observe_node(address, _KINDS)
    return observed_network(node).limited(
        keys=NETWORK_KEYS if keys is None else tuple(keys),
        interfaces=None if interfaces is None else tuple(interfaces),
    )


def plan_network(address: ManagementAddress, desired: Network) -> Flow[ChangePlan]:
    """Return what `converge_network` would do."""
    node = yield from observe_node(address, _KINDS)
    return ChangePlan(steps=tuple(_steps(node, desired)))


def converge_network(address: ManagementAddress, desired: Network) -> Flow[Network]:
    """Make an appliance's network as declared and save it; what is not declared stays as it is.

    Returns:
        What was declared, as it is found in the end.
    """
    node = yield from observe_node(address, _KINDS)
    changes = node_network_changes(node, desired)
    for change in changes:
        yield from announce(change.step.id, change.step.title, address)
        yield from ask(address, change.call)
    if changes or node.unsaved:
        yield from save([address])
    return (
        yield from read_network(
            address, desired.declared, None if desired.interfaces is None else tuple(desired.interfaces)
        )
    )


def _steps(node: ObservedNode, desired: Network) -> Iterable[PlannedStep]:
    changes = node_network_changes(node, desired)
    yield from (change.step for change in changes)
    if changes or node.unsaved:
        yield PlannedStep(id="save", title="Save the configuration", node=str(node.address))
