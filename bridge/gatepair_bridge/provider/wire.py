"""Values on the plugin protocol's wire: MessagePack with Terraform's unknown values."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import msgpack  # pyright: ignore[reportMissingTypeStubs]  # it has no types

from .protocol import pb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Unknown(enum.Enum):
    """The type of :data:`UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""A value that is only known after apply."""

Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"
Attributes: TypeAlias = "Mapping[str, Value]"

_pack = cast("Callable[..., bytes]", msgpack.packb)  # pyright: ignore[reportUnknownMemberType]  # no types
_unpack = cast("Callable[..., Value]", msgpack.unpackb)  # pyright: ignore[reportUnknownMemberType]  # no types
_UNKNOWN_EXTENSION = msgpack.ExtType(0, b"\x00")


def _extension(_code: int, _data: bytes) -> Unknown:
    # Terraform also sends unknown values with refinements (extension 12): still unknown.
    return UNKNOWN


def _plain(value: object) -> object:
    if value is UNKNOWN:
        return _UNKNOWN_EXTENSION
    raise TypeError(f"{type(value).__name__} cannot be sent to Terraform")


def text(attributes: Attributes, name: str) -> str:
    """Give a text attribute; empty if it is null or not known."""
    value = attributes.get(name)
    return value if isinstance(value, str) else ""


def decode(value: pb.DynamicValue) -> Value:
    """Read a value that Terraform sent."""
    if value.msgpack:
        return _unpack(value.msgpack, ext_hook=_extension, strict_map_key=False)
    return cast("Value", json.loads(value.json)) if value.json else None


def decode_object(value: pb.DynamicValue) -> dict[str, Value] | None:
    """Read an object that Terraform sent; ``None`` if it is null (absent)."""
    decoded = decode(value)
    return decoded if isinstance(decoded, dict) else None


def encode(value: Value | Attributes) -> pb.DynamicValue:
    """Write a value for Terraform; lone surrogates, which it cannot hold, are replaced."""
    try:
        packed = _pack(value, default=_plain)
    except UnicodeEncodeError:
        packed = _pack(value, default=_plain, unicode_errors="replace")
    return pb.DynamicValue(msgpack=packed)
