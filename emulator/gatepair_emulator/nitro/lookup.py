"""Finding the row that a payload names by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.coercion import coerce, key_of
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair_emulator.nitro.schema import ResourceType
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row


def find(node: Node, kind: ResourceType, payload: Mapping[str, JsonValue]) -> Row:
    """The row a payload names by its key.

    Args:
        node: The appliance.
        kind: The type.
        payload: Holds the key attributes.

    Returns:
        The row itself.

    Raises:
        NitroError: 1095, the key is missing; 258, there is no such row.
    """
    key: Row = {}
    for name in kind.key:
        if name in payload:
            key[name] = coerce(kind.by_name[name], payload[name])
    row = node.configuration.get(kind.name, key_of(kind, key))
    if row is None:
        if kind.missing != Code.NO_SUCH_RESOURCE:
            raise NitroError(kind.missing)
        raise no_such(kind.key[0] if kind.key else kind.name, printed(key, (*kind.key, "")[0]))
    return row


def printed(row: Row, name: str) -> str:
    """A value of a row as text, for messages and comparisons.

    Args:
        row: The row.
        name: The attribute.

    Returns:
        The text; lists with spaces between, nothing for what is absent.
    """
    value = row.get(name, "")
    return " ".join(value) if isinstance(value, list) else text_of(value)
