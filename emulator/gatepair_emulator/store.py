"""The configuration of a node: what runs now, and what was saved and survives a restart."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gatepair_emulator.values import JsonValue, Row

if TYPE_CHECKING:
    from pathlib import Path

Tables = dict[str, dict[str, Row]]
"""Rows by type and key."""


class Configuration:
    """Rows by type and key, in the order they were added, with the incarnation number.

    Attributes:
        incarnation: Changes with every command that belongs to the pair; nodes whose numbers
            differ have different configurations.
    """

    def __init__(self, tables: Tables | None = None, incarnation: int = 0) -> None:
        self._tables: Tables = tables if tables is not None else {}
        self.incarnation = incarnation

    def table(self, kind: str) -> dict[str, Row]:
        """All rows of a type; changes to the mapping change the configuration.

        Args:
            kind: Type name in the spelling of the wire.

        Returns:
            Rows by key.
        """
        return self._tables.setdefault(kind, {})

    def rows(self, kind: str) -> Iterator[Row]:
        """The rows of a type in the order they were added.

        Args:
            kind: Type name.

        Returns:
            The rows themselves, not copies.
        """
        return iter(list(self._tables.get(kind, {}).values()))

    def get(self, kind: str, key: str) -> Row | None:
        """One row.

        Args:
            kind: Type name.
            key: Its key as text.

        Returns:
            The row itself, or None.
        """
        return self._tables.get(kind, {}).get(key)

    def put(self, kind: str, key: str, row: Row) -> None:
        """Add or replace a row.

        Args:
            kind: Type name.
            key: Its key as text.
            row: The row; kept, not copied.
        """
        self.table(kind)[key] = row

    def remove(self, kind: str, key: str) -> None:
        """Take a row away, if it is there.

        Args:
            kind: Type name.
            key: Its key as text.
        """
        self.table(kind).pop(key, None)

    def tables(self) -> Tables:
        """A copy of everything.

        Returns:
            Rows by type and key.
        """
        return copy.deepcopy(self._tables)

    def replace(self, tables: Tables, incarnation: int) -> None:
        """Put other rows in place of all there are.

        Args:
            tables: The new rows.
            incarnation: The number that goes with them.
        """
        self._tables = copy.deepcopy(tables)
        self.incarnation = incarnation

    def same_as(self, other: Configuration) -> bool:
        """Whether both hold the same rows; empty types do not count.

        Args:
            other: Another configuration.

        Returns:
            True if a save would change nothing.
        """
        mine = {kind: rows for kind, rows in self._tables.items() if rows}
        theirs = {kind: rows for kind, rows in other._tables.items() if rows}
        return mine == theirs


def as_json(configuration: Configuration) -> dict[str, JsonValue]:
    """A configuration as JSON, for the disk and for the peer.

    Args:
        configuration: What to write down.

    Returns:
        The object.
    """
    return {"incarnation": configuration.incarnation, "tables": configuration.tables()}


def from_json(value: Mapping[str, JsonValue]) -> Configuration:
    """A configuration read back.

    Args:
        value: What ``as_json`` made.

    Returns:
        The configuration.

    Raises:
        ValueError: It is something else.
    """
    incarnation, tables = value.get("incarnation"), value.get("tables")
    if not isinstance(incarnation, int) or not isinstance(tables, Mapping):
        raise ValueError("this is no saved configuration")  # noqa: TRY004 - one kind of bad file
    result: Tables = {}
    for kind, rows in tables.items():
        if not isinstance(rows, Mapping):
            raise ValueError(f"the saved rows of {kind} are no object")  # noqa: TRY004 - one kind of bad file
        result[kind] = {key: _row(row) for key, row in rows.items()}
    return Configuration(result, incarnation)


def _row(value: JsonValue) -> Row:
    row: Row = {}
    if not isinstance(value, Mapping):
        raise ValueError("a saved row is no object")  # noqa: TRY004 - callers handle one kind of bad file
    for name, item in value.items():
        if isinstance(item, (str, bool, int)):
            row[name] = item
        elif isinstance(item, list):
            row[name] = [str(each) for each in item]
    return row


class SavedConfiguration:
    """The saved configuration on disk, written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: Configuration | None = None

    def load(self) -> Configuration | None:
        """Read it.

        Returns:
            A configuration of the caller's own, or None before the first save.
        """
        if self._known is None:
            self._known = self._read()
        if self._known is None:
            return None
        return Configuration(self._known.tables(), self._known.incarnation)

    def holds(self, configuration: Configuration) -> bool:
        """Whether a save would change nothing.

        Args:
            configuration: What runs.

        Returns:
            True if the same rows are saved.
        """
        if self._known is None:
            self._known = self._read()
        return self._known is not None and self._known.same_as(configuration)

    def _read(self) -> Configuration | None:
        try:
            content: JsonValue = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return from_json(content) if isinstance(content, Mapping) else None

    def write(self, configuration: Configuration) -> None:
        """Replace it; a process killed at any moment leaves the old one or the new one.

        Args:
            configuration: What to save.

        Raises:
            OSError: The disk refuses.
        """
        draft = self._path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(as_json(configuration), stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._path)
        self._known = Configuration(configuration.tables(), configuration.incarnation)
