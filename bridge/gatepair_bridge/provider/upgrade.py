"""Objects from stored state files, brought to the schema of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .schema import Attribute, Schema
    from .wire import Value

_TRUE: Final = frozenset({"1", "t", "true"})


def conformed(state: Value, schema: Schema) -> dict[str, Value]:
    """Keep what the schema knows, as the kind it has there; what is missing becomes null.

    States of the original provider, also of its older major versions, are read this way:
    attributes that no longer exist are dropped, text that stands for a boolean is converted.
    """
    given = state if isinstance(state, dict) else {}
    return {attribute.name: _value(attribute, given.get(attribute.name)) for attribute in schema.attributes}


def _value(attribute: Attribute, value: Value) -> Value:
    match attribute.kind:
        case "bool":
            return value.lower() in _TRUE if isinstance(value, str) else _if(value, bool)
        case "strings":
            return [str(item) for item in value] if isinstance(value, list) else None
        case "map":
            return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else None
        case "object":
            return _object(attribute, value)
        case _:
            return _if(value, str)


def _if(value: Value, kind: type) -> Value:
    return value if isinstance(value, kind) else None


def _object(attribute: Attribute, value: Value) -> Value:
    if not isinstance(value, dict) or not value:
        return None
    return {member.name: _if(value.get(member.name), str) for member in attribute.members}
