"""In which order and how many at once: waves, and the rule that stops them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Self

import attrs

from gatepair.errors import InvalidInput

_FORM = re.compile(r"(?P<number>[0-9]{1,6})(?P<percent>%?)")


@attrs.frozen
class Portion:
    """So many pairs, or so many in a hundred of all.

    Attributes:
        number: How many; at least 1, and at most 100 in a hundred.
        percent: Whether it is in a hundred of all.

    Raises:
        gatepair.errors.InvalidInput: The number is out of range.

    Example:
        >>> Portion.parse("10%").of(250)
        25
    """

    number: int
    percent: bool = False

    def __attrs_post_init__(self) -> None:
        if self.number < 1 or (self.percent and self.number > 100):  # noqa: PLR2004 - in a hundred
            raise InvalidInput(f"{self} is not 1 or more pairs, nor 1% to 100% of them")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number such as ``5`` or ``10%``.

        Args:
            text: What was written.

        Raises:
            gatepair.errors.InvalidInput: It is neither.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise InvalidInput(f"{text.strip()!r} is not a number of pairs such as 5 or 10%")
        return cls(int(match["number"]), bool(match["percent"]))

    def of(self, total: int) -> int:
        """Return how many pairs that is, at least one.

        Args:
            total: How many pairs there are in all.
        """
        return max(1, total * self.number // 100) if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number}{'%' if self.percent else ''}"


@attrs.frozen(kw_only=True)
class Schedule:
    """How work on many pairs goes on.

    Attributes:
        at_once: Pairs that are worked on at the same time, at most; 1 or more.
        waves: Size of each wave, the last one again and again until no pair is left; none means one wave
            of all pairs. A wave begins when the one before it has ended.
        stop_after: Pairs that may go wrong before no further pair is begun; absent, all are begun. Pairs
            that are being worked on are finished either way.

    Raises:
        gatepair.errors.InvalidInput: `at_once` is less than 1.

    Example:
        >>> careful = Schedule(waves=(Portion(1), Portion(50, percent=True)), stop_after=Portion(1))
        >>> [len(wave) for wave in careful.split("abcdefghi")]
        [1, 4, 4]
    """

    at_once: int = 16
    waves: tuple[Portion, ...] = ()
    stop_after: Portion | None = None

    def __attrs_post_init__(self) -> None:
        if self.at_once < 1:
            raise InvalidInput(f"{self.at_once} pairs at once are less than 1")

    @classmethod
    def parse(cls, *, at_once: int = 16, waves: str = "", stop_after: str = "") -> Self:
        """Make a schedule of what a person wrote.

        Args:
            at_once: Pairs at the same time, at most.
            waves: Sizes with commas between, such as ``1,10%``; empty for one wave of all.
            stop_after: Such as ``1`` or ``5%``; empty for no stop rule.

        Raises:
            gatepair.errors.InvalidInput: One of them has no such form.
        """
        sizes = tuple(Portion.parse(word) for word in waves.split(",")) if waves.strip() else ()
        rule = Portion.parse(stop_after) if stop_after.strip() else None
        return cls(at_once=at_once, waves=sizes, stop_after=rule)

    def split(self, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """Return the waves, each with the names in it, in the order they were given.

        Args:
            names: Names of the pairs.
        """
        return tuple(self._split(tuple(names)))

    def _split(self, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        begun = 0
        sizes = list(self.waves) or [Portion(100, percent=True)]
        while begun < len(names):
            portion = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            size = portion.of(len(names))
            yield names[begun : begun + size]
            begun += size

    def is_over(self, wrong: int, total: int) -> bool:
        """Tell whether no further pair shall be begun.

        Args:
            wrong: Pairs that went wrong so far.
            total: Pairs in all.
        """
        return self.stop_after is not None and wrong >= self.stop_after.of(total)
