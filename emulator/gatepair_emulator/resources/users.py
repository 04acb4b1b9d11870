"""Administrators, their command policies and sessions.

Attributes: the vendor's NITRO reference (configuration/system). The built-in policies' rules follow
the description of built-in roles in the product documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.passwords import digest
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    BINDING_VERBS,
    Attribute,
    Kind,
    ResourceType,
    Scope,
    choice,
    number,
    switch,
    text,
)
from gatepair_emulator.nitro.sessions import DEFAULT_LIMIT
from gatepair_emulator.resources.behaviour import NOTHING, Behaviour, Outcome
from gatepair_emulator.values import JsonObject, JsonValue, Row, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node

USER: Final = ResourceType(
    name="systemuser",
    command="system user",
    key=("username",),
    attributes=(
        text("username", required=True, longest=127),
        Attribute(name="password", kind=Kind.SECRET, required=True),
        switch("externalauth"),
        text("promptstring", longest=63),
        number("timeout", 300, 86400),
        switch("logging", "DISABLED"),
        number("maxsession", 1, 40, default=DEFAULT_LIMIT),
        choice("allowedmanagementinterface", "CLI", "API", default="CLI"),
    ),
    verbs=ALL_VERBS,
)
ADMINISTRATOR: Final = "nsroot"


class UserBehaviour(Behaviour):
    """Administrators; passwords are kept as digests."""

    def adding(self, node: Node, row: Row) -> None:
        """Digest the password."""
        _check_password(node, str(row["password"]))
        row["password"] = digest(str(row["username"]), str(row["password"]))

    def updating(self, node: Node, row: Row, new: Row) -> None:
        """Digest a new password."""
        if new.get("password") != row.get("password"):
            _check_password(node, str(new["password"]))
            new["password"] = digest(str(row["username"]), str(new["password"]))

    def deleting(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """The first administrator stays."""
        if row["username"] == ADMINISTRATOR:
            raise NitroError(Code.NOT_PERMITTED)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """What is told of the password and the time-out."""
        kind = "User" if "timeout" in row else "Default"
        return {"encrypted": True, "hashmethod": "SHA512", "timeoutkind": kind}


def _check_password(node: Node, password: str) -> None:
    if len(password) < number_of(node.parameter("minpasswordlen"), 1):
        raise NitroError(Code.PASSWORD_TOO_SHORT)


COMMAND_POLICY: Final = ResourceType(
    name="systemcmdpolicy",
    command="system cmdPolicy",
    key=("policyname",),
    attributes=(
        text("policyname", required=True, longest=127),
        choice("action", "ALLOW", "DENY", required=True),
        text("cmdspec", required=True),
    ),
    verbs=ALL_VERBS,
)
USER_POLICY: Final = ResourceType(
    name="systemuser_systemcmdpolicy_binding",
    command="system user",
    key=("username", "policyname"),
    attributes=(
        text("username", required=True),
        text("policyname", required=True),
        number("priority", 0, default=0),
    ),
    verbs=BINDING_VERBS,
)
_NOT_HIDDEN: Final = "(?!system|configstatus|ns ns.conf|audit messages)"
BUILT_IN_POLICIES: Final = {
    "superuser": ".*",
    "sysadmin": "(?!.*(system (user|group|cmdPolicy)|shell|shutdown)).*",
    "network": "(?!(shell|shutdown|reboot|sftp|scp|.*(system|aaa (user|group)|partition|ns conf))).*",
    "operator": f"(man|stat|show {_NOT_HIDDEN}|(enable|disable) (server|service)).*",
    "read-only": f"(man|stat|show {_NOT_HIDDEN}).*",
}


class UserPolicyBehaviour(Behaviour):
    """What a user may do."""

    def adding(self, node: Node, row: Row) -> None:
        """User and policy must be there."""
        for kind, name in (("systemuser", "username"), ("systemcmdpolicy", "policyname")):
            if node.configuration.get(kind, str(row[name])) is None:
                raise no_such(name, str(row[name]))


SESSION: Final = ResourceType(
    name="systemsession",
    command="system session",
    key=("sid",),
    attributes=(
        number("sid"),
        text("username"),
        text("clientipaddress"),
        text("clienttype"),
        text("partitionname"),
    ),
    verbs=frozenset({"get"}),
    scope=Scope.LOCAL,
)


class SessionBehaviour(Behaviour):
    """Who is logged in."""

    def __init__(self) -> None:
        super().__init__(SESSION)
        self.actions = {"kill": _kill}
        self.operational = frozenset({"kill"})

    def rows(self, node: Node) -> Iterable[Row]:
        """The sessions, oldest first."""
        return [
            {
                "sid": each.identifier,
                "username": each.user,
                "clientipaddress": each.client,
                "clienttype": "API",
                "partitionname": "default",
            }
            for each in node.sessions.all()
        ]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Times of the session."""
        found = next((each for each in node.sessions.all() if each.identifier == row["sid"]), None)
        if found is None:
            return {}
        return {
            "logintime": str(int(found.started)),
            "lastactivitytime": str(int(node.clock.wall())),
            "expirytime": str(int(found.timeout_s)),
            "numofconnections": "0",
            "currentconn": False,
        }


def _kill(node: Node, payload: JsonObject) -> Outcome:
    if text_of(payload.get("all")).lower() in {"true", "yes"}:
        node.sessions.kill(None)
        return NOTHING
    number_ = number_of(payload.get("sid"), -1)
    if node.sessions.kill(number_) == 0:
        raise no_such("sid", text_of(payload.get("sid")))
    return NOTHING


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        UserBehaviour(USER),
        Behaviour(COMMAND_POLICY),
        UserPolicyBehaviour(USER_POLICY),
        SessionBehaviour(),
    ]
