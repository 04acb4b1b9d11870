"""What the two appliances say, and what it means for the pair."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import attrs

from gatepair.nitro.decoding import Resource
from gatepair.nitro.resources.addresses import NetworkInterface, NsIp
from gatepair.nitro.resources.gateway import (
    CertificateKey,
    ContentSwitch,
    GatewayServer,
    LdapAction,
    LoadBalancer,
    VirtualServer,
)
from gatepair.nitro.resources.ha import HaNode, HaStatistics
from gatepair.nitro.resources.system import NsConfig, NsHardware, NsVersion

if TYPE_CHECKING:
    from gatepair.documents import Document
    from gatepair.errors import GatepairError
    from gatepair.models import ManagementAddress

ResourceT = TypeVar("ResourceT", bound=Resource)
Facts = Mapping[type[Resource], tuple[Resource, ...] | None]

NEEDED: tuple[type[Resource], ...] = (HaNode, NsConfig, NsVersion, NsIp)
"""Without these nothing can be said of an appliance."""

HELPFUL: tuple[type[Resource], ...] = (HaStatistics, GatewayServer)
"""What a status tells in addition; an appliance may refuse it, for want of a licence for instance."""

SURVEYED: tuple[type[Resource], ...] = (
    NetworkInterface,
    NsHardware,
    CertificateKey,
    LoadBalancer,
    ContentSwitch,
    LdapAction,
)
"""What is looked at before a change."""


class Role(StrEnum):
    """What an appliance is in the pair right now."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    STANDALONE = "standalone"
    UNKNOWN = "unknown"


class Shape(StrEnum):
    """What the two appliances are to each other."""

    FORMED = "formed"
    DISSOLVED = "dissolved"
    BROKEN = "broken"


@attrs.frozen(kw_only=True, slots=False)
class ObservedNode:
    """One appliance as it was found.

    Attributes:
        address: Management address it was asked at.
        facts: Its resources by type; ``None`` for what it refused to tell.
        error: Why nothing is known of it, absent when it answered.
    """

    address: ManagementAddress
    facts: Facts = attrs.field(factory=dict[type[Resource], tuple[Resource, ...] | None], repr=False)
    error: GatepairError | None = None

    def all(self, kind: type[ResourceT]) -> tuple[ResourceT, ...]:
        """Return its resources of one type; none if it does not tell."""
        return cast("tuple[ResourceT, ...]", self.facts.get(kind) or ())

    def tells(self, kind: type[Resource]) -> bool:
        """Whether it was asked for this type of resource and answered."""
        return self.facts.get(kind) is not None

    def one(self, kind: type[ResourceT]) -> ResourceT:
        """Return a resource of which there is one; an empty one if it does not tell."""
        found = self.all(kind)
        return found[0] if found else kind()

    @property
    def reachable(self) -> bool:
        """Whether it answered with everything that is needed."""
        return self.error is None

    @cached_property
    def ha(self) -> HaNode:
        """Its own entry in the list of nodes."""
        return next((node for node in self.all(HaNode) if node.is_self), HaNode())

    @cached_property
    def peer(self) -> HaNode | None:
        """The other node as this one sees it."""
        return next((node for node in self.all(HaNode) if not node.is_self), None)

    @property
    def nsip(self) -> str:
        """Its own address as it knows it, which may differ from the one it is managed at."""
        return self.one(NsConfig).ip_address or self.ha.ip_address

    @property
    def role(self) -> Role:
        """Its role; an appliance without a peer is standalone, whatever its state says."""
        if not self.reachable:
            return Role.UNKNOWN
        if self.peer is None:
            return Role.STANDALONE
        state = self.ha.state.lower()
        return Role(state) if state in {Role.PRIMARY, Role.SECONDARY} else Role.UNKNOWN

    @property
    def addresses(self) -> tuple[NsIp, ...]:
        """Its addresses that move with the primary."""
        return tuple(row for row in self.all(NsIp) if row.floats)

    @property
    def servers(self) -> tuple[VirtualServer, ...]:
        """Its virtual servers of every kind."""
        return (*self.all(LoadBalancer), *self.all(ContentSwitch), *self.all(GatewayServer))

    @property
    def unsaved(self) -> bool:
        """Whether a restart would lose configuration."""
        return self.reachable and self.one(NsConfig).changed

    def alone(self) -> ObservedNode:
        """Return this node as it would be if it had forgotten its peer."""
        return attrs.evolve(self, facts={**self.facts, HaNode: (self.ha,)})

    def has_peer(self, other: ObservedNode) -> bool:
        """Whether ``other`` is this node's peer, as far as can be told when it does not answer.

        A silent one is taken to be managed at its NSIP if this one is. Where that cannot be told, any
        peer is taken to be it.
        """
        if self.peer is None:
            return False
        if other.reachable:
            return self.peer.ip_address == other.nsip
        return self.nsip != str(self.address.host) or self.peer.ip_address == str(other.address.host)


@attrs.frozen(kw_only=True, slots=False)
class ObservedPair:
    """Both appliances as they were found, in canonical order.

    Attributes:
        nodes: The two appliances.
        expected_external: External virtual IP to look for first, if one is expected.
        expected_internal: Internal virtual IP to look for first, if one is expected.
        expected_further: Further virtual IPs to look for; ``None`` if they are not managed.
        expected_failover_interface: Interface that is to carry all heartbeats, empty if none is.
    """

    nodes: tuple[ObservedNode, ObservedNode]
    expected_external: str | None = None
    expected_internal: str | None = None
    expected_further: tuple[str, ...] | None = None
    expected_failover_interface: str = ""

    @property
    def id(self) -> str:
        """Canonical identifier of the pair."""
        return ",".join(str(node.address) for node in self.nodes)

    def node(self, address: ManagementAddress) -> ObservedNode:
        """Return the appliance with that management address."""
        return next(node for node in self.nodes if node.address == address)

    def other(self, node: ObservedNode) -> ObservedNode:
        """Return the other appliance."""
        first, second = self.nodes
        return second if node.address == first.address else first

    @property
    def reachable(self) -> tuple[ObservedNode, ...]:
        """The appliances that answered."""
        return tuple(node for node in self.nodes if node.reachable)

    @property
    def primaries(self) -> tuple[ObservedNode, ...]:
        """The appliances that are primary in a pair."""
        return tuple(node for node in self.nodes if node.role is Role.PRIMARY)

    @cached_property
    def linked(self) -> bool:
        """Whether each appliance that answers has the other one as its peer."""
        first, second = self.nodes
        return bool(self.reachable) and all(
            node.has_peer(other) for node, other in ((first, second), (second, first)) if node.reachable
        )

    @property
    def shape(self) -> Shape:
        """``formed``, ``dissolved``, or anything between."""
        if self.linked and len(self.serving) == 1:
            return Shape.FORMED
        if len(self.reachable) == len(self.nodes) and all(node.peer is None for node in self.nodes):
            return Shape.DISSOLVED
        return Shape.BROKEN

    @property
    def serving(self) -> tuple[str, ...]:
        """Addresses of the nodes that are primary, also one that only its peer can see."""
        first, second = self.nodes
        found = [str(node.address) for node in self.primaries]
        for node, other in ((first, second), (second, first)):
            seen = node.peer.state.lower() if node.peer else ""
            if not other.reachable and seen == Role.PRIMARY:
                found.append(str(other.address))
        return tuple(found)

    @cached_property
    def primary(self) -> ObservedNode | None:
        """The one live primary that answers; absent when there is none or two."""
        return self.primaries[0] if len(self.primaries) == 1 else None

    @cached_property
    def secondary(self) -> ObservedNode | None:
        """The peer of the one live primary."""
        return self.other(self.primary) if self.primary else None

    @property
    def speaker(self) -> ObservedNode:
        """The appliance whose configuration stands for the pair: the primary if there is one.

        Of two primaries it is the one that has been so longer, of two standalone appliances the one
        that holds more of the pair's addresses.
        """
        if self.primary:
            return self.primary
        candidates = self.primaries or self.reachable or self.nodes
        return max(candidates, key=lambda node: node.ha.in_state_s if self.primaries else len(node.addresses))

    def to_document(self) -> Document:
        """Return the pair's canonical document, the one a declaration is compared with."""
        from gatepair.workflows.document import observed_document  # noqa: PLC0415 - it imports this module

        return observed_document(self)
