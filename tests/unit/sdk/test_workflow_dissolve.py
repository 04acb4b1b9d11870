"""Two standalone appliances out of a pair, users served by one of them throughout."""

from __future__ import annotations

from typing import Any

import pytest
from fake_pair import ADDRESSES, EXTERNAL, INTERNAL, A, B, FakePair, configured, declared, no_reference
from fake_runner import Runner

from gatepair import errors
from gatepair.models import Failover, InternalVirtualIp, VirtualIp
from gatepair.workflows.converge import converge
from gatepair.workflows.dissolve import dissolve, plan_dissolve
from gatepair.workflows.observe import observe


def formed(**changes: Any) -> FakePair:
    pair = FakePair()
    configured(pair.a)
    Runner(pair).run(converge(ADDRESSES, declared(**changes), no_reference))
    pair.requests.clear()
    return pair


def part(pair: FakePair, *, abandon: bool = False) -> Any:
    return Runner(pair).run(dissolve(ADDRESSES, abandon=abandon))


def test_the_primary_keeps_serving_and_the_other_lets_go() -> None:
    pair = formed()
    result = part(pair)
    assert (result.serving, result.freed) == (str(A), str(B))
    assert set(result.released) == {EXTERNAL, INTERNAL}
    assert pair.a.answers_on(EXTERNAL)
    assert not pair.b.answers_on(EXTERNAL)
    assert not pair.b.answers_on(INTERNAL)
    assert "gateway" in pair.b.config["vpnvserver"]
    assert not pair.a.unsaved
    assert not pair.b.unsaved


def test_after_a_failover_it_is_the_other_one_that_serves() -> None:
    pair = formed()
    pair.a.role, pair.b.role = "Secondary", "Primary"
    assert part(pair).serving == str(B)
    assert pair.b.answers_on(EXTERNAL)
    assert not pair.a.answers_on(EXTERNAL)


def test_the_secondary_is_held_before_it_loses_its_peer() -> None:
    pair = formed()
    part(pair)
    changes = [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]
    assert changes[:2] == [("192.0.2.12", "PUT", "hanode"), ("192.0.2.12", "DELETE", "hanode")]
    assert changes[-4:-2] == [("192.0.2.11", "DELETE", "hanode"), ("192.0.2.12", "PUT", "hanode")]


def test_it_is_formed_again_from_the_node_that_went_on_serving() -> None:
    """Whoever is declared first: the freed node's addresses are switched off, that tells."""
    pair = formed()
    pair.a.role, pair.b.role = "Secondary", "Primary"
    part(pair)
    Runner(pair).run(converge(ADDRESSES, declared(), no_reference))
    assert pair.b.role == "Primary"
    assert pair.b.answers_on(EXTERNAL)


def test_a_shared_address_goes_with_what_listens_on_it() -> None:
    shared = "192.0.2.40"
    pair = formed(
        external=VirtualIp(address=shared, netmask="255.255.255.0"),
        internal=InternalVirtualIp(address=shared, netmask="255.255.255.0"),
    )
    part(pair)
    assert shared not in pair.b.config["nsip"]
    assert pair.b.config["vpnvserver"] == {}
    assert pair.a.answers_on(shared)


def test_nodes_in_different_networks_keep_their_own_addresses() -> None:
    pair = formed(internal=None, failover=Failover(independent_network=True))
    for node in pair.nodes:
        node.config["nsip"]["203.0.113.5"] = {"ipaddress": "203.0.113.5", "type": "SNIP"}
    part(pair)
    assert "203.0.113.5" in pair.b.config["nsip"]


def test_a_sync_vlan_is_unset_before_the_peer_is_forgotten() -> None:
    pair = formed(failover=Failover(sync_vlan=9))
    part(pair)
    assert [one for one in pair.requests if one[2] == "hanode?unset"] == [
        ("192.0.2.12", "POST", "hanode?unset"),
        ("192.0.2.11", "POST", "hanode?unset"),
    ]


def test_two_standalone_appliances_are_left_alone() -> None:
    pair = FakePair()
    result = part(pair)
    assert not result.changed
    assert not [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]


def test_a_silent_appliance_is_not_left_believing() -> None:
    pair = formed()
    pair.b.up = False
    pair.settle()
    with pytest.raises(errors.Unreachable, match="cannot be told") as caught:
        part(pair)
    assert caught.value.node == str(B)
    assert pair.a.peer is not None


def test_a_silent_appliance_can_be_abandoned() -> None:
    pair = formed()
    pair.b.up = False
    pair.settle()
    result = part(pair, abandon=True)
    assert result.unreachable == (str(B),)
    assert pair.a.peer is None
    assert pair.a.answers_on(EXTERNAL)


def changes(pair: FakePair) -> list[Any]:
    return [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("abandon", [False, True])
def test_a_pair_one_of_which_is_in_another_pair_by_now_is_left_as_it_is(silent: bool, abandon: bool) -> None:  # noqa: FBT001 - parameters of the test
    pair = FakePair()
    configured(pair.a)
    pair.a.peer = {"id": 1, "ipaddress": "192.0.2.99"}
    pair.b.up = not silent
    assert Runner(pair).run(plan_dissolve(ADDRESSES, abandon=abandon)).steps == ()
    result = part(pair, abandon=abandon)
    assert (result.changed, result.serving, result.freed) == (False, str(A), str(B))
    assert result.unreachable == ((str(B),) if silent else ())
    assert not changes(pair)
    assert pair.a.peer["ipaddress"] == "192.0.2.99"


def test_one_that_came_back_and_believes_in_the_pair_is_told_of() -> None:
    pair = FakePair()
    pair.a.peer = {"id": 1, "ipaddress": "192.0.2.99"}
    pair.b.peer = {"id": 1, "ipaddress": "192.0.2.11"}
    with pytest.raises(errors.InAnotherPair) as caught:
        part(pair)
    assert caught.value.node == str(A)
    assert str(B) in caught.value.remedy
    assert not changes(pair)


def test_a_dead_peer_of_a_new_pair_does_not_count_as_the_one_of_before() -> None:
    pair = FakePair()
    pair.a.peer = {"id": 1, "ipaddress": "192.0.2.99"}
    pair.b.up = False
    found = Runner(pair).run(observe(ADDRESSES))
    assert found.to_document()["failover_pair"] == "broken"


def test_the_plan_says_who_leaves_and_what_becomes_of_the_addresses() -> None:
    pair = formed()
    planned = Runner(pair).run(plan_dissolve(ADDRESSES))
    assert planned.impact == "dissolved"
    assert [step.id for step in planned.steps] == ["free", "let-go", "let-go", "untie", "save"]
    part(pair)
    assert Runner(pair).run(plan_dissolve(ADDRESSES)).steps == ()
