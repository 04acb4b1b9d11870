"""What is missing between what was found and what is declared, and who is to do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from gatepair.models import ManagementAddress
from gatepair.nitro.resources.ha import STAY_PRIMARY, STAY_SECONDARY, SYNC_FAILED
from gatepair.workflows.address_changes import AddressChange, address_changes
from gatepair.workflows.network_changes import NetworkChange, pair_network_changes
from gatepair.workflows.observation import ObservedNode, ObservedPair, Role
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.settings import differing, in_words, independent
from gatepair.workflows.virtual_ips import row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Pair


@attrs.frozen(kw_only=True)
class Changes:
    """Everything that is missing.

    Attributes:
        source: The node whose configuration the pair has or takes over; the live primary if any.
        joining: The other node.
        untie: Nodes that have to forget their peer first, to be tied anew: whether they stand in
            different networks is told when a peer is added and cannot be changed later.
        link: Nodes to be told who their peer is.
        key: The shared key has to be written.
        release: Nodes held in a role by a pin.
        step_down: Both are primary: the joining node has to give way.
        settings: Failover settings to set, by node.
        resync: The secondary lacks something the primary has.
        networks: Changes of the nodes' own networks.
        addresses: Changes of virtual IPs, on the primary.
        unsaved: Nodes with configuration that a restart would lose.
    """

    source: ObservedNode
    joining: ObservedNode
    untie: tuple[ObservedNode, ...] = ()
    link: tuple[ObservedNode, ...] = ()
    key: bool = False
    release: tuple[ObservedNode, ...] = ()
    step_down: bool = False
    settings: Mapping[ManagementAddress, Mapping[str, object]] = attrs.field(
        factory=dict[ManagementAddress, Mapping[str, object]]
    )
    resync: bool = False
    networks: tuple[NetworkChange, ...] = ()
    addresses: tuple[AddressChange, ...] = ()
    unsaved: tuple[ObservedNode, ...] = ()

    @property
    def ties(self) -> bool:
        """Whether the two nodes have to be tied together, or an attempt has to be finished."""
        return bool(self.link or self.key or self.release or self.step_down)

    @property
    def any(self) -> bool:
        """Whether anything is missing."""
        return bool(
            self.ties or self.settings or self.resync or self.networks or self.addresses or self.unsaved
        )

    def plan(self, desired: Pair) -> ChangePlan:
        """Return the changes in words of the pair."""
        return ChangePlan(steps=tuple(self._steps(desired)))

    def _steps(self, desired: Pair) -> Iterator[PlannedStep]:
        for network in self.networks:
            yield network.step
        yield from self._tying_steps()
        for address, values in self.settings.items():
            node = self.source if self.source.address == address else self.joining
            yield PlannedStep(
                id="failover-settings",
                title=f"Set {in_words(node.ha, values)}",
                node=str(address),
            )
        if self.link:
            yield self._joining_step(desired)
        elif self.key:
            yield PlannedStep(
                id="shared-key", title="Write the shared key on both appliances", impact=Impact.NONE
            )
        if self.resync:
            yield PlannedStep(
                id="synchronize",
                title="Copy the primary's configuration to the secondary again",
                node=str(self.joining.address),
                impact=Impact.RESYNC,
            )
        for change in self.addresses:
            yield change.step
        if len(self.unsaved) == 1:
            yield PlannedStep(id="save", title="Save the configuration", node=str(self.unsaved[0].address))
        elif self.unsaved:
            yield PlannedStep(id="save", title="Save the configuration on both appliances")

    def _tying_steps(self) -> Iterator[PlannedStep]:
        if self.step_down:
            yield PlannedStep(
                id="step-down",
                title="Both appliances are primary: make this one the secondary",
                node=str(self.joining.address),
                impact=Impact.RECONNECT,
                notice=f"{self.source.address} keeps serving; users served by the other one reconnect.",
            )
        for node in self.release if not self.link else ():
            yield PlannedStep(
                id="release",
                title=f"Let it change roles freely again (it is set to {node.ha.held})",
                node=str(node.address),
            )
        if self.untie:
            yield PlannedStep(
                id="untie", title="Untie the two appliances in order to tie them anew", impact=Impact.RESYNC
            )

    def _joining_step(self, desired: Pair) -> PlannedStep:
        kept = "Its own configuration is replaced." if desired.overwrite_joining_node else ""
        return PlannedStep(
            id="form",
            title=f"Form the failover pair: {self.joining.address} joins {self.source.address}",
            node=str(self.joining.address),
            impact=Impact.RESYNC,
            notice=f"It takes over the configuration of {self.source.address}. {kept}".strip(),
        )


def find_changes(pair: ObservedPair, desired: Pair) -> Changes:
    """Return what is missing between a survey of both appliances and the declaration.

    Raises:
        AmbiguousVirtualIp: Several addresses could be the old external virtual IP.
    """
    source = find_source(pair, desired)
    joining = pair.other(source)
    step_down = pair.linked and len(pair.primaries) == len(pair.nodes)
    inc = desired.failover.independent_network
    untie = tuple(node for node in (joining, source) if node.peer and independent(node.ha) != inc)
    link = tuple(node for node in (source, joining) if node in untie or not node.has_peer(pair.other(node)))
    release = tuple(node for node in (source, joining) if node.ha.held)
    syncs = desired.failover.synchronization and not link
    failed = syncs and sync_state(pair) == SYNC_FAILED
    addresses = address_changes(source, desired)
    changes = Changes(
        source=source,
        joining=joining,
        untie=untie,
        link=link,
        # Whoever holds a node was cut off before the shared key was known to be on both.
        key=bool(link or release or failed),
        release=release,
        step_down=step_down,
        settings={
            node.address: found for node in pair.nodes if (found := differing(node.ha, desired.failover))
        },
        resync=failed or (syncs and _lacks_addresses(source, joining, desired)),
        networks=pair_network_changes(pair, source, desired, tied=not link),
        addresses=addresses,
    )
    unsaved = pair.nodes if changes.any else tuple(node for node in pair.nodes if node.unsaved)
    return attrs.evolve(changes, unsaved=unsaved)


def find_source(pair: ObservedPair, desired: Pair) -> ObservedNode:
    """Return the node whose configuration stays.

    In a pair it is the primary; of two primaries the one that has been so longer. Between two nodes
    that are not tied, a pin from an earlier attempt decides, then a peer entry that is left on one
    side only, then addresses that a dissolution switched off, then the declaration.
    """
    return _standing(pair) or pair.node(desired.preferred_primary)


def find_standing(pair: ObservedPair) -> ObservedNode:
    """Return the node whose configuration stays when nothing is declared."""
    return _standing(pair) or pair.speaker


def _standing(pair: ObservedPair) -> ObservedNode | None:
    if pair.linked and pair.primaries:
        return pair.speaker
    for held, leads in ((STAY_PRIMARY, True), (STAY_SECONDARY, False)):
        pinned = [node for node in pair.nodes if node.ha.pin == held]
        if len(pinned) == 1:
            return pinned[0] if leads else pair.other(pinned[0])
    knowing = [node for node in pair.nodes if node.has_peer(pair.other(node)) and node.role is Role.PRIMARY]
    if len(knowing) == 1:
        return knowing[0]
    freed = [node for node in pair.nodes if _was_freed(node, pair.other(node))]
    return pair.other(freed[0]) if len(freed) == 1 else None


def _was_freed(node: ObservedNode, other: ObservedNode) -> bool:
    """Whether a dissolution took the addresses off this node: they are switched off, the other's are on."""
    return any(
        not row.is_on and (held := row_of(other, row.address)) and held.is_on for row in node.addresses
    )


def sync_state(pair: ObservedPair) -> str:
    """Return how far synchronization is, as the secondary says or, if it is silent, its primary."""
    primary, secondary = pair.primary, pair.secondary
    if primary is None or secondary is None:
        return ""
    if secondary.reachable:
        return secondary.ha.sync.upper()
    return primary.peer.sync.upper() if primary.peer else ""


def _lacks_addresses(source: ObservedNode, joining: ObservedNode, desired: Pair) -> bool:
    named = (desired.external, desired.internal, *(desired.further or ()))
    declared = [ip.address for ip in named if ip is not None]
    return any(row_of(source, address) and not row_of(joining, address) for address in declared)
