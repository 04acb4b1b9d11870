"""Answers over time: when users were not served, and for how long. Pure functions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatepair.probes.answers import Answer, Probe


@attrs.frozen(kw_only=True)
class Outage:
    """A run of attempts of one kind that were not served.

    No probe looks without pause, so the length is known within bounds only: the true outage is not
    shorter than ``shortest_s`` and not longer than ``longest_s``. ``seconds`` is what a user felt, from one
    good answer to the next.

    Attributes:
        probe: The kind of attempts.
        began: End of the last good answer before; beginning of the first attempt if there was none.
        ended: End of the first good answer after; ``None`` while there is none.
        failed: Attempts in it.
        last_at: When the last failed attempt had failed.
        shortest_s: From the end of the first failed attempt to the beginning of the last.
        longest_s: From the beginning of the last good answer to the end of the next; ``None`` while there
            is none.
        detail: What went wrong first.
    """

    probe: Probe
    began: float
    ended: float | None
    failed: int
    last_at: float
    shortest_s: float
    longest_s: float | None
    detail: str = ""

    @property
    def seconds(self) -> float | None:
        """From one good answer to the next; ``None`` while it has not ended."""
        return None if self.ended is None else self.ended - self.began

    @property
    def so_far_s(self) -> float:
        """Its length, or for one that has not ended the length up to the last failed attempt."""
        return (self.last_at if self.ended is None else self.ended) - self.began

    def to_dict(self) -> dict[str, object]:
        """Return the outage as a JSON-ready mapping, times in seconds."""
        known = attrs.asdict(self) | {"seconds": self.seconds}
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in known.items()}


def outages(answers: Sequence[Answer]) -> tuple[Outage, ...]:
    """Return the outages among attempts of one kind, made one after the other."""
    runs = [list(group) for _, group in groupby(answers, lambda answer: answer.ok)]
    found: list[Outage] = []
    for place, run in enumerate(runs):
        if run[0].ok:
            continue
        before = runs[place - 1][-1] if place else None
        after = runs[place + 1][0] if place + 1 < len(runs) else None
        found.append(
            Outage(
                probe=run[0].probe,
                began=before.ended if before else run[0].began,
                ended=after.ended if after else None,
                failed=len(run),
                last_at=run[-1].ended,
                shortest_s=max(0.0, run[-1].began - run[0].ended),
                longest_s=after.ended - (before or run[0]).began if after else None,
                detail=run[0].detail,
            )
        )
    return tuple(found)


def all_outages(answers: Iterable[Answer]) -> tuple[Outage, ...]:
    """Return the outages of all kinds of attempts, by their beginning."""
    by_probe: dict[Probe, list[Answer]] = {}
    for answer in answers:
        by_probe.setdefault(answer.probe, []).append(answer)
    found = [outage for series in by_probe.values() for outage in outages(series)]
    return tuple(sorted(found, key=lambda outage: outage.began))
