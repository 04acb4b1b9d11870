"""Commands with more options than fit a screen: ``--help`` shows the usual ones, ``--help-all`` all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import click

_ALWAYS: Final = ("config_file", "as_json", "dry_run", "yes", "help_all")


class Concise(click.Command):
    """A command whose help is short and can be had in full.

    Args:
        usual: Names of the parameters that ``--help`` shows, beside those that every command has.
        settings: What `click.Command` takes.
    """

    def __init__(self, *, usual: Collection[str] = (), **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # handed on as click gives them
        self._usual = frozenset((*usual, *_ALWAYS))
        self._in_full = False
        self.params.append(
            click.Option(
                ["--help-all"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_all,
                help="Show every option.",
            )
        )

    def full_help(self, context: click.Context) -> str:
        """Return the help with every option."""
        self._in_full = True
        try:
            return self.get_help(context)
        finally:
            self._in_full = False

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, the usual ones or all."""
        records = [
            record
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)
            if self._in_full or parameter.name in self._usual or "--help" in parameter.opts
            if (record := parameter.get_help_record(ctx)) is not None
        ]
        with formatter.section("Options"):
            formatter.write_dl(records)


def _show_all(context: click.Context, parameter: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    del parameter
    if asked and isinstance(context.command, Concise):
        click.echo(context.command.full_help(context))
        context.exit()


def help_of(command: click.Command, context: click.Context) -> str:
    """Return all there is to say about a command."""
    return command.full_help(context) if isinstance(command, Concise) else command.get_help(context)
