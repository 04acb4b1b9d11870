"""Judges what was measured: pure functions from facts to checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.nitro.resources.ha import SYNC_DONE, SYNC_OFF
from gatepair.probes import PROBE_NAMES, Answer, Outcome, Probe, Span
from gatepair.verify.sharing import nodes_in_words
from gatepair.verify.words import times
from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.errors import GatepairError
    from gatepair.verify.measures import Measures, Promise
    from gatepair.verify.options import Part
    from gatepair.verify.sharing import Comparison
    from gatepair.verify.timeline import Timeline

HOSTS_REMEDY: Final = (
    "Point the hosts entry for the gateway on the Web Interface or StoreFront server at the external virtual "
    "IP {external}; gatepair hosts prints the line."
)
BROKEN_EVIDENCE: Final = (
    "it broke and was made anew {times}: connections are not mirrored, and session reliability hides that"
)
SESSION_REMEDY: Final = (
    "Users have to sign in again after a switch. Check that both nodes run the same build and that "
    "propagation works; sessions are replicated by the appliances."
)


@attrs.frozen(kw_only=True)
class After:
    """How the pair was once everything had settled, or when that was given up.

    Attributes:
        settled: Whether both nodes had their roles, and the secondary the configuration, in time.
        roles: Role of each node as it was read.
        sync: State of synchronization.
        reason: Why synchronization failed, if it says so.
        seconds: How long that took.
    """

    settled: bool
    roles: tuple[tuple[str, str], ...]
    sync: str = ""
    reason: str = ""
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class Facts:
    """Everything a part is judged by.

    Attributes:
        part: What was done.
        old: The node that served before.
        new: The node that was to serve after.
        external: External virtual IP.
        timeline: What was seen.
        measures: What was computed from it.
        promise: What the timers promise.
        refusal: Why the switch could not even be brought about.
        served: Whether users were served by the new node within the time allowed.
        patience_s: That time.
        undone: What was done to serve users again; empty if nothing had to be.
        after: How the pair was at the end; ``None`` if it was not looked at.
        comparison: How the configurations compare; ``None`` if they were not compared.
        sign_in: What a user saw who signed in anew.
    """

    part: Part
    old: str
    new: str
    external: str
    timeline: Timeline
    measures: Measures
    promise: Promise
    refusal: GatepairError | None = None
    served: bool = True
    patience_s: float = 0.0
    undone: str = ""
    after: After | None = None
    comparison: Comparison | None = None
    sign_in: Answer | None = None

    def title(self, node: str) -> str:
        """Return a node as a person reads it."""
        return self.timeline.title(node)


def judge(facts: Facts) -> tuple[Check, ...]:
    """Return the checks of one part, in the order a person asks."""
    if facts.refusal is not None:
        return (_refused(facts, facts.refusal),)
    return (
        _switched(facts),
        *_served(facts),
        *_authorized(facts),
        *_users_kept(facts),
        _one_primary(facts),
        *_settled(facts),
        *_inherited(facts),
    )


def _refused(facts: Facts, error: GatepairError) -> Check:
    return Check(
        id="switched",
        title="The other node becomes primary",
        verdict=Verdict.FAIL,
        node=error.node or facts.old,
        evidence=f"the switch could not be brought about: {error.message}",
        remedy=error.remedy,
    )


def _switched(facts: Facts) -> Check:
    title = "The other node becomes primary, as soon as the timers promise"
    detected, promise = facts.measures.detected, facts.promise
    if detected is None:
        return Check(
            id="switched",
            title=title,
            verdict=Verdict.FAIL,
            node=facts.new,
            evidence=f"{facts.title(facts.new)} was not seen as primary within {facts.patience_s:.0f} s",
            remedy="See its state with gatepair status: it may be held as secondary or not be healthy.",
        )
    limit = promise.detect_s + promise.resolution_s
    late = detected.began > limit
    return Check(
        id="switched",
        title=title,
        verdict=Verdict.FAIL if late else Verdict.PASS,
        node=facts.new,
        evidence=(
            f"{facts.title(facts.new)} was primary after {detected.ended:.1f} s at most "
            f"(not before {detected.began:.1f} s); promised are {promise.detect_s:.1f} s"
        ),
        remedy="Compare the heartbeats of both nodes, and look for lost heartbeats between them."
        if late
        else "",
    )


def _served(facts: Facts) -> Iterator[Check]:
    measures, promise = facts.measures, facts.promise
    for one in measures.tallies:
        name, worst = PROBE_NAMES[one.probe], one.worst
        limit = promise.serve_s + promise.resolution_s
        if not one.served_at_the_end:
            detail = f": {worst.detail}" if worst and worst.detail else ""
            verdict, evidence = Verdict.FAIL, f"not served any more{detail}"
        elif worst is None or worst.seconds is None:
            verdict, evidence = Verdict.PASS, f"no attempt failed ({one.attempts} made)"
        else:
            late = worst.shortest_s > promise.serve_s or worst.seconds > limit
            verdict = Verdict.FAIL if late else Verdict.PASS
            evidence = (
                f"served again after {worst.seconds:.1f} s ({one.failed} of {one.attempts} attempts failed, "
                f"no service for {worst.shortest_s:.1f} s at least); promised are {promise.serve_s:.1f} s"
            )
        yield Check(
            id=f"served-{one.probe}",
            title=f"Users are served again: {name}",
            verdict=verdict,
            evidence=evidence,
            remedy="" if verdict is Verdict.PASS else _served_remedy(facts),
        )
    if facts.undone:
        yield Check(
            id="undone",
            title="The switch did not have to be undone",
            verdict=Verdict.FAIL,
            evidence=f"users were not served within {facts.patience_s:.0f} s, so {facts.undone}",
            remedy=_served_remedy(facts),
        )


def _served_remedy(facts: Facts) -> str:
    return (
        f"Look at {facts.title(facts.new)}: does it hold {facts.external}, is its certificate there, do "
        "routers and firewalls learn of the move (gratuitous ARP)?"
    )


def _authorized(facts: Facts) -> Iterator[Check]:
    """Judge whether users who signed in got past the Web Interface or StoreFront behind the gateway.

    While the roles switch it cannot call the gateway back at any address; these 401 are part of the outage.
    """
    since = _answered_again(facts)
    seen = [answer for answer in facts.timeline.answers if answer.began >= since]
    seen += [facts.sign_in] if facts.sign_in else []
    refused = [answer for answer in seen if answer.outcome is Outcome.UNAUTHORIZED]
    if not refused:
        return
    yield Check(
        id="web-interface",
        title="The Web Interface or StoreFront lets users in after the switch",
        verdict=Verdict.FAIL,
        evidence=(
            f"users got 401 {times(len(refused))} although the gateway let them in ({refused[0].detail})"
        ),
        remedy=HOSTS_REMEDY.format(external=facts.external),
    )


def _answered_again(facts: Facts) -> float:
    """Give the moment from which the gateway certainly answered at the external virtual IP again."""
    measures = facts.measures
    primary = measures.lost_at + (measures.detected.ended if measures.detected else 0.0)
    served = (one.ended for one in facts.timeline.answers if one.ok and one.began >= primary)
    return min(served, default=primary)


def _users_kept(facts: Facts) -> Iterator[Check]:
    kept, session = (facts.measures.tally(probe) for probe in (Probe.KEPT, Probe.SESSION))
    if kept is not None and kept.connections:
        broke = kept.connections - 1
        yield Check(
            id="kept-connection",
            title="A connection that was open lives on",
            verdict=Verdict.PASS,
            evidence="it lived on" if not broke else BROKEN_EVIDENCE.format(times=times(broke)),
        )
    if session is not None:
        out = [one for one in facts.timeline.of(Probe.SESSION) if one.outcome is Outcome.SIGNED_OUT]
        yield Check(
            id="session-kept",
            title="A user who was signed in stays signed in",
            verdict=Verdict.WARN if out else Verdict.PASS,
            evidence=out[0].detail if out else "the session lived on",
            remedy=SESSION_REMEDY if out else "",
        )
    if facts.sign_in is not None:
        good = facts.sign_in.ok
        yield Check(
            id="sign-in",
            title="A user can sign in anew",
            verdict=Verdict.PASS if good else Verdict.FAIL,
            evidence=f"signed in within {facts.sign_in.seconds:.1f} s" if good else facts.sign_in.detail,
            remedy="" if good else _sign_in_remedy(facts.sign_in, facts),
        )


def _sign_in_remedy(sign_in: Answer, facts: Facts) -> str:
    if sign_in.outcome is Outcome.UNAUTHORIZED:
        return HOSTS_REMEDY.format(external=facts.external)
    return "Sign in by hand at the external virtual IP to see what users see."


def _one_primary(facts: Facts) -> Check:
    measures = facts.measures
    if measures.two_primaries:
        both = measures.two_primaries[0]
        evidence = (
            f"both were primary for {_total(measures.two_primaries):.1f} s, first at {both.began:.1f} s"
        )
        remedy = "Two nodes answered for one address: mend the network between them (UDP 3003)."
        verdict = Verdict.FAIL
    elif measures.takeovers > 1:
        evidence = f"the roles changed {measures.takeovers} times"
        remedy = "The pair flaps: look for lost heartbeats and failing interfaces; max_flips can hold it."
        verdict = Verdict.FAIL
    else:
        empty = _total(measures.no_primary)
        evidence = f"never two; none for {empty:.1f} s" if empty else "never two, never none"
        remedy, verdict = "", Verdict.PASS
    return Check(
        id="one-primary",
        title="There is never more than one primary, and the roles change once",
        verdict=verdict,
        evidence=evidence,
        remedy=remedy,
    )


def _settled(facts: Facts) -> Iterator[Check]:
    after = facts.after
    if after is None:
        return
    roles = ", ".join(f"{facts.title(node)} is {role}" for node, role in after.roles)
    yield Check(
        id="roles-after",
        title="One node is primary and the other its healthy secondary",
        verdict=Verdict.PASS if after.settled or _roles_right(facts, after) else Verdict.FAIL,
        evidence=f"{roles}, {after.seconds:.1f} s after users were served",
        remedy="" if after.settled or _roles_right(facts, after) else "See why with gatepair status.",
    )
    off = after.sync.upper() in SYNC_OFF
    done = after.sync.upper() == SYNC_DONE
    yield Check(
        id="sync-after",
        title="The secondary is synchronized",
        verdict=Verdict.PASS if done else Verdict.WARN if off else Verdict.FAIL,
        evidence=f"{after.sync or 'unknown'}{f' ({after.reason})' if after.reason else ''}",
        remedy="" if done else "Check that both nodes have the same shared key, password and firmware.",
    )


def _roles_right(facts: Facts, after: After) -> bool:
    return dict(after.roles) == {facts.new: "primary", facts.old: "secondary"}


def _inherited(facts: Facts) -> Iterator[Check]:
    comparison = facts.comparison
    if comparison is None:
        return
    if comparison.equal:
        evidence = f"{comparison.objects} objects are equal on both: {nodes_in_words(comparison)}"
    else:
        evidence = comparison.error or "; ".join(comparison.differences[:3])
    yield Check(
        id="configuration-inherited",
        title="Both nodes hold the same shared configuration",
        verdict=Verdict.PASS if comparison.equal else Verdict.FAIL,
        evidence=evidence,
        remedy="" if comparison.equal else "Synchronize by force (gatepair sync), then compare again.",
    )


def _total(spans: tuple[Span, ...]) -> float:
    return sum(span.seconds for span in spans)
