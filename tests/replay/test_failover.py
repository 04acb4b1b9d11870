from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepair.documents import pair_to_document
from gatepair.errors import FailoverRefused, InvalidInput, NotAPair, Unreachable

if TYPE_CHECKING:
    from stage import Stage

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_there_and_back(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        assert pair.plan_failover().impact == "failover"
        there = pair.failover()
        assert (there.changed, there.old_primary, there.new_primary) == (True, stage.a, stage.b)
        assert pair.plan().steps == (), "a live role swap is no drift"
        back = pair.failover(to=stage.a, force=True)
        assert (back.changed, back.new_primary) == (True, stage.a)
        again = pair.failover(to=stage.a)
        assert (again.changed, again.seconds) == (False, 0.0)
        assert pair.plan_failover(to=stage.a).steps == ()


def test_a_change_after_a_failover_goes_to_the_new_primary(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge(stage.declared(internal=None))
        pair.failover()
        found = pair.converge()
        assert pair.status().primary == stage.b
        assert found.to_document() == pair_to_document(stage.declared())


def test_standalone_appliances_do_not_fail_over(stage: Stage) -> None:
    with stage.open() as pair:
        with pytest.raises(NotAPair):
            pair.failover()
        with pytest.raises(NotAPair):
            pair.plan_failover()


def test_to_an_appliance_that_is_not_in_the_pair(stage: Stage) -> None:
    with stage.open() as pair, pytest.raises(InvalidInput):
        pair.failover(to="192.0.2.99")


@ARRANGED
def test_a_peer_that_is_held_as_secondary(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.by_hand("b", "PUT", "hanode", {"hanode": {"id": 0, "hastatus": "STAYSECONDARY"}})
        with pytest.raises(FailoverRefused) as refused:
            pair.failover()
        assert pair.status().primary == stage.a
    assert refused.value.errorcode
    assert refused.value.remedy


@pytest.mark.backends("emulator")
def test_a_peer_without_power(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.kill())
        with pytest.raises((FailoverRefused, Unreachable)) as refused:
            pair.failover()
    assert refused.value.node
