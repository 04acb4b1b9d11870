"""The proof that failover works: look, probe as users do, switch, wait, judge, switch back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.errors import PreflightFailed
from gatepair.probes import PROBE_NAMES, Outcome, Stopwatch
from gatepair.verify.aside import until
from gatepair.verify.judging import HOSTS_REMEDY
from gatepair.verify.options import PART_NAMES, Part, VerifyOptions
from gatepair.verify.parts import Course
from gatepair.verify.report import PartReport, VerifyReport
from gatepair.verify.survey import Scene, Site, survey
from gatepair.verify.timeline import Timeline
from gatepair.verify.witness import Witness
from gatepair.workflows.core import announce
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from gatepair.workflows.core import Flow

BASELINE_S: Final = 1.0
"""Seconds users must be served without a gap before anything is done."""

LONGEST_BASELINE_S: Final = 15.0
FAIL_BACK_NOTICE: Final = "Connections break once more and users reconnect."


def verify(site: Site, options: VerifyOptions) -> Flow[VerifyReport]:
    """Make failovers while users are watched, and judge each.

    Nothing is done unless the pair is in order and users are served. A switch after which users are not
    served is undone, and no further one is made.

    Args:
        site: The pair.
        options: What is to be done.

    Raises:
        GatepairError: Neither appliance answers, or a node is lost for good.
    """
    yield from announce("look", "looking at the pair")
    scene = yield from survey(site, options)
    if not scene.fine or scene.target is None:
        return _report(scene, options, None, (), ())
    witness = Witness(scene.target, site.addresses, scene.names, options, site.make_looker)
    try:
        witness.start()
        before = yield from _baseline(witness)
        parts: tuple[PartReport, ...] = ()
        if all(check.verdict is not Verdict.FAIL for check in before):
            parts = yield from _parts(Course(scene=scene, options=options, witness=witness))
    finally:
        witness.stop()
    yield from until(
        lambda: not witness.running,
        clock=witness.clock,
        limit_s=LONGEST_BASELINE_S,
        reason="the probes have yet to end",
    )
    return _report(scene, options, witness, before, parts)


def plan_verify(site: Site, options: VerifyOptions) -> Flow[ChangePlan]:
    """Return what `verify` would do to the pair; change nothing and probe nothing.

    Raises:
        PreflightFailed: It would do nothing, since the pair is not fit for a failover.
        GatepairError: Neither appliance answers.
    """
    scene = yield from survey(site, options)
    if not scene.fine:
        raise PreflightFailed(check for check in scene.checks if check.verdict is Verdict.FAIL)
    return ChangePlan(steps=_steps(scene, options))


def _steps(scene: Scene, options: VerifyOptions) -> tuple[PlannedStep, ...]:
    first, second = (str(address) for address in scene.site.addresses)
    serving = scene.primary
    steps: list[PlannedStep] = []
    for part in options.parts:
        successor = second if serving == first else first
        notice = "Connections break and users reconnect; sessions that are replicated go on."
        if part is Part.HARD:
            notice = f"The power of {serving} is cut and given back. {notice}"
        steps.append(
            PlannedStep(
                id=str(part),
                title=f"{PART_NAMES[part]}: {successor} takes over from {serving}",
                node=serving,
                impact=Impact.FAILOVER,
                notice=FAIL_BACK_NOTICE if part is Part.FAIL_BACK else notice,
            )
        )
        serving = successor
    return tuple(steps)


def _baseline(witness: Witness) -> Flow[tuple[Check, ...]]:
    """Watch for a moment before anything is done: a user who is not served now proves nothing later."""
    yield from announce("baseline", "watching users before anything is done")

    def well() -> bool:
        return witness.seen_all() and witness.watch.served() and _good_for(witness, BASELINE_S)

    good = yield from until(
        well, clock=witness.clock, limit_s=LONGEST_BASELINE_S, reason="users have yet to be served"
    )
    return (_served_check(witness, good=good),)


def _good_for(witness: Witness, seconds: float) -> bool:
    """Whether every probe was served for so long, without a gap."""
    since = witness.clock() - seconds
    timeline = witness.timeline()
    return all(
        answers[0].began <= since and all(answer.ok for answer in answers if answer.ended >= since)
        for probe in witness.watch.probes
        if (answers := timeline.of(probe))
    )


def _served_check(witness: Witness, *, good: bool) -> Check:
    latest = witness.watch.latest()
    bad = [
        f"{PROBE_NAMES[probe]}: {latest[probe].detail if probe in latest else 'no answer yet'}"
        for probe in witness.watch.probes
        if probe not in latest or not latest[probe].ok
    ]
    target = witness.watch.target
    where = f"{target.address}:{target.port} as {target.name}"
    evidence = f"served at {where}" if good else f"not at {where}: {'; '.join(bad) or 'with gaps'}"
    return Check(
        id="users-served",
        title="Users are served before anything is done",
        verdict=Verdict.PASS if good else Verdict.FAIL,
        evidence=evidence,
        remedy="" if good else _baseline_remedy(witness),
    )


def _baseline_remedy(witness: Witness) -> str:
    latest = witness.watch.latest().values()
    if any(answer.outcome is Outcome.UNAUTHORIZED for answer in latest):
        return HOSTS_REMEDY.format(external=witness.watch.target.address)
    if any("not trusted" in answer.detail for answer in latest):
        return "Name the gateway as users do (--server-name) and the CA of its certificate (--ca-file)."
    return "Make the gateway serve its users first; the switch was not made."


def _parts(course: Course) -> Flow[tuple[PartReport, ...]]:
    """Make the failovers one after the other; one that leaves the pair in doubt is the last."""
    done: list[PartReport] = []
    serving = course.scene.primary
    for kind in course.options.kinds:
        report = yield from course.make(kind, serving)
        done.append(report)
        if not report.stands:
            break
        serving = report.new
        if course.options.fail_back:
            back = yield from course.make(Part.FAIL_BACK, serving)
            done.append(back)
            if not back.stands:
                break
            serving = back.new
    return tuple(done)


def _report(
    scene: Scene,
    options: VerifyOptions,
    witness: Witness | None,
    before: tuple[Check, ...],
    parts: tuple[PartReport, ...],
) -> VerifyReport:
    clock = witness.clock if witness else Stopwatch()
    first, second = (str(address) for address in scene.site.addresses)
    return VerifyReport(
        id=scene.pair.id,
        started_at=clock.started_at,
        seconds=clock(),
        nodes=(first, second),
        names=scene.names,
        versions=scene.versions,
        target=scene.target,
        probes=witness.watch.probes if witness else (),
        interval_s=options.interval_s,
        timeout_s=options.timeout_s,
        promise=scene.promise,
        before=(*scene.checks, *before),
        parts=parts,
        timeline=witness.timeline() if witness else Timeline(nodes=(first, second)),
    )
