"""What an upgrade would do, as steps in words of the pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.upgrading.moves import Move, Situation, moves_from

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observation import ObservedNode, ObservedPair
    from gatepair.workflows.upgrading.options import UpgradeOptions

_ALONE: Final = (
    "Until it is back nobody takes over if the other one fails. Change nothing meanwhile: different builds "
    "may not synchronize."
)


def planned(
    pair: ObservedPair,
    situation: Situation,
    options: UpgradeOptions,
    preferred: ManagementAddress | None,
) -> tuple[PlannedStep, ...]:
    """Return the steps that are left."""
    return tuple(_steps(pair, situation, options, preferred))


def _steps(
    pair: ObservedPair,
    situation: Situation,
    options: UpgradeOptions,
    preferred: ManagementAddress | None,
) -> Iterator[PlannedStep]:
    primary = pair.primary
    if primary is None:
        return
    home = _home(primary, situation, options, preferred)
    secondary = pair.other(primary)
    for move in moves_from(situation):
        if move is Move.HAND_OVER:
            yield _failover(secondary.address, "on the new build")
            primary, secondary = secondary, primary
        elif move is not Move.FINISH:
            yield _on_secondary(move, secondary, options)
    if home is not None and primary.address != home:
        yield _failover(home, "as before")


def _home(
    primary: ObservedNode,
    situation: Situation,
    options: UpgradeOptions,
    preferred: ManagementAddress | None,
) -> ManagementAddress | None:
    if options.primary is not None or not options.fail_back:
        return options.primary
    begun = situation.primary_new != situation.secondary_new or situation.secondary_held
    return preferred if begun and preferred is not None else primary.address


def _on_secondary(move: Move, node: ObservedNode, options: UpgradeOptions) -> PlannedStep:
    title, impact, notice = {
        Move.INSTALL: (f"Install {options.target}", Impact.NONE, "It goes on as it is meanwhile."),
        Move.RESTART: (
            "Restart it, held as secondary, and wait until it is healthy on the new build",
            Impact.RESTART,
            _ALONE,
        ),
        Move.RELEASE: ("Check it and let it change roles again", Impact.NONE, ""),
    }[move]
    return PlannedStep(id=str(move), title=title, node=str(node.address), impact=impact, notice=notice)


def _failover(address: ManagementAddress, how: str) -> PlannedStep:
    return PlannedStep(
        id="failover",
        title=f"{address} becomes primary {how}",
        node=str(address),
        impact=Impact.FAILOVER,
        notice="Connections break and users reconnect; between releases they sign in again.",
    )
