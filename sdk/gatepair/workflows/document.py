"""The canonical document of a pair as it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.documents import Document, pair_document
from gatepair.workflows.settings import disagreements, observed_failover
from gatepair.workflows.virtual_ips import observed_external, observed_internal

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
    )
    return document | disagreements(pair)
