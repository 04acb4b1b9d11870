"""The bridge as a process of its own near an emulated pair: tokens, operations, the way to the primary."""

from __future__ import annotations

import json
import signal
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import httpx
import pytest
import trustme
from appliances import Appliance, until
from bridge_lab import FASTER, secrets_of, write_pairs
from bridge_process import Service, bridge_service

from gatepair import load_config
from gatepair.documents import WRITE_ONLY_KEYS, pair_query, pair_to_document
from gatepair_bridge.api.tokens import new_token
from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow
SCOPES = {"reader": ["read"], "changer": ["read", "change"], "operator": ["read", "operate"]}
NITRO = "/primary/nitro/v1/config"


@attrs.frozen
class Office:
    """An emulated pair, the service beside it, and a client for each kind of token."""

    lab: Lab
    service: Service
    tokens: dict[str, str]
    trust: ssl.SSLContext
    declared: dict[str, object]
    query: str

    @property
    def path(self) -> str:
        return f"/v1/pairs/{self.declared['id']}"

    def client(self, token: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.tokens[token]}"}
        return httpx.Client(
            base_url=self.service.url, headers=headers, verify=self.trust, trust_env=False, timeout=120
        )

    def form(self) -> None:
        with self.client("changer") as client:
            reply = client.post("/v1/pairs", json=self.declared, params=self.query)
            assert reply.status_code == 201, reply.text


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "bridge.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = {name: new_token() for name in SCOPES}
    (tmp_path / "tokens.toml").write_text(
        "".join(
            f'[{name}]\nsha256 = "{digest}"\nscopes = {json.dumps(SCOPES[name])}\n'
            for name, (_, digest) in made.items()
        )
    )
    with Lab.start(tmp_path / "emulator", clock=FASTER) as lab:
        pair = load_config(write_pairs(lab, tmp_path)).pairs["office"]
        settings = tmp_path / "bridge.toml"
        settings.write_text(
            f"""
            bind = "127.0.0.1:0"
            pairs = "pairs.toml"
            tokens = "tokens.toml"
            certificate = "bridge.pem"
            key = "bridge.pem"
            secret_references = ["file:{lab.state_dir}/shared-key"]
            shutdown_grace_s = 0
            """
        )
        with bridge_service(settings) as service:
            yield Office(
                lab=lab,
                service=service,
                tokens={name: token for name, (token, _) in made.items()},
                trust=ssl.create_default_context(cafile=str(tmp_path / "ca.pem")),
                declared=pair_to_document(pair, write_only=True),
                query=pair_query(pair),
            )


def readable(document: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if key not in WRITE_ONLY_KEYS}


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
        assert httpx.get(f"{office.service.url}/v1/pairs", verify=office.trust).status_code == 401
        office.form()
        assert 'route="createPair"' in reader.get("/metrics").text
    written = office.service.log.read_text()
    audit = office.service.lines("gatepair_bridge.audit")
    assert [(line["who"], line["status"]) for line in audit] == [("changer", 403), ("changer", 201)]
    for secret in (*secrets_of(office.lab), *office.tokens.values()):
        assert secret not in written


def test_a_nitro_client_follows_the_primary_through_a_failover(office: Office) -> None:
    office.form()
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

        office.lab.b.kill()
        after = client.get(f"{url}/nsip/{office.lab.network}.40", headers=mine)
        assert after.status_code == 200, after.text
        assert after.headers["gatepair-node"] == office.lab.a.address


def test_the_way_to_the_primary_keeps_its_bounds(office: Office) -> None:
    url = office.path + NITRO
    with office.client("reader") as reader, office.client("operator") as operator:
        assert operator.get(f"{url}/nsip").json()["type"] == "urn:gatepair:error:not-a-pair"
        office.form()
        assert reader.get(f"{url}/nsip").status_code == 403
        assert reader.post(f"{url}/nsip", json={}).status_code == 403
        climbing = operator.get(f"{office.path}/primary/nitro/%252e%252e/other")
        assert climbing.status_code == 400
        login = {"login": {"username": "nsroot", "password": secrets_of(office.lab)[0]}}
        session = reader.post(f"{url}/login", json=login)
        assert session.status_code == 201, session.text
        assert f"path={office.path}/primary/nitro" in session.headers["set-cookie"]
        assert reader.get(f"{url}/nsip").json()["errorcode"] == 0


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
