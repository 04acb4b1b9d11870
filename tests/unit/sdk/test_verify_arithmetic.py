"""Spans, outages and measures: what may be said of a timeline, and what may not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify_series import GOOD, SWITCHED_AT, A, B, any_timeline, looks, measures, timeline

from gatepair.probes import Probe, Span
from gatepair.verify import Part
from gatepair.verify.measures import Promise, measure
from gatepair.verify.spans import (
    became_primary,
    common,
    joined,
    no_primary,
    proved,
    role_stretches,
    serving_stretches,
    takeovers,
    two_primaries,
)
from gatepair.verify.timeline import Timeline


def test_a_node_that_dies_and_its_peer_that_takes_over() -> None:
    found = measures(GOOD, Part.HARD)
    assert found.lost_at == pytest.approx(SWITCHED_AT, abs=0.25)
    assert found.detected is not None
    assert found.detected.began <= 2.8 <= found.detected.ended + 0.2
    assert found.serve_s == pytest.approx(3.2, abs=0.05)
    assert found.served
    assert found.failed == 15 * 4
    assert found.takeovers == 1
    assert not found.two_primaries
    assert [one.label for one in found.serving] == [A, "", B]


def test_a_switch_that_nobody_notices() -> None:
    seen = timeline("p" * 10 + "s" * 10, "s" * 10 + "p" * 10, "a" * 10 + "b" * 10)
    found = measure(seen, Part.FORCED, old=A, triggered_at=1.9)
    assert (found.serve_s, found.failed, found.worst) == (0.0, 0, None)
    assert found.detected is not None
    assert found.detected.ended < 0.3


def test_a_node_that_never_takes_over() -> None:
    found = measures(timeline("p" * 10 + "-" * 30, "s" * 40, "a" * 10 + "x" * 30), Part.HARD)
    assert found.detect_s is None
    assert found.serve_s is None
    assert not found.served


def test_two_primaries_are_seen_only_where_both_are_certain() -> None:
    both = timeline("p" * 20, "s" * 10 + "p" * 10, "a" * 20)
    (span,) = two_primaries(both)
    assert span.began == pytest.approx(2.02)
    assert span.ended == pytest.approx(3.8)
    one_look = timeline("p" * 20, "s" * 10 + "p" + "s" * 9, "a" * 20)
    assert two_primaries(one_look) == (), "one look proves a moment, not a stretch"


def test_nobody_is_primary_while_a_dead_node_is_not_given_up_yet() -> None:
    (span,) = no_primary(GOOD)
    assert span.seconds == pytest.approx(2.6, abs=0.05)


def test_a_silence_is_no_takeover() -> None:
    silent_for_a_moment = timeline("pppp--pppp", "s" * 10, "a" * 10)
    assert takeovers(silent_for_a_moment) == ()
    flapping = timeline("ppsspps", "sspppss", "a" * 7)
    assert [look.node for look in takeovers(flapping)] == [B, A]


def test_who_served_is_known_from_roles_where_the_answer_does_not_say() -> None:
    seen = timeline("p" * 10, "s" * 10, {Probe.REQUEST: "." * 10})
    assert [one.label for one in serving_stretches(seen)] == [A]
    unclear = timeline("p" * 10, "p" * 10, {Probe.REQUEST: "." * 10})
    assert [one.label for one in serving_stretches(unclear)] == ["unknown"]


@pytest.mark.parametrize("said", [A, "gw-a", "192.0.2.11:443".partition(":")[0]])
def test_an_answer_names_a_node_by_address_or_host_name(said: str) -> None:
    assert GOOD.identify(said) == (A if said != "gw-x" else "")
    assert GOOD.identify("gw-x") == GOOD.identify("") == ""


def test_what_the_timers_promise() -> None:
    promise = Promise.of(hello_interval_ms=1000, dead_interval_s=10, every_s=0.2, timeout_s=1.0, margin_s=2.0)
    assert (promise.detect_s, promise.serve_s, promise.resolution_s) == (11.0, 13.0, 1.2)


# -- for any timeline -----------------------------------------------------------------------------


@given(any_timeline())
def test_stretches_follow_each_other_without_gap_or_overlap(seen: Timeline) -> None:
    for node in seen.nodes:
        stretches = role_stretches(seen, node)
        for before, after in itertools.pairwise(stretches):
            assert before.ended == after.began
            assert before.label != after.label
        if stretches:
            known = seen.looks(node)
            assert stretches[0].began == known[0].began
            assert stretches[-1].ended >= known[-1].ended - 1e-9


@given(st.text("ps-", max_size=40), st.floats(0.05, 2))
def test_what_is_proved_is_never_against_a_look(roles: str, every_s: float) -> None:
    samples = looks(A, roles, every_s=every_s)
    for span in proved(samples, lambda look: look.primary):
        assert span.seconds > 0
        for look in samples:
            if not look.primary:
                assert span.meets(Span(began=look.began, ended=look.ended)) is None


@given(any_timeline())
def test_both_and_none_exclude_each_other(seen: Timeline) -> None:
    assert common(two_primaries(seen), no_primary(seen)) == ()


@given(any_timeline())
def test_spans_in_common_do_not_depend_on_the_order(seen: Timeline) -> None:
    first, second = (proved(seen.looks(node), lambda look: look.primary) for node in seen.nodes)
    assert set(common(first, second)) == set(common(second, first))


@given(any_timeline(), st.sampled_from(list(Part)), st.floats(0, 5))
def test_measures_are_possible_whatever_was_seen(seen: Timeline, part: Part, triggered_at: float) -> None:
    found = measure(seen, part, old=A, triggered_at=triggered_at)
    assert found.lost_at >= triggered_at
    if found.detected is not None:
        assert 0 <= found.detected.began <= found.detected.ended
    assert found.failed == sum(not answer.ok for answer in seen.answers)
    assert found.served == (bool(seen.answers) and all(seen.of(probe)[-1].ok for probe in seen.probes))
    for one in found.tallies:
        assert one.failed <= one.attempts
        assert (one.worst is None) == (one.failed == 0)
    found.to_dict()


@given(any_timeline(), st.floats(0, 3))
def test_a_node_became_primary_no_earlier_than_the_look_before(seen: Timeline, since: float) -> None:
    change = became_primary(seen, B, since)
    if change is None:
        assert not any(look.primary and look.ended >= since for look in seen.looks(B))
        return
    assert since <= change.ended
    assert change.began <= change.ended
    assert any(look.ended == change.ended and look.primary for look in seen.looks(B))


@given(any_timeline(), st.floats(0, 20), st.floats(0, 20))
def test_a_part_of_a_timeline_holds_what_ended_in_it(seen: Timeline, first: float, second: float) -> None:
    began, ended = sorted((first, second))
    part = seen.within(began, ended)
    assert all(began <= one.ended <= ended for one in (*part.answers, *part.samples))
    assert len(part.answers) == sum(began <= one.ended <= ended for one in seen.answers)
    assert part.extent.ended <= max(ended, 0.0)


def test_nothing_seen_is_nothing_drawn() -> None:
    empty = Timeline(nodes=(A, B))
    assert joined([]) == serving_stretches(empty) == empty.probes == ()
    assert empty.extent == Span(began=0.0, ended=0.0)
