"""``--all`` on real pairs: two emulated ones, and one whose appliances do not answer."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from project import Outcome, quiet_environment

from gatepair_emulator.lab import Lab

PAIR = """
[pairs.{name}]
appliances = [{{ address = "{a}" }}, {{ address = "{b}" }}]
password = "file:{state}/password"
ca_file = "{state}/ca.pem"
shared_key = "file:{state}/shared-key"
external = {{ address = "{external}" }}
internal = {{ address = "{internal}", netmask = "255.255.255.0" }}
"""
ARCHIVE = "http://192.0.2.99/build-14.1-51.80_nc_64.tgz"
USERS = ("--no-fail-back", "--server-name", "gateway.example.net")
LIMIT_S = 240


@attrs.frozen
class Fleet:
    """A folder whose pairs.toml declares several pairs."""

    folder: Path
    labs: dict[str, Lab]

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["gatepair", *words],
            cwd=self.folder,
            env=quiet_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> Outcome:
        process = self.start(*words)
        said, wrong = process.communicate(timeout=LIMIT_S)
        assert "Traceback" not in wrong, wrong
        return Outcome(process.returncode, said)

    def lines(self, *words: str) -> tuple[int, dict[str, dict[str, Any]], dict[str, Any]]:
        """Return exit code, the line of each pair and the summary."""
        outcome = self.run(*words, "--json")
        *pairs, last = [json.loads(line) for line in outcome.text.splitlines()]
        return outcome.code, {line["pair"]: line for line in pairs}, last["summary"]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    labs: dict[str, Lab] = {}
    try:
        text = ""
        for name in ("eu-1", "eu-2"):
            lab = labs[name] = Lab.start(tmp_path / name, scenario="formed", clock=20.0)
            text += PAIR.format(
                name=name,
                a=lab.a.address,
                b=lab.b.address,
                state=lab.state_dir,
                external=lab.external,
                internal=lab.internal,
            )
        # Port 9 answers with a refusal, at once.
        text += PAIR.format(
            name="gone",
            a="127.0.0.1:9",
            b="127.0.0.2:9",
            state=labs["eu-1"].state_dir,
            external="192.0.2.20",
            internal="192.0.2.21",
        )
        (tmp_path / "pairs.toml").write_text(text)
        fleet = Fleet(tmp_path, labs)
        for name in labs:  # the scenario leaves something unsaved
            assert fleet.run("sync", name, "--yes").code == 0
        yield fleet
    finally:
        for lab in labs.values():
            lab.down()


def verdicts(lines: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: line["verdict"] for name, line in lines.items()}


def test_status_of_all_reports_partial_failures_at_the_end(fleet: Fleet) -> None:
    code, lines, summary = fleet.lines("status", "--all")
    assert code == 1
    assert verdicts(lines) == {"eu-1": "done", "eu-2": "done", "gone": "failed"}
    assert lines["eu-1"]["result"]["healthy"] is True
    assert lines["gone"]["problem"]["type"].startswith("urn:gatepair:error:")
    assert summary["done"] == 2
    text = fleet.run("status", "--all").text
    assert text.index("Look after:") < text.rindex("gone: failed")
    assert "3 pairs: 2 done, 1 failed." in text
    assert fleet.run("status", "eu-*", "--all").code == 0


def test_verify_of_all_switches_one_pair_after_the_other(fleet: Fleet) -> None:
    code, lines, summary = fleet.lines("verify", "eu-*", "--all", "--yes", *USERS)
    assert code == 0, lines
    assert verdicts(lines) == {"eu-1": "done", "eu-2": "done"}
    assert [line["wave"] for line in lines.values()] == [1, 2]
    assert summary["stopped"] == ""


def test_upgrade_of_all_stops_by_its_rule(fleet: Fleet) -> None:
    file = fleet.folder / "pairs.toml"
    file.write_text(file.read_text().replace("[pairs.gone]", "[pairs.a-gone]"))
    code, lines, summary = fleet.lines("upgrade", "--all", "--yes", "--from", ARCHIVE)
    assert code == 1
    assert lines["a-gone"]["verdict"] in {"failed", "negative"}
    assert verdicts(lines) | {"a-gone": "-"} == {"a-gone": "-", "eu-1": "skipped", "eu-2": "skipped"}
    assert summary["stopped"] == "the stop rule 1: 1 pair went wrong"


def test_upgrade_of_all_in_waves(fleet: Fleet) -> None:
    words = ("upgrade", "eu-*", "--all", "--yes", "--from", ARCHIVE, "--evidence", "evidence")
    code, lines, _ = fleet.lines(*words)
    assert code == 0, lines
    assert verdicts(lines) == {"eu-1": "done", "eu-2": "done"}
    assert len(list((fleet.folder / "evidence").glob("*.json"))) == 2
    _, looked, _ = fleet.lines("status", "eu-*", "--all")
    for line in looked.values():
        assert all("51.80" in node["version"] for node in line["result"]["nodes"])


def test_ctrl_c_ends_a_fleet_with_its_report(fleet: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes a connection and never says a word
        silent.settimeout(LIMIT_S)
        file = fleet.folder / "pairs.toml"
        file.write_text(file.read_text().replace("127.0.0.1:9", f"127.0.0.1:{silent.getsockname()[1]}"))
        process = fleet.start("status", "--all", "--at-once", "1")
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        said, wrong = process.communicate(timeout=LIMIT_S)
        connection.close()
    assert process.returncode == 130, wrong
    assert "Interrupted." in wrong
    assert "3 pairs: 2 done, 1 stopped." in said
    assert "Stopped: it was interrupted." in said
