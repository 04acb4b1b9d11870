"""A pair's life through the SDK, on two emulated appliances."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import Talk, who_serves
from sdk_lab import QUICK, connections, declared
from waiting import until

from gatepair import AsyncPairSession, PairSession, errors
from gatepair.models import Interface, InternalVirtualIp, ManagementAddress, Network, VirtualIp
from gatepair.nitro import calls
from gatepair.workflows.core import ask

if TYPE_CHECKING:
    from gatepair.workflows.core import ProgressEvent
    from gatepair.workflows.report import PreflightReport
    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow


def open_sessions(lab: Lab) -> list[Any]:
    return [node.status()["nitro_sessions"] for node in (lab.a, lab.b)]


def verdicts(report: PreflightReport) -> list[tuple[str, str, str]]:
    """What came of each check; the evidence of one is a clock, which goes on."""
    return [(check.id, check.node, check.verdict) for check in report.checks]


def conflicts(lab: Lab) -> list[Any]:
    return [node.status()["conflicts"] for node in (lab.a, lab.b)]


class TestForming:
    def test_two_standalone_appliances_become_a_pair(self, lab: Lab) -> None:
        with PairSession(declared(lab), connections(lab)) as session:
            found = session.converge()
        assert session.trips.counted <= 13  # one address fewer to add than the fourteen allowed for two
        document = found.to_document()
        assert document["failover_pair"] == "formed"
        assert document["external_virtual_ip"] == {"address": lab.external, "netmask": "255.255.255.255"}
        with Talk(lab, lab.b) as b:
            assert [row["name"] for row in b.rows("vpnvserver")] == ["gateway"]
            assert [row["name"] for row in b.rows("authenticationldapaction")] == ["corp-ldap"]
            assert [row["certkey"] for row in b.rows("sslcertkey")] == ["gateway"]
            assert {lab.external, lab.internal} <= b.addresses()
        assert who_serves(lab) == lab.a.host

    @pytest.mark.usefixtures("formed")
    def test_a_status_takes_three_round_trips(self, lab: Lab) -> None:
        with PairSession(declared(lab), connections(lab)) as session:
            seen = session.status()
        assert (session.trips.counted, session.trips.polls) == (3, 0)
        assert seen.healthy, seen.problems
        assert [node.role for node in seen.nodes] == ["primary", "secondary"]

    def test_everything_is_saved_on_both(self, lab: Lab, formed: PairSession) -> None:
        before = formed.observe().to_document()
        for node in (lab.a, lab.b):
            node.kill()
        for node in (lab.a, lab.b):
            node.start(wait=False)
        for node in (lab.a, lab.b):
            node.wait_until_up()
        until(lambda: formed.status().healthy, "a healthy pair after a power cut")
        assert formed.observe().to_document() == before
        assert formed.plan().steps == ()
        assert until(lambda: who_serves(lab), "users are served")

    def test_both_faces_find_the_same(self, lab: Lab, formed: PairSession) -> None:
        async def look() -> tuple[Any, ...]:
            async with AsyncPairSession(declared(lab), connections(lab)) as session:
                found = await session.observe()
                seen, report, plan = await session.status(), await session.preflight(), await session.plan()
                network = await session.read_network(lab.b.address)
                return found.to_document(), seen.primary, verdicts(report), plan, network

        assert asyncio.run(look()) == (
            formed.observe().to_document(),
            formed.status().primary,
            verdicts(formed.preflight()),
            formed.plan(),
            formed.read_network(lab.b.address),
        )

    def test_asyncio_forms_a_pair(self, lab: Lab) -> None:
        async def form() -> Any:
            async with AsyncPairSession(declared(lab), connections(lab)) as session:
                await session.converge()
                return await session.status()

        assert asyncio.run(form()).healthy
        assert open_sessions(lab) == [0, 0]

    def test_sessions_are_ended(self, lab: Lab) -> None:
        with PairSession(declared(lab), connections(lab)) as session:
            session.status()
            assert open_sessions(lab) == [1, 1]
        assert open_sessions(lab) == [0, 0]

    def test_no_secret_is_logged_or_told(self, lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        told: list[ProgressEvent] = []
        with PairSession(declared(lab), connections(lab), progress=told.append) as session:
            session.converge()
        said = str([vars(record) for record in caplog.records]) + str(told)
        assert "PUT config/nsrpcnode" in said
        assert lab.password not in said
        assert lab.shared_key not in said

    def test_networks_come_with_the_pair_or_alone(self, lab: Lab, formed: PairSession) -> None:
        wanted = Network(host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False, monitor=False)})
        assert formed.converge_network(lab.b.address, wanted) == wanted
        assert formed.plan_network(lab.b.address, wanted).steps == ()
        assert formed.read_network(lab.a.address, ["host_name"]).host_name == "gw-a"
        assert formed.status().healthy


class TestFailover:
    def test_roles_swap_and_users_follow(self, lab: Lab, formed: PairSession) -> None:
        before = formed.observe().to_document()
        result = formed.failover()
        assert (result.changed, result.new_primary) == (True, lab.b.address)
        assert until(lambda: who_serves(lab) == lab.b.host, "users are served by the other one")
        assert formed.observe().to_document() == before
        assert formed.plan().steps == ()
        assert not formed.failover(to=lab.b.address).changed
        until(lambda: formed.status().healthy, "a healthy pair after the failover")
        assert formed.failover(to=lab.a.address).new_primary == lab.a.address

    def test_a_change_after_a_failover_lands_on_the_live_primary(self, lab: Lab, formed: PairSession) -> None:
        formed.failover()
        moved = f"{lab.network}.30"
        desired = declared(lab, external=VirtualIp(address=moved))
        assert "move-external" in [step.id for step in formed.plan(desired).steps]
        formed.converge(desired)
        for node in (lab.a, lab.b):
            with Talk(lab, node) as talk:
                assert moved in talk.addresses()
                assert lab.external not in talk.addresses()
                assert [row["ipv46"] for row in talk.rows("vpnvserver")] == [moved]
        assert moved in lab.b.status()["addresses"]
        assert formed.plan(desired).steps == ()

    def test_the_primary_is_killed_and_comes_back(self, lab: Lab, formed: PairSession) -> None:
        before = formed.observe().to_document()
        lab.a.kill()
        until(lambda: who_serves(lab) == lab.b.host, "the secondary takes over")
        seen = formed.status()
        assert (seen.failover_pair, seen.primary, seen.healthy) == ("formed", lab.b.address, False)
        assert formed.observe().to_document() == before
        lab.a.start()
        until(lambda: formed.status().healthy, "a healthy pair again")
        assert formed.status().primary == lab.b.address
        assert formed.observe().to_document() == before
        assert formed.plan().steps == ()

    def test_a_dead_peer_cannot_take_over(self, lab: Lab, formed: PairSession) -> None:
        lab.b.kill()
        until(lambda: "NOT UP" in str(_views(lab)), "the primary misses its peer")
        with pytest.raises(errors.FailoverRefused) as caught:
            formed.failover()
        assert caught.value.node == lab.a.address
        assert caught.value.errorcode
        assert who_serves(lab) == lab.a.host

    def test_a_primary_told_to_stay_does_not_give_way(self, lab: Lab, formed: PairSession) -> None:
        with Talk(lab, lab.a) as a:
            a.set("hanode", id=0, hastatus="STAYPRIMARY")
        with pytest.raises(errors.FailoverRefused, match="stay primary"):
            formed.failover()

    def test_standalone_appliances_have_nothing_to_swap(self, session: PairSession) -> None:
        with pytest.raises(errors.NotAPair):
            session.failover()


def _views(lab: Lab) -> list[tuple[str, str, str]]:
    with Talk(lab, lab.a) as a:
        return a.views()


class TestMending:
    def test_a_pair_dissolved_by_hand(self, lab: Lab, formed: PairSession) -> None:
        for node in (lab.a, lab.b):
            with Talk(lab, node) as talk:
                assert talk.remove("hanode/1").status_code == 200
        assert formed.observe().to_document()["failover_pair"] == "dissolved"
        assert "form" in [step.id for step in formed.plan().steps]
        formed.converge()
        assert formed.status().healthy
        assert conflicts(lab) == [{}, {}]

    @pytest.mark.parametrize("name", ["a", "b"])
    def test_a_peer_removed_on_one_side(self, lab: Lab, formed: PairSession, name: str) -> None:
        with Talk(lab, getattr(lab, name)) as talk:
            assert talk.remove("hanode/1").status_code == 200
        assert formed.observe().to_document()["failover_pair"] == "broken"
        formed.converge()
        assert formed.status().healthy, formed.status().problems

    def test_a_virtual_ip_removed_by_hand(self, lab: Lab, formed: PairSession) -> None:
        with Talk(lab, lab.a) as a:
            assert a.remove(f"nsip/{lab.internal}").status_code == 200
        assert formed.observe().to_document()["internal_virtual_ip"]["address"] == ""
        assert [step.id for step in formed.plan().steps] == ["add-internal", "save"]
        formed.converge()
        assert formed.observe().to_document()["internal_virtual_ip"]["address"] == lab.internal

    @pytest.mark.parametrize("name", ["a", "b"])
    def test_a_timer_changed_by_hand_on_either_node(self, lab: Lab, formed: PairSession, name: str) -> None:
        before = formed.observe().to_document()
        with Talk(lab, getattr(lab, name)) as talk:
            assert talk.set("hanode", id=0, deadinterval=7).status_code == 200
        assert formed.observe().to_document() != before
        formed.converge()
        assert formed.observe().to_document() == before

    def test_two_primaries(self, lab: Lab, formed: PairSession) -> None:
        """While no heartbeat passes one of them is held; when they pass again it is let go."""
        lab.a.cut_network()
        until(lambda: not formed.status().primary, "both are primary")
        assert formed.observe().to_document()["failover_pair"] == "broken"
        with pytest.raises(errors.SplitBrain):
            formed.converge()
        until(lambda: conflicts(lab) == [{}, {}], "one server for each address")
        assert formed.status().primary == lab.a.address
        lab.a.mend_network()
        formed.converge()
        assert formed.status().healthy, formed.status().problems

    def test_a_fresh_appliance_takes_the_place_of_a_dead_primary(self, lab: Lab, formed: PairSession) -> None:
        formed.failover()
        with Talk(lab, lab.a) as a:
            a.set("hanode", id=0, hastatus="STAYSECONDARY")
            a.remove("hanode/1")
            a.act("nsconfig", "clear", level="full", force=True)
        formed.converge()
        assert formed.status().primary == lab.b.address
        with Talk(lab, lab.a) as a:
            assert [row["name"] for row in a.rows("vpnvserver")] == ["gateway"]


class TestChanging:
    def test_the_internal_address(self, lab: Lab, formed: PairSession) -> None:
        moved = f"{lab.network}.31"
        desired = declared(lab, internal=InternalVirtualIp(address=moved, netmask="255.255.255.0"))
        document = formed.converge(desired).to_document()
        assert document["internal_virtual_ip"]["address"] == moved
        with Talk(lab, lab.b) as b:
            assert lab.internal not in b.addresses()

    def test_one_address_for_both(self, lab: Lab) -> None:
        shared = f"{lab.network}.40"
        desired = declared(
            lab,
            external=VirtualIp(address=shared, netmask="255.255.255.0"),
            internal=InternalVirtualIp(address=shared, netmask="255.255.255.0"),
        )
        with PairSession(desired, connections(lab)) as session:
            document = session.converge().to_document()
            assert session.plan().steps == ()
        assert document["external_virtual_ip"]["address"] == shared
        assert document["internal_virtual_ip"]["address"] == shared

    def test_failover_settings_on_both(self, lab: Lab, formed: PairSession) -> None:
        from gatepair.models import Failover, Heartbeat

        failover = Failover(
            heartbeat=Heartbeat.preset("access-gateway-5"), fail_safe=True, max_flips=3, max_flip_time_s=60
        )
        document = formed.converge(declared(lab, failover=failover)).to_document()
        assert document["heartbeat"] == {"hello_interval_ms": 1000, "dead_interval_s": 10}
        assert (document["fail_safe"], document["max_flips"], document["max_flip_time_s"]) == ("on", 3, 60)

    def test_tied_anew_for_different_networks(self, lab: Lab, formed: PairSession) -> None:
        import attrs

        desired = declared(lab, internal=None, failover=attrs.evolve(QUICK, independent_network=True))
        document = formed.converge(desired).to_document()
        assert document["independent_network"] == "enabled"
        assert formed.plan(desired).steps == ()
        assert who_serves(lab) == lab.a.host


class TestDissolving:
    def test_users_stay_with_the_primary(self, lab: Lab, formed: PairSession) -> None:
        result = formed.dissolve()
        assert (result.serving, result.freed) == (lab.a.address, lab.b.address)
        assert who_serves(lab) == lab.a.host
        assert {lab.external, lab.internal} <= set(lab.a.status()["addresses"])
        assert not {lab.external, lab.internal} & set(lab.b.status()["addresses"])
        assert conflicts(lab) == [{}, {}]
        assert [node.role for node in formed.status().nodes] == ["standalone", "standalone"]
        assert not formed.dissolve().changed

    def test_it_stays_so_after_a_power_cut(self, lab: Lab, formed: PairSession) -> None:
        formed.dissolve()
        lab.b.kill()
        lab.b.start()
        assert not {lab.external, lab.internal} & set(lab.b.status()["addresses"])
        assert who_serves(lab) == lab.a.host

    def test_it_is_formed_again(self, lab: Lab, formed: PairSession) -> None:
        formed.failover()
        formed.dissolve()
        formed.converge()
        assert formed.status().primary == lab.b.address
        assert formed.status().healthy


class TestTrouble:
    def test_resets_and_busy_answers_on_the_way(self, lab: Lab, session: PairSession) -> None:
        lab.a.add_fault(effect="reset-before", nth=3)
        lab.a.add_fault(effect="reset-after", method="PUT", nth=2)
        lab.b.add_fault(effect="error", status=503, method="PUT", nth=1)
        lab.b.add_fault(effect="reset-after", method="POST", path="hanode", nth=1)
        session.converge()
        assert session.status().healthy

    def test_sessions_killed_behind_our_back(self, lab: Lab, session: PairSession) -> None:
        session.status()
        for node in (lab.a, lab.b):
            with Talk(lab, node) as talk:
                assert talk.act("systemsession", "kill", all=True).status_code == 200
        assert len(session.status().nodes) == 2

    def test_a_shared_key_changed_in_the_middle(self, lab: Lab) -> None:
        """Somebody sets another key on the joining node: the error names it, users are served."""

        def meddle(event: ProgressEvent) -> None:
            if event.step == "release":
                with Talk(lab, lab.b) as b:
                    b.set("nsrpcnode", ipaddress=lab.a.host, password="other-key")

        with (
            PairSession(declared(lab), connections(lab), progress=meddle) as session,
            pytest.raises(errors.SyncFailed) as caught,
        ):
            session.converge()
        assert caught.value.node == lab.b.address
        assert "shared key" in caught.value.remedy
        assert who_serves(lab) == lab.a.host
        with PairSession(declared(lab), connections(lab)) as session:
            session.converge()
            assert session.status().healthy

    def test_a_restart_is_accepted(self, lab: Lab, formed: PairSession) -> None:
        formed._run(ask(ManagementAddress.parse(lab.b.address), calls.restart()))
        until(lambda: lab.b.status()["restarts"], "the appliance restarts")
        until(lambda: formed.status().healthy, "a healthy pair again")
