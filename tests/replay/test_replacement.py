"""A fresh appliance in the place of a dead one; on the emulator it gets the same address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepair.errors import InvalidInput, PreflightFailed, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from stage import Stage

pytestmark = pytest.mark.backends("cassette", "emulator")


def test_a_fresh_appliance_at_the_address_of_the_dead_one(stage: Stage, tmp_path: Path) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.exchange())
        plan = pair.plan_replace_node(stage.b, stage.b, backup_directory=tmp_path)
        assert plan.steps[0].id == "backup"
        assert plan.impact == "resync"
        done = pair.replace_node(stage.b, stage.b, backup_directory=tmp_path / "backups")
        assert (done.changed, done.survivor, done.joined) == (True, stage.a, stage.b)
        assert [one.node for one in done.backups] == [stage.a]
        assert pair.status().healthy
        assert pair.replace_node(stage.b, stage.b).changed is False


def test_one_that_lives_is_not_replaced(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        with pytest.raises(InvalidInput):
            pair.replace_node(stage.b, stage.a)
        assert pair.replace_node(stage.b, stage.b).changed is False
        assert pair.status().healthy


def test_a_fresh_one_that_has_a_configuration(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        stage.arrange(lambda lab: lab.b.exchange())
        stage.by_hand("b", "POST", "lbvserver", {"lbvserver": {"name": "own", "servicetype": "HTTP"}})
        with pytest.raises(PreflightFailed, match="lbvserver own"):
            pair.replace_node(stage.b, stage.b)


def test_a_neighbour_that_does_not_answer(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        with pytest.raises(Unreachable) as gone:
            pair.replace_node(stage.b, f"{stage.neighbour(40)}:8443")
    assert gone.value.node == f"{stage.neighbour(40)}:8443"
