"""Stop an upgrade such that users are served: go back to the old build if need be, hold nobody needlessly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import GatepairError, Unreachable
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import ENABLED, STAY_SECONDARY
from gatepair.workflows.core import Flow, announce, ask
from gatepair.workflows.failover import unable
from gatepair.workflows.handover import hand_over
from gatepair.workflows.join import sees
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.observe import observe
from gatepair.workflows.returning import LOOKED_AT
from gatepair.workflows.writing import save

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observe import Addresses


def retreat(
    addresses: Addresses, *, doubtful: ManagementAddress | None, served: bool | None
) -> Flow[tuple[str, ...]]:
    """Leave the pair such that users are served, as far as the appliances answer.

    Args:
        addresses: The two appliances in canonical order.
        doubtful: The node that took over and then did not do well, if that is why it stops.
        served: Whether users are served; ``None`` if nobody watches.

    Returns:
        What could not be done, in words.
    """
    left: list[str] = []
    pair = yield from observe(addresses, kinds=LOOKED_AT, tolerant=True)
    for node in pair.reachable:
        if node.ha.pin == STAY_SECONDARY:
            left += yield from _attempt(_release(pair, node, served=served))
    if doubtful is not None and pair.primary is not None and pair.primary.address == doubtful:
        left += yield from _attempt(_go_back(addresses, pair))
    return tuple(left)


def _attempt(flow: Flow[None]) -> Flow[list[str]]:
    try:
        yield from flow
    except GatepairError as error:
        return [str(error)]
    return []


def _release(pair: ObservedPair, node: ObservedNode, *, served: bool | None) -> Flow[None]:
    """Let a held node go, unless it might take the role from a primary it does not hear.

    Raises:
        Unreachable: It hears nobody, and its peer may serve all the same.
    """
    other = pair.other(node)
    nobody_serves = served is False or (served is None and not other.reachable)
    if not sees(node, Role.PRIMARY) and not nobody_serves:
        raise Unreachable(
            "it stays held as secondary, since it does not hear its peer",
            node=node.address,
            remedy="Mend the network between the two (UDP 3003), then run it again.",
        )
    yield from announce("release", "it may change roles again", node.address)
    yield from ask(node.address, calls.set_node({"hastatus": ENABLED}))
    yield from save([node.address])


def _go_back(addresses: Addresses, pair: ObservedPair) -> Flow[None]:
    primary = pair.primary
    if primary is None:
        return
    other = pair.other(primary)
    reason = unable(other)
    if reason:
        raise Unreachable(f"users cannot go back: {reason}", node=other.address)
    yield from announce("fail-back", "users go back to the build from before", other.address)
    yield from hand_over(addresses, other.address, force=True)
