"""JSON patch, RFC 6902, on values of :mod:`.jsontext`."""

from __future__ import annotations

import copy
from typing import Final

from .jsontext import MISSING, Json, JsonError, JsonObject, Missing, equal, parse

_NEEDS: Final = {
    "add": ("value",),
    "replace": ("value",),
    "test": ("value",),
    "remove": (),
    "move": ("from",),
    "copy": ("from",),
}


class PatchError(ValueError):
    """The patch is not one, or it does not apply."""


def parse_patch(text: str) -> list[JsonObject]:
    """Read and check a patch.

    Raises:
        PatchError: Not a list of operations, or an operation lacks something.
    """
    try:
        operations = parse(text)
    except JsonError as error:
        raise PatchError(f"not JSON: {error}") from error
    if not isinstance(operations, list):
        raise PatchError("a patch is a list of operations")
    checked: list[JsonObject] = []
    for number, operation in enumerate(operations, 1):
        name = operation.get("op") if isinstance(operation, dict) else None
        if not isinstance(operation, dict) or not isinstance(name, str) or name not in _NEEDS:
            raise PatchError(f"operation {number}: 'op' must be one of {', '.join(_NEEDS)}")
        for member in ("path", *_NEEDS[name]):
            if member not in operation:
                raise PatchError(f"operation {number} ({name}): '{member}' is missing")
        _steps(operation["path"])
        checked.append(operation)
    return checked


def apply(document: Json, operations: list[JsonObject]) -> Json:
    """Apply a checked patch to a copy of a document.

    Raises:
        PatchError: An operation does not apply.
    """
    holder: JsonObject = {"": copy.deepcopy(document)}
    for number, operation in enumerate(operations, 1):
        try:
            _apply_one(holder, operation)
        except PatchError as error:
            raise PatchError(f"operation {number} ({operation['op']}): {error}") from None
    return holder[""]


def _apply_one(holder: JsonObject, operation: JsonObject) -> None:
    steps = _steps(operation["path"])
    match operation["op"]:
        case "add":
            _add(holder, steps, copy.deepcopy(operation["value"]))
        case "remove":
            _remove(holder, steps)
        case "replace":
            _remove(holder, steps)
            _add(holder, steps, copy.deepcopy(operation["value"]))
        case "move":
            source = _steps(operation["from"])
            if steps[: len(source)] == source and steps != source:
                raise PatchError("a value cannot be moved into itself")
            _add(holder, steps, _remove(holder, source))
        case "copy":
            _add(holder, steps, copy.deepcopy(_get(holder, _steps(operation["from"]))))
        case _:
            if not equal(_get(holder, steps), operation["value"]):
                raise PatchError("the value is another")


def _steps(pointer: Json) -> list[str]:
    """Split a JSON pointer (RFC 6901); the leading empty step is the holder's only key."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise PatchError(f"{pointer!r} is not a JSON pointer")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]


def _position(items: list[Json], step: str, *, end: bool) -> int:
    if end and step == "-":
        return len(items)
    if not (step.isascii() and step.isdigit()) or (step != "0" and step.startswith("0")):
        raise PatchError(f"'{step}' is not a position in a list")
    if int(step) >= len(items) + (1 if end else 0):
        raise PatchError(f"the list has no position {step}")
    return int(step)


def _child(value: Json, step: str) -> Json | Missing:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    return value[_position(value, step, end=False)] if isinstance(value, list) else MISSING


def _get(holder: JsonObject, steps: list[str]) -> Json:
    value: Json = holder
    for step in steps:
        found = _child(value, step)
        if found is MISSING:
            raise PatchError(f"there is no '{step}'")
        value = found
    return value


def _add(holder: JsonObject, steps: list[str], value: Json) -> None:
    parent = _get(holder, steps[:-1])
    if isinstance(parent, dict):
        parent[steps[-1]] = value
    elif isinstance(parent, list):
        parent.insert(_position(parent, steps[-1], end=True), value)
    else:
        raise PatchError(f"'{steps[-2]}' holds neither members nor items")


def _remove(holder: JsonObject, steps: list[str]) -> Json:
    value = _get(holder, steps)
    parent = _get(holder, steps[:-1])
    if isinstance(parent, dict):
        del parent[steps[-1]]
    elif isinstance(parent, list):
        del parent[_position(parent, steps[-1], end=False)]
    return value
