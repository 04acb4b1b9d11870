"""Copy the primary's configuration to the secondary on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import NotAPair, SyncFailed, Unreachable
from gatepair.nitro.resources.ha import SYNC_OFF
from gatepair.nitro.resources.system import NsVersion
from gatepair.nitro.upkeep import synchronize_files
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Flow, announce, ask, now
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.synchronization import resynchronize
from gatepair.workflows.upkeep_result import SyncResult
from gatepair.workflows.writing import live_primary

if TYPE_CHECKING:
    from gatepair.workflows.observation import ObservedNode, ObservedPair


def plan_synchronize(addresses: Addresses, *, files: bool = False) -> Flow[ChangePlan]:
    """Return what `synchronize` would do."""
    primary, secondary = require_whole((yield from observe(addresses)), "synchronize")
    steps = [
        PlannedStep(
            id="synchronize",
            title=f"Copy the configuration of {primary.address} to {secondary.address} and save it there",
            node=str(secondary.address),
            impact=Impact.RESYNC,
            notice="What was changed on the secondary alone is lost; users are not affected.",
        )
    ]
    if files:
        steps.append(
            PlannedStep(
                id="synchronize-files",
                title="Copy certificates and other files as well",
                node=str(secondary.address),
            )
        )
    return ChangePlan(steps=tuple(steps))


def synchronize(addresses: Addresses, *, files: bool = False) -> Flow[SyncResult]:
    """Ask for a full synchronization and wait until it is done.

    Args:
        addresses: The two appliances in canonical order.
        files: Copy certificates and other files first.

    Raises:
        NotAPair: There is no pair.
        SyncFailed: It failed, or it is switched off.
    """
    pair = yield from observe(addresses)
    primary, secondary = require_whole(pair, "synchronize")
    _require_sync(pair)
    start = yield from now()
    if files:
        yield from announce("synchronize-files", "copying certificates and other files", primary.address)
        yield from ask(primary.address, synchronize_files())
    yield from resynchronize(addresses)
    return SyncResult(
        primary=str(primary.address),
        secondary=str(secondary.address),
        seconds=(yield from now()) - start,
        files=files,
    )


def require_whole(pair: ObservedPair, step: str) -> tuple[ObservedNode, ObservedNode]:
    """Return primary and secondary of a pair of which both answer.

    Raises:
        NotAPair: The appliances are no pair.
        Unreachable: One does not answer.
        SplitBrain: Both are primary.
        NoPrimary: Neither is.
    """
    for node in pair.nodes:
        if node.error:
            raise Unreachable(
                f"both appliances are needed: {node.error.message}", node=node.address, step=step
            ) from node.error
    if not pair.linked:
        raise NotAPair("the two appliances are not each other's peers", step=step)
    primary = live_primary(pair)
    return primary, pair.other(primary)


def _require_sync(pair: ObservedPair) -> None:
    if sync_state(pair) not in SYNC_OFF:
        return
    builds = {node.one(NsVersion).build for node in pair.nodes}
    raise SyncFailed(
        "synchronization is off" + (" between different builds" if len(builds) > 1 else ""),
        node=pair.secondary.address if pair.secondary else None,
        step="synchronize",
        remedy=(
            "Finish the upgrade of the pair first."
            if len(builds) > 1
            else 'Declare synchronization = "enabled" and apply.'
        ),
    )
