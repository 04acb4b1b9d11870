"""Heartbeats: what one node tells the other about itself, and their form on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import asdict, evolve, field, fields_dict, frozen

if TYPE_CHECKING:
    from gatepair_emulator.values import JsonValue

_MAGIC: Final = b"gatepair-heartbeat 1 "
MAXIMUM_SIZE: Final = 8192


class Role(StrEnum):
    """The master state of a node."""

    INIT = "Init"
    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    CLAIMING = "Claiming"


class Admin(StrEnum):
    """What the administrator wants of a node: ``hastatus`` as written."""

    ENABLED = "ENABLED"
    STAYPRIMARY = "STAYPRIMARY"
    STAYSECONDARY = "STAYSECONDARY"
    DISABLED = "DISABLED"


class Health(StrEnum):
    """Whether the node can serve, in the words of ``hacurstate``."""

    UP = "UP"
    PARTIALFAIL = "PARTIALFAIL"
    COMPLETEFAIL = "COMPLETEFAIL"
    PARTIALFAILSSL = "PARTIALFAILSSL"
    ROUTEMONITORFAIL = "ROUTEMONITORFAIL"


@frozen(kw_only=True)
class Hello:
    """One heartbeat.

    Attributes:
        sender: Management address of the sender.
        target: Management address the sender knows as its peer.
        sequence: Grows by one with every heartbeat; the same on each interface.
        interface: Interface it was sent on.
        role: Master state of the sender.
        admin: What its administrator wants.
        health: Whether it can serve.
        eligible: Whether it may become primary by its own rules.
        primary_since: Milliseconds since the epoch when it became primary; 0 if it is not.
        last_primary: Milliseconds since the epoch when it was last primary; 0 if never.
        claim: Number of its claim of the primary role; 0 if it claims nothing.
        forced: Whether the claim was ordered by an administrator.
        granted: Number of the peer's claim it has given way to; 0 if none.
        inviting: Whether it wants the peer to take over.
        sticky: Whether it keeps the primary role because it changed too often.
        settled: Whether it has known a primary since it started: it then has the pair's
            configuration, which a node that has just started from its disk may not have.
        facts: What is only shown: host name, version, sync state, interfaces, incarnation.
    """

    sender: str
    target: str
    sequence: int = 0
    interface: str = ""
    role: Role = Role.INIT
    admin: Admin = Admin.ENABLED
    health: Health = Health.UP
    eligible: bool = True
    primary_since: int = 0
    last_primary: int = 0
    claim: int = 0
    forced: bool = False
    granted: int = 0
    inviting: bool = False
    sticky: bool = False
    settled: bool = False
    facts: Mapping[str, str] = field(factory=dict[str, str])

    def on(self, interface: str) -> Hello:
        """The same heartbeat as sent on one interface.

        Args:
            interface: Its name.

        Returns:
            A copy that names the interface.
        """
        return evolve(self, interface=interface)


_FIELDS: Final = fields_dict(Hello)


def encode_hello(hello: Hello) -> bytes:
    """A heartbeat as a datagram.

    Args:
        hello: The heartbeat.

    Returns:
        At most ``MAXIMUM_SIZE`` octets for the facts a node sends.
    """
    return _MAGIC + json.dumps(asdict(hello), separators=(",", ":")).encode()


def decode_hello(datagram: bytes) -> Hello | None:
    """A datagram as a heartbeat.

    Args:
        datagram: What came in; anybody can send anything.

    Returns:
        The heartbeat, or None for anything else.
    """
    if not datagram.startswith(_MAGIC) or len(datagram) > MAXIMUM_SIZE:
        return None
    try:
        content: JsonValue = json.loads(datagram[len(_MAGIC) :])
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, Mapping) or set(content) != set(_FIELDS):
        return None
    facts = content["facts"]
    if not isinstance(facts, Mapping) or not all(isinstance(value, str) for value in facts.values()):
        return None
    try:
        return _hello_from(content, {name: str(value) for name, value in facts.items()})
    except ValueError:
        return None


def _hello_from(content: Mapping[str, JsonValue], facts: dict[str, str]) -> Hello:
    return Hello(
        sender=_text(content["sender"]),
        target=_text(content["target"]),
        sequence=_number(content["sequence"]),
        interface=_text(content["interface"]),
        role=Role(_text(content["role"])),
        admin=Admin(_text(content["admin"])),
        health=Health(_text(content["health"])),
        eligible=_flag(content["eligible"]),
        primary_since=_number(content["primary_since"]),
        last_primary=_number(content["last_primary"]),
        claim=_number(content["claim"]),
        forced=_flag(content["forced"]),
        granted=_number(content["granted"]),
        inviting=_flag(content["inviting"]),
        sticky=_flag(content["sticky"]),
        settled=_flag(content["settled"]),
        facts=facts,
    )


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - one kind of error for a bad datagram
    return value


def _number(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("no number")  # noqa: TRY004 - one kind of error for a bad datagram
    return value


def _flag(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise ValueError("no flag")  # noqa: TRY004 - one kind of error for a bad datagram
    return value
