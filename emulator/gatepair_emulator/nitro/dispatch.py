"""From a request to an answer: who asks, for what, may they, and what comes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.authentication import Caller, identify
from gatepair_emulator.nitro.bulk import bulk
from gatepair_emulator.nitro.commands import Command
from gatepair_emulator.nitro.errors import INVALID_METHOD, NitroError, message_of
from gatepair_emulator.nitro.login import login, logout
from gatepair_emulator.nitro.policies import authorize
from gatepair_emulator.nitro.queries import read, statistics
from gatepair_emulator.nitro.submission import submit
from gatepair_emulator.values import JsonObject, text_of
from gatepair_emulator.wire.envelope import Answer, done, encode, envelope
from gatepair_emulator.wire.request import (
    Body,
    HttpRequest,
    Target,
    accepts_json,
    parse_body,
    parse_macro,
    parse_target,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from gatepair_emulator.node import Node
    from gatepair_emulator.resources.behaviour import Behaviour, Outcome

_LOG = logging.getLogger(__name__)

_WORDS: Final = {"update": "set", "delete": "rm", "get": "show"}


def handle(node: Node, request: HttpRequest) -> Answer | Awaitable[Answer]:
    """Answer one NITRO request.

    Args:
        node: The appliance.
        request: The request.

    Returns:
        The answer, or one to wait for if a command has to be carried out.
    """
    try:
        if not accepts_json(request.headers):
            return Answer(status=406, body=encode(NitroError(Code.NOT_PERMITTED).entry()).encode())
        target = parse_target(request.target)
        if request.method in {"GET", "HEAD"}:
            return _read(node, request, target)
    except NitroError as problem:
        return problem.answer()
    except Exception:  # noqa: BLE001 - an appliance answers 1043 and goes on
        return _failed(node, request)
    return _guard(node, request, target)


def _read(node: Node, request: HttpRequest, target: Target) -> Answer:
    caller = identify(node, request.headers)
    behaviour = node.behaviour(target.type)
    word = "stat" if target.area == "stat" else "show"
    authorize(node, caller.user, f"{word} {behaviour.kind.command}")
    if target.area == "stat":
        return statistics(node, behaviour, target)
    return read(node, behaviour, target)


async def _guard(node: Node, request: HttpRequest, target: Target) -> Answer:
    """Carry a write out; whatever goes wrong becomes an answer."""
    try:
        return await _write(node, request, target)
    except NitroError as problem:
        return problem.answer()
    except Exception:  # noqa: BLE001 - an appliance answers 1043 and goes on
        return _failed(node, request)


def _failed(node: Node, request: HttpRequest) -> Answer:
    _LOG.exception("%s: %s %s failed", node.settings.name, request.method, request.target)
    return NitroError(Code.INTERNAL_ERROR, status=599).answer()


async def _write(node: Node, request: HttpRequest, target: Target) -> Answer:
    if target.area != "config":
        raise NitroError(INVALID_METHOD, status=405)
    if target.type.lower() == "macroapi":
        return await _macro(node, request, target)
    body = parse_body(request, target.type)
    if body.type.lower() == "login":
        return login(node, body.entries[0], request.client)
    caller = identify(node, request.headers)
    if body.type.lower() == "logout":
        return logout(node, caller)
    commands = _commands(node, request, target, body, caller)
    node.take_warnings()
    if body.bulk:
        answer = await bulk(node, commands, _onerror(request, body))
    else:
        outcome = await submit(node, commands[0])
        added = request.method == "POST" and commands[0].verb == "add" and not target.asks("idempotent")
        answer = _answer(node, target, body, added=added, outcome=outcome)
    if "x-nitro-saveconfig" in request.headers and answer.status < 300:  # noqa: PLR2004 - success
        await submit(node, Command(type="nsconfig", verb="save"))
    return answer


async def _macro(node: Node, request: HttpRequest, target: Target) -> Answer:
    """Objects of several types in one request, done in the order sent."""
    caller = identify(node, request.headers)
    bodies = parse_macro(request)
    commands = [command for body in bodies for command in _commands(node, request, target, body, caller)]
    node.take_warnings()
    return await bulk(node, commands, _onerror(request, bodies[0]))


def _commands(node: Node, request: HttpRequest, target: Target, body: Body, caller: Caller) -> list[Command]:
    """The commands of a body, for a caller who may give them."""
    named = "" if target.type.lower() == "macroapi" else target.type
    behaviour = node.behaviour(named or body.type)
    verb = verb_of(request, target, body, behaviour)
    authorize(node, caller.user, f"{_WORDS.get(verb, verb)} {behaviour.kind.command}")
    return [
        Command(
            type=behaviour.kind.name,
            verb=verb,
            payload=_payload(behaviour, target, entry),
            idempotent=target.asks("idempotent") or _binds(request, behaviour),
        )
        for entry in body.entries
    ]


def _onerror(request: HttpRequest, body: Body) -> str:
    """What is to be done after the first failure of several commands."""
    wanted = request.headers.get("x-nitro-onerror", text_of(body.parameters.get("onerror")))
    return wanted.lower() or "exit"


def verb_of(request: HttpRequest, target: Target, body: Body, behaviour: Behaviour) -> str:
    """What a write is: a verb of the type, or an action in lower case.

    Args:
        request: The request.
        target: The URL taken apart.
        body: The body taken apart.
        behaviour: The type.

    Returns:
        The verb.

    Raises:
        NitroError: The method is not one of NITRO's.
    """
    kind = behaviour.kind
    action = (target.options.get("action") or text_of(body.parameters.get("action"))).lower()
    if request.method == "DELETE":
        return "delete"
    if request.method == "PUT":
        return "add" if kind.name.endswith("_binding") else "update"
    if request.method != "POST":
        raise NitroError(INVALID_METHOD, status=405)
    if kind.post_action and action in {"", "add", kind.post_action}:
        return kind.post_action
    if action == "update" and "replace" in behaviour.actions:
        return "replace"  # ?action=update replaces the files of a certificate; PUT is the other update
    if not action and not target.type and set(behaviour.actions) and "add" not in kind.verbs:
        return "update"
    return {"": "add", "remove": "delete", "set": "update", "rm": "delete"}.get(action, action)


def _binds(request: HttpRequest, behaviour: Behaviour) -> bool:
    return request.method == "PUT" and behaviour.kind.name.endswith("_binding")


def _payload(behaviour: Behaviour, target: Target, entry: JsonObject) -> JsonObject:
    """The attributes of a write: the body, the name in the path and the arguments."""
    kind = behaviour.kind
    payload = {**target.arguments, **entry}
    if target.name is not None and kind.key:
        payload[kind.key[0]] = target.name
    return payload


def _answer(node: Node, target: Target, body: Body, *, added: bool, outcome: Outcome) -> Answer:
    """The answer to a write that was done, with its warning if the client wants warnings."""
    warnings = node.take_warnings()
    if outcome.silent:
        return Answer(status=200, silent=True)
    wanted = target.asks("warning") or text_of(body.parameters.get("warning")).lower() in {"yes", "true"}
    if warnings and wanted:
        code, detail = warnings[0]
        text = message_of(code, detail)
        content = encode(envelope(code, text, "WARNING", outcome.payload)).encode()
        headers = ("X-NITRO-WARNING", f"{int(code)} - {text}"), *outcome.headers
        return Answer(status=209, body=content, headers=headers[:1])
    status = outcome.status or (201 if added else 200)
    return done(outcome.payload, status=status, headers=outcome.headers)
