"""Upgrade a pair: the secondary, then the roles, then the other one; users are served all along.

Source of the order: the vendor's guide "Upgrade and downgrade a high availability pair". Where the pair
stands is read from builds and roles before each move, so a run goes on wherever another one was cut off.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import (
    Busy,
    DeadlineExceeded,
    GatepairError,
    HealthCheckFailed,
    PreflightFailed,
)
from gatepair.nitro import calls, upkeep
from gatepair.nitro.codes import MESSAGES, Code
from gatepair.nitro.resources.ha import ENABLED, STAY_SECONDARY, SYNC_DONE, SYNC_OFF
from gatepair.nitro.resources.system import NsVersion
from gatepair.workflows.backups import back_up, backup_steps
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Flow, Outcome, Patience, ask, at_once, now, poll
from gatepair.workflows.handover import hand_over
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.plan import ChangePlan
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.returning import RETURN_S, look_at_both, restart_node
from gatepair.workflows.synchronization import wait_for_sync
from gatepair.workflows.upgrading.comparison import compare, compare_licences
from gatepair.workflows.upgrading.evidence import UpgradeReport, UpgradeVerdict
from gatepair.workflows.upgrading.guard import Guard
from gatepair.workflows.upgrading.journal import Journal, Surroundings
from gatepair.workflows.upgrading.moves import Move, next_move
from gatepair.workflows.upgrading.planning import planned
from gatepair.workflows.upgrading.readiness import finished, pair_state, readiness, users_check
from gatepair.workflows.upgrading.retreat import retreat
from gatepair.workflows.upgrading.snapshot import SNAPPED, take
from gatepair.workflows.upgrading.standing import UNKNOWN, installed_build, situation
from gatepair.workflows.writing import live_primary, save

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observation import ObservedNode, ObservedPair
    from gatepair.workflows.upgrading.options import UpgradeOptions

MOST_MOVES: Final = 16
"""Eight at most when all goes well; more when roles change meanwhile."""

SETTLE_S: Final = 30.0
INSTALLED_S: Final = 900.0


def plan_upgrade(
    addresses: Addresses, options: UpgradeOptions, preferred: ManagementAddress | None = None
) -> Flow[ChangePlan]:
    """Return what `upgrade` would do.

    Raises:
        PreflightFailed: It would do nothing but fail.
    """
    pair = yield from observe(addresses, kinds=SNAPPED, tolerant=True)
    checks = yield from readiness(pair, options)
    failed = [check for check in checks if check.verdict is Verdict.FAIL]
    if failed:
        raise PreflightFailed(failed)
    found = yield from situation(pair, options.target)
    steps = planned(pair, found, options, preferred)
    made = backup_steps(addresses) if options.backup_directory and steps else []
    return ChangePlan(steps=(*made, *steps))


def upgrade(addresses: Addresses, options: UpgradeOptions, around: Surroundings) -> Flow[UpgradeReport]:
    """Upgrade both appliances.

    Args:
        addresses: The two appliances in canonical order.
        options: What to do, and what it may cost.
        around: What is needed beside the appliances.

    Returns:
        What was done and found, also when it stopped; its verdict says which.

    Raises:
        GatepairError: Nothing could be found out, and nothing was changed.
    """
    with options.users or nullcontext():
        start = yield from now()
        waits_s = min(RETURN_S, options.restart_s)
        pair = yield from look_at_both(addresses, SNAPPED, deadline_s=waits_s, synchronized=True)
        before = around.before.snapshot if around.before else take(pair)
        run = _Run(
            addresses=addresses,
            options=options,
            around=around,
            guard=Guard(users=options.users, allowed_s=options.longest_outage_s),
            journal=Journal(addresses=addresses, options=options, around=around, before=before, start=start),
        )
        return (yield from run.whole(pair))


@attrs.define(kw_only=True)
class _Run:
    """One run.

    Attributes:
        guard: Looks at users.
        journal: What was found and done so far.
        home: Who is to be primary in the end, absent if it makes no difference.
        doubtful: Who has just taken over and is yet to prove itself.
    """

    addresses: Addresses
    options: UpgradeOptions
    around: Surroundings
    guard: Guard
    journal: Journal
    home: ManagementAddress | None = None
    doubtful: ManagementAddress | None = None

    def whole(self, pair: ObservedPair) -> Flow[UpgradeReport]:
        """Check, move by move upgrade, judge; report whatever comes of it."""
        journal = self.journal
        yield from self._examine(pair)
        failed = [check for check in journal.readiness if check.verdict is Verdict.FAIL]
        if failed:
            return (yield from journal.report(UpgradeVerdict.NOT_READY, HealthCheckFailed(failed)))
        self.home = self._home(pair)
        try:
            yield from self._prepare(pair)
            yield from self._moves()
            verdict = yield from self._judge()
        except GatepairError as error:
            return (yield from self._stop(error))
        return (yield from journal.report(verdict))

    def _examine(self, pair: ObservedPair) -> Flow[None]:
        try:
            yield from self.guard.settle()
            served = True
        except GatepairError:
            served = False
        checks = yield from readiness(pair, self.options)
        self.journal.readiness = (*checks, users_check(self.options, served=served))

    def _home(self, pair: ObservedPair) -> ManagementAddress | None:
        """Return who is to be primary in the end."""
        if self.options.primary is not None or not self.options.fail_back:
            return self.options.primary
        if self.around.before is not None:
            named = self.around.before.snapshot.primary
            return next((node.address for node in pair.nodes if str(node.address) == named), None)
        builds = {node.one(NsVersion).build for node in pair.nodes}
        begun = len(builds) > 1 or any(node.ha.held for node in pair.nodes)
        if begun and self.around.preferred is not None:
            return self.around.preferred
        return pair.primary.address if pair.primary else None

    def _prepare(self, pair: ObservedPair) -> Flow[None]:
        """Back up what is to be changed, and save what a restart would lose."""
        old = [node for node in pair.nodes if not self._is_new(node)]
        if old and self.around.keep is not None:
            self.journal.backups = yield from back_up((node.address for node in old), self.around.keep)
        if len(old) == len(pair.nodes):
            unsaved = [node.address for node in pair.nodes if node.unsaved]
            yield from save(unsaved)
        yield from self.journal.report(UpgradeVerdict.RUNNING)

    # -- moves ----------------------------------------------------------------------------------

    def _moves(self) -> Flow[None]:
        for _ in range(MOST_MOVES):
            pair = yield from observe(self.addresses, kinds=SNAPPED)
            yield from self.guard.look()
            move = next_move((yield from situation(pair, self.options.target)))
            primary = live_primary(pair)
            secondary = pair.other(primary)
            if secondary.error:
                raise secondary.error
            if move is Move.FINISH:
                yield from self._finish(pair)
                return
            self.journal.changed = True
            if move is Move.INSTALL:
                yield from self._install(secondary)
            elif move is Move.RESTART:
                yield from self._restart(secondary)
            elif move is Move.RELEASE:
                yield from self._release(pair, secondary)
            else:
                yield from self._hand_over(pair, secondary)
            yield from self.journal.report(UpgradeVerdict.RUNNING)
        raise DeadlineExceeded("the roles keep changing", step="upgrade")

    def _is_new(self, node: ObservedNode) -> bool:
        return node.one(NsVersion).build == self.options.target

    def _install(self, node: ObservedNode) -> Flow[None]:
        """Install the build next to the running one; the appliance goes on as it is meanwhile."""
        target = self.options.target
        yield from self.journal.note("install", f"installing {target}; this takes minutes", node)
        (outcome,) = yield from at_once(Ask(node.address, upkeep.install(self.options.sent_url)))
        if isinstance(outcome, GatepairError) and not isinstance(outcome, Busy):
            outcome.remedy = outcome.remedy or "See /var/tmp/install on the appliance; nothing was changed."
            raise outcome
        if isinstance(outcome, Busy):
            yield from self.journal.note("install", "another installation is under way; waiting for it", node)

        def look() -> Flow[str]:
            yield from self.guard.look()
            return (yield from installed_build(node.address)) or ""

        found = yield from poll(
            look,
            until=lambda build: build in {target, UNKNOWN},
            waiting_for=lambda build: f"the next start would use {build or 'an unknown build'}",
            give_up=lambda build, waited: DeadlineExceeded(
                "waited for the build to be installed",
                reason=f"the next start would use {build or 'an unknown build'}",
                waited_s=waited,
                node=node.address,
                step="install",
                remedy="Check that the archive holds the build that was named.",
            ),
            patience=Patience(deadline_s=INSTALLED_S if _is_open(outcome) else SETTLE_S),
        )
        if found == UNKNOWN:
            # An appliance that does not tell is restarted at once: it is seen then what it runs.
            yield from self._restart(node)

    def _restart(self, node: ObservedNode) -> Flow[None]:
        """Restart the secondary, held in its role, and wait until it is back with the new build."""
        yield from self.journal.note("hold", "it stays secondary while it restarts", node)
        yield from ask(node.address, calls.set_node({"hastatus": STAY_SECONDARY}))
        yield from save([node.address])
        fresh = yield from observe(self.addresses, kinds=SNAPPED)
        yield from self.journal.note("restart", f"restarting into {self.options.target}", node)
        yield from restart_node(
            self.addresses,
            fresh.node(node.address),
            build=self.options.target,
            watch=self.guard.look,
            deadline_s=self.options.restart_s,
        )
        yield from self.journal.note("restart", "it is back", node)

    def _release(self, pair: ObservedPair, node: ObservedNode) -> Flow[None]:
        """Let the secondary go when it has everything the primary has."""
        self.journal.require(self._fit(pair, node))
        yield from self.journal.note(
            "release", "it is healthy on the new build and may change roles again", node
        )
        yield from ask(node.address, calls.set_node({"hastatus": ENABLED}))
        yield from save([node.address])
        yield from self._settle_sync(strict=False)

    def _hand_over(self, pair: ObservedPair, node: ObservedNode) -> Flow[None]:
        """Let the upgraded node serve, and see that it does."""
        self.journal.require((*pair_state(pair), *self._fit(pair, node)))
        was = take(pair).node(pair.other(node).address)
        yield from self.journal.note("failover", "it takes over on the new build", node)
        # The appliance calls a peer that it does not synchronize with less than optimal; we have looked.
        self.doubtful = node.address
        yield from hand_over(self.addresses, node.address, force=True)
        yield from self.guard.settle()
        found = yield from observe(self.addresses, kinds=SNAPPED)
        now_is = take(found).node(node.address)
        self.journal.require(compare(was, now_is, self.options.thresholds))
        self.doubtful = None
        yield from self.journal.note("failover", "users are served by the new build", node)

    def _fit(self, pair: ObservedPair, node: ObservedNode) -> tuple[Check, ...]:
        """Return the checks that a node could serve: it has what its peer has, and its own licences."""
        seen = take(pair)
        expected, found = seen.node(pair.other(node).address), seen.node(node.address)
        licences = compare_licences(self.journal.before.node(node.address), found)
        return (*compare(expected, found, self.options.thresholds, serves=False), *licences)

    # -- end ------------------------------------------------------------------------------------

    def _finish(self, pair: ObservedPair) -> Flow[None]:
        """Both run the new build: synchronize, and let the node serve that did before."""
        yield from self._settle_sync(strict=True)
        if self.home is not None and pair.primary is not None and pair.primary.address != self.home:
            self.journal.changed = True
            yield from self.journal.note("fail-back", "it serves again", pair.node(self.home))
            yield from hand_over(self.addresses, self.home)
            yield from self.guard.settle()
            yield from self._settle_sync(strict=True)
        found = yield from observe(self.addresses)
        yield from save(node.address for node in found.nodes if node.unsaved)

    def _settle_sync(self, *, strict: bool) -> Flow[None]:
        """Wait for synchronization; between different builds it may never come, so not for long."""
        pair = yield from observe(self.addresses)
        if sync_state(pair) in {SYNC_DONE, *SYNC_OFF}:
            return
        if strict:
            yield from wait_for_sync(self.addresses)
            return
        try:
            yield from wait_for_sync(self.addresses, deadline_s=SETTLE_S)
        except GatepairError as error:
            yield from self.journal.note("synchronize", f"not between these builds: {error.message}")

    def _judge(self) -> Flow[UpgradeVerdict]:
        """Compare the pair with how it was before."""
        pair = yield from observe(self.addresses, kinds=SNAPPED, tolerant=True)
        self.journal.after = take(pair)
        checks = [*finished(pair, self.options), users_check(self.options, served=self.guard.served is True)]
        was, found = self.journal.before.serving, self.journal.after.serving
        if was and found:
            checks += compare(was, found, self.options.thresholds)
        for node in self.journal.after.nodes:
            checks += compare_licences(self.journal.before.node(node.address), node)
        self.journal.checks += checks
        fine = all(check.verdict is not Verdict.FAIL for check in checks)
        return UpgradeVerdict.UPGRADED if fine else UpgradeVerdict.FAILED

    def _stop(self, error: GatepairError) -> Flow[UpgradeReport]:
        yield from self.journal.note("stop", f"it stops: {error.message}")
        left = yield from retreat(self.addresses, doubtful=self.doubtful, served=self.guard.served)
        pair = yield from observe(self.addresses, kinds=SNAPPED, tolerant=True)
        self.journal.after = take(pair)
        if left:
            error.remedy = " ".join(filter(None, (error.remedy, *left)))
        return (yield from self.journal.report(UpgradeVerdict.STOPPED, error))


def _is_open(outcome: Outcome) -> bool:
    """Whether an installation may be going on still: nobody has said that it is done."""
    return (
        isinstance(outcome, GatepairError)
        or outcome.errorcode != Code.DONE
        or outcome.message != MESSAGES[Code.DONE]
    )
