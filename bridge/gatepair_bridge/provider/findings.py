"""What the doctor looks at, and what it finds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

_LIMIT_S: Final = 60

Verdict = Literal["pass", "warn", "fail"]


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        check: What, in a few words.
        verdict: ``pass``, ``warn`` or ``fail``.
        evidence: What was seen.
        remedy: What to do; empty if nothing.
    """

    check: str
    verdict: Verdict
    evidence: str
    remedy: str = ""


class Machine(NamedTuple):
    """What is looked at.

    Attributes:
        environment: Environment variables.
        home: Home directory.
        folder: Directory of the project or stack.
    """

    environment: Mapping[str, str]
    home: Path
    folder: Path

    def stacks(self) -> Iterator[Path]:
        """Give the directories that Terraform may run in: the folder itself and synthesized stacks."""
        yield self.folder
        yield from sorted(path for path in self.folder.glob("cdktf.out/stacks/*") if path.is_dir())


def run(command: list[str], machine: Machine, folder: Path | None = None) -> tuple[int, str]:
    """Run a command to its end.

    Returns:
        Its exit code, 1 if it did not start or end in time, and all that it said.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder or machine.folder,
            env={**machine.environment, "CHECKPOINT_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout.decode(errors="replace")
