"""JSON as the wire and the state need it: exact numbers, one canonical text, Go's display form.

Values are what :mod:`json` gives, with one addition: a number whose text Python cannot give
back digit for digit (``1.50``, ``1e3``, forty digits after the point) is kept as
:class:`Number`, so that nothing a user wrote or a server sent passes through a double.
"""

from __future__ import annotations

import enum
import json
from decimal import Decimal
from typing import Final, NoReturn, TypeAlias, cast


class Number:
    """A JSON number kept as its literal text."""

    __slots__ = ("literal",)

    def __init__(self, literal: str) -> None:
        self.literal = literal

    def __repr__(self) -> str:
        return f"Number({self.literal})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.literal == self.literal

    def __hash__(self) -> int:
        return hash(self.literal)


Json: TypeAlias = "bool | int | float | str | Number | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


class Missing(enum.Enum):
    """The type of :data:`MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""There is nothing at that place, which is different from a ``null``."""

_FIRST_EXPONENT = 6
"""Go's ``%v`` turns to exponent form from this decimal exponent on (strconv, shortest format)."""
_FIRST_EXPONENT_VALUE = 10**_FIRST_EXPONENT
_LAST_FRACTION = -4


class JsonError(ValueError):
    """The text is not JSON, or not the kind of JSON that is needed here."""


def _integer(literal: str) -> int | Number:
    # Python refuses integers of more than 4,300 digits, and turns -0 into 0.
    if len(literal) > 4000 or literal == "-0":  # noqa: PLR2004 - below the interpreter's limit
        return Number(literal)
    return int(literal)


def _fraction(literal: str) -> float | Number:
    value = float(literal)
    return value if repr(value) == literal else Number(literal)


def _refuse(literal: str) -> NoReturn:
    raise JsonError(f"{literal} is not a JSON value")


_decoder = json.JSONDecoder(parse_int=_integer, parse_float=_fraction, parse_constant=_refuse)


def parse(text: str) -> Json:
    """Read JSON text without losing a digit.

    Args:
        text: RFC 8259 JSON. Of duplicate keys the last one counts.

    Returns:
        The value; numbers that Python would write differently are :class:`Number`.

    Raises:
        JsonError: The text is not valid JSON.
    """
    try:
        return cast("Json", _decoder.decode(text))
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonError("nested too deeply") from error


def parse_object(text: str) -> JsonObject:
    """Read JSON text that has to be an object.

    Raises:
        JsonError: Not valid JSON, or another kind of value.
    """
    value = parse(text)
    if not isinstance(value, dict):
        raise JsonError(f"expected a JSON object, found {kind(value)}")
    return value


def kind(value: Json) -> str:
    """Name the kind of a JSON value for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "a number"


def dump(value: Json) -> str:
    r"""Write canonical JSON: keys sorted, no whitespace, ``<``, ``>`` and ``&`` escaped.

    This is the form that Go's ``encoding/json`` writes, which servers of the original
    provider are used to; numbers keep their digits.

    >>> dump(parse('{"b": 1.50, "a": "<x>"}'))
    '{"a":"\\u003cx\\u003e","b":1.50}'
    """
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except TypeError:  # a Number is somewhere inside
        text = _dump(value)
    if "<" in text or ">" in text or "&" in text:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    if "\u2028" in text or "\u2029" in text:
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text


def _dump(value: Json) -> str:
    if isinstance(value, Number):
        return value.literal
    if isinstance(value, list):
        return "[" + ",".join(_dump(item) for item in value) + "]"
    if isinstance(value, dict):
        members = (f"{_dump(key)}:{_dump(value[key])}" for key in sorted(value))
        return "{" + ",".join(members) + "}"
    return json.dumps(value, ensure_ascii=False)


def encode(value: Json) -> bytes:
    """Write canonical JSON as a request body (UTF-8; lone surrogates stay escaped)."""
    text = dump(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join(_escaped(character) for character in text).encode()


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if 0xD800 <= ord(character) <= 0xDFFF else character  # noqa: PLR2004 - surrogates


def equal(one: Json, other: Json) -> bool:
    """Tell whether two values are the same JSON.

    Key order does not matter; list order, the kind of a value and the text of a number do:
    ``1``, ``1.0``, ``"1"`` and ``true`` all differ.
    """
    return dump(one) == dump(other)


def equal_text(one: str, other: str) -> bool:
    """Tell whether two JSON texts say the same; texts that are not JSON only if identical."""
    if one == other:
        return True
    try:
        return equal(parse(one), parse(other))
    except JsonError:
        return False


def decimal(value: float | Number) -> Decimal:
    """Give the exact decimal value of a JSON number."""
    return Decimal(value.literal if isinstance(value, Number) else repr(value))


def plain_number(value: float | Number) -> str:
    """Write a number without exponent, superfluous zeros or loss: how an id shows in a path.

    >>> plain_number(Number("1.50")), plain_number(12345678901234567890)
    ('1.5', '12345678901234567890')
    """
    if isinstance(value, int):
        return str(value)
    exact = decimal(value)
    if not exact:
        return "0"
    if isinstance(value, Number) and value.literal.lstrip("-").isdigit():
        return value.literal
    if abs(exact.adjusted()) > 400:  # noqa: PLR2004 - beyond any double; do not print a million zeros
        return str(exact)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def display(value: Json) -> str:
    """Write a value as Go's ``fmt`` does with ``%v``: the form of ``api_data``.

    >>> display(parse('[1, "a", null, {"k": 12345678901}]'))
    '[1 a <nil> map[k:1.2345678901e+10]]'
    """
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(display(item) for item in value) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{display(value[key])}" for key in sorted(value)) + "]"
    return _display_number(value)


def _display_number(value: float | Number) -> str:
    if isinstance(value, int) and -_FIRST_EXPONENT_VALUE < value < _FIRST_EXPONENT_VALUE:  # the common case
        return str(value)
    exact = decimal(value)
    if not exact:
        return "0"
    sign, digits, _ = exact.as_tuple()
    exponent = exact.adjusted()
    if _LAST_FRACTION <= exponent < _FIRST_EXPONENT:
        return plain_number(value)
    text = "".join(map(str, digits)).rstrip("0")
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def lookup(value: Json, path: str, separator: str = "/") -> Json | Missing:
    """Follow a path of keys and list positions.

    Args:
        value: Where to start.
        path: Keys joined by ``separator``; a number counts as a position inside a list.
        separator: ``/`` for ids and searches, ``.`` for ignored and forcing keys.

    Returns:
        The value found, or :data:`MISSING`, since a found ``null`` is not an absence.
    """
    for step in path.split(separator):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value
