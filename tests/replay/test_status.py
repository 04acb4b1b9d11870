from __future__ import annotations

import asyncio

import pytest
from stage import OTHER_PASSWORD, Stage

from gatepair.errors import Unreachable

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_two_standalone_appliances(stage: Stage) -> None:
    with stage.open() as pair:
        found = pair.status()
    assert (found.failover_pair, found.healthy, found.primary) == ("dissolved", False, "")
    assert [node.role for node in found.nodes] == ["standalone", "standalone"]
    assert pair.trips.counted <= 3


def test_a_formed_pair(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        found = pair.status()
    assert found.healthy, found.problems
    assert found.failover_pair == "formed"
    assert (found.primary, found.external, found.internal) == (stage.a, stage.external, stage.internal)
    assert [(node.role, node.sync) for node in found.nodes] == [("primary", "-"), ("secondary", "SUCCESS")]
    assert len({node.version for node in found.nodes}) == 1
    assert not any(node.unsaved_changes for node in found.nodes)


@pytest.mark.default_cassette("test_two_standalone_appliances")
@pytest.mark.backends("cassette")
def test_asyncio_sees_the_same(stage: Stage) -> None:
    async def look() -> str:
        async with stage.open_async() as pair:
            return (await pair.status()).failover_pair

    assert asyncio.run(look()) == "dissolved"


@ARRANGED
def test_a_peer_that_only_one_of_them_knows(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.by_hand("b", "DELETE", "hanode/1")
        found = pair.status()
    assert (found.failover_pair, found.healthy) == ("broken", False)
    assert f"{stage.b} has no peer." in found.problems


@ARRANGED
def test_what_is_not_in_order_is_named(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.by_hand("b", "PUT", "hanode", {"hanode": {"id": 0, "hastatus": "STAYSECONDARY"}})
        found = pair.status()
    assert not found.healthy
    assert f"{stage.b} is held as STAYSECONDARY." in found.problems
    assert f"{stage.b} has configuration that is not saved." in found.problems


@ARRANGED
def test_an_appliance_that_refuses_the_password_is_part_of_the_answer(stage: Stage) -> None:
    user = {"username": "nsroot", "password": OTHER_PASSWORD}
    stage.by_hand("b", "PUT", "systemuser", {"systemuser": user})
    with stage.open() as pair:
        found = pair.status()
    assert [node.reachable for node in found.nodes] == [True, False]
    assert "password" in found.nodes[1].error


@pytest.mark.backends("emulator")
def test_an_appliance_without_power(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.kill())
        found = pair.status()
        assert (found.failover_pair, found.healthy, found.primary) == ("formed", False, stage.a)
        stage.arrange(lambda lab: lab.a.kill())
        with pytest.raises(Unreachable) as refused:
            pair.status()
    assert stage.a in str(refused.value)
    assert stage.b in str(refused.value)
