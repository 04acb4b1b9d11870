"""Read and change the network of one appliance.

What is the node's own is changed on the node itself, never through its peer. What the two nodes of a
pair share is read on the node too, but changed on the primary: written on the secondary it would be
lost at the next synchronization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import ConcurrentChange, DeadlineExceeded, GatepairError, WriteToSecondaryRefused
from gatepair.models import NETWORK_KEYS, ManagementAddress, Network
from gatepair.workflows.core import Ask, Flow, Patience, announce, at_once, expect, poll
from gatepair.workflows.network_changes import NetworkChange, node_network_changes, shared_keys_of
from gatepair.workflows.network_reading import network_differences_of, observed_network, reading_kinds
from gatepair.workflows.observation import ObservedNode, Role
from gatepair.workflows.observe import observe_node
from gatepair.workflows.plan import ChangePlan, PlannedStep
from gatepair.workflows.writing import save, write_on_primary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROUNDS: Final = 3
"""Looks and changes at most: one, and more when somebody else changes the same things meanwhile."""

HANDED_ON_S: Final = 60.0


def read_network(
    address: ManagementAddress, keys: Iterable[str] | None = None, interfaces: Iterable[str] | None = None
) -> Flow[Network]:
    """Return an appliance's network, or the part of it that is asked for.

    Args:
        address: The appliance.
        keys: Members to read, see `gatepair.models.NETWORK_KEYS`; absent, all.
        interfaces: Interfaces to read; absent, all but the loopback.
    """
    wanted = NETWORK_KEYS if keys is None else tuple(keys)
    node = yield from observe_node(address, reading_kinds(wanted))
    return observed_network(node, wanted).limited(
        keys=wanted, interfaces=None if interfaces is None else tuple(interfaces)
    )


def plan_network(
    address: ManagementAddress, desired: Network, known: Sequence[ManagementAddress] = ()
) -> Flow[ChangePlan]:
    """Return what `converge_network` would do."""
    node = yield from observe_node(address, reading_kinds(desired.declared))
    place = yield from _place_of_shared(node, desired, known)
    changes = _missing(node, place, desired)
    steps = [change.step for change in changes]
    unsaved = dict.fromkeys([*(change.address for change in changes), *([address] if node.unsaved else [])])
    steps += [PlannedStep(id="save", title="Save the configuration", node=str(each)) for each in unsaved]
    return ChangePlan(steps=tuple(steps), differences=network_differences_of(node, desired))


def converge_network(
    address: ManagementAddress, desired: Network, known: Sequence[ManagementAddress] = ()
) -> Flow[Network]:
    """Make an appliance's network as declared and save it; what is not declared stays as it is.

    Args:
        address: The appliance.
        desired: What is declared of its network.
        known: Management addresses among which its peer is.

    Returns:
        What was declared, as it is found in the end.

    Raises:
        WriteToSecondaryRefused: The change belongs on the primary, and that is not among ``known``.
        ConcurrentChange: Somebody else changes the same things at the same time.
    """
    kinds = reading_kinds(desired.declared)
    for _ in range(ROUNDS):
        node = yield from observe_node(address, kinds)
        place = yield from _place_of_shared(node, desired, known)
        changes = _missing(node, place, desired)
        if not changes:
            if node.unsaved:
                yield from save([address])
            node = yield from _handed_on(node, place, desired)
            return _found(node, desired)
        yield from carry_out(place, changes)
        yield from save(dict.fromkeys(change.address for change in changes))
    raise ConcurrentChange(
        "its network changes again and again while it is being changed", node=address, step="network"
    )


def carry_out(place: ObservedNode, changes: Iterable[NetworkChange]) -> Flow[bool]:
    """Make changes one after the other.

    Args:
        place: The node that changes of what is shared go to.
        changes: The changes.

    Returns:
        Whether the secondary has what is shared too.
    """
    everywhere = True
    for change in changes:
        yield from announce(change.step.id, change.step.title, change.address)
        if change.shared:
            done = yield from write_on_primary(place, change.calls, absent=change.done_if)
            everywhere = everywhere and done
            continue
        for call in change.calls:
            (outcome,) = yield from at_once(Ask(change.address, call))
            if change.done_if is None or not isinstance(outcome, change.done_if):
                expect(outcome)
    return everywhere


def _missing(node: ObservedNode, place: ObservedNode, desired: Network) -> tuple[NetworkChange, ...]:
    """Return what is missing: the node's own on the node, what is shared where it belongs."""
    return tuple(_split(node, place, desired))


def _split(node: ObservedNode, place: ObservedNode, desired: Network) -> Iterator[NetworkChange]:
    shared = shared_keys_of(node)
    yield from node_network_changes(node, desired.limited(keys=set(NETWORK_KEYS) - set(shared)))
    for change in node_network_changes(place, desired.limited(keys=shared)):
        yield attrs.evolve(change, shared=bool(shared))


def _place_of_shared(
    node: ObservedNode, desired: Network, known: Sequence[ManagementAddress]
) -> Flow[ObservedNode]:
    """Return the node where what the pair shares is to be changed: the primary.

    Raises:
        WriteToSecondaryRefused: Something is to be changed, and the primary is not known.
    """
    keys = [key for key in shared_keys_of(node) if key in desired.declared]
    if not keys or node.role is not Role.SECONDARY or node.peer is None:
        return node
    for other in known:
        if other != node.address:
            primary = yield from observe_node(other, reading_kinds(keys))
            if primary.nsip == node.peer.ip_address:
                return primary
    if node_network_changes(node, desired.limited(keys=keys)):
        raise WriteToSecondaryRefused(
            f"{', '.join(keys)} belong to its pair and are changed on the primary",
            node=node.address,
            remedy=f"Send the change to the primary, {node.peer.ip_address}.",
        )
    return node


def _handed_on(node: ObservedNode, place: ObservedNode, desired: Network) -> Flow[ObservedNode]:
    """Wait until a secondary has what was changed on its primary, and return it."""
    keys = [key for key in shared_keys_of(node) if key in desired.declared]
    if place.address == node.address:
        return node

    def give_up(_: ObservedNode, waited: float) -> GatepairError:
        return DeadlineExceeded(
            "waited for the secondary to take over the change",
            reason=f"{', '.join(keys)} differ from the primary's",
            waited_s=waited,
            step="network",
            node=node.address,
        )

    return (
        yield from poll(
            lambda: observe_node(node.address, reading_kinds(desired.declared)),
            until=lambda found: not node_network_changes(found, desired.limited(keys=keys)),
            waiting_for=lambda _: "the secondary does not have the change yet",
            give_up=give_up,
            patience=Patience(deadline_s=HANDED_ON_S),
        )
    )


def _found(node: ObservedNode, desired: Network) -> Network:
    interfaces = None if desired.interfaces is None else tuple(desired.interfaces)
    return observed_network(node, desired.declared).limited(keys=desired.declared, interfaces=interfaces)
