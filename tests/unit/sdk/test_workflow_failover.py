"""Forced failover: done, not needed, or refused with a reason a person can act on."""

from __future__ import annotations

from typing import Any

import pytest
from fake_pair import ADDRESSES, A, B, FakePair, configured, declared, no_reference, refused
from fake_runner import Runner

from gatepair import errors
from gatepair.models import ManagementAddress
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpResponse
from gatepair.nitro.codes import MESSAGES, Code
from gatepair.workflows.converge import converge
from gatepair.workflows.failover import REFUSALS, fail_over, plan_failover
from gatepair.workflows.handover import hand_over


@pytest.fixture
def pair() -> FakePair:
    found = FakePair()
    configured(found.a)
    Runner(found).run(converge(ADDRESSES, declared(), no_reference))
    found.requests.clear()
    return found


def swap(pair: FakePair, *, force: bool = False, to: ManagementAddress | None = None) -> Any:
    return Runner(pair).run(fail_over(ADDRESSES, force=force, to=to))


def test_the_roles_are_swapped(pair: FakePair) -> None:
    result = swap(pair)
    assert (result.changed, result.old_primary, result.new_primary) == (True, str(A), str(B))
    assert pair.b.role == "Primary"


def test_the_wanted_primary_is_left_alone(pair: FakePair) -> None:
    result = swap(pair, to=A)
    assert not result.changed
    assert result.new_primary == str(A)
    assert not [one for one in pair.requests if one[1] == "POST" and one[2] != "login"]


def test_a_stranger_cannot_be_primary(pair: FakePair) -> None:
    with pytest.raises(errors.InvalidInput):
        swap(pair, to=ManagementAddress.parse("192.0.2.77"))


def test_standalone_appliances_have_nothing_to_swap() -> None:
    with pytest.raises(errors.NotAPair):
        swap(FakePair())


def test_two_primaries_are_no_start_for_a_failover(pair: FakePair) -> None:
    pair.heartbeats = False
    pair.settle()
    with pytest.raises(errors.SplitBrain):
        swap(pair)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_each_refusal_has_its_own_reason_and_remedy(pair: FakePair, code: int) -> None:
    pair.hooks.append(lambda _, __, request: refused(599, code) if "hafailover" in request.target else None)
    with pytest.raises(errors.FailoverRefused) as caught:
        swap(pair)
    assert caught.value.errorcode == code
    assert caught.value.node == str(A)
    assert (caught.value.message, caught.value.remedy) == (
        f"the pair does not fail over: {REFUSALS[code][0]}",
        REFUSALS[code][1],
    )
    assert caught.value.__cause__ is not None


def orders(pair: FakePair) -> int:
    return sum("hafailover" in target for _, _, target in pair.requests)


@pytest.mark.parametrize("code", [Code.INVALID_PEER_STATE, Code.PEER_NOT_OPTIMAL, Code.CONFIRM_FAILOVER])
def test_a_peer_that_has_just_become_ready_takes_over_when_the_primary_has_heard(
    pair: FakePair, code: int
) -> None:
    # The primary refuses until the next heartbeat, whatever the peer itself says by now.
    unheard = [code, code]
    pair.hooks.append(
        lambda _, __, request: (
            refused(599, unheard.pop()) if unheard and "hafailover" in request.target else None
        )
    )
    assert swap(pair).changed
    assert (pair.b.role, unheard) == ("Primary", [])


@pytest.mark.parametrize("held", ["STAYSECONDARY", "DISABLED"])
def test_a_peer_that_is_held_does_not_take_over(pair: FakePair, held: str) -> None:
    pair.b.hastatus = held
    for flow in (fail_over(ADDRESSES, force=False, to=B), hand_over(ADDRESSES, B)):
        with pytest.raises(errors.FailoverRefused) as caught:
            Runner(pair).run(flow)
        assert caught.value.errorcode == Code.INVALID_PEER_STATE
    assert orders(pair) == 2, "each asks once"


def test_another_error_is_passed_on(pair: FakePair) -> None:
    pair.hooks.append(
        lambda _, __, request: refused(403, Code.NOT_AUTHORIZED) if "hafailover" in request.target else None
    )
    with pytest.raises(errors.NotAuthorized):
        swap(pair)


def test_force_is_said_only_when_it_is_meant(pair: FakePair) -> None:
    bodies: list[bytes | None] = []
    pair.hooks.append(
        lambda _, __, request: bodies.append(request.body) if "hafailover" in request.target else None
    )
    swap(pair)
    swap(pair, force=True)
    assert bodies == [b'{"hafailover": {}}', b'{"hafailover": {"force": true}}']


def test_a_warning_is_handed_on(pair: FakePair) -> None:
    def warn(found: FakePair, node: Any, request: Any) -> Any:
        if "hafailover" not in request.target:
            return None
        found._dispatch(node, request)
        body = refused(209, Code.PEER_NOT_OPTIMAL).body.replace(b"ERROR", b"WARNING")
        return HttpResponse(status=209, body=body)

    pair.hooks.append(warn)
    assert swap(pair, force=True).warning == MESSAGES[Code.PEER_NOT_OPTIMAL]


def test_a_lost_answer_is_no_lost_failover(pair: FakePair) -> None:
    def cut(found: FakePair, node: Any, request: Any) -> Any:
        if "hafailover" not in request.target:
            return None
        found._dispatch(node, request)
        return Breakdown(kind=BreakdownKind.BROKEN, detail="reset")

    pair.hooks.append(cut)
    assert swap(pair).new_primary == str(B)


def test_roles_that_do_not_move_are_told_after_a_while(pair: FakePair) -> None:
    pair.hooks.append(
        lambda _, __, request: HttpResponse(status=200) if "hafailover" in request.target else None
    )
    with pytest.raises(errors.DeadlineExceeded, match="roles to switch") as caught:
        swap(pair)
    assert "is primary" in caught.value.reason


def test_the_plan_says_who_takes_over(pair: FakePair) -> None:
    planned = Runner(pair).run(plan_failover(ADDRESSES, None))
    assert planned.impact == "failover"
    assert str(B) in planned.steps[0].title
    assert Runner(pair).run(plan_failover(ADDRESSES, A)).steps == ()
