"""Things seen over time, for tests that compute and draw: made by hand or by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
from hypothesis import strategies as st

from gatepair.probes import Answer, Outcome, Probe, Target
from gatepair.verify import Part
from gatepair.verify.judging import After, Facts, judge
from gatepair.verify.measures import Measures, Promise, measure
from gatepair.verify.report import PartReport, VerifyReport
from gatepair.verify.sharing import Comparison
from gatepair.verify.timeline import RoleSample, Timeline

A, B = "192.0.2.11", "192.0.2.12"
NODES = (A, B)
NAMES = ("gw-a", "gw-b")
EXTERNAL = "192.0.2.20"
PROMISE = Promise.of(hello_interval_ms=200, dead_interval_s=3, every_s=0.2, timeout_s=1.0)
SWITCHED_AT = 2.0
TAKES_S = 0.02


def looks(node: str, roles: str, *, every_s: float = 0.2, start: float = 0.0) -> list[RoleSample]:
    """Return looks at a node, one for each letter: p(rimary), s(econdary), - (silent)."""
    words = {"p": "primary", "s": "secondary", "-": "unknown"}
    return [
        RoleSample(
            began=start + place * every_s,
            ended=start + place * every_s + TAKES_S,
            node=node,
            role=words[letter],
            detail="connection refused" if letter == "-" else "",
        )
        for place, letter in enumerate(roles)
    ]


def answers(probe: Probe, seen: str, *, every_s: float = 0.2, start: float = 0.0) -> list[Answer]:
    """Return attempts, one for each letter: a or b served it, x failed, u is a 401, o a signed-out user."""
    outcomes = {"x": Outcome.NO_ANSWER, "u": Outcome.UNAUTHORIZED, "o": Outcome.SIGNED_OUT}
    connection = 1
    found: list[Answer] = []
    for place, letter in enumerate(seen):
        if probe is Probe.KEPT and place and seen[place - 1] == "x" and letter != "x":
            connection += 1
        outcome = outcomes.get(letter, Outcome.SERVED)
        began = start + place * every_s
        found.append(
            Answer(
                began=began,
                ended=began + TAKES_S,
                probe=probe,
                outcome=outcome,
                node={"a": A, "b": B}.get(letter, ""),
                connection=connection if probe in {Probe.KEPT, Probe.SESSION} else 0,
                detail="" if outcome is Outcome.SERVED else f"what went wrong ({letter})",
            )
        )
    return found


def timeline(first: str, second: str, seen: str | dict[Probe, str]) -> Timeline:
    """Return a timeline of roles of both nodes and of answers, of all probes alike or each its own."""
    each = dict.fromkeys(Probe, seen) if isinstance(seen, str) else seen
    samples = [*looks(A, first), *looks(B, second)]
    attempts = [answer for probe, letters in each.items() for answer in answers(probe, letters)]
    return Timeline(
        nodes=NODES,
        names=NAMES,
        answers=tuple(sorted(attempts, key=lambda one: one.ended)),
        samples=tuple(sorted(samples, key=lambda one: one.ended)),
    )


GOOD = timeline("p" * 10 + "-" * 20 + "s" * 10, "s" * 24 + "p" * 16, "a" * 10 + "x" * 15 + "b" * 15)
"""A node whose power is cut after two seconds, and its peer that takes over three seconds later."""


def facts(seen: Timeline = GOOD, part: Part = Part.HARD, **changes: object) -> Facts:
    """Return what a switch is judged by: a good one, but for the changes."""
    usual = Facts(
        part=part,
        old=A,
        new=B,
        external=EXTERNAL,
        timeline=seen,
        measures=measures(seen, part),
        promise=PROMISE,
        patience_s=30.0,
        after=After(settled=True, roles=((A, "secondary"), (B, "primary")), sync="SUCCESS", seconds=1.0),
        comparison=Comparison(checksums=((A, "ab" * 32), (B, "ab" * 32)), objects=7),
        sign_in=answers(Probe.SESSION, "b", start=5.5)[0],
    )
    return attrs.evolve(usual, **changes)


def measures(seen: Timeline, part: Part) -> Measures:
    """Return what is computed from a timeline with the switch at two seconds."""
    return measure(seen, part, old=A, triggered_at=SWITCHED_AT)


def part_report(known: Facts | None = None) -> PartReport:
    """Return the report of one switch."""
    known = known or facts()
    return PartReport(
        part=known.part,
        old=known.old,
        new=known.new,
        triggered_at=SWITCHED_AT,
        settled_at=7.0,
        ended_at=8.0,
        measures=known.measures,
        checks=judge(known),
        refused=known.refusal is not None,
        comparison=known.comparison,
        sign_in=known.sign_in,
        timeline=known.timeline,
    )


def report(parts: Sequence[PartReport] | None = None, **changes: object) -> VerifyReport:
    """Return a whole report."""
    usual = VerifyReport(
        id=f"{A},{B}",
        started_at=datetime(2026, 3, 1, 22, 15, tzinfo=UTC),
        seconds=9.5,
        nodes=NODES,
        names=NAMES,
        versions=("NS14.1: Build 47.48.nc", "NS14.1: Build 47.48.nc"),
        target=Target(EXTERNAL, 443, "gateway.example.net"),
        probes=tuple(Probe),
        interval_s=0.2,
        timeout_s=1.0,
        promise=PROMISE,
        parts=tuple([part_report()] if parts is None else parts),
        timeline=GOOD,
    )
    return attrs.evolve(usual, **changes)


@st.composite
def any_timeline(draw: st.DrawFn) -> Timeline:
    """Any looks at both nodes and any answers, each series in its own pace."""
    samples = [
        look
        for node in NODES
        for look in looks(
            node,
            draw(st.text("ps-", max_size=30)),
            every_s=draw(st.floats(0.05, 2)),
            start=draw(st.floats(0, 3)),
        )
    ]
    attempts = [
        answer
        for probe in draw(st.sets(st.sampled_from(Probe)))
        for answer in answers(
            probe,
            draw(st.text("abxuo", max_size=30)),
            every_s=draw(st.floats(0.05, 2)),
            start=draw(st.floats(0, 3)),
        )
    ]
    return Timeline(
        nodes=NODES,
        names=NAMES,
        answers=tuple(sorted(attempts, key=lambda one: one.ended)),
        samples=tuple(sorted(samples, key=lambda one: one.ended)),
    )
