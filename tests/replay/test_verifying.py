"""What verify asks appliances, one look of each kind.

The whole of it is not replayed: it is driven by time and by what users meet at real sockets, so a recording
would hold as many looks as the machine had time for, and a replay would judge that machine. The emulator
tests of verify run all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stage import Stage, address

from gatepair.errors import PreflightFailed
from gatepair.probes import Stopwatch
from gatepair.verify import VerifyOptions
from gatepair.verify.looking import LookerFactory
from gatepair.verify.sharing import Comparison, compare

if TYPE_CHECKING:
    from gatepair.verify.timeline import RoleSample

OPTIONS = VerifyOptions(kinds=("forced", "graceful"))


def look(stage: Stage, node: str) -> RoleSample:
    looker = LookerFactory(stage.connections, 10.0)(address(node))
    try:
        return looker.look(Stopwatch())
    finally:
        looker.close()


def comparison(stage: Stage) -> Comparison:
    with stage.open() as pair:
        return pair._run(compare((address(stage.a), address(stage.b))))


def test_looks_at_a_formed_pair_and_what_would_be_done(stage: Stage) -> None:
    with stage.open() as pair:
        pair.converge()
        plan = pair.plan_verify(OPTIONS)
    assert [(step.id, step.node) for step in plan.steps] == [
        ("forced", stage.a),
        ("fail-back", stage.b),
        ("graceful", stage.a),
        ("fail-back", stage.b),
    ]
    assert plan.impact == "failover"
    samples = [look(stage, node) for node in (stage.a, stage.b)]
    assert [sample.role for sample in samples] == ["primary", "secondary"]
    assert samples[1].sync == "SUCCESS"


def test_a_secondary_has_inherited_the_configuration(stage: Stage) -> None:
    before = comparison(stage)
    assert not before.equal
    with stage.open() as pair:
        pair.converge()
    after = comparison(stage)
    assert after.equal, after.differences
    assert after.objects > 3


def test_appliances_that_are_no_pair_are_not_failed_over(stage: Stage) -> None:
    with stage.open() as pair, pytest.raises(PreflightFailed, match="standalone"):
        pair.plan_verify(OPTIONS)
    assert look(stage, stage.a).role == "standalone"


@pytest.mark.backends("cassette", "emulator")
def test_a_look_at_an_appliance_without_power(stage: Stage) -> None:
    stage.arrange(lambda lab: lab.b.kill())
    sample = look(stage, stage.b)
    assert (sample.role, sample.reachable) == ("unknown", False)
    assert look(stage, stage.a).reachable
