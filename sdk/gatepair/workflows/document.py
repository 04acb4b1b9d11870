"""The canonical document of a pair as it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair._parts import FAILOVER_INTERFACE
from gatepair.documents import Document, pair_document
from gatepair.workflows.network_reading import heartbeat_interfaces
from gatepair.workflows.settings import DISAGREE_TEXT, disagreements, observed_failover
from gatepair.workflows.virtual_ips import observed_external, observed_further, observed_internal

if TYPE_CHECKING:
    from gatepair.workflows.observation import ObservedPair


def observed_document(pair: ObservedPair) -> Document:
    """Return the document: the managed keys of a pair, and nothing live."""
    document = pair_document(
        pair_id=pair.id,
        failover_pair=str(pair.shape),
        external=observed_external(pair),
        internal=observed_internal(pair),
        failover=observed_failover(pair),
        further=observed_further(pair),
    )
    return document | disagreements(pair) | _failover_interface(pair)


def _failover_interface(pair: ObservedPair) -> Document:
    """Return which interfaces carry heartbeats, if one is to carry them all."""
    if not pair.expected_failover_interface:
        return {}
    seen = {heartbeat_interfaces(node) for node in pair.reachable}
    return {FAILOVER_INTERFACE: " ".join(seen.pop()) or "none" if len(seen) == 1 else DISAGREE_TEXT}
