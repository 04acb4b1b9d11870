"""Draws a timeline as SVG for the page: roles of both nodes, who served, and every attempt of the users."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import attrs

from gatepair.probes import PROBE_NAMES, Answer, Probe
from gatepair.verify.spans import NOBODY, Stretch
from gatepair.verify.words import OUTCOME_NAMES, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatepair.probes import Span
    from gatepair.verify.measures import Promise
    from gatepair.verify.report import PartReport

WIDTH: Final = 1080
LEFT: Final = 170
RIGHT: Final = 20
TOP: Final = 54
ROW: Final = 26
BAR: Final = 16
_FEWEST_TICKS: Final = 6
_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_NARROWEST: Final = 1.2
_SHORTEST_NAMED: Final = 56


@attrs.frozen
class Scale:
    """From seconds to places on the drawing; 0 is the moment of the switch.

    Attributes:
        zero: When that was, on the clock of the report.
        began: First moment drawn.
        ended: Last one.
    """

    zero: float
    began: float
    ended: float

    def x(self, moment: float) -> float:
        """Return the place of a moment."""
        share = (moment - self.began) / max(self.ended - self.began, 1e-9)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> tuple[float, ...]:
        """Return the moments that are named below the drawing, in whole steps from the switch."""
        extent = self.ended - self.began
        step = next((one for one in reversed(_STEPS) if extent / one >= _FEWEST_TICKS), _STEPS[0])
        first = int((self.began - self.zero) / step) - 1
        last = int((self.ended - self.zero) / step) + 1
        moments = (self.zero + number * step for number in range(first, last + 1))
        return tuple(moment for moment in moments if self.began <= moment <= self.ended)


@attrs.frozen
class Row:
    """One line of the drawing: a name, bars with their classes and what they say, thin marks on them."""

    name: str
    bars: tuple[tuple[Span, str, str], ...]
    marks: tuple[tuple[Span, str, str], ...] = ()


def draw(part: PartReport, promise: Promise | None) -> str:
    """Return the drawing of one part as an ``svg`` element without outside references."""
    extent = part.timeline.extent
    scale = Scale(part.triggered_at, min(extent.began, part.triggered_at), max(extent.ended, part.ended_at))
    rows = _rows(part)
    height = TOP + len(rows) * ROW + 34
    label = f"Timeline of {part.title}: roles of both nodes and answers to users"
    inner = [
        *_promised(part, promise, scale, height),
        *(line for place, row in enumerate(rows) for line in _row(row, TOP + place * ROW, scale)),
        *_axis(scale, height),
        *_moments(part, scale, height),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">{"".join(inner)}</svg>'
    )


def _rows(part: PartReport) -> list[Row]:
    timeline, measures = part.timeline, part.measures
    letters = dict(zip(timeline.nodes, ("a", "b"), strict=True))
    roles = [
        Row(
            _short(timeline.title(node)),
            tuple(
                (one, f"r-{one.label}", _said(one, f"{timeline.title(node)} is {one.label}"))
                for one in stretches
            ),
        )
        for node, stretches in measures.roles
    ]
    served = Row(
        "served by",
        tuple(
            (
                one,
                f"n-{letters.get(one.label, 'nobody' if one.label == NOBODY else 'unknown')}",
                _said(one, who),
            )
            for one in measures.serving
            for who in [timeline.title(one.label) if one.label else "nobody serves"]
        ),
    )
    return [*roles, served, *(_probe_row(part, probe, stretches) for probe, stretches in measures.probes)]


def _probe_row(part: PartReport, probe: Probe, stretches: Sequence[Stretch]) -> Row:
    return Row(
        PROBE_NAMES[probe],
        tuple((one, f"o-{one.label}", _said(one, OUTCOME_NAMES[one.label])) for one in stretches),
        tuple(
            (one, "t-ok" if one.ok else "t-bad", _attempt(one, part.triggered_at))
            for one in part.timeline.of(probe)
        ),
    )


def _attempt(answer: Answer, zero: float) -> str:
    """Return one attempt as a sentence."""
    when = f"{OUTCOME_NAMES[answer.outcome]} at {answer.began - zero:+.2f} s, took {answer.seconds:.3f} s"
    return f"{when}: {answer.detail}" if answer.detail else when


def _short(title: str) -> str:
    """Return a node's name without its address, if it has one."""
    return title.partition(" (")[0]


def _said(stretch: Stretch, words: str) -> str:
    return f"{words} for {seconds(stretch.seconds)}"


def _row(row: Row, y: float, scale: Scale) -> Iterator[str]:
    middle = y + BAR / 2 + 4
    yield f'<text class="name" x="{LEFT - 12}" y="{middle:.1f}">{escape(row.name)}</text>'
    for span, kind, words in row.bars:
        x, width = _extent(span, scale)
        yield (
            f'<rect class="{escape(kind)}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2">'
            f"<title>{escape(words)}</title></rect>"
        )
        role = kind.removeprefix("r-").replace("unknown", "no answer")
        if kind.startswith("r-") and width > _SHORTEST_NAMED:
            yield f'<text class="in {escape(kind)}-in" x="{x + 7:.1f}" y="{middle:.1f}">{escape(role)}</text>'
    for span, kind, words in row.marks:
        x, width = _extent(span, scale)
        yield (
            f'<rect class="{kind}" x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="{BAR - 10}">'
            f"<title>{escape(words)}</title></rect>"
        )


def _extent(span: Span, scale: Scale) -> tuple[float, float]:
    left, right = scale.x(span.began), scale.x(span.ended)
    return left, max(right - left, _NARROWEST)


def _promised(part: PartReport, promise: Promise | None, scale: Scale, height: float) -> Iterator[str]:
    """Shade the time that the timers allow."""
    if promise is None:
        return
    start = part.measures.lost_at
    left, right = scale.x(start), scale.x(start + promise.serve_s)
    bottom = height - 30
    yield (
        f'<rect class="promised" x="{left:.1f}" y="{TOP - 8}" width="{max(right - left, 0):.1f}" '
        f'height="{bottom - TOP + 8:.1f}"><title>promised: users are served again within '
        f"{promise.serve_s:.1f} s</title></rect>"
    )


def _axis(scale: Scale, height: float) -> Iterator[str]:
    y = height - 26
    yield f'<line class="axis" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>'
    for moment in scale.ticks():
        x = scale.x(moment)
        yield f'<line class="axis" x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 5}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{y + 18}">{moment - scale.zero:+g} s</text>'.replace(
            ">+0 s<", ">0 s<"
        )


def _moments(part: PartReport, scale: Scale, height: float) -> Iterator[str]:
    """Mark the moments that count, their names staggered so that close ones do not overlap."""
    measures = part.measures
    found = [(part.triggered_at, "switch")]
    if measures.lost_at > part.triggered_at:
        found.append((measures.lost_at, "last sign of life"))
    if measures.detected is not None:
        found.append((measures.lost_at + measures.detected.ended, "other node primary"))
    worst = measures.worst
    if worst is not None and worst.ended is not None:
        found.append((worst.ended, "all served again"))
    for place, (moment, words) in enumerate(found):
        x, y = scale.x(moment), TOP - 40 + place * 11
        yield f'<line class="moment" x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{height - 26}"/>'
        yield f'<text class="moment-name" x="{x + 4:.1f}" y="{y + 8}">{words}</text>'
