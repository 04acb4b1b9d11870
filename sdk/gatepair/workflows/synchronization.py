"""Wait until the secondary has the primary's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import Busy, DeadlineExceeded, GatepairError, NitroError, PropagationFailed, SyncFailed
from gatepair.nitro import calls
from gatepair.nitro.codes import Code
from gatepair.nitro.resources.ha import ENABLED, SYNC_DONE, SYNC_FAILED, SYNC_RUNS, HaStatistics
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Flow, Patience, announce, at_once, now, poll
from gatepair.workflows.observe import SURVEY, Addresses, observe
from gatepair.workflows.writing import live_primary

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.workflows.observation import ObservedPair

SYNC_DEADLINE_S: Final = 300.0
STALLED_S: Final = 10.0
"""After this long without a start, or with the failure of before, synchronization is asked for."""

BEGINS_S: Final = 1.0
"""For this long after it was asked for, a success may be the one of before."""


@attrs.define
class SyncWatch:
    """Looks at a pair again and again, and remembers what was tried to get it synchronized.

    Attributes:
        addresses: The two appliances in canonical order.
        external: External virtual IP to look for first.
        internal: Internal virtual IP to look for first.
        lacks: Whether a pair that says it is synchronized shows that something did not come over.
        wanted: Ask for a synchronization in any case.
        forced_at: When one was asked for.
        refused_at: When asking for one was refused first.
        started_at: When it was first looked at.
        failures: Failed synchronizations when one was asked for.
        begun: Whether one was seen under way since it was asked for.
        looked_at: When it was last looked at.
    """

    addresses: Addresses
    external: str | None = None
    internal: str | None = None
    lacks: Callable[[ObservedPair], bool] = lambda _: False
    wanted: bool = False
    forced_at: float | None = None
    refused_at: float | None = None
    started_at: float | None = None
    failures: int = 0
    begun: bool = False
    looked_at: float = 0.0

    def look(self) -> Flow[ObservedPair]:
        """Look once, ask for a synchronization if none comes, give up if that one fails too."""
        pair = yield from observe(
            self.addresses, external=self.external, internal=self.internal, tolerant=True
        )
        moment = yield from now()
        self.started_at = moment if self.started_at is None else self.started_at
        self.looked_at = moment
        state = sync_state(pair)
        self.begun = self.begun or (self.forced_at is not None and state != SYNC_DONE)
        if not pair.linked or not state:
            return pair
        if self._fails_again(pair, state, moment):
            raise sync_failed(pair)
        stalled = moment - self.started_at > STALLED_S and (
            state == ENABLED or (state == SYNC_DONE and self.lacks(pair))
        )
        due = state == SYNC_FAILED or stalled or (self.wanted and state != SYNC_RUNS)
        if self.forced_at is None and due:
            yield from self._force(pair, moment)
        return pair

    def done(self, pair: ObservedPair) -> bool:
        """Whether the secondary has taken over the configuration."""
        return self._is_new() and pair.linked and sync_state(pair) == SYNC_DONE

    def _is_new(self) -> bool:
        """Whether a success is not the one of before it was asked for."""
        if not self.wanted:
            return True
        return self.forced_at is not None and (self.begun or self.looked_at - self.forced_at >= BEGINS_S)

    def _fails_again(self, pair: ObservedPair, state: str, moment: float) -> bool:
        if self.forced_at is None or state != SYNC_FAILED:
            return False
        return failures_of(pair) > self.failures or moment - self.forced_at > STALLED_S

    def _force(self, pair: ObservedPair, moment: float) -> Flow[None]:
        """Ask for a synchronization; a secondary that does not listen for long has another key."""
        try:
            begun = yield from force(pair)
        except PropagationFailed as error:
            self.refused_at = moment if self.refused_at is None else self.refused_at
            if moment - self.refused_at > STALLED_S:
                raise sync_failed(pair, error.message) from error
        else:
            # One that ran already may have begun before what it is to bring was written, or with the key of
            # before: it is asked again when that one has ended.
            if begun:
                self.forced_at, self.failures = moment, failures_of(pair)


def resynchronize(addresses: Addresses) -> Flow[ObservedPair]:
    """Ask for a full synchronization and wait until it is done.

    Raises:
        SyncFailed: It failed.
        NoPrimary: Nobody can be synchronized from.
    """
    live_primary((yield from observe(addresses)))
    return (yield from _wait(SyncWatch(addresses, wanted=True), SYNC_DEADLINE_S))


def force(pair: ObservedPair) -> Flow[bool]:
    """Ask for a full synchronization.

    Returns:
        Whether it begins; not while another one runs, nor without a primary.

    Raises:
        PropagationFailed: The secondary cannot be reached, or does not accept the shared key.
    """
    if pair.primary is None:
        return False
    yield from announce("synchronize", "asking for a full synchronization", pair.primary.address)
    (outcome,) = yield from at_once(Ask(pair.primary.address, calls.synchronize()))
    running = isinstance(outcome, Busy) or (
        isinstance(outcome, NitroError) and outcome.errorcode == Code.SYNC_IN_PROGRESS
    )
    if isinstance(outcome, GatepairError) and not running:
        raise outcome
    return not running


def failures_of(pair: ObservedPair) -> int:
    """Return how often synchronization failed, as the secondary counts it."""
    return pair.secondary.one(HaStatistics).sync_failures if pair.secondary else 0


def sync_failed(pair: ObservedPair, reason: str = "") -> SyncFailed:
    """Return the error for a failed synchronization, with the appliance's own reason if it has one."""
    secondary, primary = pair.secondary, pair.primary
    if secondary and primary and not reason:
        seen = primary.peer.sync_failure if primary.peer else ""
        reason = secondary.ha.sync_failure or seen
    serving = f"; {primary.address} keeps serving users" if primary else ""
    return SyncFailed(
        "it did not take over the configuration of the primary" + (f": {reason}" if reason else "") + serving,
        node=secondary.address if secondary else None,
        step="synchronize",
        remedy=(
            "Usually the shared key or the administrator's password differs between the two appliances. "
            "Check that shared_key is the one you mean and that both have the same password, then run it "
            "again: the key is written on both anew."
        ),
    )


def wait_for_sync(addresses: Addresses, *, deadline_s: float = SYNC_DEADLINE_S) -> Flow[ObservedPair]:
    """Poll until there is one primary and its peer has taken over the configuration.

    Raises:
        SyncFailed: It failed, and failed again after it was asked for.
        DeadlineExceeded: It did not come to an end.
    """
    return (yield from _wait(SyncWatch(addresses), deadline_s))


def let_sync_end(addresses: Addresses, pair: ObservedPair) -> Flow[ObservedPair]:
    """Poll until no synchronization runs, whatever came of it: what it brings would undo a change.

    Args:
        addresses: The two appliances in canonical order.
        pair: The pair as it was just observed.

    Returns:
        The pair as it is then; the same one if no synchronization ran.

    Raises:
        DeadlineExceeded: It did not come to an end.
    """
    if sync_state(pair) != SYNC_RUNS:
        return pair
    return (
        yield from poll(
            lambda: observe(addresses, kinds=SURVEY, tolerant=True),
            until=lambda found: sync_state(found) != SYNC_RUNS,
            waiting_for=sync_in_words,
            give_up=_never_ended,
            patience=Patience(deadline_s=SYNC_DEADLINE_S),
        )
    )


def _wait(watch: SyncWatch, deadline_s: float) -> Flow[ObservedPair]:
    return (
        yield from poll(
            watch.look,
            until=watch.done,
            waiting_for=sync_in_words,
            give_up=_never_ended,
            patience=Patience(deadline_s=deadline_s),
        )
    )


def _never_ended(pair: ObservedPair, waited: float) -> DeadlineExceeded:
    return DeadlineExceeded(
        "waited for the secondary to take over the configuration",
        reason=sync_in_words(pair),
        waited_s=waited,
        step="synchronize",
        node=pair.secondary.address if pair.secondary else None,
    )


def sync_in_words(pair: ObservedPair) -> str:
    """Return what synchronization waits for."""
    for node in pair.nodes:
        if node.error:
            return f"{node.address} does not answer: {node.error.message}"
    if pair.primary is None:
        return "the roles are not settled yet"
    return f"synchronization: {sync_state(pair).lower() or 'not begun'}"
