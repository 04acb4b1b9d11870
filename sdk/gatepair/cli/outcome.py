"""How a command ends: exit codes, and a result or an error as a person or a program reads it."""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from gatepair.errors import GatepairError


class ExitCode(enum.IntEnum):
    """What the exit code of ``gatepair`` means."""

    FINE = 0
    FAILED = 1
    USAGE = 2
    UNHEALTHY = 3
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.FINE: "fine",
    ExitCode.FAILED: "it failed, or the question was answered with no",
    ExitCode.USAGE: "wrong usage",
    ExitCode.UNHEALTHY: "the pair is not healthy, a check failed or a verdict is negative",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C, logged out",
    ExitCode.TERMINATED: "ended by SIGTERM, logged out",
}


def fall_silent(stream: TextIO) -> None:
    """Send what is written from now on nowhere, because the reader of a stream went away.

    What lies in its buffer goes there too: Python would fail on it at exit, with exit code 120.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_json(value: Mapping[str, object]) -> None:
    """Print a result for a program."""
    click.echo(json.dumps(value, indent=2))


def report_error(error: GatepairError, *, as_json: bool) -> ExitCode:
    """Write an error to standard error and return the exit code for it.

    Args:
        error: What stopped the command.
        as_json: Write the problem document that the bridge would send, instead of sentences.
    """
    click.echo(json.dumps(error.to_problem(), indent=2) if as_json else _in_words(error), err=True)
    return ExitCode.FAILED


def _in_words(error: GatepairError) -> str:
    from gatepair.errors import PairsFileError

    if not isinstance(error, PairsFileError):
        return f"Error: {error}"
    count = len(error.problems)
    lines = [*map(str, error.problems), f"{count} problem{'s' * (count > 1)}. {error.remedy}"]
    return "\n".join(lines)
