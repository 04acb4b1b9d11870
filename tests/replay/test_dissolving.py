from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepair.errors import Unreachable

if TYPE_CHECKING:
    from stage import Stage

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_a_pair_and_the_same_once_more(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        assert pair.plan_dissolve().impact == "dissolved"
        done = pair.dissolve()
        assert (done.changed, done.serving, done.freed) == (True, stage.a, stage.b)
        assert stage.external in done.released
        assert pair.status().failover_pair == "dissolved"
        again = pair.dissolve()
        assert not again.changed
        assert pair.plan_dissolve().steps == ()


def test_a_dissolved_pair_is_formed_again(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        pair.dissolve()
        assert pair.converge().to_document()["failover_pair"] == "formed"
        assert pair.status().primary == stage.a


@ARRANGED
def test_a_node_of_another_pair_is_left_alone(stage: Stage) -> None:
    stage.by_hand("b", "POST", "hanode", {"hanode": {"id": 1, "ipaddress": stage.neighbour(79)}})
    with stage.open() as pair:
        done = pair.dissolve()
    assert (done.changed, done.serving, done.freed) == (False, stage.b, stage.a)


@pytest.mark.backends("emulator")
def test_a_node_without_power_is_abandoned_only_when_told(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.kill())
        with pytest.raises(Unreachable):
            pair.dissolve()
        done = pair.dissolve(abandon=True)
    assert (done.serving, done.unreachable) == (stage.a, (stage.b,))
