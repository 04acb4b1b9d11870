"""``force ha failover``: when it is refused, and what it does otherwise.

Which code belongs to which situation is matched by the codes' texts (vendor's error list); only 363
is quoted for its case by a manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.messages import Admin, Health, Role
from gatepair_emulator.ha.view import doubts
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.resources.behaviour import NOTHING, Outcome
from gatepair_emulator.values import JsonObject, text_of

if TYPE_CHECKING:
    from gatepair_emulator.ha.machine import Machine
    from gatepair_emulator.node import Node

_WAIT_S: Final = 5.0
_UNSETTLED: Final = frozenset({Role.INIT, Role.CLAIMING})


async def force_failover(node: Node, payload: JsonObject) -> Outcome:
    """Change roles; may be asked on either node.

    Args:
        node: The appliance.
        payload: ``force`` does it even though the peer is not in the best of health.

    Returns:
        Nothing to say; a warning is noted if the peer was not at its best.

    Raises:
        NitroError: The failover is refused.
    """
    refuse_failover(node)
    reasons = doubts(node)
    if reasons and text_of(payload.get("force")).lower() not in {"true", "yes"}:
        raise NitroError(Code.PEER_NOT_OPTIMAL, " ".join(reasons))
    if reasons:
        node.warn(Code.PEER_NOT_OPTIMAL, " ".join(reasons))
    if not await node.ha.force(timeout_s=_WAIT_S):
        raise NitroError(Code.NOT_STABLE)
    return NOTHING


def refuse_failover(node: Node) -> None:
    """Refuse what cannot be done even with force.

    Args:
        node: The appliance.

    Raises:
        NitroError: 363 to 366, 1441 or 1449.
    """
    machine = node.ha.machine
    if machine.peer is None:
        raise NitroError(Code.STANDALONE)
    if machine.role in _UNSETTLED:
        raise NitroError(Code.NOT_STABLE)
    _refuse_for_self(machine)
    _refuse_for_peer(machine)


def _refuse_for_self(machine: Machine) -> None:
    primary = machine.role is Role.PRIMARY
    if primary and machine.rules.admin is Admin.STAYPRIMARY:
        raise NitroError(Code.STAY_PRIMARY)
    if not primary and (machine.rules.admin is not Admin.ENABLED or machine.health is not Health.UP):
        if machine.rules.admin is Admin.STAYPRIMARY:
            raise NitroError(Code.NOT_STABLE)
        raise NitroError(Code.INVALID_SYSTEM_STATE)


def _refuse_for_peer(machine: Machine) -> None:
    primary, last = machine.role is Role.PRIMARY, machine.last
    if last is None or not machine.peer_alive:
        raise NitroError(Code.INVALID_PEER_STATE if primary else Code.ONE_NODE_DOWN)
    if last.role in _UNSETTLED:
        raise NitroError(Code.NOT_STABLE)
    if primary and last.admin in {Admin.DISABLED, Admin.STAYSECONDARY}:
        raise NitroError(Code.INVALID_PEER_STATE)
    if not primary and last.admin is Admin.STAYPRIMARY:
        raise NitroError(Code.STAY_PRIMARY)
    if primary and last.health is not Health.UP:
        raise NitroError(Code.INVALID_PEER_STATE)
