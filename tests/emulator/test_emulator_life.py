"""Life of an appliance: what survives, how a restart looks, firmware, default passwords, power."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from emulator_talk import CLOCK, Talk, form, trust, who_serves
from late_tls import LateTls
from waiting import until

from gatepair_emulator.lab import Lab

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow


def restarted(talk: Talk, count: int = 1) -> None:
    until(lambda: talk.node.status().get("restarts") == count, "a restart")
    talk.node.wait_until_up()


def seen(talk: Talk) -> str:
    """What one request gets."""
    try:
        reply = talk.client.get("/stat/hanode")
    except httpx.HTTPError as problem:
        return type(problem).__name__
    if reply.status_code != 200:
        return str(reply.status_code)
    return reply.json()["hanode"]["hacurstate"]


def came_back(talk: Talk, symptoms: list[str]) -> bool:
    """Note what is seen now if it is new; whether it is what was seen at first."""
    now = seen(talk)
    if now != symptoms[-1]:
        symptoms.append(now)
    return len(symptoms) > 1 and now == symptoms[0]


def test_only_what_was_saved_survives_a_power_cut(lab: Lab, a: Talk) -> None:
    a.add("vlan", id=10)
    a.save()
    a.add("vlan", id=11)
    lab.a.kill()
    lab.a.start()
    assert [row["id"] for row in a.rows("vlan")] == ["1", "10"]
    assert a.rows("nsconfig")[0]["configchanged"] is False


def test_a_restart_shows_in_the_start_time_however_quick_it_is(gatepair_pool: LabPool) -> None:
    started: list[str] = []
    with gatepair_pool.lab("default", 1000) as lab, Talk(lab, lab.a) as talk:
        for count in range(1, 5):
            started.append(talk.send("GET", "/stat/ns").json()["ns"]["starttime"])
            talk.add("reboot", warm=True)
            restarted(talk, count)
    assert len(set(started)) == len(started)


def test_files_survive_without_a_save(lab: Lab, a: Talk) -> None:
    file = {"filename": "f", "filelocation": "/var/tmp", "filecontent": "eA=="}  # noqa: S108 - on the appliance
    a.add("systemfile", **file)
    lab.a.kill()
    lab.a.start()
    assert a.rows("systemfile", "?args=filename:f,filelocation:%2Fvar%2Ftmp")[0]["filecontent"] == "eA=="


def test_the_certificate_of_the_management_address_is_kept(lab: Lab, a: Talk) -> None:
    certificate = lab.a.directory / f"management-{lab.a.host}.pem"
    before = certificate.read_bytes()
    lab.a.kill()
    lab.a.start()
    assert certificate.read_bytes() == before
    assert a.rows("nsversion")


@pytest.mark.parametrize("path", ["reboot", "reboot?action=reboot"])
def test_a_restart_shows_its_symptoms_in_order(gatepair_pool: LabPool, path: str) -> None:
    # Slower than in life, so that a busy machine misses no symptom.
    with gatepair_pool.lab(clock=0.5) as lab, Talk(lab, lab.a) as a:
        a.add("vlan", id=11)
        assert a.send("POST", f"/config/{path}", {"reboot": {"warm": True}}).status_code in {200, 201}
        symptoms = ["UP"]
        until(lambda: came_back(a, symptoms), "it is up again")
        assert len(a.rows("vlan")) == 1
    assert "503" in symptoms
    assert symptoms.index("503") == len(symptoms) - 2
    assert any(symptom.endswith("Error") for symptom in symptoms[1:-2])


def test_a_node_of_a_pair_comes_back_through_init(lab: Lab, a: Talk) -> None:
    with Talk(lab, lab.b) as b:
        form(a, b)
        a.set("hanode", id=0, deadinterval=10)  # how long it listens, so that a busy machine can see it
        a.save()
        lab.b.kill()
        lab.a.kill()
        lab.a.start()
        assert a.statistics()["hacurstate"] == "INIT"
        assert a.node.status()["bound"] == []
        until(lambda: a.views()[0][0] == "Primary", "the node alone takes over")
        lab.b.start()
        until(lambda: a.views()[1][2] == "SUCCESS", "the other is back")


def test_a_restart_of_the_primary_loses_nothing_while_the_other_lives(lab: Lab, a: Talk) -> None:
    with Talk(lab, lab.b) as b:
        form(a, b)
        a.save()
        a.add("vlan", id=31)
        a.add("reboot", warm=True)
        until(lambda: b.views()[0][0] == "Primary", "takeover")
        until(lambda: a.views()[0] == ("Secondary", "UP", "SUCCESS"), "return")
        assert [row["id"] for row in a.rows("vlan")] == ["1", "31"]
        assert who_serves(lab) == lab.b.host


def test_a_restart_of_both_keeps_a_saved_pair(lab: Lab, a: Talk) -> None:
    with Talk(lab, lab.b) as b:
        form(a, b)
        a.save()
        b.save()
        for node in (lab.a, lab.b):
            node.kill()
        for node in (lab.a, lab.b):
            node.start()
        until(lambda: "Primary" in {a.views()[0][0], b.views()[0][0]}, "a primary")
        until(lambda: who_serves(lab) is not None, "users are served")
        assert len(a.views()) == len(b.views()) == 2


def test_a_restart_can_get_stuck(lab: Lab, a: Talk) -> None:
    lab.a.admin("PUT", "/stuck", {"restart": True})
    a.add("reboot", warm=True)
    until(lambda: lab.a.status()["phase"] == "down", "it goes down")
    until(lambda: seen(a) == "ConnectError", "what was connected is cut")
    lab.a.admin("PUT", "/stuck", {"restart": False})
    restarted(a)
    assert seen(a) == "UP"


def test_a_shutdown_ends_the_process(lab: Lab, a: Talk) -> None:
    assert a.add("shutdown").status_code in {200, 201}
    until(lambda: not lab.a.is_running(), "the appliance is off")
    lab.a.start()
    assert a.rows("nsversion")


def test_a_frozen_primary_is_replaced_and_gives_way_when_it_thaws(lab: Lab, a: Talk) -> None:
    with Talk(lab, lab.b) as b:
        form(a, b)
        lab.a.freeze()
        until(lambda: b.views()[0][0] == "Primary", "takeover")
        lab.a.thaw()
        until(lambda: len({a.views()[0][0], b.views()[0][0]}) == 2, "one primary again")
        until(lambda: who_serves(lab) is not None, "users are served")


# -- firmware --------------------------------------------------------------------------------------


def archive(a: Talk, name: str) -> str:
    a.add("systemfile", filename=name, filelocation="/var/tmp", filecontent="eA==")  # noqa: S108 - there
    return f"file:///var/tmp/{name}"


def test_a_build_runs_after_the_restart_and_not_before(a: Talk) -> None:
    url = archive(a, "build-14.1-51.80_nc_64.tgz")
    reply = a.add("install", url=url, y=False)
    assert reply.status_code == 201
    assert reply.headers["X-NITRO-WARNING"].startswith("1120 - ")
    assert "Build 47.48" in a.rows("nsversion")[0]["version"]
    assert "Build 51.80" in a.rows("nsversion", "?args=installedversion:true")[0]["version"]
    a.add("reboot", warm=True)
    restarted(a)
    assert a.rows("nsversion")[0]["version"].startswith("NetScaler NS14.1: Build 51.80.nc, ")


def test_an_installation_with_restart_ends_the_connection(a: Talk) -> None:
    url = archive(a, "build-13.1-49.13_nc_64.tgz")
    with pytest.raises(httpx.RemoteProtocolError):
        a.add("install", url=url, y=True)
    restarted(a)
    assert "NS13.1: Build 49.13" in a.rows("nsversion")[0]["version"]


def test_an_installation_can_be_followed_as_a_job(a: Talk) -> None:
    url = archive(a, "build-14.1-51.80_nc_64.tgz")
    body = {"install": {"url": url, "async": True}}
    job = a.send("POST", "/config/install", body).json()["install"]["id"]
    until(lambda: a.rows(f"nsjob/{job}")[0]["status"] == "Completed", "the job")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///var/tmp/build-14.1-51.80_nc_64.tgz", "File does not exist"),
        ("gopher://192.0.2.1/build-14.1-51.80_nc_64.tgz", "Invalid file transfer protocol"),
        ("https://192.0.2.1/picture.png", "Extraction failed, invalid tar archive?"),
    ],
)
def test_installations_that_fail(a: Talk, url: str, reason: str) -> None:
    reply = a.add("install", url=url)
    assert reply.status_code == 599
    assert reply.json()["message"] == f"Installation failed. [{reason}]"


def test_a_full_disk_refuses_to_save_and_to_install(lab: Lab, a: Talk) -> None:
    url = archive(a, "build-14.1-51.80_nc_64.tgz")
    lab.a.admin("PUT", "/hardware", {"disk_full": True})
    assert a.act("nsconfig", "save").status_code == 599
    assert "No space on file system" in a.add("install", url=url).json()["message"]
    lab.a.clear_faults()
    assert a.act("nsconfig", "save").status_code == 200


# -- default passwords -----------------------------------------------------------------------------


def test_the_default_password_has_to_be_changed_first(gatepair_pool: LabPool) -> None:
    with (
        gatepair_pool.lab("factory", CLOCK) as lab,
        httpx.Client(verify=trust(lab), timeout=10, trust_env=False) as client,
    ):
        base = f"https://{lab.a.address}/nitro/v1/config"

        def login(**values: str) -> tuple[int, int]:
            client.cookies.clear()
            reply = client.post(f"{base}/login", json={"login": {"username": "nsroot", **values}})
            return reply.status_code, reply.json()["errorcode"]

        assert login(password="nsroot") == (401, 1046)
        one_shot = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": "nsroot"}
        assert client.get(f"{base}/nsversion", headers=one_shot).json()["errorcode"] == 1046
        assert login(password="nsroot", new_password="nsroot") == (401, 1047)
        assert login(password="nsroot", new_password="canary-changed") == (201, 0)
        assert login(password="nsroot") == (401, 354)
        assert login(password="canary-changed") == (201, 0)
        assert login(password="canary-changed", new_password="again") == (599, 278)
        lab.a.kill()
        lab.a.start()
        assert login(password="nsroot") == (401, 1046)  # it was not saved


# -- scenarios -------------------------------------------------------------------------------------


def test_another_release_pairs_but_does_not_synchronise(gatepair_pool: LabPool) -> None:
    with gatepair_pool.lab("version-mismatch", CLOCK) as lab, Talk(lab, lab.a) as a, Talk(lab, lab.b) as b:
        a.set("hanode", id=0, hastatus="STAYPRIMARY")
        b.set("hanode", id=0, hastatus="STAYSECONDARY")
        a.add("hanode", id=1, ipaddress=lab.b.host)
        b.add("hanode", id=1, ipaddress=lab.a.host)
        a.set("hanode", id=0, hastatus="ENABLED")
        b.set("hanode", id=0, hastatus="ENABLED")
        until(lambda: a.views()[1] == ("Secondary", "UP", "AUTO DISABLED"), "the mismatch is seen")
        assert a.act("hasync", "Force", force=True).json()["errorcode"] == 1447
        a.add("vlan", id=5)
        assert len(b.rows("vlan")) == 1
        assert a.act("hafailover", "Force", force=True).status_code == 200
        until(lambda: b.views()[0][0] == "Primary", "the roles have changed")


def test_another_build_of_the_same_release_synchronises(gatepair_pool: LabPool) -> None:
    with gatepair_pool.lab("other-build", CLOCK) as lab, Talk(lab, lab.a) as a, Talk(lab, lab.b) as b:
        form(a, b)
        assert [row["name"] for row in b.rows("vpnvserver")] == ["gateway"]


def test_another_administrators_password_fails_the_synchronisation(gatepair_pool: LabPool) -> None:
    with gatepair_pool.lab("other-password", CLOCK) as lab, Talk(lab, lab.a) as a, Talk(lab, lab.b) as b:
        b.client.headers["X-NITRO-PASS"] = "another-password-of-b"
        a.add("hanode", id=1, ipaddress=lab.b.host)
        b.add("hanode", id=1, ipaddress=lab.a.host)
        until(lambda: a.views()[1] == ("Secondary", "UP", "FAILED"), "it fails")


@pytest.mark.parametrize(("scenario", "peer"), [("formed", "SUCCESS"), ("dead-secondary", "UNKNOWN")])
def test_scenarios_of_a_formed_pair(gatepair_pool: LabPool, scenario: str, peer: str) -> None:
    with gatepair_pool.lab(scenario, CLOCK) as lab, Talk(lab, lab.a) as a:
        until(lambda: a.views()[1][2] == peer, "the pair as the scenario has it")
        until(lambda: who_serves(lab) == lab.a.host, "users are served")
        if scenario == "dead-secondary":
            assert not lab.b.is_running()
            lab.b.start()
            until(lambda: a.views()[1][2] == "SUCCESS", "the secondary is back")


def test_a_state_directory_is_found_again(tmp_path: Path) -> None:
    with Lab.start(tmp_path / "pair") as lab, Talk(lab, lab.a) as a:
        a.add("vlan", id=9)
        a.save()
        password = lab.password
    with Lab.start(lab.state_dir) as again, Talk(again, again.a) as a:
        assert (again.network, again.password) == (lab.network, password)
        assert len(a.rows("vlan")) == 2


def test_an_appliance_whose_directory_is_gone_ends(tmp_path: Path) -> None:
    with Lab.start(tmp_path / "pair") as lab:
        (lab.b.directory / "settings.json").unlink()
        until(lambda: not lab.b.is_running(), "it ends by itself")


def test_a_client_whose_handshake_was_under_way_gets_no_answer_from_a_node_that_is_off(lab: Lab) -> None:
    with LateTls(lab.a.host, lab.a.ports.management, trust(lab)) as client:
        lab.a.rest()
        assert client.ask(b"GET /nitro/v1/config/nsversion HTTP/1.1\r\nHost: gateway\r\n\r\n") == b""
