"""What one switch of roles took, computed from the timeline, and what the timers promise. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.probes import Outage, Probe, Span, outages
from gatepair.verify.options import MARGIN_S, Part
from gatepair.verify.spans import (
    Stretch,
    became_primary,
    no_primary,
    probe_stretches,
    role_stretches,
    serving_stretches,
    takeovers,
    two_primaries,
)

if TYPE_CHECKING:
    from gatepair.verify.timeline import Timeline


@attrs.frozen(kw_only=True)
class Promise:
    """What the pair's timers promise, in seconds.

    A node is given up after the dead interval without a hello; the last hello may have come up to one
    hello interval before the failure, so silence is noticed at most both together later. A failover that is
    asked for waits for no timer, but is held to the same limit: after that the peer takes over anyway.

    Attributes:
        detect_s: Until the other node is primary.
        serve_s: Until users are served again.
        resolution_s: How exactly this run can measure: the pause between two attempts and the longest that
            one of them may take.
    """

    detect_s: float
    serve_s: float
    resolution_s: float

    @classmethod
    def of(
        cls,
        *,
        hello_interval_ms: int,
        dead_interval_s: int,
        every_s: float,
        timeout_s: float,
        margin_s: float = MARGIN_S,
    ) -> Promise:
        """Return the promise of a pair's timers, measured by probes of that pace.

        Example:
            >>> Promise.of(hello_interval_ms=200, dead_interval_s=3, every_s=0.2, timeout_s=1.0).detect_s
            3.2
        """
        detect_s = dead_interval_s + hello_interval_ms / 1000
        return cls(detect_s=detect_s, serve_s=detect_s + margin_s, resolution_s=every_s + timeout_s)

    def to_dict(self) -> dict[str, object]:
        """Return the promise as a JSON-ready mapping."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class Tally:
    """How one kind of probe went.

    Attributes:
        probe: Which.
        attempts: How many.
        failed: Attempts that were not served.
        outages: Runs of these.
        connections: Connections, or sign-ins, it took; 1 if the first one lived through, 0 for probes
            that make a new one each time.
        slowest_s: Duration of the slowest good attempt: how exactly its moment is known.
    """

    probe: Probe
    attempts: int
    failed: int
    outages: tuple[Outage, ...]
    connections: int
    slowest_s: float

    @property
    def served_at_the_end(self) -> bool:
        """Whether the last attempt was served."""
        return self.attempts > 0 and (not self.outages or self.outages[-1].ended is not None)

    @property
    def worst(self) -> Outage | None:
        """The longest outage; one that has not ended is the worst. ``None`` without any."""
        return max(self.outages, key=lambda one: (one.ended is None, one.so_far_s), default=None)

    def to_dict(self) -> dict[str, object]:
        """Return the tally as a JSON-ready mapping."""
        return {
            "probe": str(self.probe),
            "attempts": self.attempts,
            "failed": self.failed,
            "connections": self.connections,
            "slowest_s": round(self.slowest_s, 3),
            "outages": [outage.to_dict() for outage in self.outages],
        }


@attrs.frozen(kw_only=True)
class Measures:
    """What one switch took, times in seconds.

    Attributes:
        lost_at: When the old primary was asked to go or gave its last sign of life.
        detected: From when to when, counted from ``lost_at``, the other node may have become primary;
            ``None`` if it never did.
        tallies: How each kind of probe went.
        two_primaries: When both nodes were primary for certain.
        no_primary: When neither was.
        takeovers: How often a node became primary.
        serving: Which node served when.
        roles: Roles of each node over time.
        probes: Outcomes of each probe over time.
    """

    lost_at: float
    detected: Span | None
    tallies: tuple[Tally, ...]
    two_primaries: tuple[Span, ...]
    no_primary: tuple[Span, ...]
    takeovers: int
    serving: tuple[Stretch, ...]
    roles: tuple[tuple[str, tuple[Stretch, ...]], ...]
    probes: tuple[tuple[Probe, tuple[Stretch, ...]], ...]

    @property
    def detect_s(self) -> float | None:
        """Seconds until the other node was seen as primary; ``None`` if it never was."""
        return None if self.detected is None else self.detected.ended

    @property
    def served(self) -> bool:
        """Whether every kind of attempt was served at the end."""
        return bool(self.tallies) and all(one.served_at_the_end for one in self.tallies)

    @property
    def worst(self) -> Outage | None:
        """The longest outage of all probes; ``None`` if no attempt failed."""
        found = [one.worst for one in self.tallies if one.worst]
        return max(found, key=lambda one: (one.ended is None, one.so_far_s), default=None)

    @property
    def serve_s(self) -> float | None:
        """Longest time between two good answers, 0 if no attempt failed; ``None`` if it did not end."""
        return 0.0 if self.worst is None else self.worst.seconds

    @property
    def failed(self) -> int:
        """Attempts of all kinds that were not served."""
        return sum(one.failed for one in self.tallies)

    def tally(self, probe: Probe) -> Tally | None:
        """Return how one kind of probe went, if it was made."""
        return next((one for one in self.tallies if one.probe is probe), None)

    def to_dict(self) -> dict[str, object]:
        """Return the measures as a JSON-ready mapping."""
        return {
            "detect_s": _rounded(self.detect_s),
            "detected_between_s": _pair(self.detected),
            "served_again_s": _rounded(self.serve_s),
            "failed_attempts": self.failed,
            "takeovers": self.takeovers,
            "two_primaries": [_pair(span) for span in self.two_primaries],
            "no_primary": [_pair(span) for span in self.no_primary],
            "probes": [one.to_dict() for one in self.tallies],
            "serving": [one.to_dict() for one in self.serving],
            "roles": {node: [one.to_dict() for one in stretches] for node, stretches in self.roles},
        }


def measure(timeline: Timeline, part: Part, *, old: str, triggered_at: float) -> Measures:
    """Compute what one switch took.

    Args:
        timeline: What was seen while it went on, with a little time before.
        part: What was done.
        old: The node that was primary before.
        triggered_at: When it was done.
    """
    change = became_primary(timeline, timeline.other(old), triggered_at)
    lost_at = triggered_at
    if part is Part.HARD:
        lost_at = last_sign_of_life(timeline, old, triggered_at, change.ended if change else None)
    return Measures(
        lost_at=lost_at,
        detected=_counted_from(lost_at, change),
        tallies=tuple(tally(timeline, probe) for probe in timeline.probes),
        two_primaries=two_primaries(timeline),
        no_primary=no_primary(timeline),
        takeovers=len(takeovers(timeline)),
        serving=serving_stretches(timeline),
        roles=tuple((node, role_stretches(timeline, node)) for node in timeline.nodes),
        probes=tuple((probe, probe_stretches(timeline, probe)) for probe in timeline.probes),
    )


def tally(timeline: Timeline, probe: Probe) -> Tally:
    """Return how one kind of probe went."""
    answers = timeline.of(probe)
    good = [answer for answer in answers if answer.ok]
    return Tally(
        probe=probe,
        attempts=len(answers),
        failed=len(answers) - len(good),
        outages=outages(answers),
        connections=len({answer.connection for answer in good if answer.connection}),
        slowest_s=max((answer.seconds for answer in good), default=0.0),
    )


def last_sign_of_life(timeline: Timeline, node: str, since: float, until: float | None) -> float:
    """Return when a node was last seen alive after its power was to be cut, before the other took over.

    A person or a command takes a while to cut the power; the clock starts when the node fell silent.
    """
    limit = float("inf") if until is None else until
    looks = [look.began for look in timeline.looks(node) if look.reachable and look.primary]
    served = [one.began for one in timeline.answers if one.ok and timeline.identify(one.node) == node]
    return max((moment for moment in (*looks, *served) if since <= moment <= limit), default=since)


def _counted_from(start: float, span: Span | None) -> Span | None:
    if span is None:
        return None
    return Span(began=max(0.0, span.began - start), ended=max(0.0, span.ended - start))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _pair(span: Span | None) -> list[float] | None:
    return None if span is None else [round(span.began, 3), round(span.ended, 3)]
