"""Answers as an appliance writes them: exact spacing of the JSON and the headers around it.

One line, a space after ``{``, ``:`` and ``,`` and before ``}``: two recorded replies have a
Content-Length that fits only this spacing (netscaler/ansible-collection-netscaleradc issues 402
and 492), and the vendor's Terraform provider looks for ``"errorcode": 293`` in error texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gatepair.nitro.codes import MESSAGES, Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.values import JsonObject, JsonValue

Header = tuple[str, str]
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def encode(value: JsonValue) -> str:
    """The value as JSON with an appliance's spacing.

    Args:
        value: Any JSON value.

    Returns:
        The text, one line.

    Example:
        >>> encode({"errorcode": 0, "list": ["a"], "empty": {}})
        '{ "errorcode": 0, "list": [ "a" ], "empty": { } }'
    """
    if isinstance(value, Mapping):
        inside = ", ".join(_members(value))
        return f"{{ {inside} }}" if inside else "{ }"
    if value is None or isinstance(value, (str, bool, int, float)):
        return dumps(value)
    inside = ", ".join([encode(item) for item in value])
    return f"[ {inside} ]" if inside else "[ ]"


def _members(value: Mapping[str, JsonValue]) -> Iterator[str]:
    """The members of an object; neighbours without brackets go through the quick encoder at once."""
    plain: dict[str, JsonValue] = {}
    for key, item in value.items():
        if type(item) in _PLAIN:
            plain[key] = item
            continue
        if plain:
            yield dumps(plain)[1:-1]
            plain = {}
        yield f"{dumps(key)}: {encode(item)}"
    if plain:
        yield dumps(plain)[1:-1]


@frozen(kw_only=True)
class Answer:
    """What goes back to a client: status, body and extra headers.

    Attributes:
        status: HTTP status.
        body: The body as sent; may be empty.
        headers: Headers beyond those every answer carries.
        content_type: Media type of the body.
        close: Close the connection afterwards.
        silent: Send nothing at all and close the connection (a reboot does that).
        truncate: Send only so many octets of the body, then close; None for all.
        slow_s: Spread the body over this many seconds.
    """

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = field(factory=tuple)
    content_type: str = "application/json; charset=utf-8"
    close: bool = False
    silent: bool = False
    truncate: int | None = None
    slow_s: float = 0.0


def envelope(
    code: int, message: str, severity: str, payload: JsonObject | None = None
) -> dict[str, JsonValue]:
    """The four members every NITRO answer begins with, and the payload.

    Args:
        code: ``errorcode``.
        message: Text of the code.
        severity: ``NONE``, ``ERROR`` or ``WARNING``.
        payload: Further members.

    Returns:
        The envelope in the order of the wire.
    """
    return {"errorcode": code, "message": message, "severity": severity, **(payload or {})}


def done(payload: JsonObject | None = None, *, status: int = 200, headers: tuple[Header, ...] = ()) -> Answer:
    """The answer of success.

    Args:
        payload: Members beside errorcode, message and severity.
        status: 200, or 201 for something added.
        headers: Extra headers.

    Returns:
        The answer.
    """
    body = encode(envelope(Code.DONE, MESSAGES[Code.DONE], "NONE", payload))
    return Answer(status=status, body=body.encode(), headers=headers)
