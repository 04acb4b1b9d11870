"""The process that works on a pair is killed; the next one makes the pair as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from emulator_talk import who_serves
from sdk_lab import connections, declared, dies_at
from waiting import until

from gatepair import PairSession

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow


def dies(lab: Lab, at: int, doing: str) -> bool:
    return dies_at(lab, at, f"session.{doing}()")


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 6, 8, 9, 10, 11])
def test_forming_is_finished_by_the_next_run(lab: Lab, at: int) -> None:
    assert dies(lab, at, "converge")
    assert who_serves(lab) == lab.a.host
    with PairSession(declared(lab), connections(lab)) as session:
        session.converge()
        assert session.status().healthy, session.status().problems
        assert session.plan().steps == ()
    assert who_serves(lab) == lab.a.host
    history = [str(entry["role"]).lower() for entry in lab.a.status()["history"]]  # type: ignore[index,union-attr]
    assert "primary" in history
    assert "secondary" not in history
    assert lab.a.status()["conflicts"] == lab.b.status()["conflicts"] == {}


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 5, 6])
def test_dissolving_is_finished_by_the_next_run(lab: Lab, at: int) -> None:
    with PairSession(declared(lab), connections(lab)) as session:
        session.converge()
    assert dies(lab, at, "dissolve")
    assert who_serves(lab) == lab.a.host
    with PairSession(declared(lab), connections(lab)) as session:
        session.dissolve()
        assert [node.role for node in session.status().nodes] == ["standalone", "standalone"]
    until(lambda: lab.b.status()["addresses"] == [], "the freed node holds nothing")
    assert who_serves(lab) == lab.a.host
