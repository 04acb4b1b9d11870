"""The command line as a shell starts it, with exit code and both outputs."""

from __future__ import annotations

from typing import Any, NoReturn

import click
from click.testing import CliRunner, Result

from gatepair.cli.main import main


class Whole(click.Command):
    """The command as a shell starts it, for click's runner."""

    def main(self, args: Any = None, **_: Any) -> NoReturn:
        main(args)
        raise AssertionError("it always ends the process")


def run(*words: str, input: str | None = None) -> Result:  # noqa: A002 - click's own name for it
    return CliRunner().invoke(Whole("gatepair"), words, input=input)
