"""The way to the primary, used by programs that know nothing of it: curl, httpx, check_netscaler."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
from appliances import Appliance
from bridge_lab import secrets_of
from bridge_office import NITRO, Office, bridge_office
from project import BIN
from waiting import until

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow
LOCAL = 'primary_hosts = { "127.0.0.1" = "office" }'
MEGABYTE = 1024 * 1024


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[Office]:
    with bridge_office(tmp_path, gatepair_pool, LOCAL) as office:
        office.form()
        yield office


def test_a_nitro_client_follows_the_primary_through_a_failover(office: Office) -> None:
    url = office.path + NITRO
    mine = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": secrets_of(office.lab)[0]}
    with office.client("operator") as client:
        before = client.get(f"{url}/nshostname", headers=mine)
        assert before.json()["errorcode"] == 0
        assert before.headers["gatepair-node"] == office.lab.a.address

        assert client.post(f"{office.path}/failover").status_code == 200
        body = {
            "nsip": {"ipaddress": f"{office.lab.network}.40", "netmask": "255.255.255.255", "type": "VIP"}
        }
        added = client.post(f"{url}/nsip", json=body)
        assert added.status_code == 201, added.text
        assert added.headers["gatepair-node"] == office.lab.b.address

        # A secondary that still synchronizes takes no change; the next synchronization brings it.
        secondary = Appliance(office.lab, office.lab.a)
        vip = f"{office.lab.network}.40"
        until(lambda: vip in {row["ipaddress"] for row in secondary.rows("nsip")}, "the secondary has it too")
        office.lab.b.kill()
        after = client.get(f"{url}/nsip/{office.lab.network}.40", headers=mine)
        assert after.status_code == 200, after.text
        assert after.headers["gatepair-node"] == office.lab.a.address


def test_the_way_to_the_primary_keeps_its_bounds(office: Office) -> None:
    url = office.path + NITRO
    with office.client("reader") as reader, office.client("operator") as operator:
        assert reader.get(f"{url}/nsip").status_code == 403
        assert reader.post(f"{url}/nsip", json={}).status_code == 403
        climbing = operator.get(f"{office.path}/primary/nitro/%252e%252e/other")
        assert climbing.status_code == 400
        login = {"login": {"username": "nsroot", "password": secrets_of(office.lab)[0]}}
        session = reader.post(f"{url}/login", json=login)
        assert session.status_code == 201, session.text
        assert f"path={office.path}/primary/nitro" in session.headers["set-cookie"]
        assert reader.get(f"{url}/nsip").json()["errorcode"] == 0


def port_of(office: Office) -> str:
    return office.service.url.rpartition(":")[2]


def monitored(office: Office, *words: str) -> str:
    """Run slauger/check_netscaler from the package index, unmodified, against the bridge."""
    where = ["-H", "127.0.0.1", "-P", port_of(office), "-u", "nsroot", "-p", secrets_of(office.lab)[0]]
    done = subprocess.run(
        [BIN / "check_netscaler", *where, *words], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout


def test_a_monitoring_plug_in_follows_the_pair_through_failover_and_loss(office: Office) -> None:
    assert "OK" in monitored(office, "-C", "hastatus")
    assert "OK - 1 certificate(s) OK" in monitored(office, "-C", "sslcert", "-w", "30", "-c", "10")
    with office.client("operator") as client:
        assert client.post(f"{office.path}/failover").status_code == 200
    assert "OK" in monitored(office, "-C", "hastatus")
    assert "OK - 1 certificate(s) OK" in monitored(office, "-C", "sslcert", "-w", "30", "-c", "10")
    office.lab.b.kill()
    assert "OK - 1 certificate(s) OK" in monitored(office, "-C", "sslcert", "-w", "30", "-c", "10")


def test_curl_uses_it_like_an_appliance(office: Office, tmp_path: Path) -> None:
    password = secrets_of(office.lab)[0]
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login nsroot password {password}\n")

    def curl(*words: str) -> tuple[str, str]:
        user = ["--netrc-file", str(tmp_path / "netrc")]
        trust = ["--noproxy", "*", "--cacert", str(tmp_path / "ca.pem")]
        url = f"{office.service.url}/nitro/v1/config/nsip"
        command = ["curl", "-sS", "-i", *trust, *user, *words, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        head, _, body = done.stdout.partition("\n\n")
        return head, body

    head, body = curl()
    assert f"gatepair-node: {office.lab.a.address}" in head
    assert json.loads(body)["errorcode"] == 0
    head, body = curl("-X", "POST", "-H", "content-type: application/json", "-d", "{}")
    assert json.loads(body)["status"] == 403
    assert password not in office.service.log.read_text()


def test_a_program_that_keeps_asking_through_a_failover_gets_an_answer_each_time(office: Office) -> None:
    mine = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": secrets_of(office.lab)[0]}
    url = f"{office.path}{NITRO}/nshostname"
    nodes: list[str] = []
    statuses: set[int] = set()
    ended = threading.Event()

    def ask() -> None:
        with office.client("reader") as client:
            while not ended.is_set():
                reply = client.get(url, headers=mine)
                statuses.add(reply.status_code)
                nodes.append(reply.headers.get("gatepair-node", ""))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        until(lambda: len(nodes) > 3, "it asks")
        office.lab.a.kill()
        until(lambda: office.lab.b.address in nodes, "the other node answers")
    finally:
        ended.set()
        asking.join(60)
    assert statuses == {200}
    assert set(nodes) == {office.lab.a.address, office.lab.b.address}


def test_a_large_body_goes_through_without_being_held(office: Office) -> None:
    bridge = psutil.Process(office.service.process.pid)
    url = f"{office.path}{NITRO}/systemfile"
    piece = b"x" * MEGABYTE

    def body() -> Iterator[bytes]:
        yield b'{"systemfile": {"filename": "big", "filelocation": "/var/tmp", "filecontent": "'
        for _ in range(64):
            yield piece
            highest[0] = max(highest[0], bridge.memory_info().rss)
        yield b'"}}'

    with office.client("operator") as client:
        client.get(url)
        before = bridge.memory_info().rss
        highest = [before]
        # The emulated appliance may think it too large; what counts is that it came from there.
        with contextlib.suppress(httpx.WriteError):
            reply = client.post(url, content=body(), headers={"content-type": "application/json"})
            assert reply.headers.get("gatepair-node") or reply.status_code in {413, 502, 504}, reply.text
    assert highest[0] - before < 24 * MEGABYTE


def test_credentials_of_a_caller_are_its_own(tmp_path: Path, gatepair_pool: LabPool) -> None:
    with bridge_office(tmp_path, gatepair_pool, "caller_credentials = true") as office:
        password = secrets_of(office.lab)[0]

        def basic(word: str) -> dict[str, str]:
            text = base64.b64encode(f"nsroot:{word}".encode()).decode()
            return {"gatepair-appliance-authorization": f"Basic {text}"}

        with office.client("reader") as client:
            assert client.get(f"{office.path}/status", headers=basic(password)).status_code == 200
            wrong = client.get(f"{office.path}/status", headers=basic("wrong-canary"))
            assert wrong.status_code in {200, 403}, wrong.text
            if wrong.status_code == 200:
                assert not wrong.json()["healthy"]
            assert client.get(office.path, headers=basic("wrong-canary")).status_code == 403
            assert client.get(office.path).status_code == 200
        log = office.service.log.read_text()
    assert '"as": "nsroot"' in log
    assert "wrong-canary" not in log
    assert password not in log
