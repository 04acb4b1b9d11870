from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import attrs
import pytest

from gatepair import Failover, Heartbeat, VirtualIp
from gatepair.documents import pair_to_document
from gatepair.errors import AmbiguousVirtualIp, PreflightFailed, SecretUnavailable
from gatepair.models import FurtherVirtualIp

if TYPE_CHECKING:
    from stage import Stage

    from gatepair.workflows.core import ProgressEvent

# Real appliances keep their virtual servers where they are.
ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_two_standalone_appliances_become_a_pair(stage: Stage) -> None:
    with stage.open() as pair:
        planned = [step.id for step in pair.plan().steps]
        found = pair.converge()
        assert planned[0] in {"form", "failover-settings"}
        assert planned[-1] == "save"
        assert found.to_document() == pair_to_document(stage.declared())
        status = pair.status()
        assert (status.failover_pair, status.primary) == ("formed", stage.a)
        assert pair.plan().steps == ()
    order = [step for step in dict.fromkeys(stage.events) if step in {"hold", "tie", "shared-key", "save"}]
    assert order == ["hold", "tie", "shared-key", "save"]


@pytest.mark.default_cassette("test_two_standalone_appliances_become_a_pair")
@pytest.mark.backends("cassette")
def test_asyncio_sends_the_very_same_requests(stage: Stage) -> None:
    async def form() -> None:
        async with stage.open_async() as pair:
            await pair.plan()
            found = await pair.converge()
            assert found.to_document() == pair_to_document(stage.declared())
            assert (await pair.status()).primary == stage.a
            assert (await pair.plan()).steps == ()

    asyncio.run(form())


def test_changes_of_a_formed_pair(stage: Stage) -> None:
    slower = Failover(heartbeat=Heartbeat(hello_interval_ms=400, dead_interval_s=4), fail_safe=True)
    with stage.open() as pair:
        pair.converge()
        changed = stage.declared(failover=slower, internal=None)
        steps = {step.id for step in pair.plan(changed).steps}
        assert "failover-settings" in steps
        pair.converge(changed)
        found = pair.observe(internal="").to_document()
        assert found["heartbeat"] == {"hello_interval_ms": 400, "dead_interval_s": 4}
        assert found["fail_safe"] == "on"
        assert pair.plan(changed).steps == ()


@ARRANGED
def test_moving_the_external_virtual_ip(stage: Stage) -> None:
    moved = stage.neighbour(2)
    with stage.open() as pair:
        pair.converge()
        changed = stage.declared(external=VirtualIp(address=moved))
        assert pair.plan(changed).impact == "reconnect"
        pair.converge(changed)
        found = pair.observe(moved, stage.internal).to_document()
        assert found["external_virtual_ip"] == {"address": moved, "netmask": "255.255.255.255"}
        assert pair.plan(changed).steps == ()


@ARRANGED
def test_one_address_for_both(stage: Stage) -> None:
    both = stage.declared().internal
    assert both is not None
    external = VirtualIp(address=both.address, netmask=both.netmask)
    with stage.open(stage.declared(external=external)) as pair:
        found = pair.converge().to_document()
        assert found["external_virtual_ip"]["address"] == stage.internal  # type: ignore[index]
        assert pair.plan().steps == ()


@ARRANGED
def test_a_pair_dissolved_by_hand_is_mended(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        for which in ("b", "a"):
            stage.by_hand(which, "DELETE", "hanode/1")
        assert pair.status().failover_pair == "dissolved"
        assert pair.converge().to_document()["failover_pair"] == "formed"


@ARRANGED
def test_several_addresses_could_be_the_old_one(stage: Stage) -> None:
    for last in (2, 3):
        server = {"name": f"more-{last}", "servicetype": "SSL", "port": 8443}
        where = {"ipv46": stage.neighbour(last)}
        stage.by_hand("a", "POST", "vpnvserver", {"vpnvserver": server | where})
    changed = stage.declared(external=VirtualIp(address=stage.neighbour(9)))
    with stage.open(changed) as pair, pytest.raises((PreflightFailed, AmbiguousVirtualIp)) as refused:
        pair.converge()
    assert "replaces_external" in str(refused.value)


def test_no_shared_key(stage: Stage) -> None:
    with stage.open(stage.declared(shared_key=None)) as pair:
        with pytest.raises((PreflightFailed, SecretUnavailable)) as refused:
            pair.converge()
        assert "shared key" in str(refused.value)
        assert pair.status().failover_pair == "dissolved"


class Cut(Exception):  # noqa: N818 - stands for Ctrl-C
    pass


def test_an_interrupted_forming_goes_on(stage: Stage) -> None:
    def cut(event: ProgressEvent) -> None:
        if event.step == "shared-key":
            raise Cut

    with pytest.raises(Cut), stage.open(progress=cut) as pair:
        pair.converge()
    with stage.open() as pair:
        assert pair.converge().to_document()["failover_pair"] == "formed"
        assert all(node.state == "UP" for node in pair.status().nodes), "no node is held in its role"


@ARRANGED
def test_further_virtual_ips_and_a_failover_interface(stage: Stage) -> None:
    further = (
        FurtherVirtualIp(address=stage.neighbour(3)),
        FurtherVirtualIp(address=stage.neighbour(4), netmask="255.255.255.0", role="internal"),
    )
    failover = attrs.evolve(stage.declared().failover, failover_interface="1/2")
    desired = stage.declared(further=further, failover=failover)
    with stage.open(desired) as pair:
        assert pair.converge().to_document() == pair_to_document(desired)
        assert pair.plan().steps == ()
        fewer = attrs.evolve(desired, further=further[:1])
        (difference, *_) = pair.plan(fewer).differences
        assert difference.label == "further virtual IPs"
        assert pair.converge(fewer).to_document() == pair_to_document(fewer)
