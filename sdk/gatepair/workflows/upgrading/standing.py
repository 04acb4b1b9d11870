"""Where a pair stands in an upgrade: what each node runs, and what it would run after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import Busy, GatepairError, Unreachable
from gatepair.nitro import upkeep
from gatepair.nitro.decoding import from_reply
from gatepair.nitro.resources.system import NsVersion
from gatepair.workflows.core import Ask, Flow, at_once
from gatepair.workflows.upgrading.moves import Situation
from gatepair.workflows.writing import live_primary

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observation import ObservedPair

UNKNOWN: Final = "unknown"
"""Stands for the installed build of an appliance that does not tell it."""


def installed_build(address: ManagementAddress) -> Flow[str]:
    """Return the build that the next start uses; nothing while the appliance is busy with itself."""
    (outcome,) = yield from at_once(Ask(address, upkeep.installed_version()))
    if isinstance(outcome, Unreachable | Busy):
        return ""
    if isinstance(outcome, GatepairError):
        return UNKNOWN
    found = from_reply(NsVersion, outcome)
    return found[0].build if found else UNKNOWN


def situation(pair: ObservedPair, target: str) -> Flow[Situation]:
    """Return where the pair stands.

    Raises:
        SplitBrain: Both are primary.
        NoPrimary: Neither is.
    """
    primary = live_primary(pair)
    secondary = pair.other(primary)
    new = {node.address: node.one(NsVersion).build == target for node in pair.nodes}
    staged = False
    if not new[secondary.address] and secondary.reachable:
        staged = (yield from installed_build(secondary.address)) == target
    return Situation(
        primary_new=new[primary.address],
        secondary_new=new[secondary.address],
        secondary_staged=staged,
        secondary_held=bool(secondary.ha.held),
    )
