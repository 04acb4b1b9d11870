"""The report on a terminal: figures, a timeline in characters, and every check with its evidence."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from gatepair.probes import PROBE_NAMES
from gatepair.verify.spans import NOBODY
from gatepair.verify.words import direction, figures, headline, method, promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from gatepair.probes import Span
    from gatepair.verify.report import PartReport, VerifyReport
    from gatepair.verify.spans import Stretch
    from gatepair.workflows.report import Check

Look = tuple[str, str]

WIDTH: Final = 64
_STYLES: Final = {"pass": "green", "passed": "green", "warn": "yellow", "fail": "red", "failed": "red"}
_ROLES: Final[Mapping[str, Look]] = {
    "primary": ("█", "blue"),
    "secondary": ("░", "blue"),
    "standalone": ("▒", "yellow"),
    "unknown": ("·", "dim"),
}
_SERVED: Final[Look] = ("─", "green")
_FAILED: Final[Look] = ("✗", "red")
_BLANK: Final[Look] = (" ", "")


def render(report: VerifyReport) -> RenderableType:
    """Return a report as something rich can print, with colours or without."""
    return Group(
        *(_part(part, report) for part in report.parts),
        _checks("Before anything was done", report.before),
        Text(f"{promise(report)} {method(report)}".strip(), style="dim"),
        Text(),
        Text(headline(report), style=f"bold {_STYLES[report.verdict]}"),
    )


def _part(part: PartReport, report: VerifyReport) -> RenderableType:
    title = Text.assemble(
        (part.title, "bold"), "  ", (part.verdict, f"bold {_STYLES[part.verdict]}"), f"  {direction(part)}"
    )
    grid = Table.grid(padding=(0, 2))
    for name, value in figures(part):
        grid.add_row(Text(f"  {name}"), Text(value))
    return Group(title, grid, Text(), _drawing(part, report), Text(), _checks("", part.checks))


def _drawing(part: PartReport, report: VerifyReport) -> RenderableType:
    timeline, measures = part.timeline, part.measures
    extent = timeline.extent
    grid = Table.grid(padding=(0, 2))
    for node, stretches in measures.roles:
        grid.add_row(Text(f"  {_short(timeline.title(node))}"), bar(stretches, extent, _ROLES))
    letters: dict[str, Look] = {
        timeline.nodes[0]: ("a", "cyan"),
        timeline.nodes[1]: ("b", "magenta"),
        NOBODY: _FAILED,
        "unknown": ("?", "dim"),
    }
    grid.add_row("  served by", bar(measures.serving, extent, letters))
    for probe, stretches in measures.probes:
        outcomes = dict.fromkeys((one.label for one in stretches), _FAILED) | {"served": _SERVED}
        grid.add_row(f"  {PROBE_NAMES[probe]}", bar(stretches, extent, outcomes))
    grid.add_row("", _pointer(part, extent))
    key = (
        f"  █ primary ░ secondary · silent; a {_short(timeline.title(report.nodes[0]))}, "
        f"b {_short(timeline.title(report.nodes[1]))}; ✗ not served; one place is "
        f"{extent.seconds / WIDTH:.2f} s"
    )
    return Group(grid, Text(key, style="dim"))


def bar(stretches: Sequence[Stretch], extent: Span, looks: Mapping[str, Look]) -> Text:
    """Return stretches as one line of characters; what is short and bad still gets one of its own.

    Args:
        stretches: What to draw, by time.
        extent: From when to when.
        looks: Character and style of each label.
    """
    cells: list[Look] = [_BLANK] * WIDTH
    for one in sorted(stretches, key=lambda stretch: looks.get(stretch.label, _BLANK) == _FAILED):
        first = _place(one.began, extent)
        last = max(_place(one.ended, extent), first + 1)
        for place in range(first, min(last, WIDTH)):
            cells[place] = looks.get(one.label, _BLANK)
    return Text.assemble(*(("".join(mark for mark, _ in run), style) for style, run in _runs(cells)))


def _runs(cells: Sequence[Look]) -> Iterator[tuple[str, list[Look]]]:
    """Yield what follows each other in one style."""
    for style, run in groupby(cells, key=itemgetter(1)):
        yield style, list(run)


def _place(moment: float, extent: Span) -> int:
    share = (moment - extent.began) / max(extent.seconds, 1e-9)
    return min(max(round(share * WIDTH), 0), WIDTH - 1 if share < 1 else WIDTH)


def _pointer(part: PartReport, extent: Span) -> Text:
    """Return the line that shows where the switch was."""
    return Text(" " * _place(part.triggered_at, extent) + "▲ switch", style="dim")


def _short(title: str) -> str:
    return title.partition(" (")[0]


def _checks(title: str, checks: Iterable[Check]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for check in checks:
        evidence = Text(check.evidence)
        if check.remedy:
            evidence.append(f"\n{check.remedy}", style="yellow")
        grid.add_row(Text(f"  {check.verdict}", style=_STYLES[check.verdict]), check.id, evidence)
    return Group(*([Text(title, style="bold")] if title else []), grid, Text())
