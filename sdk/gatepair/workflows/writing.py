"""Writes to a pair: what belongs to both goes to the live primary, never to a secondary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import (
    GatepairError,
    NoPrimary,
    NotPrimary,
    PropagationFailed,
    SplitBrain,
    WriteToSecondaryRefused,
)
from gatepair.nitro import calls
from gatepair.nitro.codes import Code
from gatepair.workflows.core import Ask, Flow, Outcome, announce, at_once, expect
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatepair.models import ManagementAddress
    from gatepair.nitro.call import Call, Reply


def live_primary(pair: ObservedPair) -> ObservedNode:
    """Return the node that pair-wide writes go to.

    Raises:
        SplitBrain: Both nodes are primary.
        NoPrimary: Neither node that answers is.
    """
    if pair.primary:
        return pair.primary
    if len(pair.primaries) > 1:
        raise SplitBrain(f"{' and '.join(str(node.address) for node in pair.nodes)} are both primary")
    raise NoPrimary("neither appliance is primary, so nothing can be changed")


def refuse_secondary(node: ObservedNode) -> ObservedNode:
    """Return a node that a pair-wide write may go to.

    Raises:
        WriteToSecondaryRefused: It is secondary; the write would be lost at the next synchronization.
    """
    if node.role is Role.SECONDARY:
        raise WriteToSecondaryRefused("it is the secondary of its pair", node=node.address)
    return node


def write_on_primary(
    primary: ObservedNode, changes: Sequence[Call], *, absent: type[GatepairError] | None = None
) -> Flow[bool]:
    """Make pair-wide changes in order on the node that was primary a moment ago.

    Args:
        primary: That node.
        changes: What is to be changed.
        absent: Error that only says that there is nothing left to do.

    Returns:
        Whether the secondary has the changes too. If not they are done all the same, and the next
        synchronization brings them over.

    Raises:
        NotPrimary: The node says that it no longer is; what it was told since is lost by itself.
        GatepairError: A change was refused.
    """
    node = refuse_secondary(primary).address
    everywhere = True
    for call in changes:
        (outcome,) = yield from at_once(Ask(node, call))
        if absent is not None and isinstance(outcome, absent):
            continue
        if isinstance(outcome, PropagationFailed):
            everywhere = False
            yield from announce("propagation", f"not on the secondary yet: {outcome.message}", node)
        else:
            yield from _heed(node, expect(outcome))
    return everywhere


def _heed(node: ManagementAddress, reply: Reply) -> Flow[None]:
    if reply.warned and reply.errorcode == Code.ON_SECONDARY:
        raise NotPrimary(reply.message, errorcode=reply.errorcode, node=node)
    if reply.warned:
        yield from announce("warning", reply.message, node)


def save(nodes: Iterable[ManagementAddress]) -> Flow[None]:
    """Save each node's configuration, one after the other.

    Saving the primary saves the secondary too; both at once would meet and one be refused as busy.
    """
    for node in nodes:
        yield from announce("save", "saving the configuration", node)
        (outcome,) = yield from at_once(Ask(node, calls.save()))
        if isinstance(outcome, GatepairError) and outcome.errorcode != Code.CONFIG_UNCHANGED:
            raise outcome


def ignore_absent(outcome: Outcome, absent: type[GatepairError]) -> Reply | None:
    """Return the reply of a removal; that the thing was gone already is as good."""
    if isinstance(outcome, absent):
        return None
    if isinstance(outcome, GatepairError):
        raise outcome
    return outcome
