"""What to do next: decided from what is seen, so that it makes no difference who did the rest."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Move(StrEnum):
    """One step of an upgrade; all but the last two are done to the secondary."""

    INSTALL = "install"
    RESTART = "restart"
    RELEASE = "release"
    HAND_OVER = "hand-over"
    FINISH = "finish"


@attrs.frozen(kw_only=True)
class Situation:
    """Where the pair stands.

    Attributes:
        primary_new: The primary runs the new build.
        secondary_new: The secondary runs the new build.
        secondary_staged: The secondary has it installed; it runs it after its next restart.
        secondary_held: The secondary is held in its role.
    """

    primary_new: bool
    secondary_new: bool
    secondary_staged: bool = False
    secondary_held: bool = False


def next_move(found: Situation) -> Move:
    """Return what to do next.

    Example:
        >>> str(next_move(Situation(primary_new=False, secondary_new=True)))
        'hand-over'
    """
    if not found.secondary_new:
        return Move.RESTART if found.secondary_staged else Move.INSTALL
    if found.secondary_held:
        return Move.RELEASE
    return Move.FINISH if found.primary_new else Move.HAND_OVER


def after(found: Situation, move: Move) -> Situation:
    """Return where the pair stands when a move went well."""
    match move:
        case Move.INSTALL:
            return attrs.evolve(found, secondary_staged=True)
        case Move.RESTART:
            return attrs.evolve(found, secondary_new=True, secondary_held=True)
        case Move.RELEASE:
            return attrs.evolve(found, secondary_held=False)
        case Move.HAND_OVER:
            return Situation(primary_new=found.secondary_new, secondary_new=found.primary_new)
        case Move.FINISH:
            return found


def moves_from(found: Situation) -> tuple[Move, ...]:
    """Return all moves that are left, in order."""
    moves: list[Move] = []
    while not moves or moves[-1] is not Move.FINISH:
        moves.append(next_move(found))
        found = after(found, moves[-1])
    return tuple(moves)
