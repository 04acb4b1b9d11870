"""Checks before an upgrade, and before each step that users would feel."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from gatepair.errors import GatepairError
from gatepair.nitro.decoding import from_reply
from gatepair.nitro.resources.ha import STAY_SECONDARY, SYNC_DONE, SYNC_OFF
from gatepair.nitro.resources.system import NsVersion
from gatepair.nitro.resources.upkeep import NsStatistics, SystemFile
from gatepair.nitro.upkeep import list_files
from gatepair.workflows import node_checks
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Flow, at_once
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role, Shape
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.returning import not_in_place
from gatepair.workflows.upgrading.options import UpgradeOptions, order_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_TITLES: Final = {
    "formed": "Are they a pair with one primary?",
    "healthy": "Is the appliance healthy and in its place?",
    "released": "May the appliance change roles?",
    "synchronized": "Has the secondary taken over the configuration?",
    "newer-build": "Is the build newer than the running one?",
    "build-source": "Is the archive there?",
    "disk-space": "Is there room on the disks?",
    "backup": "Is a backup made first?",
    "same-build": "Do both run the new build?",
    "no-changes-meanwhile": "Was nothing changed between the two builds?",
    "users-served": "Are users served?",
}
_FULL_PERCENT: Final = 90
_FILLING_PERCENT: Final = 75


def _check(
    check_id: str, verdict: Verdict, evidence: str, remedy: str = "", node: ObservedNode | None = None
) -> Check:
    return Check(
        id=check_id,
        title=_TITLES[check_id],
        verdict=verdict,
        node=str(node.address) if node else "",
        evidence=evidence,
        remedy="" if verdict is Verdict.PASS else remedy,
    )


def readiness(pair: ObservedPair, options: UpgradeOptions) -> Flow[tuple[Check, ...]]:
    """Make every check before an upgrade that the appliances can answer."""
    checks = [check for node in pair.nodes for check in node_checks.access(node)]
    if len(pair.reachable) < len(pair.nodes):
        return tuple(checks)
    checks += [*pair_state(pair), *node_checks.same_platform(pair)]
    for node in pair.nodes:
        checks += [*_newer(node, options), *_room(node)]
        if node.one(NsVersion).build != options.target:
            checks += yield from _source(node, options)
        checks += node_checks.unsaved_changes(node)
    checks += [*_changes_meanwhile(pair, options), *_backup(options)]
    return tuple(checks)


def pair_state(pair: ObservedPair) -> Iterator[Check]:
    """Is it a pair, is each node in its place and free, does the secondary have the configuration?"""
    formed = pair.shape is Shape.FORMED
    yield _check(
        "formed",
        Verdict.PASS if formed else Verdict.FAIL,
        "they are" if formed else f"the pair is {pair.shape}",
        "Form or mend the pair first: gatepair apply.",
    )
    for node in pair.nodes:
        wrong = not_in_place(pair, node)
        yield _check(
            "healthy",
            Verdict.FAIL if wrong else Verdict.PASS,
            wrong or "it is",
            "Mend that first; gatepair status shows more.",
            node,
        )
        yield _released(node)
    yield _synchronized(pair)


def _released(node: ObservedNode) -> Check:
    held = node.ha.held
    ours = held == STAY_SECONDARY and node.role is Role.SECONDARY
    return _check(
        "released",
        Verdict.PASS if not held else Verdict.WARN if ours else Verdict.FAIL,
        f"it is held as {held}" if held else "it may",
        "It is let go on the way." if ours else "Let it go first: gatepair apply sets it to ENABLED.",
        node,
    )


def _synchronized(pair: ObservedPair) -> Check:
    state = sync_state(pair)
    builds = {node.one(NsVersion).build for node in pair.nodes}
    if len(builds) > 1:
        said = f"builds differ, so it may be off: {state.lower() or 'unknown'}"
        return _check("synchronized", Verdict.PASS, said)
    off = state in SYNC_OFF
    verdict = Verdict.PASS if state == SYNC_DONE else Verdict.WARN if off else Verdict.FAIL
    return _check(
        "synchronized",
        verdict,
        f"synchronization: {state.lower() or 'unknown'}",
        "Both have to be configured by hand." if off else "Synchronize first: gatepair sync.",
    )


def _newer(node: ObservedNode, options: UpgradeOptions) -> Iterator[Check]:
    running = node.one(NsVersion).build
    older = order_of(options.target) < order_of(running)
    yield _check(
        "newer-build",
        Verdict.PASS if not older else Verdict.WARN if options.allow_downgrade else Verdict.FAIL,
        f"it runs {running}, the archive holds {options.target}",
        "An older build may not read the configuration; allow a downgrade if it is meant.",
        node,
    )


def _room(node: ObservedNode) -> Iterator[Check]:
    if not node.tells(NsStatistics):
        return
    disks = node.one(NsStatistics)
    fullest = max(disks.flash_used, disks.disk_used)
    verdict = Verdict.PASS
    if fullest >= _FILLING_PERCENT:
        verdict = Verdict.FAIL if fullest >= _FULL_PERCENT else Verdict.WARN
    yield _check(
        "disk-space",
        verdict,
        f"/flash is {disks.flash_used} % full, /var is {disks.disk_used} % full",
        "Delete old builds, logs and core files from /var.",
        node,
    )


def _source(node: ObservedNode, options: UpgradeOptions) -> Flow[list[Check]]:
    """An archive on the appliance's own disk can be looked for; any other is found out by fetching it."""
    parts = urlsplit(options.url)
    if parts.scheme != "file":
        return []
    path = PurePosixPath("/", unquote(parts.path).lstrip("/"))
    (outcome,) = yield from at_once(Ask(node.address, list_files(str(path.parent))))
    if isinstance(outcome, GatepairError):
        # A look that is refused proves nothing; the installation will.
        return []
    there = path.name in {file.name for file in from_reply(SystemFile, outcome)}
    return [
        _check(
            "build-source",
            Verdict.PASS if there else Verdict.FAIL,
            f"{path} is there" if there else f"there is no {path}",
            "Copy the archive there, or name a URL from which the appliance can fetch it.",
            node,
        )
    ]


def _changes_meanwhile(pair: ObservedPair, options: UpgradeOptions) -> Iterator[Check]:
    """Between the builds nothing is synchronized: a change on the old primary goes with the roles.

    Saving is how a person says that it may go.
    """
    primary, secondary = pair.primary, pair.secondary
    if primary is None or secondary is None:
        return
    between = primary.one(NsVersion).build != options.target == secondary.one(NsVersion).build
    if not between or sync_state(pair) == SYNC_DONE:
        return
    yield _check(
        "no-changes-meanwhile",
        Verdict.FAIL if primary.unsaved else Verdict.PASS,
        f"{primary.address} has changes that {secondary.address} does not have"
        if primary.unsaved
        else "nothing is unsaved",
        "Make the same change on the other appliance if it matters, save it on this one, run it again.",
        primary,
    )


def _backup(options: UpgradeOptions) -> Iterator[Check]:
    made = options.backup_directory is not None
    yield _check(
        "backup",
        Verdict.PASS if made else Verdict.WARN,
        f"in {options.backup_directory}" if made else "none is made",
        "Name a directory for backups.",
    )


def users_check(options: UpgradeOptions, *, served: bool) -> Check:
    """Return the check that users are served; without anybody who watches it only says so."""
    if options.users is None:
        return _check(
            "users-served", Verdict.WARN, "nobody watches", "Name the gateway, to have users' side probed."
        )
    return _check(
        "users-served",
        Verdict.PASS if served else Verdict.FAIL,
        "they are" if served else "they are not",
        "See why the gateway does not answer on the external virtual IP.",
    )


def finished(pair: ObservedPair, options: UpgradeOptions) -> Iterator[Check]:
    """What has to be so in the end."""
    yield from (check for node in pair.nodes for check in node_checks.access(node))
    if len(pair.reachable) < len(pair.nodes):
        return
    yield from pair_state(pair)
    for node in pair.nodes:
        running = node.one(NsVersion).build
        yield _check(
            "same-build",
            Verdict.PASS if running == options.target else Verdict.FAIL,
            f"it runs {running}",
            "Run the upgrade again.",
            node,
        )
