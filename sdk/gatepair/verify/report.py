"""What verify found: each failover judged on its own, and the verdict on all of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import attrs

from gatepair.verify.options import PART_NAMES, Part
from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.probes import Answer, Probe, Target
    from gatepair.verify.measures import Measures, Promise
    from gatepair.verify.sharing import Comparison
    from gatepair.verify.timeline import Timeline

Outcome = Literal["passed", "failed"]


def verdict_of(checks: Iterable[Check]) -> Outcome:
    """Return the verdict on checks; warnings do not count."""
    return "failed" if any(check.verdict is Verdict.FAIL for check in checks) else "passed"


@attrs.frozen(kw_only=True)
class PartReport:
    """One failover or fail back, judged on its own.

    Attributes:
        part: What was done.
        old: Management address of the node that served before.
        new: Management address of the node that was to serve after.
        triggered_at: When it was done, in seconds since the beginning.
        settled_at: When everything was in order again, or was given up.
        ended_at: When it was watched no longer.
        measures: What it took.
        checks: What was judged, in order.
        refused: Whether the switch could not even be brought about.
        comparison: How the shared configuration of both nodes compares after; ``None`` if it did not come
            to that.
        sign_in: What a user saw who signed in anew after; ``None`` without a user.
        timeline: Everything that was seen meanwhile.
    """

    part: Part
    old: str
    new: str
    triggered_at: float
    settled_at: float
    ended_at: float
    measures: Measures
    checks: tuple[Check, ...]
    refused: bool = False
    comparison: Comparison | None = None
    sign_in: Answer | None = None
    timeline: Timeline = attrs.field(repr=False)

    def check(self, name: str) -> Check | None:
        """Return one check by its id, if it was made."""
        return next((check for check in self.checks if check.id == name), None)

    @property
    def stands(self) -> bool:
        """Whether the switch was made and the new node serves, so that another one may follow."""
        return not self.refused and self.check("undone") is None and self.measures.detected is not None

    @property
    def title(self) -> str:
        """What was done, as a person reads it."""
        return PART_NAMES[self.part]

    @property
    def verdict(self) -> Outcome:
        """``passed`` or ``failed``."""
        return verdict_of(self.checks)

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return self.verdict == "passed"

    def to_dict(self) -> dict[str, object]:
        """Return the part as a JSON-ready mapping; times in seconds since the beginning."""
        return {
            "part": str(self.part),
            "title": self.title,
            "verdict": self.verdict,
            "from": self.old,
            "to": self.new,
            "triggered_at_s": round(self.triggered_at, 3),
            "settled_at_s": round(self.settled_at, 3),
            "ended_at_s": round(self.ended_at, 3),
            "measures": self.measures.to_dict(),
            "checks": [check.to_dict() for check in self.checks],
            "configuration": self.comparison.to_dict() if self.comparison else None,
            "sign_in": self.sign_in.to_dict() if self.sign_in else None,
        }


@attrs.frozen(kw_only=True)
class VerifyReport:
    """The proof that failover works, or what stands against it.

    Attributes:
        id: Canonical pair identifier.
        started_at: When it began, UTC.
        seconds: How long it took.
        nodes: Management addresses of both nodes in canonical order.
        names: Their host names; may be empty.
        versions: Their firmware.
        target: Where users went; ``None`` if the pair has no external virtual IP.
        probes: What users did.
        interval_s: Seconds from one attempt or look to the next.
        timeout_s: Seconds one attempt might take.
        promise: What the pair's timers promise; ``None`` if they could not be read.
        before: What was judged before anything was done; nothing is done unless all of it is fine.
        parts: The failovers, in order.
        timeline: Everything that was seen.

    Example:
        >>> report = session.verify()  # doctest: +SKIP
        >>> report.verdict, report.parts[0].measures.detect_s  # doctest: +SKIP
        ('passed', 3.1)
    """

    id: str
    started_at: datetime
    seconds: float
    nodes: tuple[str, str]
    names: tuple[str, str] = ("", "")
    versions: tuple[str, str] = ("", "")
    target: Target | None = None
    probes: tuple[Probe, ...] = ()
    interval_s: float
    timeout_s: float
    promise: Promise | None = None
    before: tuple[Check, ...] = ()
    parts: tuple[PartReport, ...] = ()
    timeline: Timeline = attrs.field(repr=False)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Everything that was judged, in order."""
        return (*self.before, *(check for part in self.parts for check in part.checks))

    @property
    def verdict(self) -> Outcome:
        """``passed`` or ``failed``."""
        return verdict_of(self.checks)

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return self.verdict == "passed"

    def to_dict(self) -> dict[str, object]:
        """Return the report as a JSON-ready mapping."""
        target = self.target
        return {
            "id": self.id,
            "verdict": self.verdict,
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            "seconds": round(self.seconds, 3),
            "nodes": [
                {"address": address, "host_name": name, "version": version}
                for address, name, version in zip(self.nodes, self.names, self.versions, strict=True)
            ],
            "target": {"address": target.address, "port": target.port, "server_name": target.name}
            if target
            else None,
            "sampling": {
                "probes": [str(probe) for probe in self.probes],
                "interval_s": self.interval_s,
                "timeout_s": self.timeout_s,
            },
            "promise": self.promise.to_dict() if self.promise else None,
            "before": [check.to_dict() for check in self.before],
            "parts": [part.to_dict() for part in self.parts],
        }
