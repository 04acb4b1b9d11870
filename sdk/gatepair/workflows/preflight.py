"""All checks before a change; nothing is changed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import AmbiguousVirtualIp
from gatepair.workflows import node_checks, pair_checks
from gatepair.workflows.changes import find_changes
from gatepair.workflows.observe import SURVEY, Addresses, observe, survey_kinds
from gatepair.workflows.report import Check, PreflightReport, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Pair
    from gatepair.workflows.core import Flow
    from gatepair.workflows.keys import Resolve
    from gatepair.workflows.observation import ObservedPair


def preflight(addresses: Addresses, desired: Pair | None, resolve: Resolve) -> Flow[PreflightReport]:
    """Look at both appliances and make every check that can be made.

    Args:
        addresses: The two appliances in canonical order.
        desired: The declared pair; without it only the appliances themselves are checked.
        resolve: Fetches the shared key.
    """
    kinds = survey_kinds(desired) if desired else SURVEY
    pair = yield from observe(addresses, kinds=kinds, tolerant=True)
    return examine(pair, desired, resolve)


def examine(pair: ObservedPair, desired: Pair | None, resolve: Resolve) -> PreflightReport:
    """Make every check on a survey; what needs both appliances is left out if one does not answer."""
    return PreflightReport(checks=tuple(_checks(pair, desired, resolve)))


def _checks(pair: ObservedPair, desired: Pair | None, resolve: Resolve) -> Iterator[Check]:
    for node in pair.nodes:
        yield from node_checks.access(node)
    if len(pair.reachable) < len(pair.nodes):
        return
    yield from node_checks.same_version(pair)
    yield from node_checks.same_platform(pair)
    yield from node_checks.not_in_another_pair(pair)
    if desired is not None:
        yield from _declaration_checks(pair, desired, resolve)
    for node in pair.nodes:
        yield from node_checks.failover_interface(node)
    yield from node_checks.clocks(pair)
    for node in pair.nodes:
        yield from node_checks.unsaved_changes(node)


def _declaration_checks(pair: ObservedPair, desired: Pair, resolve: Resolve) -> Iterator[Check]:
    yield from pair_checks.not_management(pair, desired)
    try:
        changes = find_changes(pair, desired)
    except AmbiguousVirtualIp as error:
        yield Check(
            id="virtual-ips-free",
            title="Can the old external virtual IP be told?",
            verdict=Verdict.FAIL,
            node=error.node or "",
            evidence=error.message,
            remedy=error.remedy,
        )
        return
    yield from node_checks.shared_key_present(desired, resolve, needed=changes.key)
    yield from pair_checks.free(changes, desired)
    yield from pair_checks.fits_networks(changes, desired)
    yield from pair_checks.joining_node_empty(changes, desired)
