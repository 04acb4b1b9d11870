"""`gatepair review`: what a plan does to the pairs, in words a person can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepair.cli.choice import config_option, json_option, unwinding
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdktf_stacks.review.masks import Masks
    from cdktf_stacks.review.model import Review
    from cdktf_stacks.review.plans import Plan

FORMATS = ("terminal", "markdown", "html", "json")
SUFFIXES = {".md": "markdown", ".html": "html", ".json": "json", ".txt": "terminal"}
FAIL_ON = "reconnect|failover|restart|outage|dissolve|replace|drift|..."

directory_option = click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default="cdktf.out",
    show_default=True,
    help="Where the synthesized stacks are.",
)
synth_option = click.option(
    "--synth/--no-synth", default=True, show_default=True, help="Synthesize first (cdktf synth)."
)


def _known_words(context: click.Context, parameter: click.Parameter, value: Sequence[str]) -> list[str]:
    from cdktf_stacks.review.policy import WORDS

    del context, parameter
    words = [word for each in value for word in each.split(",") if word]
    if strange := [word for word in words if word not in WORDS]:
        message = f"'{strange[0]}' is none of {', '.join(WORDS)}"
        raise click.BadParameter(message)
    return words


def _known_files(context: click.Context, parameter: click.Parameter, value: Sequence[Path]) -> list[Path]:
    del context, parameter
    if strange := [path for path in value if path.suffix not in SUFFIXES]:
        message = f"'{strange[0]}' must end with one of {', '.join(SUFFIXES)}"
        raise click.BadParameter(message)
    return list(value)


@click.command()
@click.argument("sources", nargs=-1, metavar="[PLAN.json|STACK|-]...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="terminal", show_default=True)
@click.option(
    *("-o", "--output", "outputs"),
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_known_files,
    help="Write a file too: .md, .html, .json or .txt.",
)
@click.option("--fail-on", multiple=True, metavar=FAIL_ON, callback=_known_words, help="Exit with 3 if so.")
@click.option("--preflight", "ask", is_flag=True, help="Ask the appliances as well.")
@click.option("--marker", default="default", show_default=True, help="Tells several comments apart.")
@click.option("--limit", type=click.IntRange(2000), default=65_536, show_default=True, help="Markdown size.")
@directory_option
@synth_option
@json_option
@config_option
def review(  # noqa: PLR0917 - click gives every argument by its name
    sources: tuple[str, ...],
    format_: str,
    outputs: list[Path],
    fail_on: list[str],
    marker: str,
    limit: int,
    directory: Path,
    config_file: Path,
    *,
    ask: bool,
    synth: bool,
    as_json: bool,
) -> int:
    """Say what Terraform plans do to the pairs.

    A source is the output of "terraform show -json" (- is standard input) or the name or directory of a
    stack, which is planned now; without one, all stacks are. Nothing is changed.

    \b
    Example: gatepair review plan.json --fail-on outage,dissolve
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from cdktf_stacks.review.policy import violations
    from cdktf_stacks.review.sources import known_masks, plans_of

    with unwinding():
        plans = plans_of(sources, directory, synth=synth)
        masks = known_masks(plans, config_file)
        found = _review(plans, masks, config_file if ask else None)
    texts = Rendered(found, marker, limit)
    for path in outputs:
        _write(path, texts.text(SUFFIXES[path.suffix]))
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(texts.text(format_), nl=False)
    broken = list(violations(found, fail_on))
    for sentence in broken:
        click.echo(f"Not allowed: {sentence}", err=True)
    return ExitCode.UNHEALTHY if broken else ExitCode.FINE


class Rendered:
    """A review in any of `FORMATS`.

    Args:
        review: The review.
        marker: Name in the hidden marker of the Markdown.
        limit: Characters of the Markdown.
    """

    def __init__(self, review: Review, marker: str = "default", limit: int = 65_536) -> None:
        self._review = review
        self._marker = marker
        self._limit = limit

    def text(self, format_: str) -> str:
        """Return it in that format."""
        import json

        from cdktf_stacks.review.markdown import to_markdown
        from cdktf_stacks.review.page import to_html
        from cdktf_stacks.review.terminal import to_terminal

        if format_ == "markdown":
            return to_markdown(self._review, limit=self._limit, name=self._marker)
        if format_ == "html":
            return to_html(self._review)
        if format_ == "json":
            return json.dumps(self._review.to_dict(), indent=2) + "\n"
        return to_terminal(self._review)


def _review(plans: list[Plan], masks: Masks, config_file: Path | None) -> Review:
    from cdktf_stacks.review.asking import preflight_of
    from cdktf_stacks.review.build import review as build

    return build(plans, masks, preflight_of(config_file, masks) if config_file else None)


def _write(path: Path, text: str) -> None:
    from gatepair.errors import LocalFileError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalFileError(f"{path} cannot be written: {error.strerror}") from error
