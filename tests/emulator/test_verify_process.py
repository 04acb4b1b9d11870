"""``gatepair verify`` as a process: power commands, exit codes, signals, and no secret anywhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import BIN
from waiting import until

from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow

LIMIT_S = 240
SERVED = ("--server-name", "gateway.example.net", "--margin", "60", "--timeout", "5")


class Shell:
    """A folder with a pairs.toml, and the command typed in it."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder = folder
        self.lab = lab
        path = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GATEPAIR_")
        } | {"PATH": path}
        (folder / "alice").write_text(lab.users["alice"])
        state = lab.state_dir
        words = ("--password", f"file:{state}/password", "--shared-key", f"file:{state}/shared-key")
        addresses = f"{lab.a.address},{lab.b.address}"
        self.run("init", "office", "--from", addresses, *words, "--ca-file", lab.ca_file)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(BIN / "gatepair"), *words],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        with self.start(*words) as process:
            out, err = process.communicate(timeout=LIMIT_S)
        assert process.returncode == code, out + err
        assert "Traceback" not in err
        return out, err

    def power(self) -> tuple[str, ...]:
        command = f"gatepair emulator power --state {self.lab.state_dir} {{letter}}"
        return "--power-off", f"{command} off", "--power-on", f"{command} on"


@pytest.fixture
def clock() -> float:
    return 20.0


@pytest.fixture
def shell(tmp_path: Path, clock: float) -> Iterator[Shell]:
    # Detached, so that the power commands are those of another process.
    lab = Lab.start(tmp_path / "emulator", scenario="formed", clock=clock, detached=True)
    folder = tmp_path / "project"
    folder.mkdir()
    try:
        until(lambda: lab.b.status()["sync"] == "SUCCESS", "the secondary has everything")
        yield Shell(folder, lab)
    finally:
        Lab.open(tmp_path / "emulator").down()


def document(text: str) -> dict[str, Any]:
    return json.loads(text)


def test_forced_and_hard_with_all_three_outputs(shell: Shell) -> None:
    signs_in = ("--user", "alice", "--user-password", "file:alice")
    shell.environment["GATEPAIR_LOG"] = "debug"
    words = ("--kinds", "forced,hard", *SERVED, *signs_in, *shell.power(), "--html", "proof.html")
    out, err = shell.run("verify", "--yes", "--json", *words)
    found = document(out)
    assert found["verdict"] == "passed"
    assert [part["part"] for part in found["parts"]] == ["forced", "fail-back", "hard", "fail-back"]
    assert all(part["configuration"]["equal"] for part in found["parts"])
    html = (shell.folder / "proof.html").read_text(encoding="utf-8")
    assert html.count("<svg") >= 4
    for secret in (shell.lab.password, shell.lab.shared_key, shell.lab.users["alice"]):
        assert secret not in out + err + html


# Slower than in life, where the secondary would fetch the file again after a minute.
@pytest.mark.parametrize("clock", [0.2])
def test_a_verdict_that_is_negative_ends_with_3(shell: Shell) -> None:
    out, _ = shell.run("verify", "--yes", "--server-name", "other.example.net", code=3)
    assert "fail  users-served" in out
    assert "\033[" not in out
    key = shell.lab.b.directory / "files" / "nsconfig" / "ssl" / "gateway.key"
    key.unlink()
    out, _ = shell.run("verify", "--yes", *SERVED, "--patience", "2", "--return", "60", code=3)
    assert "fail  undone" in out
    assert "0 of 1 switches passed" in out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_stops_it_while_the_power_is_cut_gets_it_back(
    shell: Shell, number: signal.Signals, code: int
) -> None:
    with shell.start("verify", "--yes", "--kinds", "hard", *SERVED, *shell.power()) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "the power is cut" in line:
                break
        until(lambda: not Lab.open(shell.lab.state_dir).a.is_running(), "the power is cut")
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == code, out + err
    assert "Traceback" not in err
    assert Lab.open(shell.lab.state_dir).a.is_running(), "the power is back"
