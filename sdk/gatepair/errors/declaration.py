"""What was declared or given cannot be used."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gatepair.errors.base import GatepairError


class InvalidInput(GatepairError):
    """Something declared or given cannot be meant; ``key`` names it."""

    slug = "invalid-input"
    title = "The declaration is not valid"


class Problem(NamedTuple):
    """One thing that is wrong in pairs.toml.

    Attributes:
        file: The file as it was named.
        line: Line number from 1; 0 when the problem is that something is missing altogether.
        pair: Name of the pair, empty for what concerns the whole file.
        key: The key with dots, such as ``heartbeat.dead_interval_s``.
        message: What is wrong and what would be right.
    """

    file: str
    line: int
    pair: str
    key: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line: pair name, key: message``, as editors and terminals can jump to."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = ", ".join(filter(None, (f"pair {self.pair}" if self.pair else "", self.key)))
        return ": ".join(filter(None, (place, subject, self.message)))


class PairsFileError(InvalidInput):
    """pairs.toml cannot be used; ``problems`` holds everything that is wrong with it."""

    slug = "pairs-file"
    title = "pairs.toml is not valid"
    default_remedy = "Correct the file; nothing was changed."

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        count = f"{len(self.problems)} problems: " if len(self.problems) > 1 else ""
        super().__init__(count + "; ".join(map(str, self.problems)), key=first.key or None)

    def _more(self) -> dict[str, object]:
        return {"problems": [problem._asdict() for problem in self.problems]}


class SecretUnavailable(InvalidInput):
    """A secret reference leads nowhere; the reference is named, never what it holds."""

    slug = "secret-unavailable"
    title = "A secret is not available"
    default_remedy = "Put the secret where the reference points, or change the reference."


class LocalFileError(GatepairError):
    """A file on this machine cannot be read or written."""

    slug = "local-file"
    title = "A file cannot be read or written"
    default_remedy = "Check that the path exists and that you may read and write it."
