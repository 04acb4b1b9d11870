"""The command line as processes against an emulated pair: pipes, signals, logs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from project import BIN
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow

LIMIT_S = 120
FASTER = 20.0
LOGGED = re.compile(
    r"[\d-]+ [\d:,]+ "
    r"(DEBUG gatepair\.nitro: \S+ \S+ (config|stat)/\S+ -> \S+ in \d+ ms|INFO gatepair\.\w+: .+)"
)
TRACE = "Traceback"


class Shell:
    """A folder, and the command typed in it."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder = folder
        self.lab = lab
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GATEPAIR_")
        }

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [str(BIN / "gatepair"), *words],
            cwd=self.folder,
            env=self.environment,
            text=True,
            **(pipes | options),
        )

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        with self.start(*words) as process:
            out, err = process.communicate(timeout=LIMIT_S)
        assert process.returncode == code, out + err
        assert TRACE not in err
        return out, err

    def healthy(self) -> bool:
        """Whether the pair is healthy, which the exit code tells as well."""
        with self.start("status", "--json") as process:
            out, err = process.communicate(timeout=LIMIT_S)
        assert process.returncode in {0, 3}, out + err
        return json.loads(out)["healthy"]

    def init(self) -> None:
        """Write pairs.toml for the emulated pair."""
        state = self.lab.state_dir
        words = ("--password", f"file:{state}/password", "--shared-key", f"file:{state}/shared-key")
        addresses = f"{self.lab.a.address},{self.lab.b.address}"
        self.run("init", "office", "--from", addresses, *words, "--ca-file", self.lab.ca_file)


@pytest.fixture
def shell(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[Shell]:
    with gatepair_pool.lab(clock=FASTER) as lab:
        folder = tmp_path / "project"
        folder.mkdir()
        shell = Shell(folder, lab)
        shell.init()
        yield shell


def test_a_pair_from_the_first_look_to_its_dissolution(shell: Shell) -> None:
    a, b = shell.lab.a.address, shell.lab.b.address
    assert "0 failed" in shell.run("preflight")[0]
    assert "standalone" in shell.run("status", code=3)[0]
    assert f"{b} joins {a}" in shell.run("plan")[0]
    out, err = shell.run("apply", "--yes")
    assert out == f"failover pair formed: {a},{b}\n"
    assert "writing the shared key" in err

    text = shell.run("status")[0]
    heading, first, second, *_ = text.splitlines()
    assert heading.index("role") == first.index("primary") == second.index("secondary")
    assert "…" not in text
    assert "\033[" not in text, "no colours in a pipe"
    (shell.folder / "pairs.toml").unlink()
    shell.init()
    assert shell.run("plan") == ("No changes: the pair is as declared.\n", "")

    assert shell.run("failover", "--yes")[0].startswith(f"{b} serves")
    until(shell.healthy, "the new secondary is synchronized")
    assert json.loads(shell.run("status", "--json")[0])["primary"] == b
    assert f"{b} serves, {a} is free" in shell.run("dissolve", "--yes")[0]
    assert json.loads(shell.run("status", "--json", code=3)[0])["failover_pair"] == "dissolved"


def test_the_log_has_one_line_for_each_call_and_no_secret(shell: Shell) -> None:
    shell.environment["GATEPAIR_LOG"] = "debug"
    out, err = shell.run("apply", "--yes", "--json")
    lines = err.splitlines()
    assert [line for line in lines if not LOGGED.fullmatch(line)] == []
    for call in ("POST config/login -> 201", "PUT config/nsrpcnode -> 20", "GET stat/hanode -> 200"):
        assert sum(call in line for line in lines) >= 2, call
    assert sum("POST config/logout" in line for line in lines) == 2
    for secret in (shell.lab.password, shell.lab.shared_key):
        assert secret not in out + err
    shell.environment["GATEPAIR_LOG"] = "chatty"
    assert "is not a level" in shell.run("status")[1]


def test_ctrl_c_while_watching(shell: Shell) -> None:
    shell.environment["GATEPAIR_LOG"] = "debug"
    with shell.start("status", "--watch", "--every", "0.1") as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert TRACE not in err
    assert err.endswith("Interrupted.\n")
    assert err.count("POST config/logout -> 201") == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_change_that_is_interrupted_goes_on_when_run_again(
    shell: Shell, number: signal.Signals, code: int
) -> None:
    # So that it cannot end before the signal comes.
    shell.lab.b.admin("PUT", "/stuck", {"sync": True})
    with shell.start("apply", "--yes") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "writing the shared key" in line:
                break
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT_S)
    shell.lab.b.clear_faults()
    assert process.returncode == code, out + err
    assert TRACE not in err
    assert out == ""
    shell.run("apply", "--yes")
    assert shell.run("status")[0].endswith("\nhealthy\n")


@pytest.mark.parametrize("words", [("status",), ("preflight",), ("status", "--json")])
def test_a_reader_that_goes_away(shell: Shell, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with shell.start(*words, stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert err == ""


def test_progress_that_nobody_reads_stops_no_change(shell: Shell) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with shell.start("apply", "--yes", stderr=writer) as process:
        os.close(writer)
        out, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert out.startswith("failover pair formed")


def test_appliances_that_do_not_answer(shell: Shell) -> None:
    shell.run("apply", "--yes")
    shell.lab.b.kill()
    assert "unreachable" in shell.run("status", code=3)[0]
    _, err = shell.run("dissolve", "--yes", code=1)
    assert "second time" in err
    shell.lab.a.kill()
    for words in (("status",), ("plan",), ("failover", "--yes"), ("apply", "--yes")):
        _, err = shell.run(*words, code=1)
        assert err.startswith(("Error: Nothing was changed", f"Error: {shell.lab.a.address}: no connection"))
    _, err = shell.run("status", "--json", code=1)
    assert json.loads(err)["type"] == "urn:gatepair:error:unreachable"
    assert "2 failed" in shell.run("preflight", code=3)[0]
    watched, _ = shell.run("status", "--watch", "--times", "2", "--every", "0.1", code=1)
    assert watched.count("Error: ") == 1, "only what has changed"
