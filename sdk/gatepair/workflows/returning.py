"""Restart an appliance and wait until it is back in its pair, not merely until something answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import DeadlineExceeded, Unreachable
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import ENABLED, SYNC_RUNS, UP, HaStatistics
from gatepair.nitro.resources.system import NsVersion
from gatepair.nitro.resources.upkeep import NsStatistics
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Flow, Patience, announce, ask, poll
from gatepair.workflows.join import sees
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.observe import STATUS, Addresses, Kinds, observe

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.models import ManagementAddress

LOOKED_AT: Final[Kinds] = (*STATUS, NsStatistics)
RESTART_DEADLINE_S: Final = 900.0
"""A virtual appliance restarts in minutes; published playbooks look for up to 15
(netscaler/automation-toolkit, upgrade-netscaler/high-availability)."""

RETURN_S: Final = 300.0
"""Seconds to wait for an appliance that an earlier run, cut off, may have left in its restart."""

SETTLE_S: Final = 30.0
"""Seconds for two nodes that both answer to see each other in their roles."""


def nothing_to_watch(pair: ObservedPair) -> Flow[None]:
    """Watch nothing while waiting."""
    del pair
    yield from ()


@attrs.define(kw_only=True)
class Return:
    """Looks for a node that was told to restart.

    Attributes:
        addresses: The two appliances in canonical order.
        node: The one that restarts.
        started_at: When it had started before, as it says itself; empty if it does not tell.
        build: Firmware it has to come back with, empty for any.
        watch: Called at each look, to raise when waiting on would do harm.
        was_away: Whether it was seen not to answer.
    """

    addresses: Addresses
    node: ManagementAddress
    started_at: str = ""
    build: str = ""
    watch: Callable[[ObservedPair], Flow[None]] = nothing_to_watch
    was_away: bool = False

    def look(self) -> Flow[ObservedPair]:
        """Look once."""
        pair = yield from observe(self.addresses, kinds=LOOKED_AT, tolerant=True)
        yield from self.watch(pair)
        self.was_away = self.was_away or not pair.node(self.node).reachable
        return pair

    def is_back(self, pair: ObservedPair) -> bool:
        """Whether it has restarted and taken its place again."""
        return not self.missing(pair)

    def missing(self, pair: ObservedPair) -> str:
        """Return what is missing, in words; empty when it is back."""
        node = pair.node(self.node)
        if node.error:
            return f"{node.address} does not answer yet: {node.error.message}"
        started = node.one(NsStatistics).started_at
        if not self.was_away and started == self.started_at:
            return f"{node.address} has not gone down yet"
        running = node.one(NsVersion).build
        if self.build and running != self.build:
            return f"{node.address} still runs {running}"
        return not_in_place(pair, node)


def not_in_place(pair: ObservedPair, node: ObservedNode) -> str:
    """Return why a node has not taken its place in the pair, in words; empty when it has.

    It has one when it is healthy and both nodes see each other in their roles. A node without a peer
    has one as soon as it is up; one whose peer is silent, as soon as it has found its role.
    """
    health = node.one(HaStatistics).health.upper()
    if node.peer is None:
        return ""
    if health and health != UP:
        return f"{node.address} is {health}"
    if node.role not in {Role.PRIMARY, Role.SECONDARY}:
        return f"{node.address} has no role yet"
    other = pair.other(node)
    if other.reachable and not (sees(node, other.role) and sees(other, node.role)):
        return f"{node.address} and {other.address} do not see each other yet"
    if len(pair.serving) != 1:
        return "the roles are not settled yet"
    return ""


def look_at_both(
    addresses: Addresses, kinds: Kinds, *, deadline_s: float = RETURN_S, synchronized: bool = False
) -> Flow[ObservedPair]:
    """Look at both; wait for one that is restarting if its peer says that there is a pair.

    Args:
        addresses: The two appliances in canonical order.
        kinds: Resource types to read.
        deadline_s: Seconds to wait at most; what is missing after that is part of what is found. Once
            both answer, they get half a minute to take their places.
        synchronized: Wait for a synchronization that is under way, too.
    """

    def look() -> Flow[ObservedPair]:
        return observe(addresses, kinds=kinds, tolerant=True)

    settle_s = min(deadline_s, SETTLE_S)
    waits = [(deadline_s, _silent), (settle_s, _out_of_place)]
    if synchronized:
        waits += [(settle_s, _sync_has_yet_to_begin), (deadline_s, _sync_runs)]
    pair = yield from look()
    for limit_s, missing in waits:
        if missing(pair) and len(pair.reachable) and pair.linked:
            pair = yield from _until_nothing(missing, look, limit_s)
    return pair


def _silent(pair: ObservedPair) -> str:
    """Return which node does not answer, unless it refuses to."""
    silent = [str(node.address) for node in pair.nodes if isinstance(node.error, Unreachable)]
    return f"{' and '.join(silent)} does not answer; it may be restarting" if silent else ""


def _out_of_place(pair: ObservedPair) -> str:
    if len(pair.reachable) < len(pair.nodes):
        return ""
    return next(filter(None, (not_in_place(pair, node) for node in pair.nodes)), "")


def _sync_has_yet_to_begin(pair: ObservedPair) -> str:
    return "synchronization has not begun" if sync_state(pair) == ENABLED else ""


def _sync_runs(pair: ObservedPair) -> str:
    return "synchronization is in progress" if sync_state(pair) == SYNC_RUNS else ""


def _until_nothing(
    missing: Callable[[ObservedPair], str], look: Callable[[], Flow[ObservedPair]], limit_s: float
) -> Flow[ObservedPair]:
    try:
        return (
            yield from poll(
                look,
                until=lambda pair: not missing(pair),
                waiting_for=missing,
                give_up=lambda pair, waited: DeadlineExceeded(missing(pair), waited_s=waited),
                patience=Patience(deadline_s=limit_s),
            )
        )
    except DeadlineExceeded:
        return (yield from look())


def restart_node(
    addresses: Addresses,
    node: ObservedNode,
    *,
    build: str = "",
    watch: Callable[[ObservedPair], Flow[None]] = nothing_to_watch,
    deadline_s: float = RESTART_DEADLINE_S,
) -> Flow[ObservedPair]:
    """Restart one node and wait until it has its place in the pair again.

    Args:
        addresses: The two appliances in canonical order.
        node: The one to restart, read with `LOOKED_AT`.
        build: Firmware it has to come back with, empty for any.
        watch: Called at each look; may raise.
        deadline_s: Seconds it may take.

    Raises:
        DeadlineExceeded: It did not come back, or not as it should.
    """
    yield from announce("restart", "it restarts", node.address)
    yield from ask(node.address, calls.restart())
    awaited = Return(
        addresses=addresses,
        node=node.address,
        started_at=node.one(NsStatistics).started_at,
        build=build,
        watch=watch,
    )
    return (
        yield from poll(
            awaited.look,
            until=awaited.is_back,
            waiting_for=awaited.missing,
            give_up=lambda pair, waited: DeadlineExceeded(
                "waited for it to come back after its restart",
                reason=awaited.missing(pair),
                waited_s=waited,
                step="restart",
                node=node.address,
                remedy="Look at its console; when it is up again, run it again.",
            ),
            patience=Patience(deadline_s=deadline_s),
        )
    )
