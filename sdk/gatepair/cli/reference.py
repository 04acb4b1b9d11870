"""The reference page of the command line, made from the commands themselves.

``python -m gatepair.cli.reference > docs/reference/cli.md`` writes it anew; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from gatepair.cli.concise import help_of
from gatepair.cli.main import OWN_COMMANDS, gatepair
from gatepair.cli.outcome import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDTH: Final = 100
OTHER_ROOMS: Final = {
    "bridge": "the REST API as a service: [run the bridge](../how-to/run-the-bridge.md)",
    "provider": "the Terraform provider for HCL: [provider](provider.md)",
    "review": "plans in words of the pair: [review in pull requests](../how-to/review-in-pull-requests.md), "
    "[reading a review](../explanation/reading-a-review.md)",
}
"""Commands whose own pages describe them."""

HEAD: Final = """\
# Command line

Made from the commands by `python -m gatepair.cli.reference`; every command prints its part with `--help`.

Results go to standard output, progress and errors to standard error. With `--json` the result is one JSON
document, an error a problem document (RFC 9457) on standard error, and no question is asked: a change needs
`--yes`. What is printed into a pipe is the same text without colours, never shortened.
"""

VARIABLES: Final = {
    "`GATEPAIR_CONFIG`": "The file that declares the pairs, instead of `pairs.toml`",
    "`GATEPAIR_USERNAME`, `_PASSWORD`, `_PASSWORD_FILE`, `_CA_FILE`, `_INSECURE`": (
        "How appliances are reached; before `[defaults]` of the file, after what a pair or an appliance says"
    ),
    "`GATEPAIR_LOG`": (
        "`debug` shows each call to an appliance as one line on standard error, `info` the steps of "
        "workflows; payloads and secrets are in neither"
    ),
}

TAIL: Final = """\
## Shell completion

Commands, options and the names of the pairs in `pairs.toml` are completed.
Put the line of your shell into its start-up file:

```sh
eval "$(_GATEPAIR_COMPLETE=bash_source gatepair)"    # bash 4.4 or later, in ~/.bashrc
eval "$(_GATEPAIR_COMPLETE=zsh_source gatepair)"     # zsh, in ~/.zshrc
_GATEPAIR_COMPLETE=fish_source gatepair | source     # fish, in ~/.config/fish/config.fish
```
"""


def reference() -> str:
    """Return the page in Markdown."""
    exit_codes = {f"{code:d}": meaning for code, meaning in MEANINGS.items()}
    return "\n".join(
        (
            HEAD,
            _table("Exit codes", "Code", exit_codes),
            *_sections(),
            _table("Environment", "Variable", VARIABLES),
            TAIL,
        )
    )


def _table(title: str, what: str, meanings: Mapping[str, str]) -> str:
    rows = (f"| {name} | {meaning} |" for name, meaning in meanings.items())
    return "\n".join((f"## {title}", "", f"| {what} | Meaning |", "| --- | --- |", *rows, ""))


def _sections() -> Iterator[str]:
    root = _context(gatepair, "gatepair", None)
    rooms = [name for name in gatepair.list_commands(root) if name not in OWN_COMMANDS]
    for name in (*sorted(OWN_COMMANDS), *(name for name in rooms if name not in OTHER_ROOMS)):
        command = gatepair.get_command(root, name)
        if command is not None:
            yield from _command(command, name, root, level=2)
    others = (f"- `gatepair {name}`: {OTHER_ROOMS[name]}" for name in rooms if name in OTHER_ROOMS)
    yield "\n".join(("## Commands with pages of their own", "", *others, ""))


def _command(command: click.Command, name: str, parent: click.Context, *, level: int) -> Iterator[str]:
    context = _context(command, name, parent)
    text = "\n".join(line.rstrip() for line in help_of(command, context).splitlines())
    yield f"{'#' * level} {context.command_path}\n\n```text\n{text}\n```\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _command(found, inner, context, level=level + 1)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    # The page must not depend on the terminal it is made in.
    return click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )


if __name__ == "__main__":
    click.echo(reference(), nl=False)
