"""What pairs.toml declares, for the stacks: the pairs, and the table `[stacks]`."""

# ruff: noqa: TC001 - the types of attrs classes stay resolvable at run time
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import attrs

from cdktf_stacks.settings import StackSettings, read_stack_settings
from gatepair.config import Config
from gatepair.config.lines import Lines
from gatepair.config.loader import Document, load_document, read_config
from gatepair.errors import PairsFileError, Problem


@attrs.frozen(kw_only=True)
class Declaration:
    """Pairs, and how their stacks are made.

    Attributes:
        config: The pairs, and how their appliances are reached.
        stacks: Provider, backend and the like.

    Example:
        ```python
        declared = Declaration.read("pairs.toml")
        print(sorted(declared.config.pairs), declared.stacks.provider.kind)
        ```
    """

    config: Config
    stacks: StackSettings

    @property
    def path(self) -> Path:
        """The file, absolute."""
        return self.config.path

    @classmethod
    def read(cls, path: Path | str) -> Declaration:
        """Read a file and check all of it. No secret is read, no appliance asked.

        Args:
            path: The file; relative paths in it start from its directory.

        Raises:
            gatepair.errors.PairsFileError: The file cannot be used; it lists every problem.
        """
        document = load_document(path)
        problems: list[Problem] = []
        config: Config | None = None
        try:
            config = read_config(document)
        except PairsFileError as error:
            problems += error.problems
        stacks = _read_stacks(document, problems)
        if config is None or problems:
            raise PairsFileError(sorted(problems, key=lambda problem: problem.line))
        return cls(config=config, stacks=stacks)


def _read_stacks(document: Document, problems: list[Problem]) -> StackSettings:
    """Read the table `[stacks]` and note what is wrong with it."""
    lines: Lines | None = None

    def report(key: str, message: str) -> None:
        nonlocal lines
        lines = lines or Lines(document.text)  # only needed when something is wrong
        line = lines.of(tuple(key.split(".")))
        problems.append(Problem(file=str(document.path), line=line, pair="", key=key, message=message))

    pairs = document.tables.get("pairs")
    names = list(cast("Mapping[str, object]", pairs)) if isinstance(pairs, dict) else []
    return read_stack_settings(document.tables.get("stacks"), names, report)
