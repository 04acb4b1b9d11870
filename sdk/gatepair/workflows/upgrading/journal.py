"""What an upgrade has found and done so far, and the report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import GatepairError, HealthCheckFailed
from gatepair.workflows.core import Flow, announce, now
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.upgrading.evidence import Before, Event, Record, UpgradeReport, UpgradeVerdict

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.backups import Keep
    from gatepair.workflows.observation import ObservedNode
    from gatepair.workflows.observe import Addresses
    from gatepair.workflows.upgrading.options import UpgradeOptions
    from gatepair.workflows.upgrading.snapshot import Snapshot
    from gatepair.workflows.upkeep_result import Backup


def forget(report: UpgradeReport) -> None:
    """Put a report nowhere."""
    del report


@attrs.frozen(kw_only=True)
class Surroundings:
    """What an upgrade needs beside the appliances.

    Attributes:
        started_at: When it began, ISO 8601 in UTC.
        keep: Puts backups away, absent for none.
        record: Puts the report away as it stands.
        before: How the pair was before an earlier run, if that is known.
        preferred: Who is to be primary in the end if nothing else tells.
    """

    started_at: str
    keep: Keep | None = None
    record: Record = forget
    before: Before | None = None
    preferred: ManagementAddress | None = None


@attrs.define(kw_only=True)
class Journal:
    """Grows while the upgrade goes on.

    Attributes:
        addresses: The two appliances in canonical order.
        options: The upgrade.
        around: What is needed beside the appliances.
        before: Both appliances before.
        start: When it began, by the driver's clock.
        after: Both appliances in the end.
        changed: Whether anything was changed.
        readiness: Checks before anything was changed.
        checks: Checks on the way and after.
        events: What was done.
        backups: Backups made first.
    """

    addresses: Addresses
    options: UpgradeOptions
    around: Surroundings
    before: Snapshot
    start: float
    after: Snapshot | None = None
    changed: bool = False
    readiness: tuple[Check, ...] = ()
    checks: list[Check] = attrs.field(factory=list[Check])
    events: list[Event] = attrs.field(factory=list[Event])
    backups: tuple[Backup, ...] = ()

    def note(self, step: str, message: str, node: ObservedNode | None = None) -> Flow[None]:
        """Write down what happens now, and tell whoever is watching."""
        at_s = round((yield from now()) - self.start, 1)
        self.events.append(
            Event(at_s=at_s, step=step, message=message, node=str(node.address) if node else "")
        )
        yield from announce(step, message, node.address if node else None)

    def require(self, checks: tuple[Check, ...]) -> None:
        """Write checks down.

        Raises:
            HealthCheckFailed: One of them failed.
        """
        self.checks += checks
        failed = [check for check in checks if check.verdict is Verdict.FAIL]
        if failed:
            raise HealthCheckFailed(failed)

    def report(self, verdict: UpgradeVerdict, error: GatepairError | None = None) -> Flow[UpgradeReport]:
        """Return the report as it stands, and put it away."""
        users = self.options.users
        report = UpgradeReport(
            id=",".join(map(str, self.addresses)),
            verdict=verdict,
            changed=self.changed,
            target=self.options.target,
            source=self.options.source,
            started_at=self.around.started_at,
            seconds=(yield from now()) - self.start,
            before=self.before,
            after=self.after,
            readiness=self.readiness,
            checks=tuple(self.checks),
            events=tuple(self.events),
            backups=self.backups,
            users_watched=users is not None,
            longest_outage_s=users.longest_s if users else 0.0,
            allowed_outage_s=self.options.longest_outage_s,
            outages=tuple(outage.to_dict() for outage in users.outages()) if users else (),
            reason=_reason(error) if error else "",
            remedy=error.remedy if error else "",
            earlier=self.around.before.earlier if self.around.before else (),
        )
        self.around.record(report)
        return report


def _reason(error: GatepairError) -> str:
    code = f" (NITRO error {error.errorcode})" if error.errorcode else ""
    return (f"{error.node}: " if error.node else "") + error.message + code
