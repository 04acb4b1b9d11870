"""Two snapshots compared with what may differ. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from gatepair.workflows.upgrading.options import Thresholds
    from gatepair.workflows.upgrading.snapshot import NodeSnapshot

_TITLES: Final = {
    "servers-kept": "Are all virtual servers there?",
    "servers-up": "Are all virtual servers up that were?",
    "certificates-kept": "Are all certificates there and valid?",
    "certificate-days": "Do all certificates last?",
    "routes-kept": "Are all routes there?",
    "sessions-kept": "Are enough user sessions left?",
    "licences-kept": "Is everything licensed that was?",
    "licence-days": "Does the licence last?",
}
_VALID: Final = "valid"
_UP: Final = "UP"
_MOST_NAMED: Final = 6


def compare(
    before: NodeSnapshot, after: NodeSnapshot, allowed: Thresholds, *, serves: bool = True
) -> tuple[Check, ...]:
    """Return a check for everything that could have been lost on the way.

    Args:
        before: How it was, on the same or on the other appliance: both have one configuration.
        after: How it is.
        allowed: What may differ.
        serves: Whether the appliance is primary, so that its virtual servers have to be up and have users.
    """
    checks = [
        *_kept("servers-kept", before.servers, after.servers, allowed.missing_servers, after),
        *_certificates(before, after, allowed),
        *_kept("routes-kept", before.routes, after.routes, allowed.missing_routes, after),
        *_licence_days(after, allowed),
    ]
    if serves:
        checks += [*_up(before, after, allowed), *_sessions(before, after, allowed)]
    return tuple(checks)


def compare_licences(before: NodeSnapshot, after: NodeSnapshot) -> tuple[Check, ...]:
    """Return the check that an appliance has lost no licence; each has its own."""
    return tuple(_kept("licences-kept", before.licences, after.licences, 0, after))


def _check(check_id: str, after: NodeSnapshot, verdict: Verdict, evidence: str, remedy: str = "") -> Check:
    return Check(
        id=check_id,
        title=_TITLES[check_id],
        verdict=verdict,
        node=after.address,
        evidence=evidence,
        remedy="" if verdict is Verdict.PASS else remedy,
    )


def _kept(
    check_id: str, before: Collection[str], after: Collection[str], allowed: int, node: NodeSnapshot
) -> Iterator[Check]:
    missing = sorted(set(before) - set(after))
    if not missing:
        yield _check(check_id, node, Verdict.PASS, f"all {len(set(before))} are there")
        return
    yield _check(
        check_id,
        node,
        Verdict.FAIL if len(missing) > allowed else Verdict.WARN,
        f"missing: {_named(missing)}",
        "See in the appliance's log (/var/log/ns.log) why the new build did not take them over.",
    )


def _up(before: NodeSnapshot, after: NodeSnapshot, allowed: Thresholds) -> Iterator[Check]:
    were = [name for name, state in before.servers.items() if state == _UP]
    down = sorted(name for name in were if name in after.servers and after.servers[name] != _UP)
    if not down:
        yield _check("servers-up", after, Verdict.PASS, f"{len(were)} were up, all of them are")
        return
    yield _check(
        "servers-up",
        after,
        Verdict.FAIL if len(down) > allowed.down_servers else Verdict.WARN,
        f"down: {_named([f'{name} ({after.servers[name]})' for name in down])}",
        "See what they depend on: certificate, back ends, licence.",
    )


def _certificates(before: NodeSnapshot, after: NodeSnapshot, allowed: Thresholds) -> Iterator[Check]:
    lost = [
        name
        for name, one in before.certificates.items()
        if name not in after.certificates
        or (one.status.lower() == _VALID and after.certificates[name].status.lower() != _VALID)
    ]
    if lost:
        yield _check(
            "certificates-kept",
            after,
            Verdict.FAIL if len(lost) > allowed.missing_certificates else Verdict.WARN,
            f"missing or no longer valid: {_named(sorted(lost))}",
            "Compare the files in /nsconfig/ssl of both appliances and the appliance's clock.",
        )
    else:
        yield _check(
            "certificates-kept", after, Verdict.PASS, f"all {len(before.certificates)} are there and valid"
        )
    short = sorted(
        f"{name} ({one.days_left} days)"
        for name, one in after.certificates.items()
        if one.days_left < allowed.certificate_days
    )
    yield _check(
        "certificate-days",
        after,
        Verdict.WARN if short else Verdict.PASS,
        f"ending soon: {_named(short)}" if short else f"all last {allowed.certificate_days} days or more",
        "Renew them.",
    )


def _sessions(before: NodeSnapshot, after: NodeSnapshot, allowed: Thresholds) -> Iterator[Check]:
    enough = after.sessions >= before.sessions * allowed.sessions_kept
    yield _check(
        "sessions-kept",
        after,
        Verdict.PASS if enough else Verdict.FAIL,
        f"{after.sessions} user sessions, {before.sessions} before",
        f"At least {allowed.sessions_kept:.0%} had to stay; users who are missing sign in again.",
    )


def _licence_days(after: NodeSnapshot, allowed: Thresholds) -> Iterator[Check]:
    try:
        days = int(after.licence_days)
    except ValueError:
        return
    if days < 0:
        return
    short = days < allowed.licence_days
    yield _check(
        "licence-days",
        after,
        Verdict.WARN if short else Verdict.PASS,
        f"it ends in {days} days",
        "Renew it.",
    )


def _named(things: list[str]) -> str:
    more = f" and {len(things) - _MOST_NAMED} more" if len(things) > _MOST_NAMED else ""
    return ", ".join(things[:_MOST_NAMED]) + more
