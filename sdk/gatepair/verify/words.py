"""What a report says in a sentence, the same on the terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.probes import PROBE_NAMES

if TYPE_CHECKING:
    from gatepair.verify.report import PartReport, VerifyReport

OUTCOME_NAMES = {
    "served": "served",
    "no-answer": "no answer",
    "bad-answer": "wrong answer",
    "unauthorized": "401",
    "signed-out": "signed out",
}


def headline(report: VerifyReport) -> str:
    """Return the verdict as a sentence."""
    if not report.parts:
        return "Nothing was done: the pair is not fit for a failover."
    good = sum(part.ok for part in report.parts)
    count = f"{good} of {len(report.parts)} switches passed"
    return f"Failover works: {count}." if report.ok else f"Failover does not work as it should: {count}."


def seconds(value: float | None) -> str:
    """Return seconds as a person reads them; ``None`` is something that never came about.

    Example:
        >>> seconds(0.0), seconds(3.04), seconds(75), seconds(None)
        ('0.0 s', '3.0 s', '75 s', 'never')
    """
    if value is None:
        return "never"
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"  # noqa: PLR2004 - one decimal is enough for more


def times(count: int) -> str:
    """Return how often, in words.

    Example:
        >>> times(1), times(3)
        ('once', '3 times')
    """
    return "once" if count == 1 else f"{count} times"


def direction(part: PartReport) -> str:
    """Return from which node to which the roles went."""
    return f"{part.timeline.title(part.old)} → {part.timeline.title(part.new)}"


def figures(part: PartReport) -> tuple[tuple[str, str], ...]:
    """Return the figures of a part, each with its name."""
    measures = part.measures
    attempts = sum(one.attempts for one in measures.tallies)
    worst = measures.worst
    named = f" ({PROBE_NAMES[worst.probe]})" if worst else ""
    return (
        ("until the other node was primary", seconds(measures.detect_s)),
        (f"longest time without service{named}", seconds(measures.serve_s)),
        ("failed attempts", f"{measures.failed} of {attempts}"),
        ("in order again after", seconds(part.settled_at - part.triggered_at)),
    )


def promise(report: VerifyReport) -> str:
    """Return what was promised, as a sentence."""
    if report.promise is None:
        return ""
    known = report.promise
    return (
        f"The timers promise another primary within {seconds(known.detect_s)} and service within "
        f"{seconds(known.serve_s)}."
    )


def method(report: VerifyReport) -> str:
    """Return how it was measured, and how exactly."""
    if not report.probes:
        return "Users were not probed."
    acts = ", ".join(PROBE_NAMES[probe] for probe in report.probes)
    slowest = max(
        (one.slowest_s for part in report.parts for one in part.measures.tallies), default=report.timeout_s
    )
    every, limit = report.interval_s, report.timeout_s
    return (
        f"Users were probed ({acts}) and both nodes asked for their role every {every:g} s, each on its own, "
        "all on one clock that never goes back. An answer tells how things were at some moment while it was "
        f"under way; good ones took up to {slowest:.2f} s here, and one was given up after {limit:g} s. "
        f"So nothing shorter than {every:g} s is sure to be seen, and a time may be off by up to "
        f"{every + slowest:.2f} s, or by {every + limit:g} s where an attempt got no answer."
    )
