"""Put a fresh appliance in the place of a dead one, with users served by the survivor all along.

The survivor stays primary from beginning to end: it forgets the dead node, then the fresh one joins it as
in any forming. What is done is read from the appliances, so that a run that was cut off is finished by the
next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import (
    AuthenticationRefused,
    InvalidInput,
    NoPrimary,
    PairError,
    PreflightFailed,
    TlsUntrusted,
)
from gatepair.nitro import calls
from gatepair.workflows.backups import Keep, back_up, backup_steps
from gatepair.workflows.changes import find_changes
from gatepair.workflows.converge import converge, survey
from gatepair.workflows.core import Flow, Patience, announce, ask, poll
from gatepair.workflows.join import HEARD_MARGIN_S, untie
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.observe import in_order, observe
from gatepair.workflows.pair_checks import would_lose
from gatepair.workflows.plan import ChangePlan, PlannedStep
from gatepair.workflows.preflight import examine
from gatepair.workflows.upkeep_result import Backup, Replacement

if TYPE_CHECKING:
    from gatepair.models import Appliance, ManagementAddress, Pair
    from gatepair.workflows.keys import Resolve


@attrs.frozen(kw_only=True)
class Exchange:
    """Who goes and who comes.

    Attributes:
        before: The pair as it is declared, with the dead appliance.
        dead: The appliance that is gone for good.
        fresh: The one in its place; it may have the same management address.
    """

    before: Pair
    dead: ManagementAddress
    fresh: Appliance

    def __attrs_post_init__(self) -> None:
        if self.fresh.address == self.survivor:
            raise InvalidInput(f"{self.survivor} is in the pair already, as the other node", key="fresh")

    @property
    def survivor(self) -> ManagementAddress:
        """The appliance that stays."""
        return self.before.other(self.dead)

    @property
    def after(self) -> Pair:
        """The pair as it is to be."""
        own = self.before.appliance(self.survivor)
        return attrs.evolve(
            self.before, appliances=(own, self.fresh), preferred_primary=self.survivor, replaces_external=None
        )

    @property
    def same_address(self) -> bool:
        """Whether the fresh appliance has the management address of the dead one."""
        return self.fresh.address == self.dead


def plan_replace_node(exchange: Exchange, resolve: Resolve, *, backups: bool) -> Flow[ChangePlan]:
    """Return what `replace_node` would do.

    Raises:
        PreflightFailed: It would do nothing but fail.
    """
    found = yield from _examine(exchange, resolve)
    if found.missing is None:
        return ChangePlan()
    forget = PlannedStep(
        id="forget",
        title=f"Forget the dead appliance {exchange.dead}",
        node=str(exchange.survivor),
        notice="It must not be switched on again: it would bring the pair's addresses up a second time.",
    )
    made = backup_steps(found.at_risk) if backups else []
    return ChangePlan(steps=(*made, *((forget,) if found.forgets else ()), *found.missing.steps))


def replace_node(exchange: Exchange, resolve: Resolve, keep: Keep | None) -> Flow[Replacement]:
    """Let the survivor forget the dead node, and the fresh one join it.

    Args:
        exchange: Who goes and who comes.
        resolve: Fetches the shared key.
        keep: Puts backups away, absent for none.

    Raises:
        PairError: The dead node is not dead, or the survivor does not serve; nothing was changed.
        PreflightFailed: The fresh appliance cannot join; nothing was changed.
        GatepairError: A node refused a change or was lost; running it again goes on from there.
    """
    found = yield from _examine(exchange, resolve)
    backups: tuple[Backup, ...] = ()
    if found.missing is not None:
        if keep is not None:
            backups = yield from back_up(found.at_risk, keep)
        if found.forgets:
            yield from _forget(found.survivor, exchange)
        yield from converge(exchange.after.addresses, exchange.after, resolve)
    return Replacement(
        changed=found.missing is not None,
        id=exchange.after.id,
        survivor=str(exchange.survivor),
        removed=str(exchange.dead),
        joined=str(exchange.fresh.address),
        backups=backups,
    )


@attrs.frozen(kw_only=True)
class _Findings:
    """What was found before anything is changed.

    Attributes:
        survivor: The node that stays.
        forgets: Whether it has the dead node as its peer still.
        at_risk: Appliances whose configuration is worth a backup.
        missing: What is missing, absent if nothing is.
    """

    survivor: ObservedNode
    forgets: bool
    at_risk: tuple[ManagementAddress, ...]
    missing: ChangePlan | None


def _examine(exchange: Exchange, resolve: Resolve) -> Flow[_Findings]:
    pair = yield from survey(exchange.after.addresses, exchange.after)
    for node in pair.nodes:
        if node.error:
            raise node.error
    survivor, fresh = pair.node(exchange.survivor), pair.node(exchange.fresh.address)
    forgets = survivor.peer is not None and not survivor.has_peer(fresh)
    if not exchange.same_address:
        yield from _require_dead(exchange, survivor if forgets else None)
    if survivor.role not in {Role.PRIMARY, Role.STANDALONE}:
        raise NoPrimary(
            f"it is to serve while the other one is replaced, but it is {survivor.role}",
            node=survivor.address,
            step="replace",
        )
    # A peer that is about to be forgotten is no obstacle.
    seen = _without_peer(pair, survivor) if forgets else pair
    report = examine(seen, exchange.after, resolve)
    if not report.ok:
        raise PreflightFailed(report.failures)
    changes = find_changes(seen, exchange.after)
    owns = changes.link and would_lose(fresh, survivor)
    return _Findings(
        survivor=survivor,
        forgets=forgets,
        at_risk=(survivor.address, *((fresh.address,) if owns else ())),
        missing=changes.plan(exchange.after) if changes.any or forgets else None,
    )


def _require_dead(exchange: Exchange, survivor: ObservedNode | None) -> Flow[None]:
    """See that the node that goes is silent: to us, and to the survivor if that has it as its peer still.

    A node that died a moment ago is believed to live until its dead interval is over.

    Raises:
        PairError: It lives.
    """
    addresses = in_order(exchange.survivor, exchange.dead)

    def look() -> Flow[str]:
        pair = yield from observe(addresses, tolerant=True)
        peer = pair.node(exchange.survivor).peer if survivor else None
        error = pair.node(exchange.dead).error
        # Whoever refuses a password or a certificate is alive.
        if error is None or isinstance(error, AuthenticationRefused | TlsUntrusted):
            raise _lives(exchange, "it answers, so it is not dead")
        if peer and peer.state.lower() in {Role.PRIMARY, Role.SECONDARY}:
            return f"{exchange.survivor} still hears its heartbeats, so it is not dead"
        return ""

    dead_s = survivor.ha.dead_interval_s if survivor else 0
    yield from poll(
        look,
        until=lambda sign: not sign,
        waiting_for=str,
        give_up=lambda sign, _: _lives(exchange, sign),
        patience=Patience(deadline_s=dead_s + HEARD_MARGIN_S),
    )


def _lives(exchange: Exchange, sign: str) -> PairError:
    return PairError(
        sign,
        node=exchange.dead,
        step="replace",
        remedy="Switch it off for good, or dissolve the pair and form one with the other appliance.",
    )


def _without_peer(pair: ObservedPair, node: ObservedNode) -> ObservedPair:
    first, second = pair.nodes
    alone = node.alone()
    return attrs.evolve(pair, nodes=(alone, second) if node is first else (first, alone))


def _forget(survivor: ObservedNode, exchange: Exchange) -> Flow[None]:
    """Take the dead node off the survivor, which stays primary."""
    yield from announce("forget", f"it forgets the dead appliance {exchange.dead}", survivor.address)
    if survivor.ha.sync_vlan:
        yield from ask(survivor.address, calls.unset_sync_vlan())
    yield from untie(survivor)
