"""Bulk writes: several objects of one type in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.commands import Command
from gatepair_emulator.nitro.errors import NitroError, message_of
from gatepair_emulator.nitro.submission import submit
from gatepair_emulator.wire.envelope import Answer, done, encode, envelope

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue

_UNDO: Final = {"add": "delete"}


async def bulk(node: Node, commands: list[Command], onerror: str) -> Answer:
    """Carry several commands out.

    Args:
        node: The appliance.
        commands: In the order sent.
        onerror: ``exit`` stops at the first error, ``continue`` goes on, ``rollback`` takes back
            what was added.

    Returns:
        201 or 200, or 207 with one entry per command tried.

    Raises:
        NitroError: ``onerror`` is something else, or rollback is asked for another verb than add.
    """
    if onerror not in {"exit", "continue", "rollback"}:
        raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"onerror, {onerror}")
    entries: list[JsonValue] = []
    finished: list[Command] = []
    failed = False
    for command in commands:
        if onerror == "rollback" and command.verb not in _UNDO:
            raise NitroError(Code.UNKNOWN_ACTION)
        try:
            await submit(node, command)
        except NitroError as problem:
            failed = True
            entries.append(problem.entry())
            if onerror != "continue":
                break
        else:
            finished.append(command)
            entries.append(envelope(Code.DONE, message_of(Code.DONE), "NONE"))
    if not failed:
        return done(status=201 if commands and commands[0].verb == "add" else 200)
    code = Code.BULK_FAILED
    if onerror == "rollback":
        code = await _roll_back(node, finished)
    body = envelope(code, message_of(code), "ERROR", {"response": entries})
    return Answer(status=207, body=encode(body).encode())


async def _roll_back(node: Node, finished: list[Command]) -> Code:
    for command in reversed(finished):
        key = {
            name: command.payload[name]
            for name in node.behaviour(command.type).kind.key
            if name in command.payload
        }
        try:
            await submit(node, Command(type=command.type, verb=_UNDO[command.verb], payload=key))
        except NitroError:
            return Code.BULK_ROLLBACK_FAILED
    return Code.BULK_ROLLED_BACK
