"""A review as plain text, for a terminal or a log."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.headline import glance, headline
from cdktf_stacks.review.text import visible
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.model import PairReview, Review

WIDTH: Final = 100
_COLUMN: Final = 28


def to_terminal(review: Review) -> str:
    """Return a review as lines of plain text without control characters."""
    return "\n".join(_lines(review)) + "\n"


def _lines(review: Review) -> Iterator[str]:
    yield visible(headline(review))
    for warning in review.warnings:
        yield f"Warning: {visible(warning)}"
    for pair in review.pairs:
        yield ""
        yield from _pair(pair)
    if review.others:
        yield ""
        yield "Objects of no pair"
        yield from (f"  {visible(raw.address)}: {', '.join(raw.actions)}" for raw in review.others)
    yield ""
    yield f"Fingerprint: {review.fingerprint}"


def _pair(pair: PairReview) -> Iterator[str]:
    title = f"{visible(pair.name)}: {pair.action} ({pair.impact})"
    yield title
    yield "=" * len(title)
    for risk in pair.risks:
        yield from _wrapped("! ", visible(risk), 2)
    for question, answers in glance(pair):
        for number, answer in enumerate(answers):
            yield from _wrapped(f"{question if not number else '':<{_COLUMN}}", visible(answer), _COLUMN)
    if pair.changes:
        yield ""
    for change in pair.changes:
        sign = "^" if change.origin == "drift" else "~"
        yield from _wrapped(f"{sign} ", visible(f"{change.label}: {change.before} -> {change.after}"), 2)
    if pair.steps:
        yield ""
    for number, step in enumerate(pair.steps, 1):
        where = f"{step.node}: " if step.node else ""
        impact = "" if step.impact is Impact.NONE else f" ({step.impact})"
        yield from _wrapped(f"{number:3}. ", visible(f"{where}{step.title}{impact}"), 5)
        if step.notice:
            yield from _wrapped("     ", visible(step.notice), 5)
    if pair.asked:
        yield from _preflight(pair)


def _preflight(pair: PairReview) -> Iterator[str]:
    yield ""
    yield from _wrapped("Preflight: ", visible(pair.asked), 11)
    for check in pair.checks:
        if check.verdict != "pass":
            text = f"{check.verdict} {check.node} {check.title}: {check.evidence} {check.remedy}"
            yield from _wrapped("  ", visible(text), 4)


def _wrapped(start: str, text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * indent, break_on_hyphens=False
    ) or [start.rstrip()]
