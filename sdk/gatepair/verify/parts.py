"""One failover or fail back: brought about, watched, waited for, judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import DeadlineExceeded, GatepairError, NitroError, NotPrimary, Unreachable
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import SYNC_DONE, SYNC_OFF
from gatepair.probes import Answer, sign_in_once
from gatepair.verify.aside import aside, until
from gatepair.verify.judging import After, Facts, judge
from gatepair.verify.measures import measure
from gatepair.verify.options import PART_NAMES, Part
from gatepair.verify.report import PartReport
from gatepair.verify.sharing import Comparison, compare
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Patience, announce, at_once, wait
from gatepair.workflows.failover import REFUSALS, refusal
from gatepair.workflows.observe import observe

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.verify.options import VerifyOptions
    from gatepair.verify.power import Power, PoweredNode
    from gatepair.verify.survey import Scene
    from gatepair.verify.witness import Witness
    from gatepair.workflows.core import Flow
    from gatepair.workflows.observation import ObservedPair

LEAD_S: Final = 1.0
"""Seconds before a switch that are shown with it."""

SHORTEST_PATIENCE_S: Final = 30.0
PATIENCE_PER_PROMISE: Final = 3.0
UNDO_EVERY_S: Final = 3.0
QUIET_S: Final = 1.0
"""Seconds everything has to stay well before a part is over."""


_UP_TO_DATE: Final = frozenset({SYNC_DONE, *SYNC_OFF})


@attrs.define(kw_only=True)
class Switch:
    """What is known of a switch while it is made.

    Attributes:
        part: What is done.
        old: The node that served before.
        new: The node that is to serve after.
        triggered_at: When it was brought about.
        settled_at: When everything was in order again, or was given up.
        refusal: Why it could not be.
        served: Whether users were served by the new node in time.
        undone: What was done to serve users again.
        dark: Whether the power of the old node is cut.
        sign_in: What a user saw who signed in anew.
        after: How the pair was when all was over.
        comparison: How the configurations compare.
    """

    part: Part
    old: str
    new: str
    triggered_at: float
    settled_at: float = 0.0
    refusal: GatepairError | None = None
    served: bool = False
    undone: str = ""
    dark: bool = False
    sign_in: Answer | None = None
    after: After | None = None
    comparison: Comparison | None = None


@attrs.frozen(kw_only=True)
class Course:
    """Makes the parts of one verification.

    Attributes:
        scene: The pair as it was found.
        options: What is to be done.
        witness: Who sees everything.
    """

    scene: Scene
    options: VerifyOptions
    witness: Witness

    @property
    def patience_s(self) -> float:
        """Seconds until users must be served again."""
        promised = PATIENCE_PER_PROMISE * self.scene.promise.serve_s
        return self.options.patience_s or max(SHORTEST_PATIENCE_S, promised)

    def make(self, part: Part, old: str) -> Flow[PartReport]:
        """Make one switch and judge it; at the end users are served again, by whichever node can.

        Args:
            part: What is to be done.
            old: Management address of the node that serves now.
        """
        first, second = self.witness.nodes
        new = second if old == first else first
        yield from announce(str(part), f"{PART_NAMES[part]}: {new} takes over from {old}")
        switch = Switch(part=part, old=old, new=new, triggered_at=self.witness.clock())
        try:
            yield from self._bring_about(switch)
            if switch.refusal is None:
                yield from self._follow(switch)
        finally:
            if switch.dark:
                # Whatever stopped this must not leave a node without power.
                self._power.on(self._powered(old))
        return self._judged(switch)

    def _bring_about(self, switch: Switch) -> Flow[None]:
        try:
            if switch.part is Part.HARD:
                yield from self._cut(switch)
            else:
                yield from self._ask_for(switch)
        except DeadlineExceeded:
            raise
        except GatepairError as error:
            switch.refusal = error

    def _cut(self, switch: Switch) -> Flow[None]:
        node = self._powered(switch.old)
        yield from announce("power-off", "the power is cut", self._address(switch.old))
        switch.dark = True
        yield from aside(lambda: self._power.off(node), "the power is being cut")

    def _ask_for(self, switch: Switch) -> Flow[None]:
        """Ask the primary to go; a lost answer says nothing, the roles will tell."""
        address = self._address(switch.old)
        (outcome,) = yield from at_once(Ask(address, calls.fail_over(force=switch.part is Part.FORCED)))
        if isinstance(outcome, NitroError | NotPrimary) and outcome.errorcode in REFUSALS:
            raise refusal(outcome, address)
        if isinstance(outcome, GatepairError) and not isinstance(outcome, Unreachable):
            raise outcome

    def _follow(self, switch: Switch) -> Flow[None]:
        """Wait until users are served again, by the new node or, if it cannot, by the old one."""
        switch.served = yield from until(
            lambda: self.witness.serves_since(switch.new, switch.triggered_at),
            clock=self.witness.clock,
            limit_s=self.patience_s,
            reason=f"{switch.new} has yet to serve users",
        )
        if switch.served:
            yield from self._sign_in(switch)
        else:
            yield from self._undo(switch)
        since = self.witness.clock()
        if switch.dark:
            yield from self._give_back(switch)
        pair, settled = yield from self._settle(None if switch.undone else switch.new)
        switch.after = _after(pair, settled=settled, seconds=self.witness.clock() - since)
        switch.settled_at = self.witness.clock()
        if len(pair.reachable) == len(pair.nodes):
            switch.comparison = yield from compare(
                self.scene.site.addresses, independent=self.scene.independent
            )
        yield from wait(QUIET_S, "everything has to stay well for a moment")

    def _sign_in(self, switch: Switch) -> Flow[None]:
        """Let another user come just now, while the node that served before may still be dark."""
        watch, user = self.witness.watch, self.witness.user
        if user is not None:
            switch.sign_in = yield from aside(
                lambda: sign_in_once(
                    watch.target, user, watch.clock, timeout_s=2 * watch.timeout_s, trust=watch.trust
                ),
                "a user signs in anew",
            )

    def _undo(self, switch: Switch) -> Flow[None]:
        """Get users served again by the node that served before."""
        yield from announce("undo", f"users are not served: {switch.old} is to serve them again")
        if switch.dark:
            yield from self._give_back(switch)
        back = False
        deadline = self.witness.clock() + self.options.return_s
        while not back and self.witness.clock() < deadline:
            yield from self._ask_back(switch)
            back = yield from until(
                self.witness.answered,
                clock=self.witness.clock,
                limit_s=UNDO_EVERY_S,
                reason="users have yet to be served again",
            )
        switch.undone = f"{switch.old} was to serve again{'' if back else ', and could not either'}"

    def _ask_back(self, switch: Switch) -> Flow[None]:
        """Let the old node take over, once it is there; a refusal means that it is not ready yet."""
        new, old = (self.witness.role(node) for node in (switch.new, switch.old))
        if new is not None and new.primary and old is not None and old.reachable:
            yield from at_once(Ask(self._address(switch.new), calls.fail_over(force=True)))

    def _give_back(self, switch: Switch) -> Flow[None]:
        node = self._powered(switch.old)
        yield from announce("power-on", "the power is given back", self._address(switch.old))
        yield from aside(lambda: self._power.on(node), "the power is being given back")
        switch.dark = False

    def _settle(self, primary: str | None) -> Flow[tuple[ObservedPair, bool]]:
        """Wait until both nodes have their roles and the secondary the configuration."""
        start = self.witness.clock()
        patience = Patience(deadline_s=self.options.return_s, longest_s=2.0)
        pauses = patience.pauses()
        while True:
            pair = yield from observe(
                self.scene.site.addresses, external=self.scene.site.external, tolerant=True
            )
            settled = _settled(pair, primary)
            if settled or self.witness.clock() - start >= patience.deadline_s:
                return pair, settled
            yield from wait(next(pauses), "the pair has yet to settle")

    def _judged(self, switch: Switch) -> PartReport:
        now = self.witness.clock()
        timeline = self.witness.timeline().within(switch.triggered_at - LEAD_S, now)
        measures = measure(timeline, switch.part, old=switch.old, triggered_at=switch.triggered_at)
        target = self.scene.target
        facts = Facts(
            part=switch.part,
            old=switch.old,
            new=switch.new,
            external=target.address if target else "",
            timeline=timeline,
            measures=measures,
            promise=self.scene.promise,
            refusal=switch.refusal,
            served=switch.served,
            patience_s=self.patience_s,
            undone=switch.undone,
            after=switch.after,
            comparison=switch.comparison,
            sign_in=switch.sign_in,
        )
        return PartReport(
            part=switch.part,
            old=switch.old,
            new=switch.new,
            triggered_at=switch.triggered_at,
            settled_at=switch.settled_at or now,
            ended_at=now,
            measures=measures,
            checks=judge(facts),
            refused=switch.refusal is not None,
            comparison=switch.comparison,
            sign_in=switch.sign_in,
            timeline=timeline,
        )

    @property
    def _power(self) -> Power:
        if self.options.power is None:
            raise AssertionError("options without power have no hard failover")
        return self.options.power

    def _address(self, node: str) -> ManagementAddress:
        return next(address for address in self.scene.site.addresses if str(address) == node)

    def _powered(self, node: str) -> PoweredNode:
        return next(powered for powered in self.scene.powered if powered.address == node)


def _settled(pair: ObservedPair, primary: str | None) -> bool:
    """Whether one node is primary (that one, if it is named) and its peer a secondary up to date."""
    live, second = pair.primary, pair.secondary
    if live is None or second is None or not second.reachable or not pair.linked:
        return False
    up_to_date = sync_state(pair) in _UP_TO_DATE
    return second.role == "secondary" and up_to_date and primary in {None, str(live.address)}


def _after(pair: ObservedPair, *, settled: bool, seconds: float) -> After:
    return After(
        settled=settled,
        roles=tuple((str(node.address), str(node.role)) for node in pair.nodes),
        sync=sync_state(pair),
        reason=pair.secondary.ha.sync_failure if pair.secondary else "",
        seconds=seconds,
    )
