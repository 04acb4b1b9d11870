"""The commands of upkeep over appliances in memory: words, files, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_run import run
from fake_pair import KEY, PASSWORD
from fake_upkeep import URL, MaintainedPair, formed_pair
from sdk_cli import PAIRS, fake_sessions

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "sync": (),
    "rotate-key": (),
    "restart": (),
    "upgrade": ("--from", URL),
    "replace": ("--dead", "192.0.2.12", "--with", "192.0.2.12"),
}


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MaintainedPair:
    (tmp_path / "pairs.toml").write_text(
        PAIRS.replace('heartbeat = "access-gateway-5"', 'heartbeat = "default"')
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEPAIR_PASSWORD", PASSWORD)
    found = formed_pair()
    fake_sessions(monkeypatch, found)
    return found


def changed(pair: MaintainedPair) -> bool:
    return any(method != "GET" and kind not in {"login", "logout"} for _, method, kind in pair.requests)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_rehearsal_changes_nothing_and_an_answer_is_needed(pair: MaintainedPair, command: str) -> None:
    words = (command, "office", *COMMANDS[command])
    rehearsed = run(*words, "--dry-run", "--json")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "steps" in json.loads(rehearsed.stdout)
    assert not changed(pair)
    if command != "replace":
        assert run(*words, "--json").exit_code == 2
        assert run(*words, input="n\n").exit_code == 1
        assert not changed(pair)


def test_sync(pair: MaintainedPair) -> None:
    done = run("sync", "office", "--files", "--yes")
    assert done.exit_code == 0, done.output
    assert "192.0.2.12 has the configuration of 192.0.2.11" in done.stdout
    assert changed(pair)


def test_rotate_key_shows_no_key(pair: MaintainedPair) -> None:
    done = run("rotate-key", "office", "--key", "env:NEW", "--previous", "env:OLD", "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["nodes"] == ["192.0.2.11", "192.0.2.12"]
    assert KEY not in done.output
    assert changed(pair)


def test_rotate_key_needs_a_key(pair: MaintainedPair, tmp_path: Path) -> None:
    del pair
    text = (tmp_path / "pairs.toml").read_text()
    (tmp_path / "pairs.toml").write_text(text.replace("shared_key = ", "# shared_key = "))
    assert run("rotate-key", "office", "--yes").exit_code == 2
    assert run("rotate-key", "office", "--key", "canary-not-a-reference", "--yes").exit_code == 1


def test_restart_one(pair: MaintainedPair) -> None:
    done = run("restart", "office", "--node", "192.0.2.12", "--yes", "--json")
    assert json.loads(done.stdout)["restarted"] == ["192.0.2.12"]
    assert pair.a.starts == 0
    assert "192.0.2.11 serves" in run("restart", "office", "--up-for", "100000", "--yes").stdout


def test_backup(pair: MaintainedPair, tmp_path: Path) -> None:
    del pair
    done = run("backup", "office", "--to", "backups", "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["backups"]) == 2
    assert len(list((tmp_path / "backups").glob("*.sha256"))) == 2
    assert "sha256" in run("backup", "office", "--to", "more", "--node", "192.0.2.11").stdout
    assert run("backup", "office", "--to", "backups", "--dry-run").exit_code == 0


def test_replace_says_what_to_declare(pair: MaintainedPair) -> None:
    del pair
    done = run("replace", "office", "--dead", "192.0.2.12", "--with", "192.0.2.12", "--yes")
    assert done.exit_code == 0, done.output
    assert "192.0.2.12 is in the pair with 192.0.2.11" in done.stdout
    wrong = run("replace", "office", "--dead", "192.0.2.12", "--with", "192.0.2.11", "--yes")
    assert wrong.exit_code == 1
    assert "Traceback" not in wrong.output


def test_upgrade(pair: MaintainedPair, tmp_path: Path) -> None:
    words = (
        "upgrade",
        "office",
        "--from",
        URL,
        "--backup",
        "backups",
        "--evidence",
        "evidence.json",
        "--yes",
    )
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert "upgraded" in done.stdout
    assert json.loads((tmp_path / "evidence.json").read_text())["verdict"] == "upgraded"
    assert pair.a.role == "Primary"


def test_an_upgrade_that_stops_ends_with_three(pair: MaintainedPair) -> None:
    pair.ruined = "NetScaler NS14.151.80"
    done = run("upgrade", "office", "--from", URL, "--yes", "--json")
    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["verdict"] == "stopped"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--from", URL, "--allow", "nonsense=1"), 2),
        (("--from", URL, "--allow", "down_servers=many"), 2),
        (("--from", URL, "--allow", "down_servers=-1"), 1),
        (("--from", "newest.tgz"), 1),
        (("--from", "https://files/newest.tgz"), 1),
        ((), 2),
    ],
)
def test_what_cannot_be_meant_is_told(pair: MaintainedPair, words: tuple[str, ...], code: int) -> None:
    done = run("upgrade", "office", *words, "--yes")
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert not changed(pair)
