"""Upgrades: both appliances, with the ways in which they stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatepair.errors import PreflightFailed
from gatepair.workflows.upgrading.options import Thresholds, UpgradeOptions

if TYPE_CHECKING:
    from pathlib import Path

    from stage import Stage

# An emulated appliance takes the build from the archive's name; a real one would have to have it.
pytestmark = pytest.mark.backends("cassette", "emulator")
URL = "http://192.0.2.99/build-14.1-51.80_nc_64.tgz"
OTHER_RELEASE = "http://192.0.2.99/build-14.2-1.5_nc_64.tgz"


def options(tmp_path: Path, url: str = URL, **changes: Any) -> UpgradeOptions:
    return UpgradeOptions(url=url, evidence=tmp_path / "evidence.json", **changes)


def test_both_appliances(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        assert pair.plan_upgrade(options(tmp_path)).impact == "restart"
        report = pair.upgrade(options(tmp_path, backup_directory=tmp_path / "backups"))
        assert report.ok, report.lines()
        assert len(report.backups) == 2
        assert json.loads((tmp_path / "evidence.json").read_text())["verdict"] == "upgraded"
        assert pair.plan_upgrade(options(tmp_path)).steps == ()
        assert not pair.upgrade(options(tmp_path)).changed
        assert pair.status().primary == stage.a
        assert pair.status().healthy


def test_another_release_between_which_nothing_is_synchronized(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        report = pair.upgrade(options(tmp_path, OTHER_RELEASE, fail_back=False))
        assert report.ok, report.lines()
        assert pair.status().primary == stage.b


def test_appliances_that_are_no_pair(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        report = pair.upgrade(options(tmp_path))
        assert report.verdict == "not-ready"
        assert "formed" in {check.id for check in report.problems}
        with pytest.raises(PreflightFailed):
            pair.plan_upgrade(options(tmp_path))


def test_an_older_build(stage: Stage, tmp_path: Path) -> None:
    older = "http://192.0.2.99/build-13.1-49.13_nc_64.tgz"
    with stage.open() as pair:
        pair.converge()
        report = pair.upgrade(options(tmp_path, older))
        assert {check.id for check in report.problems} == {"newer-build"}


def test_an_archive_that_is_not_there(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        report = pair.upgrade(options(tmp_path, "file:///var/tmp/build-14.1-51.80_nc_64.tgz"))
        assert {check.id for check in report.problems} == {"build-source"}


def test_an_archive_that_cannot_be_unpacked(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        report = pair.upgrade(options(tmp_path, "http://192.0.2.99/x.tgz", build="14.1-51.80"))
        assert report.verdict == "stopped"
        assert "Extraction failed" in report.reason
        assert pair.status().healthy


def test_a_restart_that_is_stuck_and_the_run_after_it(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": True}))
        report = pair.upgrade(options(tmp_path, restart_s=2.0))
        assert report.verdict == "stopped"
        assert report.reason.startswith(stage.b)
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": False}))
        again = pair.upgrade(options(tmp_path))
        assert again.ok, again.lines()
        assert again.earlier == ("stopped",)
        assert pair.status().primary == stage.a


def test_a_virtual_server_that_the_new_build_does_not_have(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": True}))
        assert pair.upgrade(options(tmp_path, OTHER_RELEASE, restart_s=2.0)).verdict == "stopped"
        stage.by_hand("a", "POST", "lbvserver", {"lbvserver": {"name": "late", "servicetype": "HTTP"}})
        stage.by_hand("a", "POST", "nsconfig?action=save", {"nsconfig": {}})
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": False}))
        report = pair.upgrade(options(tmp_path, OTHER_RELEASE))
        assert {check.id for check in report.problems} == {"servers-kept"}
        assert pair.status().primary == stage.a
        allowed = Thresholds(missing_servers=1)
        assert pair.upgrade(options(tmp_path, OTHER_RELEASE, thresholds=allowed)).ok


def test_a_change_between_the_builds_that_was_not_saved(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": True}))
        assert pair.upgrade(options(tmp_path, OTHER_RELEASE, restart_s=2.0)).verdict == "stopped"
        stage.by_hand("a", "POST", "lbvserver", {"lbvserver": {"name": "late", "servicetype": "HTTP"}})
        stage.arrange(lambda lab: lab.b.admin("PUT", "/stuck", {"restart": False}))
        report = pair.upgrade(options(tmp_path, OTHER_RELEASE))
        assert "no-changes-meanwhile" in {check.id for check in report.problems}
        assert not report.changed
