"""What hangs on an HA node: route monitors to write, the rest only to read.

Attributes: the vendor's NITRO reference (configuration/high-availability).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import BINDING_VERBS, ResourceType, Scope, address, number, text
from gatepair_emulator.resources.behaviour import Behaviour

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row

ROUTE_MONITOR: Final = ResourceType(
    name="hanode_routemonitor_binding",
    command="HA node",
    key=("id", "routemonitor", "netmask"),
    attributes=(
        number("id", 0, 64, default=0),
        address("routemonitor", required=True),
        text("netmask", default="255.255.255.255"),
    ),
    verbs=BINDING_VERBS,
    scope=Scope.LOCAL,
)
ROUTE_MONITOR_6: Final = ResourceType(
    name="hanode_routemonitor6_binding",
    command="HA node",
    key=("id", "routemonitor"),
    attributes=(number("id", 0, 64, default=0), address("routemonitor", required=True), text("netmask")),
    verbs=BINDING_VERBS,
    scope=Scope.LOCAL,
)
MONITORS: Final = (ROUTE_MONITOR.name, ROUTE_MONITOR_6.name)


class RouteMonitorBehaviour(Behaviour):
    """Routes whose loss makes the node unfit; only in INC mode."""

    def adding(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """Refuse outside INC mode."""
        if node.ha.setting("inc") != "ENABLED":
            raise NitroError(Code.ROUTE_MONITOR_NEEDS_INC)

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:  # noqa: ARG002 - given
        """Health depends on them."""
        node.ha.rules_changed()

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """Whether the route is there."""
        return {"routemonitorstate": "DOWN" if node.hardware.routes_failed else "UP"}


def _read_only(name: str, *more: str) -> ResourceType:
    return ResourceType(
        name=name,
        command="HA node",
        key=("id",),
        attributes=(number("id", 0, 64), *(text(each) for each in more)),
        scope=Scope.LOCAL,
    )


PARTIAL_FAILURE: Final = _read_only("hanode_partialfailureinterfaces_binding", "pfifaces")
CRITICAL: Final = _read_only("hanode_ci_binding", "enaifaces")
FAILOVER_SETS: Final = _read_only("hanode_fis_binding", "name")
ALL: Final = _read_only("hanode_binding")


class PartialFailureBehaviour(Behaviour):
    """Interfaces whose failure makes this node partly fail."""

    def rows(self, node: Node) -> Iterable[Row]:
        """One row for each."""
        return [{"id": 0, "pfifaces": name} for name in node.failed_monitored()]


class CriticalBehaviour(Behaviour):
    """Interfaces that must live, by node."""

    def rows(self, node: Node) -> Iterable[Row]:
        """One row for each monitored interface of this node."""
        names = node.interface_facts()["hamonifaces"].split()
        return [{"id": 0, "enaifaces": name} for name in names]


class AllBindingsBehaviour(Behaviour):
    """Everything that hangs on a node, by kind."""

    def rows(self, node: Node) -> Iterable[Row]:
        """One row for each HA node."""
        return [{"id": row["id"]} for row in node.configuration.rows("hanode")]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """The rows of each kind that has any."""
        shown: dict[str, JsonValue] = {}
        for kind in (*MONITORS, PARTIAL_FAILURE.name, CRITICAL.name):
            behaviour = node.behaviour(kind)
            rows = [
                {name: str(value) for name, value in each.items()}
                for each in behaviour.rows(node)
                if each.get("id") == row["id"]
            ]
            if rows:
                shown[kind] = rows
        return shown


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        RouteMonitorBehaviour(ROUTE_MONITOR),
        RouteMonitorBehaviour(ROUTE_MONITOR_6),
        PartialFailureBehaviour(PARTIAL_FAILURE),
        CriticalBehaviour(CRITICAL),
        Behaviour(FAILOVER_SETS),
        AllBindingsBehaviour(ALL),
    ]
