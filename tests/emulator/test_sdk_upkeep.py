"""Upkeep of an emulated pair, with users at the door: key, restarts, backups, upgrades, a replacement."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import CLOCK, Talk, who_serves
from fresh_node import fresh_node
from sdk_lab import connections, declared, dies_at
from waiting import until

from gatepair import PairSession, Secret
from gatepair.errors import PairError, SyncFailed
from gatepair.models import Appliance
from gatepair.probes import Probe, Target, Watch
from gatepair.workflows.upgrading.options import Thresholds, UpgradeOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow

URL = "http://192.0.2.99/build-14.1-51.80_nc_64.tgz"
OTHER_RELEASE = "http://192.0.2.99/build-14.2-1.5_nc_64.tgz"
NEW_KEY = "canary-new-shared-key-1"
# On a busy machine everything takes its time; these say how long users may wait before it counts.
ALLOWED_S = 30.0
PATIENCE_S = 20.0


@pytest.fixture
def lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    with gatepair_pool.lab(clock=CLOCK) as lab:
        with PairSession(declared(lab), connections(lab)) as session:
            session.converge()
        yield lab


def users(lab: Lab) -> Watch:
    target = Target(lab.external, lab.external_port, "gateway.example.net", lab.ca_file)
    return Watch(target, 0.05, (Probe.CONNECT, Probe.REQUEST), timeout_s=PATIENCE_S)


def options(lab: Lab, tmp_path: Path, url: str = URL, **changes: Any) -> UpgradeOptions:
    values: dict[str, Any] = {
        "users": users(lab),
        "longest_outage_s": ALLOWED_S,
        "evidence": tmp_path / "evidence.json",
    }
    return UpgradeOptions(url=url, **(values | changes))


def no_secret_in(folder: Path, lab: Lab) -> None:
    """Nothing that was put away beside backups holds a secret; a backup does, and only its owner reads it."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".tgz":
            text = path.read_text()
            assert lab.password not in text
            assert lab.shared_key not in text
            assert NEW_KEY not in text
        assert path.stat().st_mode & 0o077 == 0


# -- key, synchronization, backup ----------------------------------------------------------------


def test_a_new_key_keeps_the_pair_together(lab: Lab, session: PairSession) -> None:
    with users(lab) as watch:
        until(watch.served, "users are served")
        done = session.rotate_key(Secret(NEW_KEY), previous=Secret(lab.shared_key))
        assert watch.longest_s == 0.0
    assert done.primary == lab.a.address
    assert session.status().healthy
    with Talk(lab, lab.a) as a:
        assert a.add("vlan", id=12).status_code == 201
        a.save()
    with Talk(lab, lab.b) as b:
        until(lambda: "12" in [row["id"] for row in b.rows("vlan")], "the new key carries changes")
        b.save()
    for node in (lab.a, lab.b):
        node.kill()
        node.start()
    until(lambda: session.status().healthy, "both know it after a power cut")


def test_a_key_of_one_node_alone_is_mended_by_rotating(lab: Lab, session: PairSession) -> None:
    with Talk(lab, lab.b) as b:
        for host in (lab.a.host, lab.b.host):
            assert b.set("nsrpcnode", ipaddress=host, password="somebody-elses").status_code == 200
    with pytest.raises(SyncFailed):
        session.synchronize()
    session.rotate_key(Secret(lab.shared_key))
    assert session.status().healthy


def test_a_forced_synchronization_brings_over_what_is_missing(lab: Lab, session: PairSession) -> None:
    with Talk(lab, lab.b) as b:
        assert b.add("vlan", id=77).status_code == 201
        session.synchronize(files=True)
        assert "77" not in [row["id"] for row in b.rows("vlan")]


def test_backups_are_what_the_appliances_have(lab: Lab, session: PairSession, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = session.backup(folder)
    assert [one.node for one in made] == [lab.a.address, lab.b.address]
    for one in made:
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256
        assert "vpnvserver" in one.path.read_text()
    done = subprocess.run(
        ["sha256sum", "-c", *[f"{one.path.name}.sha256" for one in made]], cwd=folder, check=False
    )
    assert done.returncode == 0
    no_secret_in(folder, lab)
    with Talk(lab, lab.a) as a:
        assert a.rows("systembackup") == []


# -- restart -------------------------------------------------------------------------------------


def test_both_restart_with_users_served(lab: Lab, session: PairSession) -> None:
    with users(lab) as watch:
        until(watch.served, "users are served")
        done = session.restart()
        until(watch.served, "users are served")
        assert watch.longest_s < ALLOWED_S
    assert done.restarted == (lab.b.address, lab.a.address)
    assert [node.status()["restarts"] for node in (lab.a, lab.b)] == [1, 1]
    assert who_serves(lab) == lab.a.host
    assert session.status().healthy


# -- upgrade -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, OTHER_RELEASE])
def test_an_upgrade_with_users_at_the_door(lab: Lab, session: PairSession, tmp_path: Path, url: str) -> None:
    folder = tmp_path / "put-away"
    wanted = options(lab, folder, url, backup_directory=folder / "backups", evidence=folder / "evidence.json")
    report = session.upgrade(wanted)
    assert report.ok, report.lines()
    assert {lab.a.status()["build"], lab.b.status()["build"]} == {wanted.target}
    assert who_serves(lab) == lab.a.host
    assert session.status().healthy
    assert session.plan().steps == ()
    assert report.users_watched
    assert report.longest_outage_s < ALLOWED_S
    assert lab.a.status()["conflicts"] == lab.b.status()["conflicts"] == {}
    document = json.loads((folder / "evidence.json").read_text())
    assert document["verdict"] == "upgraded"
    assert len(document["backups"]) == 2
    no_secret_in(folder, lab)


def test_an_upgrade_goes_on_when_a_restart_was_stuck(lab: Lab, session: PairSession, tmp_path: Path) -> None:
    lab.b.admin("PUT", "/stuck", {"restart": True})
    report = session.upgrade(options(lab, tmp_path, restart_s=3.0))
    assert report.verdict == "stopped"
    assert lab.b.address in report.reason
    assert who_serves(lab) == lab.a.host
    lab.b.admin("PUT", "/stuck", {"restart": False})
    again = session.upgrade(options(lab, tmp_path))
    assert again.ok, again.lines()
    assert again.earlier == ("stopped",)
    assert {node.build for node in again.before.nodes} == {"NS14.1: Build 47.48.nc"}
    assert [node.status()["restarts"] for node in (lab.a, lab.b)] == [1, 1]
    assert session.status().healthy


def test_an_archive_that_is_not_there_is_noticed_before_anything_is_changed(
    lab: Lab, session: PairSession, tmp_path: Path
) -> None:
    url = "file:///var/tmp/build-14.1-51.80_nc_64.tgz"
    report = session.upgrade(options(lab, tmp_path, url))
    assert report.verdict == "not-ready"
    assert {check.id for check in report.problems} == {"build-source"}
    for node in (lab.a, lab.b):
        with Talk(lab, node) as talk:
            name = {"filename": "build-14.1-51.80_nc_64.tgz", "filelocation": "/var/tmp"}  # noqa: S108 - on the appliance
            assert talk.add("systemfile", **name, filecontent="eA==").status_code == 201
    assert session.upgrade(options(lab, tmp_path, url)).ok


def test_an_installation_that_fails_leaves_the_pair_as_it_was(
    lab: Lab, session: PairSession, tmp_path: Path
) -> None:
    report = session.upgrade(options(lab, tmp_path, "http://192.0.2.99/x.tgz", build="14.1-51.80"))
    assert report.verdict == "stopped"
    assert "Extraction failed" in report.reason
    assert session.status().healthy
    assert [node.status()["restarts"] for node in (lab.a, lab.b)] == [0, 0]


def test_a_virtual_server_that_is_gone_stops_it_unless_that_is_allowed(
    lab: Lab, session: PairSession, tmp_path: Path
) -> None:
    """Between releases nothing is propagated: what is only on the primary is not on the new build."""
    lab.b.admin("PUT", "/stuck", {"restart": True})
    assert session.upgrade(options(lab, tmp_path, OTHER_RELEASE, restart_s=2.0)).verdict == "stopped"
    with Talk(lab, lab.a) as a:
        assert a.add("lbvserver", name="late", servicetype="HTTP").status_code == 201
        a.save()
    lab.b.admin("PUT", "/stuck", {"restart": False})
    report = session.upgrade(options(lab, tmp_path, OTHER_RELEASE))
    assert report.verdict == "stopped"
    assert {check.id for check in report.problems} == {"servers-kept"}
    assert who_serves(lab) == lab.a.host
    allowed = Thresholds(missing_servers=1)
    assert session.upgrade(options(lab, tmp_path, OTHER_RELEASE, thresholds=allowed)).ok
    assert session.status().healthy


# -- replace -------------------------------------------------------------------------------------


def test_a_dead_node_is_replaced_with_users_served(lab: Lab, session: PairSession, tmp_path: Path) -> None:
    fresh = fresh_node(lab)
    fresh.start()
    try:
        with pytest.raises(PairError, match="not dead"):
            session.replace_node(lab.b.address, fresh.address)
        lab.b.kill()
        with users(lab) as watch:
            until(watch.served, "users are served")
            done = session.replace_node(lab.b.address, fresh.address, backup_directory=tmp_path / "backups")
            assert watch.served()
            assert watch.longest_s == 0.0
        assert done.changed
        assert len(done.backups) == 1
        after = declared(lab, appliances=(Appliance(address=lab.a.address), Appliance(address=fresh.address)))
        with PairSession(after, connections(lab)) as now:
            assert now.status().healthy, now.status().problems
            assert now.plan().steps == ()
        assert session.replace_node(lab.b.address, fresh.address).changed is False
    finally:
        fresh.stop()


def test_a_dead_node_is_exchanged_at_the_same_address(lab: Lab, session: PairSession) -> None:
    lab.b.exchange()
    with users(lab) as watch:
        until(watch.served, "users are served")
        assert session.replace_node(lab.b.address, lab.b.address).changed
        assert watch.longest_s == 0.0
    assert session.status().healthy
    assert session.plan().steps == ()


def test_a_joining_node_is_backed_up_before_it_is_overwritten(gatepair_pool: LabPool, tmp_path: Path) -> None:
    with gatepair_pool.lab(clock=CLOCK) as lab:
        with Talk(lab, lab.b) as b:
            assert b.add("lbvserver", name="own", servicetype="HTTP").status_code == 201
        desired = declared(lab, overwrite_joining_node=True)
        with PairSession(desired, connections(lab)) as session:
            session.converge(backup_directory=tmp_path / "backups")
        (made,) = (tmp_path / "backups").glob("*.tgz")
        assert lab.b.host in made.name


# -- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 5, 6, 7, 9, 11])
def test_an_upgrade_is_finished_by_the_next_run(
    lab: Lab, session: PairSession, tmp_path: Path, at: int
) -> None:
    evidence = tmp_path / "evidence.json"
    with users(lab) as watch:
        doing = f"session.upgrade(UpgradeOptions(url={URL!r}, evidence=Path({str(evidence)!r})))"
        assert dies_at(lab, at, doing)
        report = session.upgrade(options(lab, tmp_path))
        assert report.ok, report.lines()
        until(watch.served, "users are served")
        assert watch.longest_s < ALLOWED_S
    assert report.earlier == ("running",)
    assert who_serves(lab) == lab.a.host
    assert session.status().healthy
    assert [node.status()["restarts"] for node in (lab.a, lab.b)] == [1, 1]
