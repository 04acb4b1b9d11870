"""A process that dies at any request leaves a pair that the next run makes as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    KEY,
    FakeAppliance,
    FakePair,
    configured,
    declared,
    no_reference,
    refused,
)
from fake_runner import Killed, Runner, cut_everywhere

from gatepair.errors import InvalidArgument
from gatepair.models import Failover, Pair, VirtualIp
from gatepair.nitro.codes import Code
from gatepair.workflows.converge import converge, plan
from gatepair.workflows.dissolve import dissolve

if TYPE_CHECKING:
    from gatepair.nitro.call import HttpRequest, HttpResponse
    from gatepair.workflows.core import Flow

MOVED = "192.0.2.30"


def _form(desired: Pair) -> Flow[object]:
    return converge(ADDRESSES, desired, no_reference)


def formed(desired: Pair | None = None) -> FakePair:
    """A pair as it is after it was formed."""
    pair = FakePair()
    configured(pair.a)
    Runner(pair).run(_form(desired or declared()))
    return pair


class Guard:
    """Watches at every request that users are served, and by one node only."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    def __call__(self, pair: FakePair) -> None:
        for address in self.addresses:
            serving = [node.host_name for node in pair.nodes if node.answers_on(address)]
            assert len(serving) <= 1, f"{address} answers on {serving}"
        assert any(node.answers_on(address) for node in pair.nodes for address in self.addresses)


def is_formed(pair: FakePair, desired: Pair) -> None:
    assert pair.tied()
    assert {node.hastatus for node in pair.nodes} == {"ENABLED"}
    assert sorted(node.role for node in pair.nodes) == ["Primary", "Secondary"]
    assert pair.a.rpc == pair.b.rpc
    assert set(pair.a.rpc.values()) == {KEY}
    assert pair.a.config == pair.b.config
    assert not any(node.unsaved for node in pair.nodes)
    assert Runner(pair).run(plan(ADDRESSES, desired, no_reference)).steps == ()


def test_forming_converges_wherever_it_is_cut() -> None:
    def make() -> FakePair:
        pair = FakePair()
        configured(pair.a)
        pair.after.append(Guard(EXTERNAL))
        return pair

    def check(pair: FakePair, _: object) -> None:
        is_formed(pair, declared())
        assert pair.a.role == "Primary"
        assert {EXTERNAL, INTERNAL} <= set(pair.b.config["nsip"])

    assert cut_everywhere(make, lambda: _form(declared()), check) > 12


def test_moving_the_external_address_converges_wherever_it_is_cut() -> None:
    desired = declared(external=VirtualIp(address=MOVED))

    def make() -> FakePair:
        pair = formed()
        pair.after.append(Guard(EXTERNAL, MOVED))
        return pair

    def check(pair: FakePair, _: object) -> None:
        is_formed(pair, desired)
        assert pair.b.config["vpnvserver"]["gateway"]["ipv46"] == MOVED

    assert cut_everywhere(make, lambda: _form(desired), check) > 6


def test_dissolving_ends_with_one_server_wherever_it_is_cut() -> None:
    def make() -> FakePair:
        pair = formed()
        pair.after.append(Guard(EXTERNAL))
        return pair

    def check(pair: FakePair, _: object) -> None:
        assert [node.peer for node in pair.nodes] == [None, None]
        assert {node.hastatus for node in pair.nodes} == {"ENABLED"}
        assert pair.a.answers_on(EXTERNAL)
        assert pair.a.answers_on(INTERNAL)
        assert not pair.b.answers_on(EXTERNAL)
        assert not pair.b.answers_on(INTERNAL)
        assert not any(node.unsaved for node in pair.nodes)

    assert cut_everywhere(make, lambda: dissolve(ADDRESSES), check) > 6


def test_forming_again_after_a_dissolution_converges_wherever_it_is_cut() -> None:
    def make() -> FakePair:
        pair = formed()
        Runner(pair).run(dissolve(ADDRESSES))
        pair.after.append(Guard(EXTERNAL))
        return pair

    cut_everywhere(make, lambda: _form(declared()), lambda pair, _: is_formed(pair, declared()))


def test_tying_anew_converges_wherever_it_is_cut() -> None:
    desired = declared(internal=None, failover=Failover(independent_network=True))
    before = declared(internal=None)

    def make() -> FakePair:
        pair = formed(before)
        pair.after.append(Guard(EXTERNAL))
        return pair

    def check(pair: FakePair, _: object) -> None:
        is_formed(pair, desired)
        assert [node.peer and node.peer["inc"] for node in pair.nodes] == ["ENABLED", "ENABLED"]

    cut_everywhere(make, lambda: _form(desired), check)


def _one_sided(pair: FakePair, forgetful: FakeAppliance) -> None:
    forgetful.peer = None
    pair.settle()


@pytest.mark.parametrize("who", ["a", "b"])
def test_a_peer_removed_on_one_side_is_mended_wherever_it_is_cut(who: str) -> None:
    def make() -> FakePair:
        pair = formed()
        _one_sided(pair, getattr(pair, who))
        return pair

    cut_everywhere(make, lambda: _form(declared()), lambda pair, _: is_formed(pair, declared()))


def test_a_process_that_dies_in_the_undoing_is_no_worse() -> None:
    """The joining node refuses its peer; the flow goes back, and dies at each request on the way back."""

    def refuse(pair: FakePair, node: FakeAppliance, request: HttpRequest) -> HttpResponse | None:
        is_add = request.method == "POST" and request.target.endswith("/config/hanode")
        return refused(599, Code.PEER_NOT_IN_SUBNET) if node is pair.b and is_add else None

    at, whole = 0, False
    while not whole:
        pair = FakePair()
        configured(pair.a)
        pair.hooks.append(refuse)
        with pytest.raises((Killed, InvalidArgument)) as caught:
            Runner(pair, cut_at=at).run(_form(declared()))
        whole = caught.type is InvalidArgument
        at += 1
        pair.hooks.clear()
        Runner(pair).run(_form(declared()))
        is_formed(pair, declared())
    assert at > 8
