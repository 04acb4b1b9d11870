"""A pair that is renewed is as fresh as one that was just started, whatever happened to it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from emulator_talk import CLOCK, Talk, who_serves
from waiting import until

from gatepair_emulator.lab import Lab, LabError
from gatepair_emulator.processes import recorded_pid

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow


def pids(lab: Lab) -> tuple[int, int]:
    return lab.a.pid, lab.b.pid


def test_nothing_is_left_of_what_was_done_but_the_processes(lab: Lab) -> None:
    before, password, key = pids(lab), lab.password, lab.shared_key
    fresh = lab.a.status()
    with Talk(lab, lab.a) as a:
        a.set("nshostname", hostname="gw-x")
        a.add("systemfile", filename="f", filelocation="/var/tmp", filecontent="eA==")  # noqa: S108 - there
        a.add("hanode", id=1, ipaddress=lab.b.host)
        a.save()
        a.add("vlan", id=10)
    (lab.state_dir / "left-behind").write_text("x")
    lab.a.add_fault(effect="error", times=0)
    lab.a.cut_network()
    lab.a.admin("PUT", "/hardware", {"failed_links": ["1/1"], "disk_full": True})
    lab.a.admin("PUT", "/stuck", {"restart": True, "sync": True})
    lab.a.admin("PUT", "/clock", {"offset": -7200, "advance": 60})
    lab.renew(clock=CLOCK)
    assert pids(lab) == before
    assert lab.password != password
    assert lab.shared_key != key
    assert not (lab.state_dir / "left-behind").exists()
    assert {**lab.a.status(), "incarnation": 0, "history": []} == {**fresh, "incarnation": 0, "history": []}
    with Talk(lab, lab.a) as a:
        assert [row["id"] for row in a.rows("vlan")] == ["1"]
        assert [row["id"] for row in a.rows("hanode")] == ["0"]
        assert a.rows("systemfile", "?args=filelocation:%2Fvar%2Ftmp") == []
        a.save()  # the disk has room again
        a.add("reboot", warm=True)  # nothing is stuck
        until(lambda: lab.a.status().get("restarts") == 1, "a restart")


@pytest.mark.parametrize("trouble", ["kill", "freeze", "stop", "rest"])
def test_whatever_state_the_processes_are_in(lab: Lab, trouble: str) -> None:
    getattr(lab.a, trouble)()
    lab.renew("formed", CLOCK)
    until(lambda: lab.b.status()["sync"] == "SUCCESS", "a pair in good health")
    assert who_serves(lab) == lab.a.host
    assert recorded_pid(lab.a.directory) == lab.a.pid


def test_a_process_that_somebody_else_has_started_ends(lab: Lab) -> None:
    other = Lab.open(lab.state_dir, detached=False)
    lab.a.kill()
    other.a.start()
    lab.renew(clock=CLOCK)
    assert not other.a.is_running()
    assert lab.a.is_running()
    other.a.stop()


def test_an_appliance_that_a_scenario_leaves_off_stays_off(lab: Lab) -> None:
    lab.renew("dead-secondary", CLOCK)
    assert (lab.a.is_running(), lab.b.is_running()) == (True, False)
    lab.renew(clock=CLOCK)
    assert lab.b.status()["host_name"] == "ns"


def test_what_cannot_begin_anew_says_so(lab: Lab) -> None:
    lab.rest()
    (lab.a.directory / "settings.json").write_text('{"name": "a"}', encoding="utf-8")
    with pytest.raises(LabError, match=r"settings\.json: missing: address"):
        lab.a.renew()


def test_pairs_that_are_lent_at_the_same_time_are_different_ones(gatepair_pool: LabPool) -> None:
    with gatepair_pool.lab() as one, gatepair_pool.lab() as other:
        assert one.network != other.network
        first = pids(other)
    assert one.a.status()["phase"] == other.a.status()["phase"] == "off"
    with gatepair_pool.lab() as again:
        assert pids(again) in {pids(one), first}
