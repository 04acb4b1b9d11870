"""Canonical documents: a pair and a network as the API and Terraform's ``data`` show them.

Every value is text or a whole number, every key is there, nothing is null, and what has an order is
sorted: reading back what was written gives an equal document.
"""

from __future__ import annotations

from gatepair.documents.network import network_differences, network_from_document, network_to_document
from gatepair.documents.pair import (
    BROKEN,
    DISSOLVED,
    FAILOVER_PAIR_STATES,
    FORMED,
    OPTIONAL_KEYS,
    WRITE_ONLY_KEYS,
    Document,
    canonical_pair_id,
    pair_differences,
    pair_document,
    pair_from_document,
    pair_to_document,
    parse_pair_id,
)
from gatepair.documents.query import network_query, pair_query

__all__ = [
    "BROKEN",
    "DISSOLVED",
    "FAILOVER_PAIR_STATES",
    "FORMED",
    "OPTIONAL_KEYS",
    "WRITE_ONLY_KEYS",
    "Document",
    "canonical_pair_id",
    "network_differences",
    "network_from_document",
    "network_query",
    "network_to_document",
    "pair_differences",
    "pair_document",
    "pair_from_document",
    "pair_query",
    "pair_to_document",
    "parse_pair_id",
]
