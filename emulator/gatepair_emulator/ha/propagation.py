"""Propagation: a command given to the primary runs on the secondary first, then on the primary."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.link import LinkError, LinkRefusedError
from gatepair_emulator.ha.messages import Role
from gatepair_emulator.ha.transfer import files
from gatepair_emulator.values import number_of

if TYPE_CHECKING:
    from gatepair_emulator.nitro.commands import Command
    from gatepair_emulator.node import Node

_LOG = logging.getLogger(__name__)
TIMEOUT_S: Final = 5.0
_WITH_FILES: Final = frozenset({"sslcertkey"})


def propagates(node: Node) -> bool:
    """Whether commands given to this node now go to the peer too.

    Args:
        node: The appliance.

    Returns:
        True on a primary with a living secondary that takes them.
    """
    engine = node.ha
    last = engine.machine.last
    return (
        engine.is_primary
        and engine.machine.peer_alive
        and last is not None
        and last.role is Role.SECONDARY
        and engine.setting("haprop") != "DISABLED"
        and engine.peer_fact("haprop") != "DISABLED"
        and not engine.versions_differ
    )


async def propagate(node: Node, command: Command, incarnation: int) -> int:
    """Run a command on the secondary.

    Args:
        node: The primary.
        command: The command.
        incarnation: The number both nodes will have afterwards.

    Returns:
        0, or the code of what went wrong; the primary goes on either way and a later
        synchronisation repairs it.
    """
    message = {
        "operation": "run",
        "command": command.as_json(),
        "base": node.configuration.incarnation,
        "incarnation": incarnation,
        "files": files(node) if command.type in _WITH_FILES else {},
    }
    try:
        answer = await node.ha.link.call(message, timeout_s=TIMEOUT_S)
    except LinkRefusedError:
        code = int(Code.PROPAGATION_AUTHENTICATION)
    except LinkError as problem:
        code = int(Code.SECONDARY_SILENT if "time" in str(problem) else Code.SECONDARY_UNREACHABLE)
    else:
        code = number_of(answer.get("code"), int(Code.PROPAGATION_FAILED))
    if code:
        _LOG.warning("%s: propagation of %s failed: %s", node.settings.name, command.type, code)
    return code


async def propagate_save(node: Node) -> None:
    """Have the secondary save too.

    Args:
        node: The primary.
    """
    try:
        await node.ha.link.call({"operation": "save"}, timeout_s=TIMEOUT_S)
    except LinkError as problem:
        _LOG.warning("%s: the save was not propagated: %s", node.settings.name, problem)
