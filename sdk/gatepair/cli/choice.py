"""Which pair a command is about: the options that all commands share, and what they resolve to."""

from __future__ import annotations

import signal
import threading
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

import click
from click.shell_completion import CompletionItem

from gatepair.cli.outcome import ExitCode

if TYPE_CHECKING:
    from types import FrameType

    from gatepair.config import Config
    from gatepair.models import Pair
    from gatepair.sessions.plain import PairSession
    from gatepair.workflows.core import ProgressEvent

DEFAULT_FILE = "pairs.toml"
Command = TypeVar("Command", bound=Callable[..., object])


def _complete_pair(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return the pairs of the file whose names begin as typed; a file that cannot be read has none."""
    del parameter
    try:
        text = Path(context.params.get("config_file") or DEFAULT_FILE).read_text(encoding="utf-8")
        pairs: object = tomllib.loads(text).get("pairs")
    except (OSError, ValueError):
        return []
    names = cast("dict[str, object]", pairs) if isinstance(pairs, dict) else {}
    return [CompletionItem(name) for name in names if name.startswith(start)]


config_option = click.option(
    "-c",
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_FILE,
    envvar="GATEPAIR_CONFIG",
    show_default=True,
    # Completion of PAIR needs to know the file, wherever on the line it is named.
    is_eager=True,
    help="The file that declares the pairs.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for a program instead of text."
)


def pair_options(command: Command) -> Command:
    """Add the argument PAIR and the options ``--config`` and ``--json``."""
    pair = click.argument("name", metavar="[PAIR]", required=False, shell_complete=_complete_pair)
    for decorate in (json_option, config_option, pair):
        command = decorate(command)
    return command


def load_pair(config_file: Path, name: str | None) -> tuple[Config, Pair]:
    """Load the file and choose the pair of that name, or the only one.

    Raises:
        click.UsageError: There is no such pair, or several and no name was given.
        gatepair.errors.PairsFileError: The file cannot be read or has problems.
    """
    from gatepair.config import load_config

    config = load_config(config_file)
    known = ", ".join(sorted(config.pairs)) or "none"
    if name is None:
        if len(config.pairs) != 1:
            message = f"{config_file} declares several pairs; name one of: {known}."
            raise click.UsageError(message if config.pairs else f"{config_file} declares no pair.")
        return config, next(iter(config.pairs.values()))
    if name not in config.pairs:
        message = f"{config_file} declares no pair '{name}'; it has: {known}."
        raise click.UsageError(message)
    return config, config.pairs[name]


@contextmanager
def open_pair(
    config_file: Path, name: str | None, *, progress: Callable[[ProgressEvent], None] | None = None
) -> Generator[tuple[PairSession, Pair]]:
    """Open a session with the chosen pair and close it again, logged out, whatever ends the command."""
    from gatepair.sessions.plain import PairSession

    config, pair = load_pair(config_file, name)
    with unwinding(), PairSession(pair, config, progress=progress) as session:
        yield session, pair


@contextmanager
def unwinding() -> Generator[None]:
    """Let SIGTERM end the block as Ctrl-C does: cleaning up and logging out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise SystemExit(ExitCode.TERMINATED)
