"""The report of an upgrade, and the file in which it is evidence: JSON with a readable form in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.upgrading.snapshot import Snapshot, from_dict

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair.workflows.upkeep_result import Backup

FORMAT: Final = "gatepair-upgrade-1"
Document: TypeAlias = dict[str, object]
Record: TypeAlias = Callable[["UpgradeReport"], None]
"""Puts the report away as it stands."""


class UpgradeVerdict(StrEnum):
    """How an upgrade ended."""

    RUNNING = "running"
    UPGRADED = "upgraded"
    NOT_READY = "not-ready"
    STOPPED = "stopped"
    FAILED = "failed"


MEANINGS: Final = {
    UpgradeVerdict.RUNNING: "it is under way, or was cut off",
    UpgradeVerdict.UPGRADED: "both appliances run the new build and nothing is lost",
    UpgradeVerdict.NOT_READY: "a check before it failed; nothing was changed",
    UpgradeVerdict.STOPPED: "it stopped on the way; run it again when the reason is gone",
    UpgradeVerdict.FAILED: "both appliances run the new build, but a check after it failed",
}


@attrs.frozen(kw_only=True)
class Event:
    """Something that was done.

    Attributes:
        at_s: Seconds since the beginning.
        step: Stable name of the kind of step.
        message: What, in words.
        node: The appliance, empty for the pair.
    """

    at_s: float
    step: str
    message: str
    node: str = ""


@attrs.frozen(kw_only=True)
class Before:
    """How the pair was before anything was done, maybe by an earlier run.

    Attributes:
        snapshot: Both appliances.
        earlier: Verdicts of earlier runs that were to do the same.
    """

    snapshot: Snapshot
    earlier: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class UpgradeReport:
    """What an upgrade did and found.

    Attributes:
        id: Canonical identifier of the pair.
        verdict: How it ended.
        changed: Whether it changed anything.
        target: The new build.
        source: Where the archive came from, without user and password.
        started_at: When it began, ISO 8601 in UTC.
        seconds: Time it took.
        before: Both appliances before.
        after: Both appliances in the end, absent if that was not reached.
        readiness: Checks before anything was changed.
        checks: Checks before each step that users would feel, and after all.
        events: What was done when.
        backups: Backups made first.
        users_watched: Whether somebody watched users.
        longest_outage_s: Longest time in which they were not served.
        allowed_outage_s: What was allowed.
        outages: All such times.
        reason: Why it stopped, empty if it did not.
        remedy: What to do about it.
        earlier: Verdicts of earlier runs that were to do the same.
    """

    id: str
    verdict: UpgradeVerdict
    changed: bool
    target: str
    source: str
    started_at: str
    seconds: float
    before: Snapshot
    after: Snapshot | None = None
    readiness: tuple[Check, ...] = ()
    checks: tuple[Check, ...] = ()
    events: tuple[Event, ...] = ()
    backups: tuple[Backup, ...] = ()
    users_watched: bool = False
    longest_outage_s: float = 0.0
    allowed_outage_s: float = 0.0
    outages: tuple[Mapping[str, object], ...] = ()
    reason: str = ""
    remedy: str = ""
    earlier: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the pair is upgraded and nothing is lost."""
        return self.verdict is UpgradeVerdict.UPGRADED

    @property
    def problems(self) -> tuple[Check, ...]:
        """Checks that failed."""
        return tuple(check for check in (*self.readiness, *self.checks) if check.verdict is Verdict.FAIL)

    def to_dict(self) -> Document:
        """Return the report as a JSON-ready mapping."""
        return {
            "format": FORMAT,
            "id": self.id,
            "verdict": str(self.verdict),
            "meaning": MEANINGS[self.verdict],
            "changed": self.changed,
            "target": self.target,
            "source": self.source,
            "started_at": self.started_at,
            "seconds": round(self.seconds, 1),
            "reason": self.reason,
            "remedy": self.remedy,
            "readiness": [check.to_dict() for check in self.readiness],
            "checks": [check.to_dict() for check in self.checks],
            "events": [attrs.asdict(event) for event in self.events],
            "users": {
                "watched": self.users_watched,
                "longest_outage_s": round(self.longest_outage_s, 3),
                "allowed_outage_s": self.allowed_outage_s,
                "outages": [dict(outage) for outage in self.outages],
            },
            "backups": [backup.to_dict() for backup in self.backups],
            "before": self.before.to_dict(),
            "after": self.after.to_dict() if self.after else None,
            "earlier": list(self.earlier),
        }

    def lines(self) -> list[str]:
        """Return the report as a person reads it."""
        found = [
            f"Upgrade of {self.id} to {self.target}: {self.verdict} ({MEANINGS[self.verdict]})",
            f"Began {self.started_at}, took {self.seconds:.0f} s, archive {self.source}",
        ]
        found += [f"Reason: {self.reason}"] if self.reason else []
        found += [f"What to do: {self.remedy}"] if self.remedy else []
        found += [f"Failed: {_in_words(check)}" for check in self.problems]
        found += [
            f"Note: {_in_words(check)}"
            for check in (*self.readiness, *self.checks)
            if check.verdict is Verdict.WARN
        ]
        for name, snapshot in (("Before", self.before), ("After", self.after)):
            found += [f"{name}: {line}" for line in _snapshot_lines(snapshot)]
        users = f"longest outage {self.longest_outage_s:.1f} s of {self.allowed_outage_s:.0f} s allowed"
        found.append(f"Users: {users}" if self.users_watched else "Users: nobody watched")
        found += [f"Backup: {each.node} {each.path} sha256 {each.sha256}" for each in self.backups]
        found += [
            f"{event.at_s:7.1f} s  {event.message}" + (f" [{event.node}]" if event.node else "")
            for event in self.events
        ]
        return found


def _in_words(check: Check) -> str:
    return f"{check.id}{f' {check.node}' if check.node else ''}: {check.evidence}"


def _snapshot_lines(snapshot: Snapshot | None) -> list[str]:
    if snapshot is None:
        return []
    return [
        f"{node.address} {node.role}, {node.build}, {node.health}, sync {node.sync}, "
        f"{len(node.servers)} virtual servers, {len(node.certificates)} certificates, "
        f"{len(node.routes)} routes, {node.sessions} sessions"
        if node.reachable
        else f"{node.address} did not answer"
        for node in snapshot.nodes
    ]


def evidence_text(report: UpgradeReport) -> str:
    """Return the content of the evidence file."""
    return json.dumps({"readable": report.lines(), **report.to_dict()}, indent=2) + "\n"


def read_before(path: Path, pair_id: str, target: str) -> Before | None:
    """Return how the pair was before an earlier run that was to do the same and did not end.

    A file that is not there, is damaged or is about something else is no help, and no harm either.
    """
    try:
        parsed: object = json.loads(path.read_text(encoding="utf-8"))
        document = cast("Mapping[str, object]", parsed if isinstance(parsed, dict) else {})
        same = (document["format"], document["id"], document["target"]) == (FORMAT, pair_id, target)
        if not same or document["verdict"] in {UpgradeVerdict.UPGRADED, UpgradeVerdict.NOT_READY}:
            return None
        earlier = tuple(map(str, cast("list[object]", document["earlier"])))
        return Before(
            snapshot=from_dict(cast("Mapping[str, object]", document["before"])),
            earlier=(*earlier, str(document["verdict"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
