"""What an appliance says of itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from stage import Stage

    from gatepair.workflows.appliance import ApplianceFacts

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_identity_licence_and_clock(stage: Stage) -> None:
    with stage.open() as pair:
        facts = pair.appliance(stage.a)
        assert pair.trips.counted <= 2
    assert (facts.address, facts.reachable, facts.role, facts.peer) == (stage.a, True, "standalone", "")
    assert facts.version.startswith("NS")
    assert facts.platform
    assert facts.serial
    assert facts.model
    assert facts.licence_days >= -1
    assert facts.clock.endswith("Z")
    assert facts.error == ""


@pytest.mark.default_cassette("test_identity_licence_and_clock")
@pytest.mark.backends("cassette")
def test_asyncio_sees_the_same(stage: Stage) -> None:
    async def look() -> ApplianceFacts:
        async with stage.open_async() as pair:
            return await pair.appliance(stage.a)

    assert asyncio.run(look()).version.startswith("NS")


@ARRANGED
def test_one_that_does_not_let_us_in(stage: Stage) -> None:
    with stage.with_password("wrong").open() as pair:
        facts = pair.appliance(stage.a)
    assert (facts.reachable, facts.role) == (False, "unknown")
    assert "password" in facts.error


@ARRANGED
def test_changes_that_are_not_saved_are_told(stage: Stage) -> None:
    stage.by_hand("b", "PUT", "nshostname", {"nshostname": {"hostname": "gw-b"}})
    with stage.open() as pair:
        facts = pair.appliance(stage.b)
    assert (facts.host_name, facts.unsaved_changes) == ("gw-b", True)
