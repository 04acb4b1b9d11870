"""Each fault of the command line at a formed pair: what it spoils, and that it can be taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from waiting import until

from gatepair_emulator.cli import emulator
from gatepair_emulator.lab import Lab

if TYPE_CHECKING:
    from emulator_talk import Talk

    from gatepair_emulator.lab import Node

pytestmark = pytest.mark.slow


@pytest.fixture
def lab(healthy_lab: Lab) -> Lab:
    return healthy_lab


def fault(node: Node, *words: str) -> None:
    state = str(node.directory.parent)
    outcome = CliRunner().invoke(emulator, ["fault", node.name, *words, "--state", state])
    assert outcome.exit_code == 0, outcome.output


def test_latency_outlasts_an_impatient_client(a: Talk) -> None:
    fault(a.node, "latency", "seconds=30", "jitter=5", "path=nsversion", "times=0")
    with pytest.raises(httpx.ReadTimeout):
        a.client.get("/config/nsversion", timeout=httpx.Timeout(10, read=0.5))
    assert a.client.get("/config/hanode").status_code == 200
    fault(a.node, "none")
    assert a.client.get("/config/nsversion").status_code == 200


def test_the_second_matching_request_takes_effect_and_its_answer_is_lost(a: Talk) -> None:
    fault(a.node, "reset-after", "method=POST", "path=vlan", "nth=2")
    assert a.add("vlan", id=31).status_code == 201
    with pytest.raises(httpx.RemoteProtocolError):
        a.add("vlan", id=32)
    assert a.add("vlan", id=32).status_code == 409
    assert a.add("vlan", id=33).status_code == 201


def test_a_synchronisation_that_is_stuck(lab: Lab, a: Talk, b: Talk) -> None:
    fault(lab.b, "stuck-sync")
    assert a.act("hasync", "Force", force=True).status_code == 200
    until(lambda: a.views()[1][2] == "IN PROGRESS", "the synchronisation runs")
    refused = b.act("hasync", "Force", force=True)
    assert (refused.status_code, refused.json()["errorcode"]) == (599, 412)
    doubtful = a.act("hafailover", "Force", force=False)
    assert (doubtful.status_code, doubtful.json()["errorcode"]) == (599, 1147)
    fault(lab.b, "none")
    until(lambda: a.views()[1][2] == "SUCCESS", "it comes to its end")


@pytest.mark.parametrize("word", ["mute", "deaf"])
def test_a_line_that_carries_one_way_only(lab: Lab, a: Talk, b: Talk, word: str) -> None:
    """A mute primary is replaced; a deaf one still says that it is there, so its secondary stays."""
    fault(lab.a, word)
    if word == "mute":
        until(lambda: b.views()[0][0] == "Primary", "the secondary takes over")
    else:
        until(lambda: a.views()[1] == ("UNKNOWN", "NOT UP", "UNKNOWN"), "the primary misses its peer")
        assert b.views()[0][0] == "Secondary"
    fault(lab.a, "none")


def test_heartbeats_that_get_lost_altogether(lab: Lab, b: Talk) -> None:
    fault(lab.a, "loss", "share=1.0")
    until(lambda: b.views()[0][0] == "Primary", "the secondary takes over")
    fault(lab.a, "none")


def test_power_and_ice_from_the_command_line(lab: Lab) -> None:
    state = ["--state", str(lab.state_dir)]
    for what, seen in (
        ("freeze", lambda: lab.b.status()["role"] == "Primary"),
        ("thaw", lambda: {lab.a.status()["role"], lab.b.status()["role"]} == {"Primary", "Secondary"}),
        ("off", lambda: not lab.a.is_running()),
        ("on", lambda: lab.a.status()["sync"] == "SUCCESS"),
    ):
        outcome = CliRunner().invoke(emulator, ["power", "a", what, *state])
        assert outcome.exit_code == 0, outcome.output
        lab.a.pid = Lab.open(lab.state_dir).a.pid
        until(seen, what)


def test_a_cable_an_ssl_card_and_routes(lab: Lab, a: Talk) -> None:
    for words, state in (
        (["link", "name=1/1"], "PARTIALFAIL"),
        (["link", "name=1/1,1/2"], "COMPLETEFAIL"),
        (["ssl-card"], "PARTIALFAILSSL"),
    ):
        fault(lab.a, *words)
        until(lambda state=state: a.statistics()["hacurstate"] == state, state)
        fault(lab.a, "none")
        until(lambda: a.statistics()["hacurstate"] == "UP", "it is mended")


def test_a_full_disk(a: Talk) -> None:
    fault(a.node, "disk-full")
    assert a.act("nsconfig", "save").status_code == 599
    fault(a.node, "none")
    assert a.act("nsconfig", "save").status_code == 200


def test_a_clock_that_is_off(a: Talk) -> None:
    before = int(a.rows("nsconfig")[0]["systemtime"])
    fault(a.node, "clock", "seconds=-7200")
    assert int(a.rows("nsconfig")[0]["systemtime"]) < before - 3600
    fault(a.node, "clock", "seconds=0")
    assert int(a.rows("nsconfig")[0]["systemtime"]) >= before
