"""The bridge in process against an emulated pair: what the provider does with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from appliances import Appliance
from bridge_lab import BridgeLab, bridge_lab, secrets_of, shown, write_pairs
from waiting import until

from gatepair import load_config
from gatepair.documents import WRITE_ONLY_KEYS
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.sessions import Sessions

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow
OFF = {"heartbeat": "off", "monitor": "off", "state": "enabled"}
Document = dict[str, object]


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[BridgeLab]:
    with bridge_lab(tmp_path, gatepair_pool) as lab:
        yield lab


def readable(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in WRITE_ONLY_KEYS}


def test_a_pair_is_formed_read_and_dissolved(office: BridgeLab) -> None:
    before = office.read()
    assert before["failover_pair"] == "dissolved"

    created = office.form()
    assert created.status == 201, created.body
    assert created.json == readable(office.declared) == office.read()
    assert office.form().status == 201

    assert office("GET", f"{office.path}/status").json["healthy"] is True
    seen = {"if-none-match": created.headers["etag"]}
    assert office("GET", office.path, query=office.query, headers=seen).status == 304

    assert office("DELETE", office.path, query=office.query).status == 204
    assert office.read()["failover_pair"] == "dissolved"
    assert office("DELETE", office.path, query=office.query).status == 204


def test_a_dry_run_tells_the_steps_and_changes_nothing(office: BridgeLab) -> None:
    planned = office("POST", "/v1/pairs", office.declared, query=f"{office.query}&dry_run=true")
    assert planned.status == 200
    assert "form" in [step["id"] for step in planned.json["steps"]]
    assert office.read()["failover_pair"] == "dissolved"

    office.form()
    again = office("PUT", office.path, office.declared, query=f"{office.query}&dry_run=true")
    assert (again.json["steps"], again.json["impact"]) == ([], "none")


def test_a_failover_is_no_difference_and_a_change_lands_on_the_new_primary(office: BridgeLab) -> None:
    office.form()
    moved = office("POST", f"{office.path}/failover", {"to": office.lab.b.address})
    assert (moved.status, moved.json["new_primary"]) == (200, office.lab.b.address)
    assert office.read() == readable(office.declared)

    external = f"{office.lab.network}.30"
    changed = office.declared | {"external_virtual_ip": {"address": external, "netmask": "255.255.255.255"}}
    query = f"external={external}&internal={office.lab.internal}"
    assert office("PUT", office.path, changed, query=query).json == readable(changed)
    rows = Appliance(office.lab, office.lab.b).rows("nsip")
    assert external in {row["ipaddress"] for row in rows}
    assert office.lab.external not in {row["ipaddress"] for row in rows}


def test_a_pair_dissolved_by_hand_is_a_difference_that_an_update_mends(office: BridgeLab) -> None:
    office.form()
    for node in (office.lab.a, office.lab.b):
        Appliance(office.lab, node).request("DELETE", "hanode/1")
    assert office.read()["failover_pair"] == "dissolved"
    mended = office("PUT", office.path, office.declared, query=office.query)
    assert mended.status == 200, mended.body
    assert office.read() == readable(office.declared)


def test_one_dead_node_is_answered_for_by_the_other(office: BridgeLab) -> None:
    office.form()
    office.lab.a.kill()
    until(lambda: office.read()["failover_pair"] == "formed", "the survivor takes over")
    assert office.read() == readable(office.declared)
    assert office("DELETE", office.path).status == 504


def test_a_network_is_changed_and_read_by_its_managed_keys(office: BridgeLab) -> None:
    node = office.lab.b.address
    path = f"/v1/appliances/{node}/network"
    wanted = {"id": node, "host_name": "gw-b", "interfaces": {"1/2": OFF}}
    query = "keys=host_name,interfaces&interfaces=1/2"
    assert office("PUT", path, wanted, query=f"{query}&dry_run=true").json["steps"]
    assert office("PUT", path, wanted, query=query).json == wanted
    assert office("GET", path, query=query).json == wanted
    assert office("GET", path, query="keys=host_name").json == {"id": node, "host_name": "gw-b"}
    assert office("PUT", path, wanted, query=f"{query}&dry_run=true").json["steps"] == []
    assert office("DELETE", path, query=query).status == 204
    assert office("GET", f"/v1/appliances/{node}").json["host_name"] == "gw-b"


def test_virtual_ips_have_addresses_of_their_own(office: BridgeLab) -> None:
    office.form()
    lab = office.lab
    listed = office("GET", f"{office.path}/virtual-ips", query=office.query).json
    assert [(row["role"], row["address"]) for row in listed] == [
        ("external", lab.external),
        ("internal", lab.internal),
    ]
    new = f"{lab.network}.31"
    body = {"address": new, "netmask": "255.255.255.255", "role": "external", "management_access": ""}
    put = office("PUT", f"{office.path}/virtual-ips/{new}", body, query=office.query)
    assert (put.status, put.json) == (200, body)
    assert office("GET", f"{office.path}/virtual-ips/{lab.external}", query=office.query).status == 404
    assert office("DELETE", f"{office.path}/virtual-ips/{new}").status == 204
    left = office("GET", f"{office.path}/virtual-ips", query=office.query).json
    assert [row["address"] for row in left] == [new, lab.internal]


def test_what_stands_against_a_pair_is_told_before_any_change(office: BridgeLab) -> None:
    Appliance(office.lab, office.lab.b).request(
        "PUT", "systemuser", {"systemuser": {"username": "nsroot", "password": "Another-1"}}
    )
    problem = office.form()
    assert (problem.status, problem.json["type"]) == (409, "urn:gatepair:error:preflight-failed")
    assert problem.json["node"] == office.lab.b.address
    assert problem.json["remedy"]

    office.lab.b.kill()
    unreachable = office.form()
    assert (unreachable.status, unreachable.json["checks"][0]["verdict"]) == (409, "fail")
    assert unreachable.json["node"] == office.lab.b.address
    assert len(Appliance(office.lab, office.lab.a).rows("hanode")) == 1


def test_a_change_that_is_cancelled_goes_on_when_sent_again(office: BridgeLab) -> None:
    steps: list[str] = []

    def cancel_after_three(entry: object) -> None:
        steps.append(str(entry))
        if len(steps) == 3:
            office.bridge.cancel("The test cancelled it.")

    stopped = office("POST", "/v1/pairs", office.declared, query=office.query, on_progress=cancel_after_three)
    assert (stopped.status, stopped.json["type"]) == (409, "urn:gatepair:error:cancelled")
    assert office.form().status == 201
    assert office.read() == readable(office.declared)


def test_ten_threads_use_one_bridge(office: BridgeLab) -> None:
    networks = [f"/v1/appliances/{node.address}/network" for node in (office.lab.a, office.lab.b)]

    def work(number: int) -> int:
        if number == 0:
            return office.form().status
        if number % 3 == 1:
            path = networks[number % 2]
            body = {"id": path.split("/")[3], "interfaces": {"1/2": {"heartbeat": "on", "monitor": "off"}}}
            return office("PUT", path, body).status
        return office("GET", office.path, query=office.query).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(work, range(10)))
    assert statuses[0] == 201
    assert set(statuses[1:]) == {200}
    assert office.read() == readable(office.declared)


def test_no_secret_is_in_any_answer_or_log(office: BridgeLab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        office.form(),
        office("GET", office.path),
        office("GET", f"{office.path}/status"),
        office("POST", f"{office.path}/preflight", office.declared),
        office("POST", "/v1/pairs", office.declared | {"shared_key": "file:/nowhere"}),
        office("DELETE", office.path),
    ]
    seen = shown(caplog.records) + str([(answer.headers, answer.body) for answer in answers])
    assert "createPair" in seen
    for secret in secrets_of(office.lab):
        assert secret not in seen
        assert json.dumps(secret) not in seen


def test_a_wrong_password_is_told_with_node_and_remedy(office: BridgeLab, tmp_path: Path) -> None:
    (office.lab.state_dir / "wrong").write_text("not-the-password")
    (tmp_path / "wrong").mkdir()
    config = load_config(write_pairs(office.lab, tmp_path / "wrong", password_file="wrong"))
    with EmbeddedBridge(Sessions(config)) as bridge:
        status, _, body = bridge.request("GET", office.path)
    problem = json.loads(body)
    assert (status, problem["type"]) == (502, "urn:gatepair:error:login-refused")
    assert problem["node"] in {office.lab.a.address, office.lab.b.address}
    assert "not-the-password" not in body.decode()
