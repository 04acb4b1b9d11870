"""Logging in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gatepair.nitro.codes import SESSION_COOKIE, Code
from gatepair_emulator.nitro.authentication import (
    ADMINISTRATOR,
    Caller,
    has_default_password,
    refuse_default_password,
    verify,
)
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.passwords import digest
from gatepair_emulator.nitro.sessions import DEFAULT_LIMIT, DEFAULT_TIMEOUT_S, RESTRICTED_TIMEOUT_S
from gatepair_emulator.values import JsonObject, Row, number_of, text_of
from gatepair_emulator.wire.envelope import Answer, done

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

_KNOWN: Final = frozenset({"username", "password", "timeout", "new_password", "authenticationtype"})


def login(node: Node, payload: JsonObject, client: str) -> Answer:
    """Open a session.

    Args:
        node: The appliance.
        payload: ``username``, ``password``, perhaps ``timeout`` or ``new_password``.
        client: Address of the client.

    Returns:
        201 with the session in body and cookie.

    Raises:
        NitroError: The login is refused.
    """
    for name in payload:
        if name not in _KNOWN:
            raise NitroError(Code.NO_SUCH_ARGUMENT, name)
    user, password = text_of(payload.get("username")), text_of(payload.get("password"))
    if not user:
        raise NitroError(Code.ARGUMENT_MISSING, "username")
    row = verify(node, user, password)
    if "new_password" in payload:
        _change_default(node, user, text_of(payload["new_password"]), row)
    refuse_default_password(node, user)
    limit = number_of(text_of(str(row.get("maxsession", DEFAULT_LIMIT))), DEFAULT_LIMIT)
    session = node.sessions.open(user, client, _timeout(node, row, payload), limit)
    cookie = f"{SESSION_COOKIE}={quote(session.token, safe='')}; path=/nitro/v1"
    return done({"sessionid": session.token}, status=201, headers=(("Set-Cookie", cookie),))


def logout(node: Node, caller: Caller) -> Answer:
    """End the caller's session.

    Args:
        node: The appliance.
        caller: Who asks.

    Returns:
        201.
    """
    node.sessions.close(caller.token)
    return done(status=201, headers=(("Set-Cookie", f"{SESSION_COOKIE}=deleted; path=/nitro/v1"),))


def _timeout(node: Node, row: Row, payload: JsonObject) -> float:
    """Idle seconds: what the login asks for, else the user's, else the appliance's."""
    if "timeout" in payload:
        return max(number_of(payload["timeout"], DEFAULT_TIMEOUT_S), 1)
    if "timeout" in row:
        return number_of(text_of(str(row["timeout"])), DEFAULT_TIMEOUT_S)
    restricted = node.parameter("restrictedtimeout") == "ENABLED"
    return RESTRICTED_TIMEOUT_S if restricted else DEFAULT_TIMEOUT_S


def _change_default(node: Node, user: str, new: str, row: Row) -> None:
    """The one login that changes the factory's password; anywhere else it is an invalid argument."""
    if user != ADMINISTRATOR or not has_default_password(node):
        raise NitroError(Code.INVALID_ARGUMENT)
    if not new or new == ADMINISTRATOR:
        raise NitroError(Code.DEFAULT_PASSWORD)
    row["password"] = digest(user, new)
    node.configuration_changed()
