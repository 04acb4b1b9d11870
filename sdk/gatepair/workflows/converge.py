"""Make a pair as it is declared, whatever state it is found in.

The flow looks, checks, computes what is missing, does that and looks again. Cut off anywhere and run
again, it goes on from what it finds: nothing of it is remembered anywhere but on the appliances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.documents import pair_differences, pair_to_document
from gatepair.errors import DeadlineExceeded, GatepairError, NotFound, PreflightFailed
from gatepair.nitro.resources.ha import SYNC_DONE, SYNC_RUNS
from gatepair.workflows.backups import Keep, back_up
from gatepair.workflows.changes import Changes, find_changes, sync_state
from gatepair.workflows.core import Ask, Flow, Patience, announce, poll, together
from gatepair.workflows.join import join, write_key
from gatepair.workflows.keys import Resolve, open_key
from gatepair.workflows.network_reading import network_differences_of
from gatepair.workflows.networks import carry_out
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role, Shape
from gatepair.workflows.observe import Addresses, expecting, observe, survey_kinds
from gatepair.workflows.pair_checks import would_lose
from gatepair.workflows.preflight import examine
from gatepair.workflows.settings import differing, settings_calls
from gatepair.workflows.synchronization import (
    SYNC_DEADLINE_S,
    SyncWatch,
    let_sync_end,
    resynchronize,
    sync_in_words,
    wait_for_sync,
)
from gatepair.workflows.virtual_ips import row_of
from gatepair.workflows.writing import live_primary, save, write_on_primary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.models import Pair, VirtualIp
    from gatepair.workflows.address_changes import AddressChange
    from gatepair.workflows.plan import ChangePlan

ROUNDS: Final = 4
"""Looks and changes at most: one when all goes well, more when roles move or a node is lost meanwhile."""

SETTLE_MARGIN_S: Final = 5.0
BACK_DEADLINE_S: Final = 30.0


def plan(addresses: Addresses, desired: Pair, resolve: Resolve) -> Flow[ChangePlan]:
    """Return what `converge` would do, without doing it.

    Raises:
        PreflightFailed: It would do nothing but fail.
    """
    pair = yield from survey(addresses, desired)
    _require(pair, desired, resolve)
    differences = pair_differences(expecting(pair, desired).to_document(), pair_to_document(desired))
    networks = (
        difference
        for node in pair.nodes
        for difference in network_differences_of(node, desired.appliance(node.address).network)
    )
    return attrs.evolve(find_changes(pair, desired).plan(desired), differences=(*differences, *networks))


def converge(
    addresses: Addresses, desired: Pair, resolve: Resolve, keep: Keep | None = None
) -> Flow[ObservedPair]:
    """Form, mend or change the pair until it is as declared.

    Args:
        addresses: The two appliances in canonical order.
        desired: The declaration.
        resolve: Fetches the shared key if it is needed.
        keep: Puts away a backup of a joining node whose own configuration goes; absent for none.

    Returns:
        The pair as it is found in the end.

    Raises:
        PreflightFailed: Something stands against it; nothing was changed.
        GatepairError: A node refused a change or was lost; running it again goes on from there.
    """
    lost: GatepairError | None = None
    for attempt in range(1, ROUNDS + 1):
        pair = yield from survey(addresses, desired) if lost is None else _back(addresses, desired, lost)
        _require(pair, desired, resolve, lost)
        changes = find_changes(pair, desired)
        if changes.resync and sync_state(pair) == SYNC_RUNS:
            # Only its end tells whether it fails, which a shared key that differs is the usual reason for.
            yield from let_sync_end(addresses, pair)
            pair = yield from survey(addresses, desired)
            changes = find_changes(pair, desired)
        if not changes.any:
            return expecting(pair, desired)
        if keep is not None and changes.link and would_lose(changes.joining, changes.source):
            yield from back_up([changes.joining.address], keep)
            keep = None
        try:
            yield from _carry_out(addresses, changes, desired, resolve)
            found = yield from _arrived(addresses, changes, desired)
            # Not before: what a secondary takes over later would not be saved with the rest.
            yield from save(node.address for node in _primary_first(found, changes.unsaved))
        except GatepairError as error:
            if attempt == ROUNDS or not error.retryable:
                raise
            yield from announce("again", f"looking again: {error.message}")
            lost = error
        else:
            return expecting(found, desired)
    raise AssertionError("the last round returns or raises")


def _back(addresses: Addresses, desired: Pair, lost: GatepairError) -> Flow[ObservedPair]:
    """Look again after a node was lost in the middle, as soon as both answer.

    Raises:
        GatepairError: The error it was lost with; not all of the change may be done.
    """
    return (
        yield from poll(
            lambda: survey(addresses, desired),
            until=lambda pair: len(pair.reachable) == len(pair.nodes),
            waiting_for=sync_in_words,
            give_up=lambda _, __: lost,
            patience=Patience(deadline_s=BACK_DEADLINE_S),
        )
    )


def survey(addresses: Addresses, desired: Pair) -> Flow[ObservedPair]:
    """Look at everything a change depends on; give roles that are just moving time to settle."""

    def look() -> Flow[ObservedPair]:
        return observe(
            addresses,
            kinds=survey_kinds(desired),
            external=_text(desired.external),
            internal=_text(desired.internal),
            tolerant=True,
        )

    pair = yield from look()
    if not _moving(pair):
        return pair
    dead_s = max(node.ha.dead_interval_s for node in pair.nodes)
    try:
        return (
            yield from poll(
                look,
                until=lambda found: not _moving(found),
                waiting_for=lambda _: "the roles are not settled yet",
                give_up=lambda _, waited: DeadlineExceeded("the roles do not settle", waited_s=waited),
                patience=Patience(deadline_s=2 * dead_s + SETTLE_MARGIN_S),
            )
        )
    except DeadlineExceeded:
        return (yield from look())


def _moving(pair: ObservedPair) -> bool:
    """Whether a tied pair without pins is between two states, as after a restart or a failover."""
    if len(pair.reachable) < len(pair.nodes) or not pair.linked or any(node.ha.held for node in pair.nodes):
        return False
    return len(pair.primaries) != 1 or any(node.role is Role.UNKNOWN for node in pair.nodes)


def _require(pair: ObservedPair, desired: Pair, resolve: Resolve, lost: GatepairError | None = None) -> None:
    """Let nothing pass that stands against a change.

    Raises:
        PreflightFailed: Something does, and nothing was changed.
        GatepairError: Something does after part of the change: the error that interrupted it.
    """
    report = examine(pair, desired, resolve)
    if not report.ok:
        raise lost or PreflightFailed(report.failures, key=_blamed(report.failures[0].id))


def _blamed(check_id: str) -> str | None:
    """Return the key of the declaration that a failed check is about, if it is about one."""
    return {
        "shared-key-present": "shared_key",
        "joining-node-empty": "overwrite_joining_node",
        "virtual-ip-is-not-management": "external_virtual_ip",
        "virtual-ips-free": "external_virtual_ip",
    }.get(check_id)


def _carry_out(addresses: Addresses, changes: Changes, desired: Pair, resolve: Resolve) -> Flow[None]:
    everywhere = yield from _networks(changes)
    if changes.ties:
        yield from join(changes, desired, open_key(desired, resolve))
    else:
        yield from _settings(changes)
        if changes.key:
            yield from write_key(changes.source, changes.joining, open_key(desired, resolve))
    pair = yield from _synchronized(addresses, changes, desired)
    primary = live_primary(pair) if pair else changes.source
    everywhere = (yield from _addresses(primary, changes.addresses)) and everywhere
    if desired.failover.synchronization and not everywhere:
        yield from resynchronize(addresses)


def _networks(changes: Changes) -> Flow[bool]:
    """Change the networks; return whether the secondary has what the nodes share too."""
    plain = [change for change in changes.networks if not change.shared and change.done_if is None]
    for change in plain:
        yield from announce(change.step.id, change.step.title, change.address)
    yield from together(*(Ask(change.address, call) for change in plain for call in change.calls))
    return (yield from carry_out(changes.source, [it for it in changes.networks if it not in plain]))


def _settings(changes: Changes) -> Flow[None]:
    if not changes.settings:
        return
    yield from announce("failover-settings", "setting the failover settings on each appliance")
    yield from together(
        *(
            Ask(address, call)
            for address, values in changes.settings.items()
            for call in settings_calls(values)
        )
    )


def _synchronized(addresses: Addresses, changes: Changes, desired: Pair) -> Flow[ObservedPair | None]:
    """Wait for the secondary where it has something to take over; return the pair if it was looked at."""
    if not desired.failover.synchronization:
        return (yield from observe(addresses)) if changes.ties else None
    if changes.ties:
        return (yield from wait_for_sync(addresses))
    if changes.resync:
        return (yield from resynchronize(addresses))
    return None


def _addresses(primary: ObservedNode, changes: tuple[AddressChange, ...]) -> Flow[bool]:
    """Make the changes of virtual IPs on the primary; return whether the secondary has them all too."""
    everywhere = True
    for change in changes:
        yield from announce(change.step.id, change.step.title, primary.address)
        absent = NotFound if change.needless_if_absent else None
        done = yield from write_on_primary(primary, change.calls, absent=absent)
        everywhere = everywhere and done
    return everywhere


def _arrived(addresses: Addresses, changes: Changes, desired: Pair) -> Flow[ObservedPair]:
    """Poll until both nodes show what is declared; see that what did not come over is copied again."""
    external, internal = _text(desired.external), _text(desired.internal)
    watch = SyncWatch(addresses, external, internal, lacks=lambda pair: _lacking(pair, desired) is not None)

    def look() -> Flow[ObservedPair]:
        if desired.failover.synchronization:
            return watch.look()
        return observe(addresses, external=external, internal=internal, tolerant=True)

    return (
        yield from poll(
            look,
            until=lambda pair: not missing_in_words(pair, desired),
            waiting_for=lambda pair: missing_in_words(pair, desired),
            give_up=lambda pair, waited: DeadlineExceeded(
                "waited for both appliances to show what is declared",
                reason=missing_in_words(pair, desired),
                waited_s=waited,
                step="converge",
                node=changes.joining.address,
            ),
            patience=Patience(deadline_s=SYNC_DEADLINE_S),
        )
    )


def missing_in_words(pair: ObservedPair, desired: Pair) -> str:
    """Return what a status already shows to be missing, empty when nothing is."""
    if len(pair.reachable) < len(pair.nodes) or pair.shape is not Shape.FORMED:
        return sync_in_words(pair) if pair.linked else "the appliances are no pair yet"
    for node in pair.nodes:
        if node.ha.held:
            return f"{node.address} is held as {node.ha.held}"
        if differing(node.ha, desired.failover):
            return f"{node.address} has other failover settings"
    lacking = _lacking(pair, desired)
    if lacking:
        return lacking
    if desired.failover.synchronization and sync_state(pair) != SYNC_DONE:
        return sync_in_words(pair)
    return ""


def _lacking(pair: ObservedPair, desired: Pair) -> str | None:
    """Return which node does not have a declared virtual IP yet, in words."""
    for node in pair.nodes:
        for virtual_ip in (desired.external, desired.internal, *(desired.further or ())):
            if virtual_ip is not None and row_of(node, virtual_ip.address) is None:
                return f"{node.address} does not have {virtual_ip.address} yet"
    return None


def _primary_first(pair: ObservedPair, nodes: Iterable[ObservedNode]) -> list[ObservedNode]:
    primary = pair.primary.address if pair.primary else None
    return sorted(nodes, key=lambda node: node.address != primary)


def _text(virtual_ip: VirtualIp | None) -> str:
    return str(virtual_ip.address) if virtual_ip else ""
