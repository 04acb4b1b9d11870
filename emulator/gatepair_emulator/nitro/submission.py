"""Commands on their way: one at a time, on the secondary first, then here."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.propagation import propagate, propagates
from gatepair_emulator.ha.transfer import is_shared
from gatepair_emulator.nitro.commands import Command, execute, require_verb
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.values import text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.resources.behaviour import Outcome

# A second writer waits this long for the first; then the answer is "Operation already in progress",
# as clients that write in parallel see it (citrix/terraform-provider-citrixadc issue 1150).
BUSY_S: Final = 2.0


async def submit(node: Node, command: Command) -> Outcome:
    """Carry a command out: on the secondary first, if there is one to follow, then here.

    Args:
        node: The appliance the command was given to.
        command: The command.

    Returns:
        What is to be said.

    Raises:
        NitroError: The command is refused.
    """
    behaviour = node.behaviour(command.type)
    if command.verb in behaviour.operational:
        result = execute(node, command)
        return await result if inspect.isawaitable(result) else result
    if command.verb not in behaviour.actions:
        if command.verb not in {"add", "update", "unset", "delete"}:
            raise NitroError(Code.UNKNOWN_ACTION)
        require_verb(behaviour, command.verb)
    try:
        async with asyncio.timeout(BUSY_S):
            await node.writing.acquire()
    except TimeoutError:
        raise NitroError(Code.ALREADY_IN_PROGRESS) from None
    try:
        return await _run(node, command)
    finally:
        node.writing.release()


async def _run(node: Node, command: Command) -> Outcome:
    shared = _concerns_pair(node, command)
    incarnation = node.next_incarnation() if shared else node.configuration.incarnation
    failed = 0
    if shared and propagates(node):
        failed = await propagate(node, command, incarnation)
    result = execute(node, command)
    outcome = await result if inspect.isawaitable(result) else result
    if shared:
        node.configuration.incarnation = incarnation
    node.configuration_changed()
    if failed:
        known = {Code.PROPAGATION_AUTHENTICATION, Code.SECONDARY_UNREACHABLE, Code.SECONDARY_SILENT}
        node.warn(failed if failed in known else Code.FAILED_ON_SECONDARY)
        if failed == Code.SECONDARY_SILENT:
            node.ha.propagation_timeouts += 1
    if shared and node.ha.paired and not node.ha.is_primary:
        node.warn(Code.ON_SECONDARY)
    return outcome


def _concerns_pair(node: Node, command: Command) -> bool:
    """Whether a command changes what both nodes share."""
    if (command.type, command.verb) == ("nsconfig", "clear"):
        # A full clear takes the node out of the pair; the other levels keep the pair.
        return text_of(command.payload.get("level")).lower() != "full"
    if command.type == "nsip":
        name = text_of(command.payload.get("ipaddress"))
        row = node.configuration.get("nsip", f"{name}\x1f0")
        kind = text_of(command.payload.get("type")) or "SNIP"
        return is_shared(node, "nsip", row if row is not None else {"type": kind})
    return is_shared(node, command.type)
