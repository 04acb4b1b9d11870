"""Restart a node, or both one after the other, with users served by the other one.

The secondary goes first; the primary only after it has handed its role over, since a failover that is
asked for is quicker than one after a silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import FailoverRefused, GatepairError, InvalidInput, NotAPair
from gatepair.nitro.resources.ha import SYNC_OFF
from gatepair.nitro.resources.system import NsConfig
from gatepair.nitro.resources.upkeep import NsStatistics
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Flow, announce, now
from gatepair.workflows.failover import unable
from gatepair.workflows.handover import hand_over
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.returning import LOOKED_AT, RETURN_S, look_at_both, restart_node
from gatepair.workflows.synchronization import wait_for_sync
from gatepair.workflows.upkeep_result import RestartResult
from gatepair.workflows.writing import save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import ManagementAddress


@attrs.frozen(kw_only=True)
class RestartOrder:
    """What to restart, and how.

    Attributes:
        nodes: The appliances to restart.
        force: Do it even though nobody takes over meanwhile: users are not served then.
        fail_back: In the end let the node serve that served in the beginning.
        unless_up_less_than_s: Leave appliances alone that are up for less than so many seconds: a run
            that goes on where an earlier one was cut off does not restart what that one has.
    """

    nodes: tuple[ManagementAddress, ...]
    force: bool = False
    fail_back: bool = True
    unless_up_less_than_s: float = 0.0

    def due(self, node: ObservedNode) -> bool:
        """Whether a node is to be restarted, as far as its uptime tells."""
        if node.address not in self.nodes:
            return False
        uptime = node.one(NsStatistics).uptime_s(node.one(NsConfig).clock_s)
        return uptime is None or uptime >= self.unless_up_less_than_s


def plan_restart(addresses: Addresses, order: RestartOrder) -> Flow[ChangePlan]:
    """Return what `restart` would do."""
    pair = yield from _look(addresses, order)
    return ChangePlan(steps=tuple(_steps(pair, order)))


def restart(addresses: Addresses, order: RestartOrder) -> Flow[RestartResult]:
    """Restart appliances one after the other, the secondary first.

    Args:
        addresses: The two appliances in canonical order.
        order: What to restart.

    Raises:
        NotAPair: There is no pair, and it is not forced.
        FailoverRefused: The other node could not serve meanwhile, and it is not forced.
        DeadlineExceeded: An appliance did not come back; the other one serves.
    """
    start = yield from now()
    pair = yield from _look(addresses, order)
    home = pair.primary.address if pair.primary else None
    due = [node.address for node in _in_turn(pair) if order.due(node)]
    failovers = 0
    for address in due:
        failovers += yield from _restart_one(addresses, address, force=order.force)
    if failovers and order.fail_back and home is not None:
        failovers += (yield from hand_over(addresses, home)).changed
        yield from _synchronized(addresses)
    found = yield from observe(addresses, tolerant=True)
    return RestartResult(
        restarted=tuple(map(str, due)),
        left=tuple(str(address) for address in order.nodes if address not in due),
        failovers=failovers,
        primary=str(found.primary.address) if found.primary else "",
        seconds=(yield from now()) - start,
    )


def _look(addresses: Addresses, order: RestartOrder) -> Flow[ObservedPair]:
    """Read both nodes and see that the order can be carried out.

    Raises:
        InvalidInput: A node is not in the pair.
        NotAPair: See `restart`.
        GatepairError: A node to restart does not answer.
    """
    for address in order.nodes:
        if address not in addresses:
            raise InvalidInput(
                f"{address} is not one of the appliances {addresses[0]} and {addresses[1]}", key="nodes"
            )
    # A node that is to be restarted and is silent may be in a restart that an earlier run began.
    waits_s = 0.0 if order.force else RETURN_S
    pair = yield from look_at_both(addresses, LOOKED_AT, deadline_s=waits_s)
    if not pair.linked and not order.force:
        raise NotAPair("there is no pair, so nobody serves while an appliance restarts", step="restart")
    for address in order.nodes:
        error = pair.node(address).error
        if error:
            raise error
    if not order.force:
        for node in pair.nodes:
            if order.due(node):
                _require_successor(pair, node)
    return pair


def _restart_one(addresses: Addresses, address: ManagementAddress, *, force: bool) -> Flow[int]:
    """Restart one node, after its peer has taken over; return the number of failovers."""
    pair = yield from observe(addresses, kinds=LOOKED_AT)
    failovers = 0
    node = pair.node(address)
    if node.error:
        raise node.error
    yield from save(each.address for each in pair.reachable if each.unsaved)
    if node.role is Role.PRIMARY and pair.linked:
        failovers = yield from _hand_over(addresses, pair, force=force)
        pair = yield from observe(addresses, kinds=LOOKED_AT)
    yield from restart_node(addresses, pair.node(address))
    yield from _synchronized(addresses)
    return failovers


def _hand_over(addresses: Addresses, pair: ObservedPair, *, force: bool) -> Flow[int]:
    primary = pair.primary
    if primary is None:
        return 0
    successor = pair.other(primary)
    reason = unable(successor)
    if reason and not force:
        raise _refused(primary, reason)
    try:
        done = yield from hand_over(addresses, successor.address, force=force)
    except GatepairError as error:
        if not force:
            raise
        yield from announce("failover", f"nobody takes over: {error.message}", primary.address)
        return 0
    return int(done.changed)


def _synchronized(addresses: Addresses) -> Flow[None]:
    """Wait for the secondary to have the configuration, if both live and synchronize."""
    pair = yield from observe(addresses, tolerant=True)
    whole = len(pair.reachable) == len(pair.nodes) and pair.linked
    if whole and sync_state(pair) not in SYNC_OFF:
        yield from wait_for_sync(addresses)


def _require_successor(pair: ObservedPair, node: ObservedNode) -> None:
    other = pair.other(node)
    serves = other.role is Role.PRIMARY
    reason = (other.error.message if other.error else "") if serves else unable(other)
    if reason:
        raise _refused(node, reason)


def _refused(node: ObservedNode, reason: str) -> FailoverRefused:
    return FailoverRefused(
        f"nobody would serve while it restarts: {reason}",
        node=node.address,
        step="restart",
        remedy="Mend the other appliance first, or use force and let users wait.",
    )


def _in_turn(pair: ObservedPair) -> list[ObservedNode]:
    """Return the nodes in the order in which they are restarted: whoever serves comes last."""
    return sorted(pair.nodes, key=lambda node: node.role is Role.PRIMARY)


def _steps(pair: ObservedPair, order: RestartOrder) -> Iterator[PlannedStep]:
    home = pair.primary
    serving = home
    for node in _in_turn(pair):
        if not order.due(node):
            continue
        if node.unsaved:
            yield PlannedStep(id="save", title="Save the configuration", node=str(node.address))
        impact = Impact.RESTART
        if serving is not None and node.address == serving.address:
            other = pair.other(node)
            if unable(other):
                impact = Impact.OUTAGE
            else:
                yield _failover_step(serving, other)
                serving = other
        elif serving is None:
            impact = Impact.OUTAGE
        yield PlannedStep(
            id="restart",
            title="Restart it and wait until it is back and synchronized",
            node=str(node.address),
            impact=impact,
            notice="Until then nobody takes over if the other one fails."
            if impact is Impact.RESTART
            else "Users are not served meanwhile.",
        )
    if home is not None and serving is not None and serving is not home and order.fail_back:
        yield _failover_step(serving, home)


def _failover_step(old: ObservedNode, new: ObservedNode) -> PlannedStep:
    return PlannedStep(
        id="failover",
        title=f"{new.address} becomes primary, {old.address} secondary",
        node=str(new.address),
        impact=Impact.FAILOVER,
        notice="Connections break and users reconnect.",
    )
