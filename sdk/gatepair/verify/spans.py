"""Roles over time: who was primary when, when both were, when nobody was. Pure functions.

A look at a node says what it was at *some* moment between request and answer. Two looks with the same
role after each other therefore prove it for the time from the end of the first to the beginning of the
last; between looks that differ nothing is proved. Findings rest on what is proved; drawings put the
change in the middle.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import attrs

from gatepair.probes import Probe, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatepair.verify.timeline import RoleSample, Timeline

NOBODY = ""
UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Stretch(Span):
    """A stretch of time with a label: a role, or the node that served; empty when nobody did."""

    label: str

    def to_dict(self) -> dict[str, object]:
        """Return the stretch as a JSON-ready mapping, times in seconds."""
        return {"began": round(self.began, 3), "ended": round(self.ended, 3), "label": self.label}


def proved(samples: Sequence[RoleSample], holds: Callable[[RoleSample], bool]) -> tuple[Span, ...]:
    """Return the stretches for which looks at one node prove that something held."""
    spans: list[Span] = []
    for held, group in groupby(samples, holds):
        run = list(group)
        if held and run[0].ended < run[-1].began:
            spans.append(Span(began=run[0].ended, ended=run[-1].began))
    return tuple(spans)


def common(first: Iterable[Span], second: Sequence[Span]) -> tuple[Span, ...]:
    """Return where spans of both series overlap."""
    return tuple(both for one in first for other in second if (both := one.meets(other)))


def two_primaries(timeline: Timeline) -> tuple[Span, ...]:
    """Return the stretches in which both nodes were primary for certain."""
    first, second = (proved(timeline.looks(node), lambda look: look.primary) for node in timeline.nodes)
    return common(first, second)


def no_primary(timeline: Timeline) -> tuple[Span, ...]:
    """Return the stretches in which neither node said that it is primary."""
    first, second = (proved(timeline.looks(node), lambda look: not look.primary) for node in timeline.nodes)
    return common(first, second)


def takeovers(timeline: Timeline) -> tuple[RoleSample, ...]:
    """Return the looks at which a node was seen to have become primary, by time.

    A node that was primary before it fell silent and after has not taken over; one that was secondary has.
    """
    found: list[RoleSample] = []
    for node in timeline.nodes:
        known = [look for look in timeline.looks(node) if look.reachable]
        found += [later for earlier, later in pairwise(known) if later.primary and not earlier.primary]
    return tuple(sorted(found, key=lambda look: look.ended))


@attrs.frozen(kw_only=True)
class Change(Span):
    """A change that came about in this span: after the last look without it, before the first with it."""


def became_primary(timeline: Timeline, node: str, since: float) -> Change | None:
    """Return when a node became primary: the bounds that the looks at it allow."""
    looks = timeline.looks(node)
    for place, look in enumerate(looks):
        if look.primary and look.ended >= since:
            earliest = looks[place - 1].began if place and not looks[place - 1].primary else look.began
            return Change(began=max(since, min(earliest, look.ended)), ended=look.ended)
    return None


def role_stretches(timeline: Timeline, node: str) -> tuple[Stretch, ...]:
    """Return the roles of one node without gaps, for drawing."""
    return joined([(look, look.role if look.reachable else UNKNOWN) for look in timeline.looks(node)])


def serving_stretches(timeline: Timeline) -> tuple[Stretch, ...]:
    """Return which node served the logon page when; the label is its address, or empty for nobody.

    Answers that do not name the node are put down to the one that was primary at the time.
    """
    roles = {node: role_stretches(timeline, node) for node in timeline.nodes}

    def server(moment: float) -> str:
        primary = [
            node
            for node, stretches in roles.items()
            if any(one.label == "primary" and one.began <= moment <= one.ended for one in stretches)
        ]
        return primary[0] if len(primary) == 1 else UNKNOWN

    return joined(
        [
            (answer, (timeline.identify(answer.node) or server(answer.ended)) if answer.ok else NOBODY)
            for answer in timeline.of(Probe.REQUEST)
        ]
    )


def probe_stretches(timeline: Timeline, probe: Probe) -> tuple[Stretch, ...]:
    """Return how one kind of attempts went, without gaps, for drawing; the label is the outcome."""
    return joined([(answer, str(answer.outcome)) for answer in timeline.of(probe)])


def joined(seen: Sequence[tuple[Span, str]]) -> tuple[Stretch, ...]:
    """Join what follows each other with one label; the change is put in the middle between two."""
    runs: list[Stretch] = []
    for label, group in groupby(seen, lambda each: each[1]):
        run = [span for span, _ in group]
        runs.append(Stretch(began=run[0].began, ended=run[-1].ended, label=label))
    edges = [(before.ended + after.began) / 2 for before, after in pairwise(runs)]
    starts = [runs[0].began, *edges] if runs else []
    ends = [*edges, runs[-1].ended] if runs else []
    return tuple(
        Stretch(began=start, ended=max(start, end), label=run.label)
        for start, end, run in zip(starts, ends, runs, strict=True)
    )
