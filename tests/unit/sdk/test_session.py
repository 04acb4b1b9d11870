"""The two faces of a session: the same operations, the same results, the same errors."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import ADDRESSES, EXTERNAL, PASSWORD, A, B, FakePair, configured, declared
from fake_runner import FakeClock, behind

from gatepair import AsyncPairSession, PairSession, errors
from gatepair.config import Connections, Settings
from gatepair.models import Appliance, ManagementAddress, Pair, Secret, SecretReference, VirtualIp

if TYPE_CHECKING:
    from pathlib import Path


CONNECTIONS = Connections(common=Settings(password=Secret(PASSWORD)))


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> FakePair:
    """Two appliances in memory behind both transports."""
    found = FakePair()
    configured(found.a)
    return behind(monkeypatch, found)


def open_session(pair: Any = None, connections: Connections = CONNECTIONS, **options: Any) -> PairSession:
    return PairSession(pair or declared(), connections, clock=FakeClock(), **options)


def surface(kind: type) -> dict[str, tuple[Any, ...]]:
    """Public members with parameters, defaults and results; what is awaited counts as its result."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, member in inspect.getmembers(kind):
        if name.startswith("_") and name != "__init__":
            continue
        function = member.fget if isinstance(member, property) else member
        signature = inspect.signature(function)
        found[name] = (
            [(each.name, each.kind, each.default, each.annotation) for each in signature.parameters.values()],
            signature.return_annotation,
            isinstance(member, property),
        )
    return found


def test_both_faces_have_the_same_surface() -> None:
    plain, tasks = surface(PairSession), surface(AsyncPairSession)
    assert plain == tasks
    assert len(plain) > 12


def test_operations_of_the_async_face_are_awaited() -> None:
    for name in surface(AsyncPairSession):
        member = getattr(AsyncPairSession, name)
        assert name in {"__init__", "trips"} or inspect.iscoroutinefunction(member), name


def test_both_faces_do_the_same(pair: FakePair) -> None:
    other = FakePair()
    configured(other.a)
    with open_session() as session:
        results: list[Any] = [
            session.preflight().to_dict(),
            session.plan().to_dict(),
            session.converge().to_document(),
            session.status().to_dict(),
            session.appliance_status(str(B)).to_dict(),
            session.appliance(A).to_dict(),
            session.plan_failover().to_dict(),
            session.failover(to=B).to_dict(),
            session.read_network(A),
            session.plan_network(A, session.read_network(B)),
            session.plan_dissolve().to_dict(),
            session.dissolve().to_dict(),
            session.observe().to_document(),
            (session.trips.counted, session.trips.polls),
        ]
    pair.a, pair.b = other.a, other.b

    async def again() -> list[Any]:
        async with AsyncPairSession(declared(), CONNECTIONS, clock=FakeClock()) as it:
            return [
                (await it.preflight()).to_dict(),
                (await it.plan()).to_dict(),
                (await it.converge()).to_document(),
                (await it.status()).to_dict(),
                (await it.appliance_status(str(B))).to_dict(),
                (await it.appliance(A)).to_dict(),
                (await it.plan_failover()).to_dict(),
                (await it.failover(to=B)).to_dict(),
                await it.read_network(A),
                await it.plan_network(A, await it.read_network(B)),
                (await it.plan_dissolve()).to_dict(),
                (await it.dissolve()).to_dict(),
                (await it.observe()).to_document(),
                (it.trips.counted, it.trips.polls),
            ]

    assert asyncio.run(again()) == results


@pytest.mark.parametrize(
    "named", [ADDRESSES, (B, A), "192.0.2.11,192.0.2.12", "192.0.2.12:443,192.0.2.11", declared()]
)
def test_a_pair_is_named_in_several_ways(pair: FakePair, named: Any) -> None:
    with open_session(named) as session:
        assert session.status().id == "192.0.2.11,192.0.2.12"
    assert not pair.a.sessions


def test_what_is_no_pair_is_refused() -> None:
    with pytest.raises(errors.InvalidInput):
        open_session("192.0.2.11")


def test_an_operation_that_needs_a_declaration_says_so(pair: FakePair) -> None:
    del pair
    with open_session(ADDRESSES) as session, pytest.raises(errors.InvalidInput, match="declared"):
        session.converge()


def test_another_pair_is_not_made_in_this_session(pair: FakePair) -> None:
    del pair
    other = Pair(appliances=(Appliance(address="192.0.2.1"), Appliance(address="192.0.2.2")))
    with open_session() as session, pytest.raises(errors.InvalidInput):
        session.converge(other)


def test_the_declared_addresses_are_looked_for(pair: FakePair) -> None:
    pair.a.config["nsip"]["192.0.2.60"] = {"ipaddress": "192.0.2.60", "type": "VIP"}
    del pair.a.config["vpnvserver"]["gateway"]
    with open_session(declared(external=VirtualIp(address="192.0.2.60"))) as session:
        assert session.status().external == "192.0.2.60"
        assert session.observe(EXTERNAL).to_document()["external_virtual_ip"]["address"] == EXTERNAL  # type: ignore[index]
        assert session.observe("").to_document()["external_virtual_ip"]["address"] == ""  # type: ignore[index]


def test_sessions_are_ended_after_an_error(pair: FakePair) -> None:
    def fail() -> None:
        with open_session() as session:
            session.status()
            assert pair.a.sessions
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not pair.a.sessions
    assert not pair.b.sessions


def test_a_relative_key_file_starts_where_the_connections_say(pair: FakePair, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-key-in-a-file\n")
    connections = Connections(common=Settings(password=Secret(PASSWORD)), base=tmp_path)
    with open_session(declared(shared_key=SecretReference("file:key")), connections) as session:
        session.converge()
    assert set(pair.b.rpc.values()) == {"a-key-in-a-file"}


def test_a_missing_password_names_the_appliance(pair: FakePair) -> None:
    del pair
    with (
        open_session(connections=Connections()) as session,
        pytest.raises(errors.SecretUnavailable) as caught,
    ):
        session.status()
    assert caught.value.node == str(A)


def test_one_appliance_is_enough_for_its_own_network(pair: FakePair) -> None:
    with PairSession((A, A), CONNECTIONS, clock=FakeClock()) as session:
        assert session.read_network(A).host_name == "gw-a"
    assert not pair.b.logins


def test_a_deadline_holds_for_each_operation(pair: FakePair) -> None:
    pair.heartbeats = False
    with open_session(deadline_s=3) as session, pytest.raises(errors.DeadlineExceeded):
        session.converge()


def test_the_session_shows_no_secret(pair: FakePair) -> None:
    del pair
    with open_session() as session:
        session.status()
        assert PASSWORD not in repr(vars(session))


def test_importing_it_does_not_import_the_http_library() -> None:
    import subprocess
    import sys

    modules = "gatepair.sessions.plain, gatepair.sessions.asynchronous"
    script = f"import sys, {modules}; assert 'httpx' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_addresses_are_read_as_text(pair: FakePair) -> None:
    del pair
    with open_session() as session:
        assert session.appliance_status("192.0.2.12:443").address == str(
            ManagementAddress.parse("192.0.2.12")
        )
