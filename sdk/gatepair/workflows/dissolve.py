"""Make two standalone appliances out of a pair, with users still served by the one that is primary.

Removing a peer only affects the node it is done on (vendor command reference, "rm HA node"), and a
node that loses its peer brings the pair's addresses up. So the secondary goes first: it is told to
stay secondary, loses its peer and then the addresses, and only then may it be primary for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import InAnotherPair, NotFound, Unreachable
from gatepair.nitro import calls
from gatepair.nitro.resources.addresses import VIP, NsIp
from gatepair.nitro.resources.ha import ENABLED, STAY_SECONDARY
from gatepair.workflows.changes import find_standing
from gatepair.workflows.core import Ask, Flow, announce, ask, at_once
from gatepair.workflows.join import untie
from gatepair.workflows.observation import ObservedNode, ObservedPair, Shape
from gatepair.workflows.observe import SURVEY, Addresses, observe
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.result import DissolveResult
from gatepair.workflows.settings import independent
from gatepair.workflows.synchronization import let_sync_end
from gatepair.workflows.virtual_ips import row_of
from gatepair.workflows.writing import ignore_absent, save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.nitro.call import Call


@attrs.frozen(kw_only=True)
class Parting:
    """Who keeps serving, who leaves, and what has to come off the one that leaves."""

    serving: ObservedNode
    freed: ObservedNode
    rows: tuple[NsIp, ...]

    @property
    def needed(self) -> bool:
        """Whether anything is left to do."""
        nodes = (self.serving, self.freed)
        return any(node.peer or node.ha.held for node in nodes if node.reachable) or bool(self.rows)


def plan_dissolve(addresses: Addresses, *, abandon: bool = False) -> Flow[ChangePlan]:
    """Return what `dissolve` would do."""
    pair = yield from observe(addresses, kinds=SURVEY)
    if _moved_on(pair):
        return ChangePlan()
    parting = _part(pair, abandon=abandon)
    return ChangePlan(steps=tuple(_steps(parting)) if parting.needed else ())


def dissolve(addresses: Addresses, *, abandon: bool = False) -> Flow[DissolveResult]:
    """Dissolve the pair; run again, it finishes what was cut off.

    A pair that is no more because one of the two is in another pair by now, and the other one has no
    part in it either, is left as it is: nothing is changed then.

    Args:
        addresses: The two appliances in canonical order.
        abandon: Dissolve although one appliance does not answer. It still believes in the pair: should
            it come back, it brings the pair's addresses up a second time.

    Raises:
        Unreachable: One appliance does not answer and is not to be abandoned; nothing was changed.
        InAnotherPair: One has another peer, the other one still believes in the pair; nothing was changed.
    """
    pair = yield from observe(addresses, kinds=SURVEY)
    if _moved_on(pair):
        return _unchanged(pair)
    pair = yield from let_sync_end(addresses, pair)
    parting = _part(pair, abandon=abandon)
    serving, freed = parting.serving, parting.freed
    result = DissolveResult(
        changed=parting.needed,
        serving=str(serving.address),
        freed=str(freed.address),
        released=tuple(row.address for row in parting.rows),
        unreachable=tuple(str(node.address) for node in pair.nodes if not node.reachable),
    )
    if not parting.needed:
        # An earlier run may have been cut off just before it saved.
        yield from save(node.address for node in pair.nodes if node.unsaved)
        return result
    if freed.reachable:
        yield from _free(parting)
    yield from _leave(serving)
    if freed.reachable:
        yield from announce("release", "it is on its own now", freed.address)
        yield from ask(freed.address, calls.set_node({"hastatus": ENABLED}))
    yield from save(node.address for node in (serving, freed) if node.reachable)
    return result


def _moved_on(pair: ObservedPair) -> bool:
    """Whether one is in another pair, and neither that answers is tied to the other one any more."""
    others = [(node, node.has_peer(pair.other(node))) for node in pair.reachable]
    return any(node.peer for node, _ in others) and not any(tied for _, tied in others)


def _unchanged(pair: ObservedPair) -> DissolveResult:
    serving = next((node for node in pair.reachable if node.peer), pair.speaker)
    return DissolveResult(
        changed=False,
        serving=str(serving.address),
        freed=str(pair.other(serving).address),
        unreachable=tuple(str(node.address) for node in pair.nodes if not node.reachable),
    )


def _part(pair: ObservedPair, *, abandon: bool) -> Parting:
    """Decide who serves and who leaves.

    Raises:
        Unreachable: See `dissolve`.
        InAnotherPair: See `dissolve`.
    """
    for node in pair.nodes:
        if not node.reachable and not abandon:
            reason = node.error.message if node.error else "it does not answer"
            raise Unreachable(
                f"it cannot be told that the pair is dissolved: {reason}",
                node=node.address,
                step="dissolve",
                remedy=(
                    "Bring it back first: on its own it would bring the pair's addresses up a second time. "
                    "If it will never come back, dissolve with abandon."
                ),
            )
        if node.peer and not node.has_peer(pair.other(node)):
            raise InAnotherPair(
                f"it is paired with {node.peer.ip_address}, not with {pair.other(node).address}",
                node=node.address,
                step="dissolve",
                remedy=(
                    f"{pair.other(node).address} still has it as its peer: switch that one off, or clear its "
                    "configuration."
                ),
            )
    serving = find_standing(pair)
    freed = pair.other(serving)
    tied = pair.shape is not Shape.DISSOLVED or bool(freed.ha.held)
    return Parting(serving=serving, freed=freed, rows=tuple(_shared(serving, freed)) if tied else ())


def _shared(serving: ObservedNode, freed: ObservedNode) -> Iterator[NsIp]:
    """Yield the addresses both have, which only one may answer on."""
    for row in freed.addresses:
        own = independent(freed.ha) and not row.is_a(VIP)
        if row.is_on and not own and row_of(serving, row.address):
            yield row


def _free(parting: Parting) -> Flow[None]:
    """Make the secondary harmless, let it forget its peer, take the pair's addresses off it."""
    freed = parting.freed
    if freed.ha.pin != STAY_SECONDARY:
        yield from announce("hold", "it stays secondary until it has let go of the addresses", freed.address)
        yield from ask(freed.address, calls.set_node({"hastatus": STAY_SECONDARY}))
    yield from _leave(freed)
    for row in parting.rows:
        yield from announce("let-go", f"it lets go of {row.address}", freed.address)
        for call in _releasing(freed, row):
            (outcome,) = yield from at_once(Ask(freed.address, call))
            ignore_absent(outcome, NotFound)


def _leave(node: ObservedNode) -> Flow[None]:
    if node.peer and node.ha.sync_vlan:
        yield from ask(node.address, calls.unset_sync_vlan())
    yield from untie(node)


def _releasing(node: ObservedNode, row: NsIp) -> Iterator[Call]:
    """Yield the calls that keep a node from answering on an address.

    A VIP is switched off, so that everything configured on it stays. A SNIP cannot be switched off
    (NITRO error 999), so it goes, and with it the virtual servers that listen on it.
    """
    if row.is_a(VIP):
        yield calls.switch_address(row.address, on=False)
        return
    for server in node.servers:
        if server.address == row.address:
            yield calls.remove_server(type(server).TYPE, server.name)
    yield calls.remove_address(row.address)


def _steps(parting: Parting) -> Iterator[PlannedStep]:
    serving, freed = parting.serving, parting.freed
    yield PlannedStep(
        id="free",
        title=f"Take {freed.address} out of the pair; {serving.address} keeps serving users",
        node=str(freed.address),
        impact=Impact.DISSOLVED,
        notice="From then on nobody takes over if the remaining appliance fails.",
    )
    for row in parting.rows:
        kept = "is switched off, with what is configured on it" if row.is_a(VIP) else "is removed"
        yield PlannedStep(id="let-go", title=f"{row.address} {kept}", node=str(freed.address))
    yield PlannedStep(id="untie", title="Forget the peer", node=str(serving.address))
    yield PlannedStep(id="save", title="Save the configuration on both appliances")
