"""What came of one attempt of a user, in seconds on one clock. Plain facts that judge nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import attrs


class Probe(StrEnum):
    """What a user does at the external virtual IP."""

    CONNECT = "connect"
    REQUEST = "request"
    KEPT = "kept"
    SESSION = "session"


ALL_PROBES = tuple(Probe)

PROBE_NAMES = {
    Probe.CONNECT: "TCP connect",
    Probe.REQUEST: "HTTPS request",
    Probe.KEPT: "kept connection",
    Probe.SESSION: "user session",
}
"""Probes as a person reads them."""


class Outcome(StrEnum):
    """What came of one attempt."""

    SERVED = "served"
    NO_ANSWER = "no-answer"
    BAD_ANSWER = "bad-answer"
    UNAUTHORIZED = "unauthorized"
    SIGNED_OUT = "signed-out"


class Stopwatch:
    """The one clock everything is measured on: seconds since it was made, and what time that was.

    Example:
        >>> stopwatch = Stopwatch()
        >>> stopwatch() >= 0, stopwatch.at(1.5) - stopwatch.at(0.0)
        (True, datetime.timedelta(seconds=1, microseconds=500000))
    """

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self._zero = time.monotonic()

    def __call__(self) -> float:
        """Return the seconds since it was made."""
        return time.monotonic() - self._zero

    def at(self, seconds: float) -> datetime:
        """Return the time of day, in UTC, at which it showed so many seconds."""
        return self.started_at + timedelta(seconds=seconds)


@attrs.frozen(kw_only=True)
class Span:
    """A stretch of time in seconds; ``ended`` is not before ``began``."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.ended - self.began

    def meets(self, other: Span) -> Span | None:
        """Return the part both have in common, if it lasts at all.

        Example:
            >>> Span(began=1.0, ended=3.0).meets(Span(began=2.0, ended=5.0))
            Span(began=2.0, ended=3.0)
        """
        began, ended = max(self.began, other.began), min(self.ended, other.ended)
        return Span(began=began, ended=ended) if began < ended else None


@attrs.frozen(kw_only=True)
class Answer(Span):
    """One attempt of a user; the gateway was as it says at *some* moment within.

    Attributes:
        probe: What was attempted.
        outcome: What came of it.
        node: Who served it, if the answer says so: a host name or an address.
        status: HTTP status, 0 without one.
        connection: Which connection (or, for the user session, which sign-in) it used, counted from 1;
            0 for probes that make a new one each time.
        detail: What went wrong.
    """

    probe: Probe
    outcome: Outcome
    node: str = ""
    status: int = 0
    connection: int = 0
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the user was served."""
        return self.outcome is Outcome.SERVED

    def to_dict(self) -> dict[str, object]:
        """Return the answer as a JSON-ready mapping, times rounded to a tenth of a millisecond."""
        known = attrs.asdict(self)
        times = {name: round(known.pop(name), 4) for name in ("began", "ended")}
        return times | {name: value for name, value in known.items() if value not in ("", 0)}
