"""Synchronization on demand, a new shared key, restarts and backups, over appliances in memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import ADDRESSES, EXTERNAL, KEY, A, B, FakePair, declared, no_reference, refused
from fake_runner import Runner
from fake_upkeep import MaintainedPair, formed_pair, release, version

from gatepair import errors
from gatepair.models import Failover, ManagementAddress, Secret
from gatepair.nitro.codes import Code
from gatepair.private_files import keep_in
from gatepair.workflows.backups import BackupLevel, back_up, plan_back_up
from gatepair.workflows.converge import converge
from gatepair.workflows.dissolve import dissolve
from gatepair.workflows.rekeying import converge_and_rotate, plan_rekeying
from gatepair.workflows.restarting import RestartOrder, plan_restart, restart
from gatepair.workflows.resync import plan_synchronize, synchronize
from gatepair.workflows.rotation import plan_rotate_key, rotate_key

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair.nitro.call import HttpRequest

NEW_KEY = Secret("canary-new-shared-key-1")
OLD_KEY = Secret(KEY)


@pytest.fixture
def pair() -> MaintainedPair:
    return formed_pair()


def changes(pair: FakePair) -> list[str]:
    return [f"{nsip} {kind}" for nsip, method, kind in pair.requests if method != "GET" and kind != "login"]


# -- synchronize ---------------------------------------------------------------------------------


def test_the_secondary_takes_over_the_configuration(pair: MaintainedPair) -> None:
    pair.b.config["sslcertkey"].clear()
    done = Runner(pair).run(synchronize(ADDRESSES, files=True))
    assert (done.primary, done.secondary, done.files) == (str(A), str(B), True)
    assert pair.b.config == pair.a.config
    assert "192.0.2.11 hafiles?sync" in changes(pair)
    assert done.to_dict()["secondary"] == str(B)


def test_a_synchronization_that_ran_already_is_not_the_one_asked_for(pair: MaintainedPair) -> None:
    # It may have read the configuration before what is to come over was written.
    busy = [refused(599, Code.SYNC_IN_PROGRESS)] * 2
    pair.hooks.append(lambda _, __, request: busy.pop() if busy and "hasync" in request.target else None)
    pair.b.config["sslcertkey"].clear()
    Runner(pair).run(synchronize(ADDRESSES))
    assert not busy
    assert pair.b.config == pair.a.config


def test_a_plan_of_a_synchronization_changes_nothing(pair: MaintainedPair) -> None:
    plan = Runner(pair).run(plan_synchronize(ADDRESSES, files=True))
    assert [step.id for step in plan.steps] == ["synchronize", "synchronize-files"]
    assert plan.impact == "resync"
    assert not changes(pair)


def test_synchronization_between_releases_is_refused_with_the_way_out(pair: MaintainedPair) -> None:
    pair.b.build = version("NS14.2: Build 1.5.nc")
    with pytest.raises(errors.SyncFailed, match="between different builds") as caught:
        Runner(pair).run(synchronize(ADDRESSES))
    assert "upgrade" in caught.value.remedy


def test_synchronization_that_is_switched_off_stays_off(pair: MaintainedPair) -> None:
    pair.b.settings["hasync"] = "DISABLED"
    with pytest.raises(errors.SyncFailed, match="is off"):
        Runner(pair).run(synchronize(ADDRESSES))
    assert not changes(pair)


def test_a_synchronization_that_fails_is_told(pair: MaintainedPair) -> None:
    pair.broken_key = True
    with pytest.raises(errors.SyncFailed):
        Runner(pair).run(synchronize(ADDRESSES))


@pytest.mark.parametrize("operation", [plan_synchronize, synchronize, plan_rotate_key])
def test_it_takes_two(operation: Any) -> None:
    with pytest.raises(errors.NotAPair):
        Runner(FakePair()).run(operation(ADDRESSES))
    pair = formed_pair()
    pair.b.up = False
    with pytest.raises(errors.Unreachable) as caught:
        Runner(pair).run(operation(ADDRESSES))
    assert caught.value.node == str(B)


# -- shared key ----------------------------------------------------------------------------------


def rotate(pair: FakePair, previous: Secret | None = None) -> Any:
    return Runner(pair).run(rotate_key(ADDRESSES, NEW_KEY, previous))


def test_both_have_the_new_key_and_use_it(pair: MaintainedPair) -> None:
    done = rotate(pair)
    assert done.nodes == (str(A), str(B))
    assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {NEW_KEY.reveal()}
    assert pair.b.sync == "SUCCESS"
    assert not any(node.unsaved for node in pair.nodes)
    assert NEW_KEY.reveal() not in repr(done) + str(done.to_dict())
    assert changes(pair)[:2] == ["192.0.2.12 nsrpcnode"] * 2, "the secondary first"


def test_a_plan_of_a_rotation_holds_no_key(pair: MaintainedPair) -> None:
    plan = Runner(pair).run(plan_rotate_key(ADDRESSES))
    assert [step.id for step in plan.steps] == ["shared-key", "shared-key", "synchronize", "save"]
    assert not changes(pair)


def test_without_synchronization_the_key_is_written_and_nothing_waited_for(pair: MaintainedPair) -> None:
    off = declared(failover=Failover(synchronization=False))
    Runner(pair).run(converge(ADDRESSES, off, no_reference))
    assert [step.id for step in Runner(pair).run(plan_rotate_key(ADDRESSES)).steps][-1] == "save"
    rotate(pair)
    assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {NEW_KEY.reveal()}


def test_a_pair_is_changed_and_has_the_declared_key_in_the_end(pair: MaintainedPair) -> None:
    desired = declared(failover=Failover(max_flips=3), shared_key=NEW_KEY)
    plan = Runner(pair).run(plan_rekeying(ADDRESSES, desired, no_reference))
    ids = [step.id for step in plan.steps]
    assert ids[:4] == ["shared-key", "shared-key", "synchronize", "save"]
    assert "failover-settings" in ids
    assert not changes(pair)
    found = Runner(pair).run(converge_and_rotate(ADDRESSES, desired, no_reference))
    assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {NEW_KEY.reveal()}
    assert found.to_document()["max_flips"] == 3
    again = Runner(pair).run(plan_rekeying(ADDRESSES, desired, no_reference))
    assert [step.id for step in again.steps] == ids[:4]


def test_a_pair_that_is_formed_anew_has_the_declared_key_too(pair: MaintainedPair) -> None:
    Runner(pair).run(dissolve(ADDRESSES))
    desired = declared(shared_key=NEW_KEY)
    plan = Runner(pair).run(plan_rekeying(ADDRESSES, desired, no_reference))
    assert [step.id for step in plan.steps][-4:] == ["shared-key", "shared-key", "synchronize", "save"]
    Runner(pair).run(converge_and_rotate(ADDRESSES, desired, no_reference))
    assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {NEW_KEY.reveal()}
    assert pair.a.role == "Primary"


def test_a_key_that_is_not_there_is_told_before_anything_is_changed(pair: MaintainedPair) -> None:
    desired = declared(failover=Failover(max_flips=3), shared_key=None)
    for flow in (plan_rekeying, converge_and_rotate):
        with pytest.raises(errors.SecretUnavailable, match="no shared key is declared"):
            Runner(pair).run(flow(ADDRESSES, desired, no_reference))
    assert not changes(pair)


def _refuse_on(nsip: str, value: str) -> Any:
    def refuse(_: FakePair, node: Any, request: HttpRequest) -> Any:
        told = node.nsip == nsip and "nsrpcnode" in request.target and request.method == "PUT"
        return refused(400, Code.PASSWORD_TOO_SHORT) if told and value.encode() in request.body else None

    return refuse


def test_a_key_the_secondary_refuses_changes_nothing(pair: MaintainedPair) -> None:
    pair.hooks.append(_refuse_on("192.0.2.12", NEW_KEY.reveal()))
    with pytest.raises(errors.InvalidArgument) as caught:
        rotate(pair)
    assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {KEY}
    assert NEW_KEY.reveal() not in str(caught.value)


@pytest.mark.parametrize("known", [True, False])
def test_a_key_only_the_primary_refuses_is_taken_back_if_that_can_be(
    pair: MaintainedPair,
    known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    pair.hooks.append(_refuse_on("192.0.2.11", NEW_KEY.reveal()))
    with pytest.raises(errors.InvalidArgument) as caught:
        rotate(pair, OLD_KEY if known else None)
    assert set(pair.a.rpc.values()) == {KEY}
    assert set(pair.b.rpc.values()) == {KEY if known else NEW_KEY.reveal()}
    assert ("different keys" in caught.value.remedy) is not known


def test_a_key_that_does_not_help_is_told(pair: MaintainedPair) -> None:
    pair.broken_key = True
    with pytest.raises(errors.SyncFailed, match="did not take over") as caught:
        rotate(pair)
    assert "Both appliances have the new key" in caught.value.remedy


# -- restart -------------------------------------------------------------------------------------


class Served:
    """Watches at every request that users are served."""

    def __call__(self, pair: FakePair) -> None:
        assert sum(node.answers_on(EXTERNAL) for node in pair.nodes) == 1


def order(*nodes: ManagementAddress, **options: Any) -> RestartOrder:
    return RestartOrder(nodes=nodes or ADDRESSES, **options)


def test_both_restart_one_after_the_other_and_users_are_served(pair: MaintainedPair) -> None:
    pair.after.append(Served())
    done = Runner(pair).run(restart(ADDRESSES, order()))
    assert done.restarted == (str(B), str(A))
    assert (done.failovers, done.primary) == (2, str(A))
    assert [node.starts for node in pair.nodes] == [1, 1]
    assert pair.b.sync == "SUCCESS"


def test_the_secondary_restarts_without_a_failover(pair: MaintainedPair) -> None:
    pair.after.append(Served())
    done = Runner(pair).run(restart(ADDRESSES, order(B)))
    assert (done.restarted, done.failovers, done.primary) == ((str(B),), 0, str(A))


def test_the_roles_stay_swapped_if_that_is_wanted(pair: MaintainedPair) -> None:
    done = Runner(pair).run(restart(ADDRESSES, order(A, fail_back=False)))
    assert (done.failovers, done.primary) == (1, str(B))


def test_what_is_not_saved_is_saved_before_a_restart(pair: MaintainedPair) -> None:
    pair.b.settings["deadinterval"] = 7
    pair.b.unsaved = True
    Runner(pair).run(restart(ADDRESSES, order(B)))
    assert pair.b.settings["deadinterval"] == 7


def test_what_has_just_been_restarted_is_left_alone(pair: MaintainedPair) -> None:
    pair.b.starts = 15
    done = Runner(pair).run(restart(ADDRESSES, order(unless_up_less_than_s=15)))
    assert (done.restarted, done.left) == ((str(A),), (str(B),))


def test_nobody_is_restarted_when_nobody_takes_over(pair: MaintainedPair) -> None:
    pair.b.hastatus = "STAYSECONDARY"
    for nodes in ((A,), ADDRESSES):
        with pytest.raises(errors.FailoverRefused, match="STAYSECONDARY"):
            Runner(pair).run(restart(ADDRESSES, order(*nodes)))
    assert [node.starts for node in pair.nodes] == [0, 0]


def test_with_force_users_wait(pair: MaintainedPair) -> None:
    pair.b.up = False
    with pytest.raises(errors.FailoverRefused):
        Runner(pair).run(restart(ADDRESSES, order(A)))
    plan = Runner(pair).run(plan_restart(ADDRESSES, order(A, force=True)))
    assert plan.impact == "outage"
    done = Runner(pair).run(restart(ADDRESSES, order(A, force=True)))
    assert done.restarted == (str(A),)
    assert pair.a.role == "Primary"


def test_an_appliance_that_does_not_come_back_is_named(pair: MaintainedPair) -> None:
    pair.b.stuck = True
    pair.after.append(Served())
    with pytest.raises(errors.DeadlineExceeded, match="come back") as caught:
        Runner(pair).run(restart(ADDRESSES, order()))
    assert caught.value.node == str(B)
    assert pair.a.starts == 0


def test_standalone_appliances_are_restarted_only_with_force() -> None:
    pair = MaintainedPair()
    with pytest.raises(errors.NotAPair):
        Runner(pair).run(restart(ADDRESSES, order(B)))
    assert Runner(pair).run(restart(ADDRESSES, order(B, force=True))).restarted == (str(B),)


def test_a_stranger_is_not_restarted(pair: MaintainedPair) -> None:
    with pytest.raises(errors.InvalidInput):
        Runner(pair).run(restart(ADDRESSES, order(ManagementAddress.parse("192.0.2.77"))))


def test_a_plan_of_restarts_tells_who_serves_when(pair: MaintainedPair) -> None:
    plan = Runner(pair).run(plan_restart(ADDRESSES, order()))
    assert [(step.id, step.node) for step in plan.steps] == [
        ("restart", str(B)),
        ("failover", str(B)),
        ("restart", str(A)),
        ("failover", str(A)),
    ]
    assert plan.impact == "restart"
    assert not changes(pair)


# -- backup --------------------------------------------------------------------------------------


def test_a_backup_is_downloaded_checked_and_not_left_behind(pair: MaintainedPair, tmp_path: Path) -> None:
    folder = tmp_path / "backups"

    def keep(name: str, content: bytes, checksum: str) -> Path:
        return keep_in(folder, name, content, checksum)

    made = Runner(pair).run(back_up(ADDRESSES, keep))
    assert [backup.node for backup in made] == [str(A), str(B)]
    for backup in made:
        content = backup.path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == backup.sha256
        assert (backup.size, backup.level) == (len(content), "full")
        assert backup.path.stat().st_mode & 0o777 == 0o600
        assert release(pair.a) in "NetScaler " + backup.build
        assert backup.path.with_name(f"{backup.path.name}.sha256").read_text().split()[0] == backup.sha256
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not pair.a.files
    assert not pair.b.files


def test_a_plan_of_a_backup_makes_none(pair: MaintainedPair) -> None:
    plan = Runner(pair).run(plan_back_up(ADDRESSES))
    assert [step.node for step in plan.steps] == [str(A), str(B)]
    assert not changes(pair)


def test_a_backup_that_is_no_file_is_an_error_and_removed(pair: MaintainedPair) -> None:
    kept: list[str] = []

    def damage(found: FakePair, node: Any, request: HttpRequest) -> Any:
        if "systemfile" not in request.target:
            return None
        answer = found._dispatch(node, request)
        return type(answer)(status=200, body=answer.body.replace(b'"filecontent": "', b'"filecontent": "!'))

    pair.hooks.append(damage)
    with pytest.raises(errors.UnexpectedReply):
        Runner(pair).run(back_up([A], lambda name, *_: kept.append(name), BackupLevel.BASIC))
    assert not kept
    assert not pair.a.files


def test_a_disk_that_is_full_is_told(pair: MaintainedPair, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(errors.LocalFileError):
        Runner(pair).run(back_up([A], lambda *what: keep_in(tmp_path / "file" / "backups", *what)))
