"""Reads nested tables into models and collects everything that is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias, TypeVar, cast

from gatepair._kinds import Kind, described, parse_list
from gatepair.errors import InvalidInput

T = TypeVar("T")
D = TypeVar("D")
Place: TypeAlias = tuple[str | int, ...]
Raw: TypeAlias = Mapping[str, object]


class Finding(NamedTuple):
    """One thing that is wrong, and the place of it as a path of keys and list positions."""

    place: Place
    message: str


class Findings:
    """Everything found so far; the same thing is found once."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, place: Place, message: str) -> None:
        """Note one more."""
        self._found[Finding(place, message)] = None

    def __len__(self) -> int:
        return len(self._found)

    @property
    def all(self) -> tuple[Finding, ...]:
        """The findings in the order they were made."""
        return tuple(self._found)


def dotted(place: Place) -> str:
    """Return a place as text.

    Example:
        >>> dotted(("appliances", 1, "interfaces", "1/2"))
        'appliances[1].interfaces.1/2'
    """
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


class Table:
    """A table of raw values that is read key by key.

    Args:
        values: The raw values.
        findings: Where to note what is wrong.
        place: Where the table stands.
        fallback: Where a key is looked for that the table does not have.
        complete: Whether every key that is asked for has to be there.
    """

    def __init__(
        self,
        values: Raw,
        findings: Findings,
        *,
        place: Place = (),
        fallback: Table | None = None,
        complete: bool = False,
    ) -> None:
        self.values = values
        self.findings = findings
        self.place = place
        self.complete = complete
        self._fallback = fallback
        self._known: dict[str, None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.values or (self._fallback is not None and key in self._fallback)

    def origin(self, key: str) -> Place:
        """Return where the value of a key is written: here, or in the fallback."""
        if key not in self.values and self._fallback is not None and key in self._fallback:
            return self._fallback.origin(key)
        return (*self.place, key)

    def raw(self, key: str) -> object:
        """Return the raw value of a key that is there, and remember that the key is known."""
        self._known[key] = None
        if key not in self.values and self._fallback is not None:
            return self._fallback.raw(key)
        return self.values[key]

    def note(self, key: str, message: str) -> None:
        """Note that something is wrong with a key."""
        self.findings.add(self.origin(key), message)

    def take(self, key: str, kind: Kind[T], default: D) -> T | D:
        """Return the value of a key, or ``default`` if it is absent or wrong."""
        self._known[key] = None
        if key not in self:
            if self.complete:
                self.note(key, "is missing")
            return default
        try:
            return kind.parse(self.raw(key))
        except InvalidInput as error:
            self.note(key, error.message)
            return default

    def need(self, key: str, kind: Kind[T]) -> T | None:
        """Return the value of a key that has to be there, or ``None`` if it is absent or wrong."""
        if key not in self and not self.complete:
            self.note(key, "is missing")
        return self.take(key, kind, None)

    def table(self, key: str, *, what: str = "a table") -> Table | None:
        """Return the table under a key, or ``None`` if it is absent or no table."""
        self._known[key] = None
        if key not in self:
            if self.complete:
                self.note(key, "is missing")
            return None
        return self.table_of(self.raw(key), self.origin(key), what=what)

    def table_of(self, value: object, place: Place, *, what: str = "a table") -> Table | None:
        """Return a raw value as a table that stands at ``place``, or ``None`` if it is none."""
        if not isinstance(value, Mapping):
            self.findings.add(place, f"must be {what}, not {described(value)}")
            return None
        return Table(cast("Raw", value), self.findings, place=place, complete=self.complete)

    def entries(self, key: str, *, what: str, word: str = "") -> list[Table] | None:
        """Return the entries of the list under a key that is there, or ``None`` if it is no list.

        Args:
            key: The key.
            what: What each entry must be, for the message where it is something else.
            word: Key that a plain text stands for, if it may stand for a table with that key alone.
        """
        try:
            items = parse_list(self.raw(key))
        except InvalidInput as error:
            self.note(key, error.message)
            return None
        place = self.origin(key)
        tables = (
            self.table_of(
                {word: item} if word and isinstance(item, str) else item, (*place, index), what=what
            )
            for index, item in enumerate(items)
        )
        return [table for table in tables if table is not None]

    def build(
        self,
        make: Callable[..., T],
        required: Raw,
        optional: Raw,
        *,
        written_as: Mapping[str, str] | None = None,
    ) -> T | None:
        """Build a model and note everything that it refuses, not just the first thing.

        Each optional part is tried alone beside the required ones, then all that passed together.

        Args:
            make: The model's class.
            required: Parts that the model cannot be built without.
            optional: Parts that have a default; ``None`` is left out.
            written_as: Keys of this table by the model's names, where they differ.

        Returns:
            The model, or ``None`` if anything was refused.
        """
        names = written_as or {}

        def attempt(parts: Raw) -> T | None:
            try:
                return make(**required, **parts)
            except InvalidInput as error:
                self._blame(error, names)
                return None

        given = {name: part for name, part in optional.items() if part is not None}
        before = len(self.findings)
        passed = {name: part for name, part in given.items() if attempt({name: part}) is not None}
        model = attempt(passed)
        return model if len(self.findings) == before else None

    def _blame(self, error: InvalidInput, names: Mapping[str, str]) -> None:
        first, *rest = (error.key or "").split(".")
        place = (*self.origin(names.get(first, first)), *rest) if first else self.place
        self.findings.add(place, error.message)

    def close(self, also_known: Iterable[str] = ()) -> None:
        """Note every key that nobody asked for, with the known one that looks most like it."""
        known = [*self._known, *also_known]
        for key in self.values:
            if key not in known:
                self.findings.add((*self.place, key), unknown_key(known, key))


def unknown_key(known: Iterable[str], key: str) -> str:
    """Return the message for a key that does not exist."""
    import difflib  # noqa: PLC0415 - only needed when something is wrong

    similar = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"is not known; did you mean {similar[0]}?" if similar else "is not known"
