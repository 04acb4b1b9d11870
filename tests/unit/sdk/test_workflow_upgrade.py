"""An upgrade over appliances in memory: what it does, what stops it, and that users are served then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import ADDRESSES, EXTERNAL, A, B, FakePair, refused
from fake_runner import Runner
from fake_upkeep import (
    NEW,
    OLD,
    OTHER_RELEASE,
    OTHER_URL,
    URL,
    MaintainedPair,
    Served,
    Users,
    formed_pair,
    version,
)

from gatepair import errors
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.codes import Code
from gatepair.nitro.resources.system import NsVersion
from gatepair.private_files import keep_in
from gatepair.workflows.upgrading.evidence import UpgradeReport, evidence_text, read_before
from gatepair.workflows.upgrading.journal import Surroundings
from gatepair.workflows.upgrading.options import UpgradeOptions
from gatepair.workflows.upgrading.run import plan_upgrade, upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair.nitro.call import HttpRequest


@pytest.fixture
def pair() -> MaintainedPair:
    found = formed_pair()
    found.after.append(Served(EXTERNAL))
    return found


def run(pair: FakePair, url: str = URL, *, around: dict[str, Any] | None = None, **options: Any) -> Any:
    surroundings = Surroundings(started_at="2026-03-03T09:12:44+00:00", **(around or {}))
    return Runner(pair).run(upgrade(ADDRESSES, UpgradeOptions(url=url, **options), surroundings))


def plan(pair: FakePair, url: str = URL, **options: Any) -> Any:
    return Runner(pair).run(plan_upgrade(ADDRESSES, UpgradeOptions(url=url, **options)))


def builds(pair: MaintainedPair) -> list[str]:
    return [NsVersion(version=node.build).build for node in pair.nodes]


def problems(report: UpgradeReport) -> set[str]:
    return {check.id for check in report.problems}


# -- it goes well --------------------------------------------------------------------------------


@pytest.mark.parametrize(("url", "build"), [(URL, NEW), (OTHER_URL, OTHER_RELEASE)])
def test_both_run_the_new_build_and_the_roles_are_as_before(
    pair: MaintainedPair, url: str, build: str
) -> None:
    users = Users(pair, EXTERNAL)
    report = run(pair, url, users=users)
    assert report.verdict == "upgraded", report.lines()
    assert builds(pair) == [build, build]
    assert pair.a.role == "Primary"
    assert report.before.serving.build == OLD
    assert report.after.serving.build == build
    assert not report.problems
    assert [event.node for event in report.events if event.step == "install"] == [str(B), str(A)]
    assert users.watched == 0, "nobody watches any more"


def test_the_roles_stay_swapped_if_that_is_wanted(pair: MaintainedPair) -> None:
    assert run(pair, fail_back=False).ok
    assert pair.b.role == "Primary"


def test_another_primary_can_be_named_for_the_end(pair: MaintainedPair) -> None:
    assert run(pair, primary=B).ok
    assert pair.b.role == "Primary"


def test_the_same_once_more_changes_nothing(pair: MaintainedPair) -> None:
    run(pair)
    pair.requests.clear()
    report = run(pair)
    assert report.ok
    assert not report.changed
    assert plan(pair).steps == ()
    assert not [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]


def test_backups_of_what_is_old_come_first(pair: MaintainedPair, tmp_path: Path) -> None:
    report = run(pair, around={"keep": lambda *what: keep_in(tmp_path, *what)}, backup_directory=tmp_path)
    assert [backup.node for backup in report.backups] == [str(A), str(B)]
    assert {backup.build for backup in report.backups} == {OLD}
    kinds = [kind for _, _, kind in pair.requests]
    assert kinds.index("systembackup?create") < kinds.index("install")


def test_the_plan_tells_all_steps_and_changes_nothing(pair: MaintainedPair, tmp_path: Path) -> None:
    found = plan(pair, backup_directory=tmp_path)
    half = ["install", "restart", "release"]
    assert [step.id for step in found.steps] == [
        *("backup", "backup"),
        *half,
        "failover",
        *half,
        "failover",
    ]
    assert found.impact == "restart"
    assert not [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]


def test_an_answer_that_is_lost_is_no_lost_installation(pair: MaintainedPair) -> None:
    def lose(found: FakePair, node: Any, request: HttpRequest) -> Any:
        if not request.target.endswith("/install"):
            return None
        found._dispatch(node, request)
        return Breakdown(kind=BreakdownKind.TIMED_OUT, detail="ReadTimeout")

    pair.hooks.append(lose)
    assert run(pair).ok


def test_an_appliance_that_does_not_tell_what_is_installed_is_restarted_at_once(pair: MaintainedPair) -> None:
    pair.hooks.append(
        lambda _, __, request: (
            refused(400, Code.NO_SUCH_ARGUMENT) if "installedversion" in request.target else None
        )
    )
    assert run(pair).ok
    assert builds(pair) == [NEW, NEW]


# -- not ready -----------------------------------------------------------------------------------


def _held(pair: MaintainedPair) -> None:
    pair.a.hastatus = "STAYPRIMARY"


def _full(pair: MaintainedPair) -> None:
    pair.b.disk_used = 95


def _newer(pair: MaintainedPair) -> None:
    for node in pair.nodes:
        node.build = version("NS14.1: Build 60.1.nc")


def _unsynchronized(pair: MaintainedPair) -> None:
    pair.b.sync = "FAILED"


def _other_platform(pair: MaintainedPair) -> None:
    pair.b.platform = "450040"


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (_held, "released"),
        (_full, "disk-space"),
        (_newer, "newer-build"),
        (_unsynchronized, "synchronized"),
        (_other_platform, "same-platform"),
    ],
)
def test_nothing_is_changed_when_a_check_fails(pair: MaintainedPair, spoil: Any, check: str) -> None:
    spoil(pair)
    report = run(pair)
    assert report.verdict == "not-ready"
    assert check in problems(report)
    assert report.reason
    assert not report.changed
    assert not [one for one in pair.requests if one[2] in {"install", "reboot"}]
    with pytest.raises(errors.PreflightFailed):
        plan(pair)


@pytest.mark.parametrize("state", ["", "IN PROGRESS"])
def test_a_synchronization_under_way_is_waited_for(pair: MaintainedPair, state: str) -> None:
    left = [state, state, state, "SUCCESS"]

    def ends(fake: FakePair, node: Any, request: Any) -> None:
        if left and node is fake.b and request.target.endswith("/config/hanode"):
            fake.b.sync = left.pop(0)

    pair.hooks.append(ends)
    assert run(pair).ok


def test_an_older_build_is_allowed_if_that_is_said(pair: MaintainedPair) -> None:
    _newer(pair)
    assert run(pair, allow_downgrade=True).ok
    assert builds(pair) == [NEW, NEW]


def test_standalone_appliances_are_no_pair_to_upgrade() -> None:
    report = run(MaintainedPair())
    assert report.verdict == "not-ready"
    assert "formed" in problems(report)


def test_a_peer_that_is_gone_is_waited_for_and_then_told(pair: MaintainedPair) -> None:
    pair.b.up = False
    report = run(pair)
    assert report.verdict == "not-ready"
    assert "reachable" in problems(report)


def test_users_who_are_not_served_before_are_not_blamed_on_the_upgrade(pair: MaintainedPair) -> None:
    report = run(pair, users=Users(pair, EXTERNAL, blind_to="25.53"))
    assert report.verdict == "not-ready"
    assert problems(report) == {"users-served"}


def test_an_archive_that_is_not_on_the_disk_is_looked_for_first(pair: MaintainedPair) -> None:
    url = "file:///var/tmp/build-14.1-51.80_nc_64.tgz"
    pair.a.files["build-14.1-51.80_nc_64.tgz"] = b"archive"
    pair.b.files["other"] = b"x"
    report = run(pair, url)
    assert [(check.id, check.node) for check in report.problems] == [("build-source", str(B))]
    pair.b.files["build-14.1-51.80_nc_64.tgz"] = b"archive"
    assert run(pair, url).ok


# -- it stops ------------------------------------------------------------------------------------


def test_a_build_on_which_users_are_not_served_is_left_again(pair: MaintainedPair) -> None:
    report = run(pair, users=Users(pair, EXTERNAL, blind_to="51.80"))
    assert report.verdict == "stopped"
    assert "users are not served" in report.reason
    assert builds(pair) == [OLD, NEW]
    assert pair.a.role == "Primary", "users are served by the old build"
    assert {node.hastatus for node in pair.nodes} == {"ENABLED"}
    assert report.after.primary == str(A)


def test_a_build_on_which_a_virtual_server_is_down_is_left_again(pair: MaintainedPair) -> None:
    pair.ruined = "NetScaler NS14.151.80"
    report = run(pair)
    assert report.verdict == "stopped"
    assert problems(report) == {"servers-up"}
    assert pair.a.role == "Primary"
    assert pair.a.starts == 0, "the other one keeps the old build"


def test_a_lost_licence_stops_it_before_users_are_moved(pair: MaintainedPair) -> None:
    def lose(found: FakePair) -> None:
        if NEW.partition(": ")[2] in found.b.build:
            found.b.licensed = False

    pair.after.append(lose)
    report = run(pair)
    assert report.verdict == "stopped"
    assert problems(report) == {"licences-kept"}
    assert pair.a.role == "Primary"
    assert pair.b.hastatus == "ENABLED", "a doubtful second node is better than none"


def test_an_installation_that_is_refused_changes_nothing(pair: MaintainedPair) -> None:
    pair.hooks.append(
        lambda _, __, request: (
            refused(599, Code.INTERNAL_ERROR, " [No space on file system]")
            if request.target.endswith("/install")
            else None
        )
    )
    report = run(pair)
    assert report.verdict == "stopped"
    assert "No space" in report.reason
    assert report.reason.startswith(str(B))
    assert [node.starts for node in pair.nodes] == [0, 0]
    assert {node.hastatus for node in pair.nodes} == {"ENABLED"}


def test_an_archive_with_another_build_is_noticed_before_the_restart(pair: MaintainedPair) -> None:
    report = run(pair, build="14.1-51.81")
    assert report.verdict == "stopped"
    assert "51.80" in report.reason
    assert pair.b.starts == 0


def test_an_appliance_that_does_not_come_back_stops_it(pair: MaintainedPair) -> None:
    pair.b.stuck = True
    report = run(pair)
    assert report.verdict == "stopped"
    assert report.reason.startswith(str(B))
    assert pair.a.role == "Primary"
    pair.b.stuck = False
    again = run(pair)
    assert again.ok, again.lines()
    assert builds(pair) == [NEW, NEW]


def test_a_primary_that_dies_meanwhile_is_stood_in_for(pair: MaintainedPair) -> None:
    """The secondary is back, held, when its peer dies: it is let go, so that users are served."""
    pair.after.clear()
    users = Users(pair, EXTERNAL)

    def die(found: FakePair) -> None:
        if found.b.starts and found.b.hastatus == "STAYSECONDARY":
            found.a.up = False

    pair.after.append(die)
    report = run(pair, users=users)
    assert report.verdict == "stopped"
    pair.settle()
    assert pair.b.answers_on(EXTERNAL)
    assert pair.b.hastatus == "ENABLED"


def test_changes_made_between_the_builds_are_not_lost_in_silence(pair: MaintainedPair) -> None:
    pair.ruined = "NetScaler NS14.21.5.n"
    assert run(pair, OTHER_URL).verdict == "stopped"
    pair.ruined = ""
    pair.a.unsaved = True
    report = run(pair, OTHER_URL)
    assert report.verdict == "not-ready"
    assert problems(report) == {"no-changes-meanwhile"}
    pair.a.unsaved = False
    assert run(pair, OTHER_URL).ok


def test_a_run_that_is_out_of_time_reports_what_it_did(pair: MaintainedPair) -> None:
    pair.b.stuck = True
    options = UpgradeOptions(url=URL)
    report = Runner(pair).run(upgrade(ADDRESSES, options, Surroundings(started_at="now")), deadline_s=30.0)
    assert report.verdict == "stopped"
    assert pair.a.role == "Primary"


# -- memory --------------------------------------------------------------------------------------


def test_the_file_of_an_unfinished_run_tells_how_the_pair_was(pair: MaintainedPair, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"

    def record(report: UpgradeReport) -> None:
        path.write_text(evidence_text(report))

    pair.a.stuck = True
    first = run(pair, around={"record": record})
    assert first.verdict == "stopped"
    assert pair.b.role == "Primary"
    assert json.loads(path.read_text())["verdict"] == "stopped"
    pair.a.stuck = False
    before = read_before(path, first.id, first.target)
    second = run(pair, around={"record": record, "before": before})
    assert second.ok, second.lines()
    assert second.before.primary == str(A)
    assert {node.build for node in second.before.nodes} == {OLD}
    assert second.earlier == ("stopped",)
    assert pair.a.role == "Primary", "it remembers who served"


def test_without_a_memory_the_declared_primary_serves_in_the_end(pair: MaintainedPair) -> None:
    pair.a.stuck = True
    assert run(pair).verdict == "stopped"
    pair.a.stuck = False
    assert run(pair, around={"preferred": A}).ok
    assert pair.a.role == "Primary"
