"""A shared key that is rotated by raising its version, through the bridge, on an emulated pair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from appliances import Appliance
from bridge_lab import BridgeLab, bridge_lab
from waiting import until

from gatepair.documents import WRITE_ONLY_KEYS

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow
NEW = "canary-new-shared-key-7"


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[BridgeLab]:
    with bridge_lab(tmp_path, gatepair_pool) as lab:
        assert lab.form().status == 201
        (tmp_path / "new-key").write_text(NEW)
        yield lab


def raised(office: BridgeLab, version: int = 2) -> dict[str, object]:
    key = f"file:{office.file.parent / 'new-key'}"
    return office.declared | {"shared_key": key, "shared_key_version": version}


def put(office: BridgeLab, body: dict[str, object], changed: str | None = None) -> int:
    headers = {} if changed is None else {"Gatepair-Changed": changed}
    return office("PUT", office.path, body, query=office.query, headers=headers).status


def key_of_b(office: BridgeLab, key: str) -> None:
    """Give the secondary alone a key."""
    for node in (office.lab.a, office.lab.b):
        row = {"nsrpcnode": {"ipaddress": node.host, "password": key}}
        Appliance(office.lab, office.lab.b).request("PUT", "nsrpcnode", row)


def synchronizes(office: BridgeLab) -> bool:
    return office("POST", f"{office.path}/sync").status == 200


def test_a_raised_version_gives_both_nodes_the_key_and_keeps_the_pair(office: BridgeLab) -> None:
    dry = office("PUT", office.path, raised(office), query=f"{office.query}&dry_run=true").json
    assert [step["id"] for step in dry["steps"]] == ["shared-key", "shared-key", "synchronize", "save"]
    assert dry["impact"] == "resync"
    assert put(office, raised(office)) == 200
    readable = {key: value for key, value in office.declared.items() if key not in WRITE_ONLY_KEYS}
    assert office.read() == readable
    assert synchronizes(office)

    key_of_b(office, office.lab.shared_key)
    assert not synchronizes(office), "the old key is refused"
    key_of_b(office, NEW)
    assert synchronizes(office), "the new one is what the primary has"

    for node in (office.lab.a, office.lab.b):
        node.kill()
        node.start()
    until(lambda: office("GET", f"{office.path}/status").json.get("healthy") is True, "it was saved")


def test_a_rotation_that_was_cut_off_is_finished_by_the_same_update(office: BridgeLab) -> None:
    key_of_b(office, NEW)
    assert not synchronizes(office)
    body = raised(office) | {"max_flips": 4}
    assert put(office, body) == 200
    assert synchronizes(office)
    assert office.read()["max_flips"] == 4


def test_a_first_version_and_what_the_caller_did_not_change_leave_the_key(office: BridgeLab) -> None:
    assert put(office, raised(office, 1)) == 200
    assert put(office, raised(office), "preferred_primary") == 200
    key_of_b(office, office.lab.shared_key)
    assert synchronizes(office), "the key is the one of before"


def test_a_new_key_that_is_not_there_changes_nothing(office: BridgeLab) -> None:
    body = raised(office) | {"shared_key": "file:/nowhere", "max_flips": 4}
    answer = office("PUT", office.path, body, query=f"{office.query}&dry_run=true")
    assert (answer.status, answer.json["key"]) == (422, "shared_key")
    assert put(office, body) == 422
    assert office.read()["max_flips"] == 0
    assert synchronizes(office)
