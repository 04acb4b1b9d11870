"""Look at both appliances at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from gatepair.errors import GatepairError, NitroError, NotAuthorized, NotReady, Unreachable
from gatepair.models import ManagementAddress, Pair
from gatepair.nitro.call import Reply
from gatepair.nitro.decoding import Resource, from_reply, read
from gatepair.workflows.core import Ask, Flow, Outcome, at_once
from gatepair.workflows.network_reading import network_kinds
from gatepair.workflows.observation import HELPFUL, NEEDED, SURVEYED, ObservedNode, ObservedPair

Addresses = tuple[ManagementAddress, ManagementAddress]
Kinds = Sequence[type[Resource]]

STATUS: Kinds = (*NEEDED, *HELPFUL)
SURVEY: Kinds = (*STATUS, *SURVEYED)
SURVEYED_KEYS = frozenset({"host_name", "interfaces"})
"""What a survey tells of the networks in any case."""


def expecting(pair: ObservedPair, desired: Pair) -> ObservedPair:
    """Return an observed pair that looks for what is declared."""
    further = None if desired.further is None else tuple(str(each.address) for each in desired.further)
    return attrs.evolve(
        pair,
        expected_external=str(desired.external.address) if desired.external else "",
        expected_internal=str(desired.internal.address) if desired.internal else "",
        expected_further=further,
        expected_failover_interface=desired.failover.failover_interface,
    )


def survey_kinds(desired: Pair) -> Kinds:
    """Return what is looked at before a change: the usual, and what is declared of the networks."""
    keys = {key for each in desired.appliances for key in each.network.declared}
    return tuple(dict.fromkeys((*SURVEY, *network_kinds(keys - SURVEYED_KEYS))))


def in_order(first: ManagementAddress, second: ManagementAddress) -> Addresses:
    """Return two addresses in canonical order."""
    return (first, second) if first < second else (second, first)


def observe(
    addresses: Addresses,
    *,
    kinds: Kinds = STATUS,
    external: str | None = None,
    internal: str | None = None,
    tolerant: bool = False,
) -> Flow[ObservedPair]:
    """Read both appliances at once; one that does not answer is part of the result.

    Args:
        addresses: The two appliances in canonical order.
        kinds: Resource types to read.
        external: External virtual IP to look for first.
        internal: Internal virtual IP to look for first.
        tolerant: Return what was seen even if neither appliance answers.

    Raises:
        GatepairError: Neither appliance answers; the error is the one of the first.
    """
    asks = [Ask(node, read(kind)) for node in addresses for kind in kinds]
    outcomes = yield from at_once(*asks)
    first, second = (
        _node(address, kinds, outcomes[start : start + len(kinds)])
        for address, start in zip(addresses, (0, len(kinds)), strict=True)
    )
    if first.error and second.error and not tolerant:
        raise _both(first.error, second)
    return ObservedPair(nodes=(first, second), expected_external=external, expected_internal=internal)


def observe_node(
    address: ManagementAddress, kinds: Kinds, *, needed: Kinds | None = None
) -> Flow[ObservedNode]:
    """Read one appliance.

    Args:
        address: The appliance.
        kinds: Resource types to read.
        needed: Those it must not refuse; absent, all.

    Raises:
        GatepairError: It does not answer, or refuses one of them.
    """
    outcomes = yield from at_once(*(Ask(address, read(kind)) for kind in kinds))
    node = _node(address, kinds, outcomes, needed=kinds if needed is None else needed)
    if node.error:
        raise node.error
    return node


def _node(
    address: ManagementAddress, kinds: Kinds, outcomes: Iterable[Outcome], *, needed: Kinds = NEEDED
) -> ObservedNode:
    facts: dict[type[Resource], tuple[Resource, ...] | None] = {}
    for kind, outcome in zip(kinds, outcomes, strict=True):
        if isinstance(outcome, Reply):
            facts[kind] = from_reply(kind, outcome)
        elif kind in needed or not _is_refusal(outcome):
            return ObservedNode(address=address, error=outcome)
        else:
            facts[kind] = None
    return ObservedNode(address=address, facts=facts)


def _is_refusal(error: GatepairError) -> bool:
    """Whether the appliance answered, only not this question (no licence, no right, no such type)."""
    return isinstance(error, NitroError | NotAuthorized) and not isinstance(error, Unreachable | NotReady)


def _both(error: GatepairError, other: ObservedNode) -> GatepairError:
    if isinstance(other.error, Unreachable) and isinstance(error, Unreachable):
        error.message = f"{error.message}; neither does {other.address} answer"
    return error
