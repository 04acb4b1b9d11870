"""An appliance's credentials that come with a request: used for it alone, and seen nowhere."""

from __future__ import annotations

import base64
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bridge_fakes import CANARY, PAIR_PATH, A, Appliances, Client, through_asgi

from gatepair.config import Connections, Settings, Timeouts, Tls
from gatepair.errors import LoginRefused
from gatepair.models import Credentials, ManagementAddress, Secret, SecretReference
from gatepair_bridge.api.app import create_app
from gatepair_bridge.api.credentials import HEADER, appliance_credentials, fingerprint, with_credentials
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.faults import BadRequest, Forbidden
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

BASIC = "Basic " + base64.b64encode(f"alice:{CANARY}:x".encode()).decode()
OWN = Connections(common=Settings(password=SecretReference("env:GATEPAIR_BRIDGE_PASSWORD")))


class Recording(Appliances):
    """Appliances that keep what they were reached with."""

    def __init__(self) -> None:
        super().__init__()
        self.users: list[str] = []

    def open(self, pair: object, connections: Any, **more: Any) -> Any:
        self.users.append(connections.connection(A).credentials.username)
        return super().open(pair, connections, **more)


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def asked(recording: Recording) -> Iterator[Client]:
    with EmbeddedBridge(Sessions(OWN, open_session=recording.open), busy_wait_s=0) as bridge:
        yield Client(bridge)


def test_they_are_used_for_their_request_alone(
    asked: Client, recording: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert asked("GET", f"{PAIR_PATH}/status", headers={"authorization": BASIC}).status == 200
    assert asked("GET", f"{PAIR_PATH}/status").status == 200
    assert asked("GET", f"{PAIR_PATH}/status", headers={HEADER: BASIC}).status == 200
    assert recording.users == ["alice", "nsroot", "alice"]
    logged = str([vars(record) for record in caplog.records])
    assert "alice" in logged
    for secret in (CANARY, BASIC.partition(" ")[2]):
        assert secret not in logged


def test_what_the_appliance_thinks_of_them_is_the_callers_fault(asked: Client, recording: Recording) -> None:
    recording.error = LoginRefused("Invalid username or password", node=A, errorcode=354)
    refused = asked("GET", PAIR_PATH, headers={"authorization": BASIC})
    assert (refused.status, refused.json["errorcode"]) == (403, 354)
    assert asked("GET", PAIR_PATH).status == 502


def test_a_reply_is_not_given_to_who_has_other_credentials(
    asked: Client, declaration: dict[str, object]
) -> None:
    key = {"idempotency-key": "one"}
    assert asked("POST", "/v1/pairs", declaration, headers={**key, HEADER: BASIC}).status == 201
    assert asked("POST", "/v1/pairs", declaration, headers={**key, HEADER: BASIC}).status == 201
    assert asked("POST", "/v1/pairs", declaration, headers=key).status == 422


@pytest.mark.parametrize(
    "text",
    [
        "Basic",
        "Basic x",
        "Basic eDp5eg",
        "Bearer eDp5",
        "Basic Og==",
        "Basic eDo=",
        "Basic IDp5",
        "Basic w7o=",
    ],
)
def test_what_cannot_be_read_is_not_repeated(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        appliance_credentials({HEADER: text}, allowed=True)
    assert "eDp5" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_where_they_may_stand() -> None:
    plain, extra = {"authorization": BASIC}, {HEADER: BASIC}
    assert appliance_credentials({}, allowed=False) is None
    assert appliance_credentials({"authorization": "Bearer x"}, allowed=False) is None
    assert appliance_credentials(plain, allowed=True, tokens=True) is None
    for headers in (plain, extra):
        found = appliance_credentials(headers, allowed=True)
        assert found is not None
        assert (found.username, found.secret().reveal()) == ("alice", f"{CANARY}:x")
        assert CANARY not in repr(found)
        with pytest.raises(Forbidden):
            appliance_credentials(headers, allowed=False)


def test_trust_and_limits_stay_those_of_the_bridge() -> None:
    address = ManagementAddress.parse(A)
    tls, timeouts = Tls(ca_file=Path("/etc/ca.pem")), Timeouts(read_s=7)
    ways = Connections(
        common=Settings(timeouts=timeouts),
        appliances={address: Settings(username="root", password=Secret("theirs"), tls=tls)},
    )
    credentials = Credentials(username="alice", password=Secret(CANARY))
    for known in (A, "192.0.2.99"):
        way = with_credentials(ways, credentials).connection(known)
        assert (way.credentials, way.timeouts) == (credentials, timeouts)
    assert with_credentials(ways, credentials).connection(A).tls == tls
    assert ways.connection(A).credentials.username == "root"


def test_they_are_told_apart_without_being_kept() -> None:
    one = Credentials(username="alice", password=Secret("x"))
    other = Credentials(username="alice", password=Secret("y"))
    assert fingerprint(None) == b""
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(Credentials(username="alice", password=Secret("x")))


def test_a_service_takes_none_unless_told_to(appliances: Appliances) -> None:
    sessions = Sessions(OWN, open_session=appliances.open)
    networks = {"appliance_networks": ["192.0.2.0/24"]}
    strict = create_app(read_settings(None, networks), sessions=sessions)
    open_to_them = create_app(
        read_settings(None, {**networks, "caller_credentials": True}), sessions=sessions
    )
    headers = {"authorization": BASIC}
    assert through_asgi(strict, "GET", f"{PAIR_PATH}/status", headers=headers).status == 403
    assert through_asgi(open_to_them, "GET", f"{PAIR_PATH}/status", headers=headers).status == 200
    assert through_asgi(strict, "GET", f"{PAIR_PATH}/status").status == 200
