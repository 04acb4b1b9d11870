"""How a pair is at one moment, as far as an upgrade could change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from gatepair.nitro.resources.gateway import CertificateKey, GatewayServer
from gatepair.nitro.resources.ha import HaStatistics
from gatepair.nitro.resources.network import StaticRoute
from gatepair.nitro.resources.system import NsVersion
from gatepair.nitro.resources.upkeep import Licences, NsStatistics
from gatepair.workflows.observe import SURVEY, Kinds

if TYPE_CHECKING:
    from gatepair.workflows.observation import ObservedNode, ObservedPair

SNAPPED: Final[Kinds] = (*SURVEY, NsStatistics, Licences, StaticRoute)
"""What is read for a snapshot."""


@attrs.frozen(kw_only=True)
class Certificate:
    """A certificate.

    Attributes:
        status: ``Valid`` or what else the appliance says.
        days_left: Days until it ends.
    """

    status: str
    days_left: int


@attrs.frozen(kw_only=True)
class NodeSnapshot:
    """One appliance.

    Attributes:
        address: Management address.
        reachable: Whether it answered; the rest is empty if not.
        build: Firmware.
        role: Role in the pair.
        health: How it says it is, such as ``UP``.
        sync: State of synchronization.
        servers: Virtual servers and their state, by type and name.
        certificates: Certificates by name.
        routes: Routes.
        sessions: Sessions of users.
        licences: What is licensed.
        licence_days: Days until the licence ends; empty or below 0 if it does not.
    """

    address: str
    reachable: bool = True
    build: str = ""
    role: str = ""
    health: str = ""
    sync: str = ""
    servers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    certificates: Mapping[str, Certificate] = attrs.field(factory=dict[str, Certificate])
    routes: tuple[str, ...] = ()
    sessions: int = 0
    licences: tuple[str, ...] = ()
    licence_days: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the snapshot as a JSON-ready mapping."""
        return {**attrs.asdict(self), "routes": list(self.routes), "licences": list(self.licences)}


@attrs.frozen(kw_only=True)
class Snapshot:
    """Both appliances.

    Attributes:
        primary: Who was primary, empty if nobody was.
        nodes: Both, in canonical order.
    """

    primary: str
    nodes: tuple[NodeSnapshot, NodeSnapshot]

    def node(self, address: object) -> NodeSnapshot:
        """Return the snapshot of one appliance."""
        return next(node for node in self.nodes if node.address == str(address))

    @property
    def serving(self) -> NodeSnapshot | None:
        """The snapshot of the one that was primary."""
        return self.node(self.primary) if self.primary else None

    def to_dict(self) -> dict[str, object]:
        """Return the snapshot as a JSON-ready mapping."""
        return {"primary": self.primary, "nodes": [node.to_dict() for node in self.nodes]}


def take(pair: ObservedPair) -> Snapshot:
    """Return the snapshot of a pair that was read with `SNAPPED`."""
    first, second = (_node(node) for node in pair.nodes)
    return Snapshot(primary=str(pair.primary.address) if pair.primary else "", nodes=(first, second))


def _node(node: ObservedNode) -> NodeSnapshot:
    if not node.reachable:
        return NodeSnapshot(address=str(node.address), reachable=False)
    licences = node.one(Licences)
    return NodeSnapshot(
        address=str(node.address),
        build=node.one(NsVersion).build,
        role=str(node.role),
        health=node.one(HaStatistics).health,
        sync=node.ha.sync,
        servers={f"{type(server).TYPE} {server.name}": server.state.upper() for server in node.servers},
        certificates={
            one.name: Certificate(status=one.status, days_left=one.days_left)
            for one in node.all(CertificateKey)
        },
        routes=tuple(
            sorted(
                f"{route.network}/{route.netmask} via {route.gateway}"
                for route in node.all(StaticRoute)
                if route.is_static
            )
        ),
        sessions=sum(server.users for server in node.all(GatewayServer)),
        licences=licences.features,
        licence_days=licences.days_left,
    )


def from_dict(document: Mapping[str, object]) -> Snapshot:
    """Return the snapshot that an evidence file holds.

    Raises:
        KeyError, TypeError, ValueError: It holds none.
    """
    rows = cast("list[Mapping[str, object]]", document["nodes"])
    first, second = (_node_from(row) for row in rows)
    return Snapshot(primary=str(document["primary"]), nodes=(first, second))


def _node_from(row: Mapping[str, object]) -> NodeSnapshot:
    values = dict(row)
    certificates = cast("Mapping[str, Mapping[str, object]]", values.pop("certificates"))
    texts = {name: tuple(map(str, cast("list[object]", values.pop(name)))) for name in ("routes", "licences")}
    known = {
        name: Certificate(status=str(one["status"]), days_left=int(str(one["days_left"])))
        for name, one in certificates.items()
    }
    return NodeSnapshot(**cast("dict[str, str]", values), certificates=known, **texts)  # pyright: ignore[reportArgumentType]  # a wrong type is refused by attrs or compares unequal
