"""Faults at a running appliance, the command line, and the pytest fixtures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from emulator_talk import Talk
from waiting import until

from gatepair_emulator.cli import emulator
from gatepair_emulator.lab import Lab, LabError
from gatepair_emulator.scenario import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(standing_lab: Lab) -> Lab:
    return standing_lab


@pytest.fixture
def a(lab: Lab) -> Iterator[Talk]:
    with Talk(lab, lab.a) as talk:
        yield talk
    lab.a.clear_faults()


def test_a_reset_after_the_request_took_effect(a: Talk) -> None:
    a.node.add_fault(effect="reset-after", method="POST", path="vlan")
    with pytest.raises(httpx.RemoteProtocolError):
        a.add("vlan", id=10)
    assert a.add("vlan", id=10).status_code == 409


def test_a_reset_before_it_did(a: Talk) -> None:
    a.node.add_fault(effect="reset-before", method="POST", path="vlan", nth=2)
    assert a.add("vlan", id=20).status_code == 201
    with pytest.raises(httpx.RemoteProtocolError):
        a.add("vlan", id=21)
    assert a.add("vlan", id=21).status_code == 201


def test_server_errors_and_refusals(a: Talk) -> None:
    a.node.add_fault(effect="error", path="nsversion", status=502, times=2)
    assert [a.send("GET", "/config/nsversion").status_code for _ in range(3)] == [502, 502, 200]
    a.node.add_fault(effect="refuse", path="nsversion", code=293)
    assert a.send("GET", "/config/nsversion").text.startswith('{ "errorcode": 293, ')


def test_bodies_that_break_off_or_take_their_time(a: Talk) -> None:
    a.node.add_fault(effect="truncate", path="nsip", octets=20)
    with pytest.raises(httpx.RemoteProtocolError):
        a.rows("nsip")
    a.node.add_fault(effect="slow-body", path="nsip", seconds=0.2)
    assert a.rows("nsip")


def test_a_fault_nobody_knows_is_refused(a: Talk) -> None:
    with pytest.raises(LabError, match="cannot be used"):
        a.node.add_fault(effect="nonsense")


def test_the_emulators_own_interface_wants_its_token(lab: Lab) -> None:
    url = f"http://{lab.a.host}:{lab.a.ports.admin}/status"
    assert httpx.get(url, timeout=10, trust_env=False).status_code == 401
    assert httpx.get(url, headers={"X-Gatepair-Token": "x"}, timeout=10, trust_env=False).status_code == 401


def test_a_clock_that_is_off_shows_in_the_times(lab: Lab, a: Talk) -> None:
    before = int(a.rows("nsconfig")[0]["systemtime"])
    lab.a.admin("PUT", "/clock", {"offset": 3600})
    assert int(a.rows("nsconfig")[0]["systemtime"]) >= before + 3600
    lab.a.admin("PUT", "/clock", {"offset": 0})


def test_a_network_in_use_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="another emulated pair may run there"):
        Lab.start(tmp_path / "other", lab.network)
    with pytest.raises(LabError, match="no loopback network"):
        Lab.start(tmp_path / "third", "10.0.0")


def test_a_scenario_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there are dead-secondary, default"):
        Lab.start(tmp_path / "pair", scenario="nonsense")
    broken = tmp_path / "broken.toml"
    broken.write_text("[a]\ncolour = 'red'\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="unknown keys of a node: colour"):
        Lab.start(tmp_path / "other", scenario=str(broken))


def test_nothing_secret_is_in_arguments_logs_or_the_state_file(lab: Lab) -> None:
    secrets = (lab.password, lab.shared_key, lab.users["alice"])
    for node in (lab.a, lab.b):
        command = Path(f"/proc/{node.pid}/cmdline").read_text(encoding="utf-8")
        log = (node.directory / "log").read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in command + log]
    state = (lab.state_dir / "emulator.json").read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in state]


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(emulator, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_the_command_line_from_up_to_down(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "pair"))
    assert "start one with" in run("status", *state, code=1)
    up = run("up", *state, "--network", "free", "--clock", "5")
    try:
        assert "appliance a  gw-a" in up
        assert str(tmp_path / "pair" / "ca.pem") in up
        assert "Primary, stand-alone" in run("status", *state)
        run("power", "a", "off", *state)
        assert json.loads(run("status", "--json", *state))["a"]["phase"] == "off"
        run("power", "a", "on", *state)
        run("fault", "a", "error", "status=502", "path=nsversion", *state)
        assert json.loads(run("status", "--json", *state))["a"]["faults"] == ["error"]
        assert "no fault 'bang'" in run("fault", "a", "bang", *state, code=1)
        assert "answers on" in run("logs", "a", *state)
        assert "export GATEPAIR_CA_FILE=" in run("env", *state)
        assert "as new" in run("reset", *state, "--clock", "5")
        assert "error" not in run("status", *state)
    finally:
        run("down", *state)
    assert "off" in run("status", *state)


def test_up_again_finds_everything_running(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "pair"))
    run("up", *state, "--network", "free")
    try:
        pids = [node.pid for node in (Lab.open(tmp_path / "pair").a, Lab.open(tmp_path / "pair").b)]
        run("up", *state)
        assert [node.pid for node in (Lab.open(tmp_path / "pair").a, Lab.open(tmp_path / "pair").b)] == pids
    finally:
        run("down", *state)


def test_a_pair_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import os, pathlib, sys; from gatepair_emulator.lab import Lab; "
        "lab = Lab.start(pathlib.Path(sys.argv[1])); print(lab.a.pid, flush=True); os._exit(1)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "pair")], capture_output=True, text=True, check=False
    )
    pid = result.stdout.strip()
    until(lambda: not Path(f"/proc/{pid}").exists(), "the appliance ends with its parent")
