"""Finds the line on which a key stands in a TOML file.

The standard library's parser keeps no positions. This scanner only looks for them: it is run on text
that the parser has accepted, so it never has to judge.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gatepair._reading import Place

_SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")
_STRINGS: Final = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


class Lines:
    r"""The line of every key and every list entry.

    Args:
        text: TOML that `tomllib` accepts.

    Example:
        >>> lines = Lines('[pairs.office]\nappliances = [\n  { address = "a" },\n]\n')
        >>> lines.of(("pairs", "office", "appliances", 0, "address"))
        3
        >>> lines.of(("pairs", "office", "external")), lines.of(("nowhere",))
        (1, 0)
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._breaks = [match.start() for match in re.finditer("\n", self._text)]
        self._position = 0
        self._lines: dict[Place, int] = {}
        self._lists: dict[Place, int] = {}
        self._scan()

    def of(self, place: Place) -> int:
        """Return the line of a place, or of the nearest one around it that is written; 0 if none is."""
        for length in range(len(place), 0, -1):
            line = self._lines.get(place[:length])
            if line is not None:
                return line
        return 0

    def _scan(self) -> None:
        table: Place = ()
        self._skip_space()
        while self._position < len(self._text):
            if self._accept("[["):
                table = self._list_header(self._keys())
                self._accept("]]")
            elif self._accept("["):
                table = self._header(self._keys())
                self._accept("]")
            else:
                self._pair(table)
            self._skip_space()

    def _header(self, keys: list[str]) -> Place:
        place: Place = ()
        for key in keys:
            place = self._into_list((*place, key))
            self._mark(place)
        # A table may be named after its subtables: the header of its own is the better place.
        self._lines[place] = self._line
        return place

    def _list_header(self, keys: list[str]) -> Place:
        parent = self._header(keys[:-1]) if keys[:-1] else ()
        place = (*parent, keys[-1])
        self._mark(place)
        self._lists[place] = self._lists.get(place, -1) + 1
        entry = self._into_list(place)
        self._mark(entry)
        return entry

    def _into_list(self, place: Place) -> Place:
        return (*place, self._lists[place]) if place in self._lists else place

    def _pair(self, table: Place) -> None:
        place = table
        start = self._position
        for key in self._keys():
            place = (*place, key)
            self._mark(place, start)
        self._skip_space()
        self._accept("=")
        self._skip_space()
        self._value(place)

    def _value(self, place: Place) -> None:
        if self._accept("{"):
            self._skip_space()
            while not self._accept("}"):
                self._pair(place)
                self._separator()
        elif self._accept("["):
            self._skip_space()
            index = 0
            while not self._accept("]"):
                self._mark((*place, index))
                self._value((*place, index))
                self._separator()
                index += 1
        else:
            self._scalar()

    def _scalar(self) -> None:
        for pattern in (*_STRINGS, _SCALAR):
            match = pattern.match(self._text, self._position)
            if match:
                self._position = match.end()
                return

    def _separator(self) -> None:
        self._skip_space()
        self._accept(",")
        self._skip_space()

    def _keys(self) -> list[str]:
        keys: list[str] = []
        self._skip_space()
        while True:
            keys.append(self._key())
            dot = _DOT.match(self._text, self._position)
            if dot is None:
                self._skip_space()
                return keys
            self._position = dot.end()

    def _key(self) -> str:
        for pattern in (_BARE_KEY, *_STRINGS[2:]):
            match = pattern.match(self._text, self._position)
            if match:
                self._position = match.end()
                return next(iter(tomllib.loads(f"{match[0]} = 0")))
        raise AssertionError("the parser would have refused this key")

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _accept(self, token: str) -> bool:
        if self._text.startswith(token, self._position):
            self._position += len(token)
            return True
        return False

    @property
    def _line(self) -> int:
        return self._line_at(self._position)

    def _line_at(self, position: int) -> int:
        return bisect_right(self._breaks, position - 1) + 1

    def _mark(self, place: Place, position: int | None = None) -> None:
        line = self._line if position is None else self._line_at(position)
        self._lines.setdefault(place, line)
