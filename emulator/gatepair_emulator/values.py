"""The shapes of data the emulator passes around: attribute values, rows and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = str | int | bool | list[str]
"""The value of one attribute of a configured object."""

Row: TypeAlias = dict[str, Value]
"""One configured object: its attributes by name, numbers as integers."""

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""Anything that JSON can say."""

JsonObject: TypeAlias = Mapping[str, JsonValue]
"""A JSON object."""


def text_of(value: JsonValue) -> str:
    """The value as NITRO prints a scalar: booleans in lower case, numbers in decimal.

    Args:
        value: A scalar; anything else is printed as Python would.

    Returns:
        The text.

    Example:
        >>> text_of(True), text_of(12)
        ('true', '12')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def object_of(value: JsonValue) -> dict[str, JsonValue]:
    """The value as a JSON object, empty if it is none.

    Args:
        value: What was received.

    Returns:
        A copy of the object, or an empty one.
    """
    return dict(value) if isinstance(value, Mapping) else {}


def texts_of(value: JsonValue) -> list[str]:
    """The value as a list of texts: a list as it is, a scalar as a list of one, nothing as none.

    Args:
        value: What was received.

    Returns:
        The texts.
    """
    if value is None or isinstance(value, Mapping):
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [text_of(item) for item in value]
    return [text_of(value)]


def number_of(value: JsonValue, default: int) -> int:
    """The value as an integer, also when it arrives as text.

    Args:
        value: What was received.
        default: What to return if it is no integer.

    Returns:
        The integer.
    """
    if isinstance(value, (int, float)):
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
        return int(value)
    return default
