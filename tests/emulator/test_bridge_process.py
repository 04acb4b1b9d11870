"""The bridge as a process of its own near an emulated pair: tokens, operations, a stop that harms nothing."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import httpx
import pytest
from appliances import Appliance
from bridge_lab import secrets_of
from bridge_office import Office, bridge_office, readable
from bridge_process import bridge_service
from waiting import until

from gatepair_bridge.api.operations import instant

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[Office]:
    with bridge_office(tmp_path, gatepair_pool) as office:
        yield office


def test_a_pair_is_formed_by_an_operation_that_is_followed_to_its_end(office: Office) -> None:
    with office.client("changer") as client:
        asked = {"prefer": "respond-async"}
        started = client.post("/v1/pairs", json=office.declared, params=office.query, headers=asked)
        assert started.status_code == 202, started.text
        location = started.headers["location"]
        until(lambda: client.get(location).json()["state"] != "running", "the operation ends")
        ended = client.get(location).json()
        assert (ended["state"], ended["status"]) == ("succeeded", 201), ended
        assert ended["result"] == readable(office.declared)
        assert ended["who"] == "changer"
        assert "tie" in [entry["step"] for entry in ended["progress"]]
        read = client.get(office.path, params=office.query)
        assert read.json() == readable(office.declared)
        stale = client.put(office.path, json=office.declared, headers={"if-match": '"stale"'})
        assert stale.status_code == 412
        assert client.delete(office.path).status_code == 204


def test_scopes_and_bounds_hold_and_no_secret_is_logged(office: Office) -> None:
    with office.client("reader") as reader, office.client("changer") as changer:
        assert reader.post("/v1/pairs", json=office.declared).status_code == 403
        dry = reader.post("/v1/pairs", json=office.declared, params=f"{office.query}&dry_run=true")
        assert dry.json()["dry_run"] is True
        assert reader.get("/v1/pairs/198.51.100.1,198.51.100.2").status_code == 403
        elsewhere = office.declared | {"shared_key": "file:/etc/passwd"}
        assert changer.post("/v1/pairs", json=elsewhere).status_code == 403
        assert httpx.get(f"{office.service.url}/v1/pairs", verify=office.trust, timeout=60).status_code == 401
        office.form()
        assert 'route="createPair"' in reader.get("/metrics").text
    written = office.service.log.read_text()
    audit = office.service.lines("gatepair_bridge.audit")
    assert [(line["who"], line["status"]) for line in audit] == [("changer", 403), ("changer", 201)]
    for secret in (*secrets_of(office.lab), *office.tokens.values()):
        assert secret not in written


def test_a_stopped_service_leaves_a_pair_that_the_next_one_completes(office: Office, tmp_path: Path) -> None:
    office.lab.a.add_fault(effect="latency", seconds=0.3, times=0)
    replies: list[int] = []

    def ask() -> None:
        try:
            with office.client("changer") as client:
                replies.append(
                    client.post("/v1/pairs", json=office.declared, params=office.query).status_code
                )
        except httpx.HTTPError:
            replies.append(0)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: len(Appliance(office.lab, office.lab.b).rows("hanode")) == 2, "the forming is half done")
    office.service.process.send_signal(signal.SIGTERM)
    assert office.service.process.wait(60) in {0, -signal.SIGTERM}
    asking.join(60)
    assert replies[0] in {0, 201, 409}

    office.lab.a.clear_faults()
    with bridge_service(tmp_path / "bridge.toml") as service:
        again = attrs.evolve(office, service=service)
        again.form()
        with again.client("reader") as client:
            assert client.get(office.path, params=office.query).json() == readable(office.declared)
            until(lambda: client.get(f"{office.path}/status").json()["healthy"], "the pair is healthy")


def test_two_bridges_side_by_side_share_nothing_and_keep_out_of_each_others_way(
    office: Office, tmp_path: Path
) -> None:
    office.form()
    (tmp_path / "second.toml").write_text((tmp_path / "bridge.toml").read_text())
    with bridge_service(tmp_path / "second.toml") as service:
        second = attrs.evolve(office, service=service)
        with office.client("changer") as here, second.client("changer") as there:
            seen = [client.get(office.path, params=office.query) for client in (here, there)]
            assert seen[0].headers["etag"] == seen[1].headers["etag"]
            unchanged = {"if-match": seen[0].headers["etag"]}
            slower = office.declared | {"heartbeat": {"hello_interval_ms": 400, "dead_interval_s": 4}}
            first = here.put(office.path, json=slower, params=office.query, headers=unchanged)
            assert first.status_code == 200, first.text
            late = there.put(office.path, json=office.declared, params=office.query, headers=unchanged)
            assert late.status_code == 412
            assert late.headers["etag"] == first.headers["etag"]
            assert there.get(office.path, params=office.query).json() == readable(slower)
            again = {"if-match": late.headers["etag"]}
            assert there.put(office.path, json=office.declared, headers=again).status_code == 200

            # An operation is known where it was started; one that has ended at once would be none.
            office.lab.a.add_fault(effect="latency", seconds=1, times=0)
            started = there.post("/v1/pairs", json=office.declared, headers={"prefer": "respond-async"})
            assert started.status_code == 202
            office.lab.a.clear_faults()
            location = started.headers["location"]
            assert here.get(location).json()["type"] == "urn:gatepair:error:nothing-here"
            until(lambda: there.get(location).json()["state"] == "succeeded", "the operation ends")


def test_a_second_change_of_a_pair_is_told_who_is_at_it(office: Office) -> None:
    office.lab.a.add_fault(effect="latency", seconds=0.3, times=0)
    # So that it cannot end before it is cancelled.
    office.lab.b.admin("PUT", "/stuck", {"sync": True})
    with office.client("changer") as client:
        first = client.post("/v1/pairs", json=office.declared, headers={"prefer": "respond-async"})
        assert first.status_code == 202, first.text
        second = client.put(office.path, json=office.declared)
        assert (second.status_code, second.json()["type"]) == (409, "urn:gatepair:error:change-under-way")
        assert second.json()["holder"]["who"] == "changer"
        # It holds the pair a moment after it was started, which may be in the next second.
        assert first.json()["started"] <= second.json()["holder"]["since"] <= instant(datetime.now(UTC))

        cancelled = client.post(f"{first.headers['location']}/cancel")
        assert cancelled.status_code == 202
        until(lambda: client.get(first.headers["location"]).json()["state"] == "cancelled", "it stops")
        for node in (office.lab.a, office.lab.b):
            node.clear_faults()
        office.form()
        assert client.get(office.path, params=office.query).json() == readable(office.declared)


def test_reads_go_on_while_a_stopping_service_lets_a_change_finish(office: Office) -> None:
    office.lab.a.add_fault(effect="latency", seconds=0.2, times=0)
    with office.client("changer") as client, office.client("reader") as reader:
        started = client.post("/v1/pairs", json=office.declared, headers={"prefer": "respond-async"})
        office.service.process.send_signal(signal.SIGTERM)
        # A request that came in is answered, and its connection closed then.
        states: set[str] = set()
        with contextlib.suppress(httpx.HTTPError):
            while True:
                states.add(reader.get(started.headers["location"]).json()["state"])
    assert office.service.process.wait(60) in {0, -signal.SIGTERM}
    assert states <= {"running", "succeeded", "cancelled"}
    # Nothing was cut off in the middle of a step: the change came to its end, or stopped between two.
    changes = office.service.lines("gatepair_bridge.audit")
    assert [(change["status"], change["problem"]) for change in changes] in (
        [(201, "")],
        [(409, "cancelled")],
        [],
    )
    if not changes:  # it had not begun
        assert all(
            len(Appliance(office.lab, node).rows("hanode")) == 1 for node in (office.lab.a, office.lab.b)
        )
    assert "Traceback" not in office.service.log.read_text()
