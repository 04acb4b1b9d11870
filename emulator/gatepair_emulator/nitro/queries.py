"""Reading: one or all, by arguments, filters, projections, counts and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.coercion import present
from gatepair_emulator.nitro.errors import INVALID_METHOD, NitroError, no_such
from gatepair_emulator.nitro.schema import Kind, ResourceType, Shape
from gatepair_emulator.values import JsonValue, Row, number_of, text_of, texts_of
from gatepair_emulator.wire.envelope import Answer, done

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.resources.behaviour import Behaviour
    from gatepair_emulator.wire.request import Target

Printed = dict[str, JsonValue]


def read(node: Node, behaviour: Behaviour, target: Target) -> Answer:
    """Answer a GET of ``/config``.

    Args:
        node: The appliance.
        behaviour: The type asked for.
        target: The URL taken apart.

    Returns:
        The answer.

    Raises:
        NitroError: What was asked for is not there, or the type cannot be read.
    """
    kind = behaviour.kind
    if "get" not in kind.verbs:
        raise NitroError(INVALID_METHOD, status=405)
    rows = _chosen(node, behaviour, target)
    if target.asks("count"):
        return done({kind.name: [{"__count": str(len(rows))}]})
    printed = [show(node, behaviour, row) for row in rows]
    if target.filters:
        printed = [each for each in printed if _passes(each, target.filters)]
    printed = _page(printed, target)
    if target.attributes:
        printed = [_project(each, target.attributes) for each in printed]
    if kind.shape is Shape.OBJECT:
        return done({kind.name: printed[0]} if printed else None)
    return done({kind.name: printed} if printed else None)


def show(node: Node, behaviour: Behaviour, row: Row) -> Printed:
    """A row as it is printed: stored attributes in order, secrets left out, then read-only ones.

    Args:
        node: The appliance.
        behaviour: Its type.
        row: The row.

    Returns:
        The members.
    """
    known = behaviour.kind.by_name
    extra = behaviour.shown(node, row)
    printed: Printed = {}
    for name, attribute in known.items():
        if name in extra:
            printed[name] = extra[name]
        elif name in row and attribute.kind is not Kind.SECRET:
            printed[name] = present(attribute, row[name])
    printed.update(extra)
    return printed


def statistics(node: Node, behaviour: Behaviour, target: Target) -> Answer:
    """Answer a GET of ``/stat``.

    Args:
        node: The appliance.
        behaviour: The type asked for.
        target: The URL taken apart.

    Returns:
        The answer.

    Raises:
        NitroError: The type has no statistics.
    """
    kind = behaviour.kind
    if not kind.statistics:
        raise NitroError(Code.NO_SUCH_COMMAND, f"stat {kind.command}")
    value = behaviour.statistics(node, target.name)
    if isinstance(value, Mapping):
        value = _project(dict(value), target.attributes) if target.attributes else value
    elif not value:
        return done()
    return done({kind.name: value})


def _chosen(node: Node, behaviour: Behaviour, target: Target) -> list[Row]:
    """The rows named by the path or the arguments, or all."""
    kind = behaviour.kind
    rows = list(behaviour.chosen(node, target.arguments))
    wanted: dict[str, str] = dict(target.arguments)
    if target.name is not None:
        if not kind.key:
            raise NitroError(Code.INVALID_VALUE, target.name)
        wanted[kind.key[0]] = target.name
    wanted = {name: value for name, value in wanted.items() if name in kind.by_name}
    if not wanted:
        return rows
    found = [row for row in rows if all(_equals(kind, row, name, value) for name, value in wanted.items())]
    if not found and kind.key and kind.key[0] in wanted:
        raise _missing(kind, wanted[kind.key[0]])
    return found


def _equals(kind: ResourceType, row: Row, name: str, value: str) -> bool:
    stored = row.get(name, kind.by_name[name].default)
    if stored is None:
        return False
    if name in kind.key:
        return text_of(stored if not isinstance(stored, list) else " ".join(stored)) == value
    return text_of(stored if not isinstance(stored, list) else " ".join(stored)).lower() == value.lower()


def _missing(kind: ResourceType, value: str) -> NitroError:
    if kind.missing == Code.NO_SUCH_RESOURCE:
        return no_such(kind.key[0], value)
    return NitroError(kind.missing)


def _passes(printed: Printed, filters: Mapping[str, str]) -> bool:
    """Whether a printed row matches all filters; values may be regular expressions."""
    lowered = {name.lower(): value for name, value in printed.items()}
    for name, pattern in filters.items():
        candidates = texts_of(lowered.get(name.lower(), ""))
        if not any(_matches(pattern, candidate) for candidate in candidates or [""]):
            return False
    return True


def _matches(pattern: str, value: str) -> bool:
    if pattern.lower() == value.lower():
        return True
    body = (
        pattern[1:-1] if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/") else pattern
    )
    try:
        return re.fullmatch(body, value, re.IGNORECASE) is not None
    except re.error:
        return False


def _page(rows: list[Printed], target: Target) -> list[Printed]:
    size = number_of(target.options.get("pagesize"), 0)
    if size <= 0:
        return rows
    first = (max(number_of(target.options.get("pageno"), 1), 1) - 1) * size
    return rows[first : first + size]


def _project(printed: Printed, names: Iterable[str]) -> Printed:
    """The attributes asked for, in the order of the row."""
    wanted = {name.lower() for name in names}
    return {name: value for name, value in printed.items() if name.lower() in wanted}
