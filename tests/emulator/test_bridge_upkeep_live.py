"""The work on a running pair through the bridge as a process of its own, users served throughout."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema_rs
import pytest
from bridge_lab import secrets_of
from bridge_office import Office, bridge_office, readable
from bridge_process import bridge_service
from waiting import until

from gatepair.probes import Probe, Target, Watch
from gatepair_bridge.api.openapi import openapi_document

if TYPE_CHECKING:
    import httpx

    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow
GATEWAY = "gateway.example.net"
URL = "http://192.0.2.99/build-14.1-51.80_nc_64.tgz"


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[Office]:
    (tmp_path / "backups").mkdir(mode=0o700)
    with bridge_office(
        tmp_path, gatepair_pool, 'firmware_urls = ["http://192.0.2.99/*"]', 'backups = "backups"'
    ) as office:
        office.form()
        yield office


def conforms(name: str, document: dict[str, Any]) -> None:
    """Hold a document against what the OpenAPI document says of it."""
    told = openapi_document()
    schema = {"components": told["components"], "$ref": f"#/components/schemas/{name}"}
    jsonschema_rs.Draft202012Validator(schema).validate(document)


def followed(office: Office, client: httpx.Client, path: str, body: dict[str, object]) -> dict[str, Any]:
    """Have something done by an operation, and give the operation when it has ended."""
    started = client.post(f"{office.path}/{path}", json=body, headers={"prefer": "respond-async"})
    assert started.status_code == 202, started.text
    location = started.headers["location"]
    until(lambda: client.get(location).json()["state"] != "running", f"{path} ends", limit_s=200)
    return client.get(location).json()


def healthy(office: Office, client: httpx.Client) -> None:
    until(lambda: client.get(f"{office.path}/status").json()["healthy"], "the pair is healthy")


def test_a_pair_is_verified(office: Office) -> None:
    with office.client("operator") as client:
        healthy(office, client)
        dry = client.post(f"{office.path}/verify", json={"server_name": GATEWAY}, params="dry_run=true")
        assert dry.json()["steps"], dry.text
        assert client.get(f"{office.path}/status").json()["primary"] == office.lab.a.address
        ended = followed(office, client, "verify", {"server_name": GATEWAY})
        assert (ended["state"], ended["status"]) == ("succeeded", 200), ended
        report = ended["result"]
        conforms("VerifyReport", report)
        assert report["verdict"] == "passed", report
        assert [part["part"] for part in report["parts"]] == ["forced", "fail-back"]
        assert report["target"]["address"] == office.lab.external
        assert client.get(f"{office.path}/status").json()["primary"] == office.lab.a.address
    written = office.service.log.read_text()
    assert not [secret for secret in secrets_of(office.lab) if secret in written]


def test_a_pair_is_synchronized_gets_a_new_key_and_is_restarted(office: Office) -> None:
    with office.client("operator") as client, office.client("changer") as changer:
        healthy(office, client)
        done = client.post(f"{office.path}/sync", json={})
        assert done.status_code == 200, done.text
        conforms("SyncResult", done.json())
        assert client.post(f"{office.path}/rotate-key", json={"shared_key": "env:X"}).status_code == 403
        key = {"shared_key": office.declared["shared_key"]}
        rotated = changer.post(f"{office.path}/rotate-key", json=key)
        assert rotated.status_code == 200, rotated.text
        conforms("KeyRotation", rotated.json())
        only = {"node": office.lab.b.address}
        restarted = followed(office, client, "restart", only)
        assert restarted["result"]["restarted"] == [office.lab.b.address], restarted
        conforms("RestartResult", restarted["result"])
        healthy(office, client)
        assert client.get(office.path, params=office.query).json() == readable(office.declared)


def test_verify_that_is_cancelled_leaves_users_served(office: Office) -> None:
    with office.client("operator") as client, office.client("changer") as changer:
        healthy(office, client)
        # So that it cannot end before it is cancelled: the old primary does not become a fit secondary.
        office.lab.a.admin("PUT", "/stuck", {"sync": True})
        started = client.post(
            f"{office.path}/verify", json={"server_name": GATEWAY}, headers={"prefer": "respond-async"}
        )
        location = started.headers["location"]
        until(lambda: len(client.get(location).json()["progress"]) > 1, "it is under way")
        second = client.post(f"{office.path}/sync", json={})
        assert (second.status_code, second.json()["holder"]["who"]) == (409, "operator")
        assert changer.post(f"{location}/cancel").status_code == 202
        office.lab.a.clear_faults()
        until(lambda: client.get(location).json()["state"] != "running", "it stops")
        assert client.get(location).json()["state"] in {"cancelled", "succeeded"}
        healthy(office, client)
        status = client.get(f"{office.path}/status").json()
        assert status["primary"] in {office.lab.a.address, office.lab.b.address}
        assert client.get(office.path, params=office.query).json() == readable(office.declared)


def builds(office: Office) -> set[str]:
    return {node.status()["build"] for node in (office.lab.a, office.lab.b)}


def test_a_pair_is_upgraded_with_users_at_the_door(office: Office, tmp_path: Path) -> None:
    asked: dict[str, object] = {"url": URL, "server_name": GATEWAY}
    with office.client("operator") as client:
        healthy(office, client)
        elsewhere = {"url": "http://192.0.2.98/build-14.1-51.80_nc_64.tgz"}
        assert client.post(f"{office.path}/upgrade", json=elsewhere).status_code == 403
        before = builds(office)
        planned = client.post(f"{office.path}/upgrade", json=asked, params="dry_run=true")
        assert planned.json()["steps"], planned.text
        assert builds(office) == before
        ended = followed(office, client, "upgrade", asked)
        report = ended["result"]
        conforms("UpgradeReport", report)
        assert report["verdict"] == "upgraded", report
        assert builds(office) == {report["target"]}
        assert report["users"]["watched"] is True
        assert {Path(backup["path"]).parent for backup in report["backups"]} == {tmp_path / "backups"}
        healthy(office, client)
        assert client.get(f"{office.path}/status").json()["primary"] == office.lab.a.address


def test_a_service_that_stops_in_an_upgrade_leaves_users_served_and_the_next_one_ends_it(
    office: Office, tmp_path: Path
) -> None:
    lab = office.lab
    target = Target(lab.external, lab.external_port, GATEWAY, lab.ca_file)
    with Watch(target, 0.1, (Probe.CONNECT, Probe.REQUEST)) as users:
        with office.client("operator") as client:
            healthy(office, client)
            until(users.served, "users are served")
            asked = {"prefer": "respond-async"}
            started = client.post(f"{office.path}/upgrade", json={"url": URL}, headers=asked)
            location = started.headers["location"]
            until(lambda: len(client.get(location).json()["progress"]) > 5, "it is under way")
        office.service.process.send_signal(signal.SIGTERM)
        assert office.service.process.wait(120) in {0, -signal.SIGTERM}
        assert "Traceback" not in office.service.log.read_text()
        until(users.served, "users are served though nobody works on the pair")
        with bridge_service(tmp_path / "bridge.toml") as service:
            again = attrs.evolve(office, service=service)
            with again.client("operator") as client:
                ended = followed(again, client, "upgrade", {"url": URL})
                assert ended["result"]["verdict"] == "upgraded", ended
                healthy(again, client)
        until(users.served, "users are served")
    assert len(builds(office)) == 1
