"""Upkeep through both faces of a session: the same operations, files written once and privately."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import ADDRESSES, KEY, PASSWORD, A, B, declared
from fake_runner import FakeClock, behind
from fake_upkeep import URL, MaintainedPair, formed_pair

from gatepair import AsyncPairSession, PairSession, errors
from gatepair.config import Connections, Settings
from gatepair.models import Secret, SecretReference
from gatepair.workflows.upgrading.options import UpgradeOptions

if TYPE_CHECKING:
    from pathlib import Path


CONNECTIONS = Connections(common=Settings(password=Secret(PASSWORD)))
NEW_KEY = Secret("canary-new-shared-key-1")


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> MaintainedPair:
    return behind(monkeypatch, formed_pair())


def options(folder: Path) -> UpgradeOptions:
    return UpgradeOptions(url=URL, backup_directory=folder / "backups", evidence=folder / "evidence.json")


def told(report: Any) -> dict[str, object]:
    """A report without what differs from run to run."""
    found = report.to_dict()
    return {name: found[name] for name in ("verdict", "target", "checks", "readiness", "after")}


def test_both_faces_do_the_same(
    pair: MaintainedPair, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del pair
    with PairSession(declared(), CONNECTIONS, clock=FakeClock()) as session:
        results = [
            session.plan_synchronize().to_dict(),
            session.synchronize(files=True).to_dict(),
            session.plan_rotate_key().to_dict(),
            session.rotate_key(NEW_KEY, previous=Secret(KEY)).to_dict(),
            session.plan_restart(B).to_dict(),
            session.restart([B]).to_dict(),
            session.plan_backup(B).to_dict(),
            [one.sha256 for one in session.backup(tmp_path, level="basic")],
            session.plan_replace_node(B, B).to_dict(),
            session.replace_node(B, str(B)).to_dict(),
            session.plan_upgrade(options(tmp_path)).to_dict(),
            told(session.upgrade(options(tmp_path))),
        ]
    behind(monkeypatch, formed_pair())
    (tmp_path / "evidence.json").unlink()

    async def again() -> list[Any]:
        async with AsyncPairSession(declared(), CONNECTIONS, clock=FakeClock()) as it:
            return [
                (await it.plan_synchronize()).to_dict(),
                (await it.synchronize(files=True)).to_dict(),
                (await it.plan_rotate_key()).to_dict(),
                (await it.rotate_key(NEW_KEY, previous=Secret(KEY))).to_dict(),
                (await it.plan_restart(B)).to_dict(),
                (await it.restart([B])).to_dict(),
                (await it.plan_backup(B)).to_dict(),
                [one.sha256 for one in await it.backup(tmp_path, level="basic")],
                (await it.plan_replace_node(B, B)).to_dict(),
                (await it.replace_node(B, str(B))).to_dict(),
                (await it.plan_upgrade(options(tmp_path))).to_dict(),
                told(await it.upgrade(options(tmp_path))),
            ]

    assert asyncio.run(again()) == results


def test_the_evidence_is_private_and_holds_no_secret(pair: MaintainedPair, tmp_path: Path) -> None:
    del pair
    url = "scp://joe:canary-scp-44@192.0.2.99/build-14.1-51.80_nc_64.tgz"
    path = tmp_path / "made" / "evidence.json"
    with PairSession(declared(), CONNECTIONS, clock=FakeClock()) as session:
        report = session.upgrade(UpgradeOptions(url=url, evidence=path))
    text = path.read_text()
    assert json.loads(text)["verdict"] == report.verdict == "upgraded"
    for secret in ("canary-scp-44", PASSWORD, KEY):
        assert secret not in text
        assert secret not in repr(report)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_stopped_run_is_remembered_by_the_next_one(pair: MaintainedPair, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    pair.a.stuck = True
    with PairSession(ADDRESSES, CONNECTIONS, clock=FakeClock()) as session:
        assert session.upgrade(UpgradeOptions(url=URL, evidence=path)).verdict == "stopped"
    pair.a.stuck = False
    with PairSession(ADDRESSES, CONNECTIONS, clock=FakeClock()) as session:
        report = session.upgrade(UpgradeOptions(url=URL, evidence=path))
    assert report.ok
    assert report.earlier == ("stopped",)
    assert pair.a.role == "Primary"


def test_a_key_that_is_not_there_is_told_before_anything_is_asked(pair: MaintainedPair) -> None:
    with (
        PairSession(declared(), CONNECTIONS, clock=FakeClock()) as session,
        pytest.raises(errors.SecretUnavailable),
    ):
        session.rotate_key(SecretReference("env:GATEPAIR_TEST_NO_SUCH_KEY"))
    assert not pair.requests


def test_a_joining_node_is_backed_up_before_it_is_overwritten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pair = behind(monkeypatch, MaintainedPair())
    pair.b.config["lbvserver"]["own"] = {"name": "own", "ipv46": "0.0.0.0"}
    desired = declared(overwrite_joining_node=True)
    with PairSession(desired, CONNECTIONS, clock=FakeClock()) as session:
        session.converge(backup_directory=tmp_path / "backups")
    (made,) = (tmp_path / "backups").glob("*.tgz")
    assert "192.0.2.12" in made.name
    assert "own" not in pair.b.config["lbvserver"]


def test_a_restart_of_a_stranger_is_refused(pair: MaintainedPair) -> None:
    del pair
    with (
        PairSession(declared(), CONNECTIONS, clock=FakeClock()) as session,
        pytest.raises(errors.InvalidInput),
    ):
        session.restart("192.0.2.99")


def test_a_replacement_needs_a_declaration(pair: MaintainedPair) -> None:
    del pair
    with (
        PairSession((A, B), CONNECTIONS, clock=FakeClock()) as session,
        pytest.raises(errors.InvalidInput, match="declared"),
    ):
        session.replace_node(B, "192.0.2.13")
