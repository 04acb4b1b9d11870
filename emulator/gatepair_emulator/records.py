"""Objects of plain values from JSON: settings from their files, faults from an order."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from attrs import NOTHING, AttrsInstance, fields, has

from gatepair_emulator.values import JsonValue, texts_of

if TYPE_CHECKING:
    from attrs import Attribute

R = TypeVar("R", bound=AttrsInstance)
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def record_of(kind: type[R], content: JsonValue) -> R:
    """An object from JSON.

    Args:
        kind: Its class: each member is text, a number, a flag, one of an enumeration, a tuple of texts,
            or such an object itself.
        content: What was read.

    Returns:
        The object.

    Raises:
        ValueError: A member is unknown, missing or of another type.

    Example:
        >>> from attrs import frozen
        >>> @frozen
        ... class Port:
        ...     number: int
        ...     name: str = ""
        >>> record_of(Port, {"number": 8443})
        Port(number=8443, name='')
    """
    if not isinstance(content, Mapping):
        raise ValueError("it is no object")  # noqa: TRY004 - one kind of error for bad content
    members: dict[str, Attribute[object]] = {each.name: each for each in fields(kind)}
    unknown = sorted(set(content) - set(members))
    missing = sorted(
        name for name, each in members.items() if each.default is NOTHING and name not in content
    )
    for what, names in (("unknown", unknown), ("missing", missing)):
        if names:
            raise ValueError(f"{what}: {', '.join(names)}")
    types: dict[str, object] = get_type_hints(kind)
    return kind(**{name: _member(name, types[name], value) for name, value in content.items()})


def _member(name: str, kind: object, value: JsonValue) -> object:
    if not isinstance(kind, type):  # the one generic type there is: tuple[str, ...]
        return tuple(texts_of(value))
    if has(kind):
        return record_of(kind, value)
    if issubclass(kind, Enum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{name} has to be {_WORDS[kind]}, not {value!r}")
    return value
