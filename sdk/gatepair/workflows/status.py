"""Live facts of a pair, and what is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.nitro.resources.ha import SYNC_DONE, SYNC_OFF, UP, HaStatistics
from gatepair.nitro.resources.system import NsVersion
from gatepair.workflows.changes import sync_state
from gatepair.workflows.network_reading import host_name_of
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role, Shape
from gatepair.workflows.observe import STATUS, Addresses, observe, observe_node
from gatepair.workflows.result import NodeStatus, PairStatus
from gatepair.workflows.settings import read_settings
from gatepair.workflows.virtual_ips import observed_external, observed_internal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import ManagementAddress
    from gatepair.workflows.core import Flow


def status(
    addresses: Addresses, external: str | None = None, internal: str | None = None
) -> Flow[PairStatus]:
    """Look at both appliances and say how the pair is.

    Args:
        addresses: The two appliances in canonical order.
        external: External virtual IP to look for first.
        internal: Internal virtual IP to look for first.

    Raises:
        GatepairError: Neither appliance answers.
    """
    pair = yield from observe(addresses, external=external, internal=internal)
    return judge(pair)


def appliance_status(address: ManagementAddress) -> Flow[NodeStatus]:
    """Look at one appliance alone.

    Raises:
        GatepairError: It does not answer.
    """
    return node_status((yield from observe_node(address, STATUS)))


def judge(pair: ObservedPair) -> PairStatus:
    """Return the status of an observed pair."""
    problems = tuple(_problems(pair))
    external, internal = observed_external(pair), observed_internal(pair)
    return PairStatus(
        id=pair.id,
        failover_pair=str(pair.shape),
        healthy=pair.shape is Shape.FORMED and not problems,
        nodes=tuple(node_status(node) for node in pair.nodes),
        primary=str(pair.primary.address) if pair.primary else "",
        external=str(external.address) if external else "",
        internal=str(internal.address) if internal else "",
        problems=problems,
    )


def node_status(node: ObservedNode) -> NodeStatus:
    """Return the live facts of one observed appliance."""
    if node.error:
        return NodeStatus(address=str(node.address), reachable=False, error=str(node.error))
    return NodeStatus(
        address=str(node.address),
        reachable=True,
        role=str(node.role),
        health=node.one(HaStatistics).health,
        state=node.ha.ha_status,
        sync=node.ha.sync if node.role is Role.SECONDARY else "-",
        version=node.one(NsVersion).build,
        host_name=host_name_of(node),
        nsip=node.nsip,
        peer=node.peer.ip_address if node.peer else "",
        unsaved_changes=node.unsaved,
        in_role_s=node.ha.in_state_s,
    )


def _problems(pair: ObservedPair) -> Iterator[str]:
    for node in pair.nodes:
        if node.error:
            yield f"{node.address} does not answer: {node.error.message}."
    if pair.shape is Shape.DISSOLVED:
        yield "The appliances are standalone, there is no pair."
        return
    yield from _tie_problems(pair)
    for node in pair.reachable:
        yield from _node_problems(node)
    if len(pair.reachable) == len(pair.nodes):
        yield from _agreement_problems(pair)


def _tie_problems(pair: ObservedPair) -> Iterator[str]:
    for node in pair.reachable:
        other = pair.other(node)
        if node.peer is None:
            yield f"{node.address} has no peer."
        elif not node.has_peer(other):
            yield f"{node.address} is paired with {node.peer.ip_address}, not with {other.address}."
    if len(pair.primaries) > 1:
        yield "Both appliances are primary (split brain)."
    elif pair.linked and not pair.serving:
        yield "Neither appliance is primary, nobody serves users."


def _node_problems(node: ObservedNode) -> Iterator[str]:
    health = node.one(HaStatistics).health
    if node.peer and health and health.upper() != UP:
        failed = f" ({', '.join(node.ha.failed_interfaces)})" if node.ha.failed_interfaces else ""
        yield f"{node.address} is not healthy: {health}{failed}."
    if node.ha.held:
        yield f"{node.address} is held as {node.ha.held}."
    if node.unsaved:
        yield f"{node.address} has configuration that is not saved."


def _agreement_problems(pair: ObservedPair) -> Iterator[str]:
    first, second = pair.nodes
    builds = [node.one(NsVersion).build for node in pair.nodes]
    if builds[0] != builds[1]:
        yield f"The appliances run different firmware: {builds[0]} and {builds[1]}."
    state = sync_state(pair)
    if pair.primary and state not in {SYNC_DONE, ""}:
        reason = pair.secondary.ha.sync_failure if pair.secondary else ""
        meaning = "is switched off" if state in SYNC_OFF else f"is not done: {state}"
        yield f"Synchronization {meaning}{f' ({reason})' if reason else ''}."
    if pair.linked and read_settings(first.ha) != read_settings(second.ha):
        yield "The appliances have different failover settings."
