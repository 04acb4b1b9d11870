"""From what a client sends to what is stored, and from what is stored to what is printed."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import INVALID_JSON_TYPE, NitroError
from gatepair_emulator.nitro.schema import Access, Attribute, Kind, ResourceType, Wire
from gatepair_emulator.values import JsonObject, JsonValue, Row, Value, text_of, texts_of

# "ENABLE" is what an old client sends to appliances (softlayer/terraform-provider-softlayer).
_SHORT_FORMS = {"ENABLE": "ENABLED", "DISABLE": "DISABLED"}


def coerce(attribute: Attribute, value: JsonValue) -> Value:
    """A value as it is stored.

    Args:
        attribute: What it is for.
        value: What the client sent; numbers and flags may arrive as text.

    Returns:
        The value.

    Raises:
        NitroError: The value is not allowed.
    """
    if isinstance(value, Mapping) or value is None:
        raise NitroError(INVALID_JSON_TYPE, attribute.name)
    if attribute.kind is Kind.LIST:
        return _list(attribute, value)
    if not isinstance(value, (str, int, float)):
        raise NitroError(INVALID_JSON_TYPE, attribute.name)
    if attribute.kind is Kind.INTEGER:
        return _integer(attribute, value)
    if attribute.kind is Kind.ENUM:
        return _choice(attribute, text_of(value))
    if attribute.kind is Kind.FLAG:
        return _flag(attribute, value)
    text = text_of(value)
    if attribute.kind is Kind.ADDRESS and not _is_address(text):
        raise NitroError(Code.INVALID_VALUE, f"{attribute.name}, {text}")
    if attribute.longest is not None and len(text) > attribute.longest:
        raise NitroError(Code.STRING_TOO_LONG, f"{attribute.name}, {attribute.longest}")
    if attribute.required and not text:
        raise NitroError(Code.ARGUMENT_VALUE_MISSING, attribute.name)
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return text == "*"
    return True


def _integer(attribute: Attribute, value: str | float) -> int:
    text = text_of(value).strip()
    if not text.removeprefix("-").isdecimal():
        raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"{attribute.name}, {text}")
    result = int(text)
    if attribute.minimum is not None and result < attribute.minimum:
        raise NitroError(Code.BELOW_MINIMUM, f"{attribute.name}, {attribute.minimum}")
    if attribute.maximum is not None and result > attribute.maximum:
        raise NitroError(Code.ABOVE_MAXIMUM, f"{attribute.name}, {attribute.maximum}")
    return result


def _choice(attribute: Attribute, text: str) -> str:
    wanted = _SHORT_FORMS.get(text.upper(), text).upper()
    for allowed in attribute.choices:
        if allowed.upper() == wanted:
            return allowed
    raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"{attribute.name}, {text}")


def _flag(attribute: Attribute, value: str | float) -> bool:
    if isinstance(value, bool):
        return value
    lowered = text_of(value).lower()
    if lowered in {"true", "yes", "1"}:
        return True
    if lowered in {"false", "no", "0"}:
        return False
    raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"{attribute.name}, {lowered}")


def _list(attribute: Attribute, value: JsonValue) -> list[str]:
    items = [part for item in texts_of(value) for part in item.split() if part]
    if not attribute.choices:
        return items
    allowed = {known.upper(): known for known in attribute.choices}
    for item in items:
        if item.upper() not in allowed:
            raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"{attribute.name}, {item}")
    return [allowed[item.upper()] for item in items]


def present(attribute: Attribute, value: Value) -> JsonValue:
    """A stored value as it is printed.

    Args:
        attribute: What it is for.
        value: The stored value.

    Returns:
        The JSON value.
    """
    if attribute.wire is Wire.TEXT:
        return " ".join(value) if isinstance(value, list) else text_of(value)
    return value


def new_row(kind: ResourceType, payload: JsonObject) -> Row:
    """A row for add: defaults, then what was sent.

    Args:
        kind: The type.
        payload: What the client sent.

    Returns:
        The row.

    Raises:
        NitroError: An attribute is unknown, read-only, missing or has a value not allowed.
    """
    given = changes(kind, payload, adding=True)
    for attribute in kind.attributes:
        if attribute.required and attribute.name not in given:
            raise NitroError(Code.ARGUMENT_MISSING, attribute.name)
    row: Row = {}
    for attribute in kind.attributes:
        if attribute.name in given:
            row[attribute.name] = given[attribute.name]
        elif attribute.default is not None:
            row[attribute.name] = attribute.default
    return row


def changes(kind: ResourceType, payload: JsonObject, *, adding: bool = False) -> Row:
    """The attributes a write changes, checked.

    Args:
        kind: The type.
        payload: What the client sent.
        adding: True for add; an update may not name some attributes.

    Returns:
        The values to store.

    Raises:
        NitroError: An attribute is unknown (1090), not for this command (278) or has a bad value.
    """
    result: Row = {}
    for name, value in payload.items():
        attribute = kind.by_name.get(name) or kind.by_name.get(name.lower())
        if attribute is None:
            raise NitroError(Code.NO_SUCH_ARGUMENT, name)
        if attribute.access is Access.READ_ONLY:
            raise NitroError(Code.INVALID_ARGUMENT, attribute.name)
        if not adding and attribute.name not in kind.key:
            if attribute.access is Access.ADD_ONLY:
                raise NitroError(Code.INVALID_ARGUMENT, attribute.name)
            if attribute.access is Access.FIXED:
                continue
        result[attribute.name] = coerce(attribute, value)
    return result


def key_of(kind: ResourceType, row: Mapping[str, Value]) -> str:
    """The key of a row as one text.

    Args:
        kind: The type.
        row: A row with its key attributes.

    Returns:
        The parts of the key, joined.

    Raises:
        NitroError: 1095 if a part is missing and has no default.
    """
    parts: list[str] = []
    for name in kind.key:
        value = row.get(name, kind.by_name[name].default if name in kind.by_name else None)
        if value is None:
            raise NitroError(Code.ARGUMENT_MISSING, name)
        parts.append(text_of(" ".join(value) if isinstance(value, list) else value))
    return "\x1f".join(parts)
