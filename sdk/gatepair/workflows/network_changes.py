"""What has to change so that the network of a node is as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import AlreadyExists, GatepairError, NotFound
from gatepair.models import Interface, ManagementAddress, Network, shared_network_keys
from gatepair.nitro import calls
from gatepair.nitro.network import (
    add_name_server,
    add_route,
    add_time_server,
    remove_name_server,
    remove_route,
    remove_time_server,
    switch_interface,
)
from gatepair.workflows.network_reading import host_name_of, interfaces_of, observed_network
from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.settings import OFF, ON, independent
from gatepair.workflows.vlan_changes import vlan_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gatepair.models import Pair
    from gatepair.nitro.call import Call
    from gatepair.workflows.observation import ObservedNode, ObservedPair


@attrs.frozen(kw_only=True)
class NetworkChange:
    """One change of a network: the step in words and the calls that make it.

    Attributes:
        address: The node it is made on.
        step: The change in words.
        calls: What is sent, in order.
        shared: The pair has it in common: it is made on the primary, which hands it on.
        done_if: Error that says that somebody has made it already.
    """

    address: ManagementAddress
    step: PlannedStep
    calls: tuple[Call, ...]
    shared: bool = False
    done_if: type[GatepairError] | None = None


def shared_keys_of(node: ObservedNode) -> tuple[str, ...]:
    """Return the members of its network that a node has in common with its peer; none without one."""
    if node.peer is None:
        return ()
    return shared_network_keys(independent_network=independent(node.ha))


def pair_network_changes(
    pair: ObservedPair, source: ObservedNode, desired: Pair, *, tied: bool
) -> tuple[NetworkChange, ...]:
    """Return what is missing on the nodes of a pair.

    What the nodes share is changed on the one whose configuration stays. Before they are tied each
    gets it itself: heartbeats or synchronization may need a VLAN of it.

    Args:
        pair: Both nodes.
        source: The node whose configuration stays.
        desired: The declaration.
        tied: Whether the nodes are a pair that stays as it is.
    """
    changes: list[NetworkChange] = []
    for node in pair.nodes:
        own = _with_failover_interface(node, desired)
        changes += node_network_changes(node, own)
    for node in (source,) if tied else pair.nodes:
        changes += (
            attrs.evolve(change, shared=tied) for change in node_network_changes(node, desired.shared_network)
        )
    return tuple(changes)


def _with_failover_interface(node: ObservedNode, desired: Pair) -> Network:
    """Return what is declared of a node's own, with heartbeats on the one interface that is to have them."""
    own = desired.own_network(node.address)
    chosen = desired.failover.failover_interface
    if not chosen:
        return own
    present = interfaces_of(node)
    told = {name: attrs.evolve(found, heartbeat=name == chosen) for name, found in present.items()}
    return attrs.evolve(own, interfaces={chosen: Interface()} | told | dict(own.interfaces or {}))


def node_network_changes(node: ObservedNode, desired: Network) -> tuple[NetworkChange, ...]:
    """Return what is missing on one node; what is not declared is left as it is.

    An interface that is declared but not there is planned all the same, for the appliance to refuse
    by its name.
    """
    return tuple(_changes(node, desired))


def _changes(node: ObservedNode, desired: Network) -> Iterator[NetworkChange]:
    yield from _host_name(node, desired)
    present = interfaces_of(node)
    for name, wanted in (desired.interfaces or {}).items():
        if present.get(name) != wanted:
            yield _interface(node, name, present.get(name), wanted)
    found = observed_network(node, desired.declared)
    for one in vlan_changes(node.address, found.vlans or {}, desired.vlans):
        yield NetworkChange(address=node.address, step=one.step, calls=one.calls, done_if=one.done_if)
    for key, noun, add, remove in (
        ("routes", "route", add_route, remove_route),
        ("dns_servers", "DNS server", add_name_server, remove_name_server),
        ("ntp_servers", "NTP server", add_time_server, remove_time_server),
    ):
        wanted_things = getattr(desired, key)
        if wanted_things is not None:
            yield from _list(node, noun, (getattr(found, key) or (), wanted_things), (add, remove))


def _host_name(node: ObservedNode, desired: Network) -> Iterator[NetworkChange]:
    found = host_name_of(node)
    if desired.host_name is None or desired.host_name == found:
        return
    yield NetworkChange(
        address=node.address,
        step=PlannedStep(
            id="host-name",
            title=f"Set the host name: {found or 'none'} -> {desired.host_name}",
            node=str(node.address),
        ),
        calls=(calls.set_host_name(desired.host_name),),
    )


def _interface(node: ObservedNode, name: str, found: Interface | None, wanted: Interface) -> NetworkChange:
    made: list[Call] = []
    if found is None or (found.heartbeat, found.monitor) != (wanted.heartbeat, wanted.monitor):
        values = {"haheartbeat": _switch(wanted.heartbeat), "hamonitor": _switch(wanted.monitor)}
        made.append(calls.set_interface(name, values))
    switched = found is not None and found.state != wanted.state
    if switched:
        made.append(switch_interface(name, on=wanted.state))
    was = f" (was {_in_words(found, state=switched)})" if found else ""
    return NetworkChange(
        address=node.address,
        step=PlannedStep(
            id="interface",
            title=f"Set interface {name}: {_in_words(wanted, state=switched)}{was}",
            node=str(node.address),
            impact=Impact.RECONNECT if switched else Impact.NONE,
            notice=f"What goes over {name} is cut off." if switched and not wanted.state else "",
        ),
        calls=tuple(made),
    )


def _in_words(interface: Interface, *, state: bool) -> str:
    words = f"heartbeat {_switch(interface.heartbeat)}, monitor {_switch(interface.monitor)}".lower()
    return f"{words}, {'enabled' if interface.state else 'disabled'}" if state else words


def _list(
    node: ObservedNode,
    noun: str,
    values: tuple[Iterable[object], Iterable[object]],
    make: tuple[Callable[..., Call], Callable[..., Call]],
) -> Iterator[NetworkChange]:
    """Add what is missing before what is too much is removed: at no time there is nothing."""
    found, wanted = ({str(value): value for value in side} for side in values)
    add, remove = make
    word = noun.lower().replace(" ", "-")
    for name in (name for name in wanted if name not in found):
        yield NetworkChange(
            address=node.address,
            step=PlannedStep(id=f"add-{word}", title=f"Add the {noun} {name}", node=str(node.address)),
            calls=(add(wanted[name]),),
            done_if=AlreadyExists,
        )
    for name in (name for name in found if name not in wanted):
        yield NetworkChange(
            address=node.address,
            step=PlannedStep(
                id=f"remove-{word}",
                title=f"Remove the {noun} {name}",
                node=str(node.address),
                impact=Impact.RECONNECT if noun == "route" else Impact.NONE,
                notice="What was reached through it goes over the default route." if noun == "route" else "",
            ),
            calls=(remove(found[name]),),
            done_if=NotFound,
        )


def _switch(on: bool) -> str:  # noqa: FBT001 - a conversion of one value
    return ON if on else OFF
