"""What a status says of a pair in each of its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    A,
    B,
    FakeAppliance,
    FakePair,
    configured,
    declared,
    done,
    no_reference,
    refused,
)
from fake_runner import Runner

from gatepair import errors
from gatepair.models import NETWORK_KEYS, Interface, Network
from gatepair.nitro.codes import Code
from gatepair.workflows.appliance import appliance
from gatepair.workflows.converge import converge
from gatepair.workflows.networks import converge_network, plan_network, read_network
from gatepair.workflows.observe import observe
from gatepair.workflows.status import appliance_status, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.nitro.call import HttpRequest, HttpResponse


@pytest.fixture
def pair() -> FakePair:
    found = FakePair()
    configured(found.a)
    Runner(found).run(converge(ADDRESSES, declared(), no_reference))
    found.requests.clear()
    return found


def look(pair: FakePair) -> Any:
    return Runner(pair).run(status(ADDRESSES))


def test_a_healthy_pair(pair: FakePair) -> None:
    seen = look(pair)
    assert seen.healthy
    assert seen.problems == ()
    assert (seen.failover_pair, seen.primary, seen.external, seen.internal) == (
        "formed",
        str(A),
        EXTERNAL,
        INTERNAL,
    )
    assert [node.role for node in seen.nodes] == ["primary", "secondary"]
    assert [node.sync for node in seen.nodes] == ["-", "SUCCESS"]
    assert seen.to_dict()["nodes"][0]["version"] == "NS14.1: Build 25.53.nc"


def _dead_secondary(pair: FakePair) -> None:
    pair.b.up = False
    pair.settle()


def _dead_primary(pair: FakePair) -> None:
    pair.a.up = False
    pair.settle()


def _split(pair: FakePair) -> None:
    pair.heartbeats = False
    pair.settle()


def _dissolved(pair: FakePair) -> None:
    pair.a.peer = pair.b.peer = None
    pair.settle()


def _one_sided(pair: FakePair) -> None:
    pair.b.peer = None
    pair.settle()


def _held(pair: FakePair) -> None:
    pair.b.hastatus = "STAYSECONDARY"


def _nobody(pair: FakePair) -> None:
    pair.a.hastatus = pair.b.hastatus = "STAYSECONDARY"
    pair.settle()


def _unsaved(pair: FakePair) -> None:
    pair.a.unsaved = True


def _failed_sync(pair: FakePair) -> None:
    pair.b.sync = "FAILED"


def _different_builds(pair: FakePair) -> None:
    pair.b.build = pair.b.build.replace("25.53", "21.57")


def _different_timers(pair: FakePair) -> None:
    pair.b.settings["deadinterval"] = 4


@pytest.mark.parametrize(
    ("spoil", "shape", "problem"),
    [
        (_dead_secondary, "formed", "192.0.2.12 does not answer"),
        (_dead_primary, "formed", "192.0.2.11 does not answer"),
        (_split, "broken", "Both appliances are primary"),
        (_dissolved, "dissolved", "standalone"),
        (_one_sided, "broken", "192.0.2.12 has no peer"),
        (_held, "formed", "held as STAYSECONDARY"),
        (_nobody, "broken", "Neither appliance is primary"),
        (_unsaved, "formed", "not saved"),
        (_failed_sync, "formed", "Synchronization is not done: FAILED"),
        (_different_builds, "formed", "different firmware"),
        (_different_timers, "formed", "different failover settings"),
    ],
)
def test_each_trouble_has_a_sentence(
    pair: FakePair, spoil: Callable[[FakePair], None], shape: str, problem: str
) -> None:
    spoil(pair)
    seen = look(pair)
    assert seen.failover_pair == shape
    assert not seen.healthy
    assert any(problem in sentence for sentence in seen.problems), seen.problems


def test_a_silent_pair_is_an_error(pair: FakePair) -> None:
    pair.a.up = pair.b.up = False
    with pytest.raises(errors.Unreachable, match=r"neither does 192\.0\.2\.12"):
        look(pair)


def test_the_document_of_a_pair_with_a_dead_node_comes_from_the_survivor(pair: FakePair) -> None:
    before = Runner(pair).run(observe(ADDRESSES, external=EXTERNAL, internal=INTERNAL)).to_document()
    _dead_primary(pair)
    after = Runner(pair).run(observe(ADDRESSES, external=EXTERNAL, internal=INTERNAL)).to_document()
    assert after == before


def test_the_document_of_a_dissolved_pair_shows_it(pair: FakePair) -> None:
    _dissolved(pair)
    document = Runner(pair).run(observe(ADDRESSES)).to_document()
    assert document["failover_pair"] == "dissolved"
    assert document["external_virtual_ip"]["address"] == EXTERNAL


def test_an_address_that_is_gone_reads_as_none(pair: FakePair) -> None:
    for node in pair.nodes:
        del node.config["nsip"][INTERNAL]
    document = Runner(pair).run(observe(ADDRESSES, external=EXTERNAL, internal=INTERNAL)).to_document()
    assert document["internal_virtual_ip"] == {"address": "", "netmask": "", "management_access": ""}


def test_one_appliance_alone(pair: FakePair) -> None:
    seen = Runner(pair).run(appliance_status(B))
    assert (seen.role, seen.host_name, seen.peer) == ("secondary", "ns", "192.0.2.11")
    pair.b.up = False
    with pytest.raises(errors.Unreachable):
        Runner(pair).run(appliance_status(B))


class TestNetwork:
    def test_what_is_declared_is_set_and_saved_on_that_node_alone(self, pair: FakePair) -> None:
        desired = Network(host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False)})
        planned = Runner(pair).run(plan_network(B, desired))
        assert [step.id for step in planned.steps] == ["host-name", "interface", "save"]
        assert Runner(pair).run(converge_network(B, desired)) == desired
        assert {one[0] for one in pair.requests} == {"192.0.2.12"}
        assert not pair.b.unsaved
        assert Runner(pair).run(plan_network(B, desired)).steps == ()

    def test_only_what_is_asked_for_is_read(self, pair: FakePair) -> None:
        assert Runner(pair).run(read_network(A, ["host_name"])) == Network(host_name="gw-a")
        found = Runner(pair).run(read_network(A, ["interfaces"], ["1/2"]))
        assert found == Network(interfaces={"1/2": Interface()})
        assert Runner(pair).run(read_network(A)).declared == NETWORK_KEYS

    def test_an_interface_that_is_not_there_is_refused_by_the_appliance(self, pair: FakePair) -> None:
        with pytest.raises(errors.NotFound) as caught:
            Runner(pair).run(converge_network(A, Network(interfaces={"9/9": Interface()})))
        assert caught.value.node == str(A)

    def test_a_change_that_never_comes_about_is_told(self, pair: FakePair) -> None:
        def undone(_: FakePair, __: object, request: HttpRequest) -> HttpResponse | None:
            return done(200) if request.method == "PUT" else None

        pair.hooks.append(undone)
        with pytest.raises(errors.ConcurrentChange) as caught:
            Runner(pair).run(converge_network(A, Network(host_name="gw-x")))
        assert (caught.value.node, caught.value.step) == (str(A), "network")

    def test_what_somebody_else_did_meanwhile_is_done(self, pair: FakePair) -> None:
        def already(_: FakePair, node: FakeAppliance, request: HttpRequest) -> HttpResponse | None:
            if request.method != "POST" or "dnsnameserver" not in request.target:
                return None
            node.config.setdefault("dnsnameserver", {})["192.0.2.53"] = {"ip": "192.0.2.53"}
            return refused(409, Code.ALREADY_EXISTS)

        pair.hooks.append(already)
        wanted = Network(dns_servers=["192.0.2.53"])
        assert Runner(pair).run(converge_network(A, wanted)) == wanted


class TestAppliance:
    def test_it_says_what_it_is(self, pair: FakePair) -> None:
        facts = Runner(pair).run(appliance(A))
        assert (facts.reachable, facts.role, facts.peer) == (True, "primary", str(B))
        assert (facts.version, facts.platform) == ("NS14.1: Build 25.53.nc", "emulated")
        assert (facts.licence_days, facts.clock, facts.serial) == (-1, "", ""), "it does not tell"
        assert facts.to_dict()["host_name"] == "gw-a"

    def test_that_it_does_not_answer_is_a_fact(self, pair: FakePair) -> None:
        pair.b.up = False
        facts = Runner(pair).run(appliance(B))
        assert (facts.reachable, facts.role) == (False, "unknown")
        assert facts.error.startswith(f"{B}: no connection")
