"""Upkeep that takes no new build: synchronization on demand, a new shared key, restarts, backups."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from gatepair import Secret
from gatepair.errors import FailoverRefused, InvalidArgument, NotAPair, SyncFailed, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from stage import Stage

ARRANGED = pytest.mark.backends("cassette", "emulator")
NEW_KEY = Secret("canary-shared-key-90ab-new")


def test_a_synchronization_on_demand(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        assert pair.plan_synchronize().impact == "resync"
        done = pair.synchronize(files=True)
        assert (done.primary, done.secondary) == (stage.a, stage.b)
        assert pair.status().healthy


def test_standalone_appliances_have_nothing_to_synchronize(stage: Stage) -> None:
    with stage.open() as pair:
        for operation in (pair.synchronize, pair.plan_synchronize, pair.plan_rotate_key, pair.restart):
            with pytest.raises(NotAPair):
                operation()


@ARRANGED
def test_a_synchronization_that_is_switched_off(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.by_hand("b", "PUT", "hanode", {"hanode": {"id": 0, "hasync": "DISABLED"}})
        with pytest.raises(SyncFailed, match="is off"):
            pair.synchronize()


@ARRANGED
def test_a_key_that_differs(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        for address in (stage.a, stage.b):
            host = address.partition(":")[0]
            stage.by_hand("b", "PUT", "nsrpcnode", {"nsrpcnode": {"ipaddress": host, "password": "another"}})
        with pytest.raises(SyncFailed) as failed:
            pair.synchronize()
        assert failed.value.remedy
        assert pair.rotate_key(stage.shared_key).primary == stage.a
        assert pair.status().healthy


def test_a_new_key(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        assert next(step.id for step in pair.plan_rotate_key().steps) == "shared-key"
        done = pair.rotate_key(NEW_KEY, previous=stage.shared_key)
        assert done.nodes == (stage.a, stage.b)
        assert pair.status().healthy


@ARRANGED
def test_both_restart(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        assert pair.plan_restart().impact == "restart"
        done = pair.restart()
        assert done.restarted == (stage.b, stage.a)
        assert (done.failovers, done.primary) == (2, stage.a)
        assert pair.restart(unless_up_less_than_s=3600).restarted == ()
        assert pair.status().healthy


@ARRANGED
def test_a_secondary_that_is_held_takes_nothing_over(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.by_hand("b", "PUT", "hanode", {"hanode": {"id": 0, "hastatus": "STAYSECONDARY"}})
        with pytest.raises(FailoverRefused) as refused:
            pair.restart(stage.a)
        assert "STAYSECONDARY" in refused.value.message
        assert pair.restart(stage.b).restarted == (stage.b,)


def test_backups(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        assert [step.id for step in pair.plan_backup().steps] == ["backup", "backup"]
        made = pair.backup(tmp_path / "backups")
    assert [one.node for one in made] == [stage.a, stage.b]
    for one in made:
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256


@ARRANGED
def test_a_full_disk_has_no_room_for_a_backup(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        stage.arrange(lambda lab: lab.a.admin("PUT", "/hardware", {"disk_full": True}))
        with pytest.raises(Exception, match="No space") as full:
            pair.backup(tmp_path / "backups")
    assert getattr(full.value, "node", "") == stage.a
    assert not list(tmp_path.rglob("*.tgz"))


@ARRANGED
def test_a_peer_without_power(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.kill())
        for operation in (pair.synchronize, lambda: pair.rotate_key(NEW_KEY)):
            with pytest.raises(Unreachable) as gone:
                operation()
            assert gone.value.node == stage.b


@ARRANGED
def test_a_key_that_an_appliance_does_not_accept(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.add_fault(effect="refuse", code=399, method="PUT", path="nsrpcnode"))
        with pytest.raises(InvalidArgument):
            pair.rotate_key(NEW_KEY, previous=stage.shared_key)
        stage.arrange(lambda lab: lab.b.clear_faults())
        assert pair.status().healthy
