"""Differences between two states of the same thing, as typed values with a readable form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

import attrs

Value: TypeAlias = str | int | None


def _words(key: str) -> str:
    return key.replace(".", " ").replace("_", " ")


def _words_of_key(difference: Difference) -> str:
    return _words(difference.key)


@attrs.frozen(kw_only=True)
class Difference:
    """One value that is not what it should be.

    Attributes:
        key: Key with dots, such as ``external_virtual_ip.address``.
        before: What it is; ``None`` when there is nothing of that key.
        after: What it shall be; ``None`` when there shall be nothing of that key.
        label: The key in words.

    Example:
        >>> print(Difference(key="heartbeat.dead_interval_s", before=3, after=10))
        heartbeat dead interval s: 3 -> 10
    """

    key: str
    before: Value
    after: Value
    label: str = attrs.field(default=attrs.Factory(_words_of_key, takes_self=True))

    def __str__(self) -> str:
        """Return ``label: before -> after``; nothing at all reads ``none``."""
        return f"{self.label}: {_shown(self.before)} -> {_shown(self.after)}"

    def to_dict(self) -> dict[str, Value]:
        """Return the difference as a JSON-ready mapping."""
        return attrs.asdict(self)


def _shown(value: Value) -> str:
    return "none" if value is None or value == "" else str(value)


def compare(
    before: Mapping[str, object], after: Mapping[str, object], labels: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """Return every value in which two nested mappings differ.

    Args:
        before: What it is.
        after: What it shall be.
        labels: Words for keys with dots, where the key's own words do not do.

    Returns:
        The differences in the order of ``after``; what only ``before`` has comes last.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    words = labels or {}
    return tuple(
        Difference(key=key, before=old.get(key), after=new.get(key), label=words.get(key, _words(key)))
        for key in new | old
        if old.get(key) != new.get(key)
    )


def _flat(mapping: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield from _flat(cast("Mapping[str, object]", value), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _leaf(value)


def _leaf(value: object) -> Value:
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value).values()
        return " ".join(str(part) for part in parts if part != "")
    if isinstance(value, list | tuple):
        return ", ".join(str(_leaf(item)) for item in cast("list[object]", value))
    return str(value)
