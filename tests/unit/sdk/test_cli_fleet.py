"""``--all`` on a command line, with sessions in memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import click
import pytest
from click.testing import CliRunner, Result

from gatepair.cli.fleet import FleetChoice, FleetCommand, fleet_options, run_on_all
from gatepair.errors import Unreachable

if TYPE_CHECKING:
    from gatepair.models import Pair

NAMES = ("eu-1", "eu-2", "eu-3", "us-1")


@attrs.frozen
class Found:
    healthy: bool

    def to_dict(self) -> dict[str, object]:
        return {"healthy": self.healthy}


class Sessions:
    """Stands in for `AsyncPairSession`; counts what is open."""

    opened = 0
    open = 0

    def __init__(self, pair: Pair, connections: object) -> None:
        del connections
        self.pair = pair

    async def __aenter__(self) -> Self:
        Sessions.opened += 1
        Sessions.open += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        Sessions.open -= 1


async def work(session: Any, pair: Pair) -> Found:
    del session
    host = str(pair.addresses[0].ip)
    if host == "192.0.2.21":
        raise Unreachable("no answer", node=host)
    if host == "192.0.2.41" and os.environ.get("END_IT"):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
    return Found(host != "192.0.2.31")


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True)
@click.option("--yes", is_flag=True)
@click.option("--config", "config_file", type=Path)
@fleet_options(at_once=1)
def look(name: str | None, config_file: Path, *, as_json: bool, yes: bool, fleet: FleetChoice | None) -> int:
    if fleet is None:
        click.echo("one pair")
        return 0
    command = FleetCommand(
        work=work,
        in_words=lambda found: "healthy" if found.healthy else "not healthy",
        verdict_of=lambda found: found.healthy,
        question="Touch {pairs}, in {waves}?",
    )
    return run_on_all(command, fleet, config_file, name, as_json=as_json, yes=yes)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("gatepair.sessions.asynchronous.AsyncPairSession", Sessions)
    monkeypatch.setattr(Sessions, "opened", 0)
    path = tmp_path / "pairs.toml"
    pairs = (
        f'[pairs.{name}]\nappliances = [{{ address = "192.0.2.{n}1" }}, {{ address = "192.0.2.{n}2" }}]\n'
        for n, name in enumerate(NAMES, 1)
    )
    path.write_text("".join(pairs))
    return path


def run(file: Path, *words: str, answer: str | None = None) -> tuple[int, Result]:
    """Return the exit code, which the group hands on, and what was printed."""
    runner = CliRunner()
    result = runner.invoke(look, [*words, "--config", str(file)], input=answer, standalone_mode=False)
    code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    if isinstance(result.exception, click.ClickException):
        return result.exception.exit_code, result
    assert Sessions.open == 0
    return code, result


def test_without_all_it_is_one_pair(file: Path) -> None:
    assert run(file)[1].output == "one pair\n"


def test_every_pair_has_a_line_and_failures_stand_at_the_end(file: Path) -> None:
    code, result = run(file, "--all", "--yes")
    assert code == 1
    assert result.output.splitlines() == [
        "[1/4] eu-1: done: healthy",
        "[2/4] eu-2: failed: " + str(Unreachable("no answer", node="192.0.2.21")),
        "[3/4] eu-3: negative: not healthy",
        "[4/4] us-1: done: healthy",
        "",
        "Look after:",
        "- eu-2: failed: " + str(Unreachable("no answer", node="192.0.2.21")),
        "- eu-3: negative: not healthy",
        "",
        "4 pairs: 2 done, 1 negative, 1 failed.",
    ]


def test_json_lines_and_the_summary_as_the_last(file: Path) -> None:
    code, result = run(file, "--all", "--yes", "--json")
    *lines, last = [json.loads(line) for line in result.output.splitlines()]
    assert code == 1
    assert [(line["pair"], line["verdict"]) for line in lines] == [
        ("eu-1", "done"),
        ("eu-2", "failed"),
        ("eu-3", "negative"),
        ("us-1", "done"),
    ]
    assert lines[0]["result"] == {"healthy": True}
    assert lines[1]["problem"]["node"] == "192.0.2.21"
    assert last == {"summary": {"pairs": 4, "waves": 1, "done": 2, "negative": 1, "failed": 1, "stopped": ""}}


@pytest.mark.parametrize(("pattern", "code"), [("us-*", 0), ("eu-3", 3), ("eu-[13]", 3), ("eu-2", 1)])
def test_a_pattern_chooses_pairs_and_the_worst_decides(file: Path, pattern: str, code: int) -> None:
    assert run(file, pattern, "--all", "--yes")[0] == code


def test_the_stop_rule_leaves_pairs_out(file: Path) -> None:
    code, result = run(file, "--all", "--yes", "--waves", "1", "--stop-after", "1")
    assert code == 1
    assert Sessions.opened == 2
    assert "4 pairs: 1 done, 1 failed, 2 skipped." in result.output
    assert "Stopped: the stop rule 1: 1 pair went wrong." in result.output


def test_it_asks_once_and_says_how_many(file: Path) -> None:
    code, result = run(file, "--all", "--waves", "1,2", answer="n\n")
    assert code == 1
    assert "Touch 4 pairs, in waves of 1, 2, 1?" in result.output
    assert Sessions.opened == 0
    assert run(file, "us-1", "--all", answer="y\n")[0] == 0
    assert run(file, "--all", "--json")[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--all", "--waves", "x"), "'x' is not a number of pairs such as 5 or 10%"),
        (("--all", "--stop-after", "0"), "0 is not 1 or more pairs"),
        (("asia-*", "--all"), "declares no pair that matches 'asia-*'"),
    ],
)
def test_wrong_usage_says_what_is_wrong(file: Path, words: tuple[str, ...], said: str) -> None:
    code, result = run(file, *words, "--yes")
    assert code == 2
    assert said in str(getattr(result.exception, "message", ""))


def test_sigterm_closes_every_session_and_still_reports(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("END_IT", "1")
    code, result = run(file, "--all", "--yes")
    assert code == 143
    assert "[4/4] us-1: stopped" in result.output
    assert "Stopped: it was interrupted." in result.output
