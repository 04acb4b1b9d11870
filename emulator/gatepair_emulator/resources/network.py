"""Interfaces, VLANs, routes, name servers and time servers.

Attributes and defaults: the vendor's NITRO reference (configuration/network, dns, ntp).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.coercion import key_of
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    BINDING_VERBS,
    SETTING_VERBS,
    ResourceType,
    Scope,
    address,
    choice,
    flag,
    number,
    on_off,
    switch,
    text,
    yes_no,
)
from gatepair_emulator.resources.behaviour import NOTHING, Action, Behaviour, Outcome
from gatepair_emulator.resources.virtual_servers import state_action
from gatepair_emulator.values import JsonObject, JsonValue, Row, text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

INTERFACE: Final = ResourceType(
    name="Interface",
    command="interface",
    key=("id",),
    attributes=(
        text("id", required=True),
        choice("speed", "AUTO", "10", "100", "1000", "10000", "25000", "40000", "100000", default="AUTO"),
        choice("duplex", "AUTO", "HALF", "FULL", default="AUTO"),
        choice("flowctl", "OFF", "RX", "TX", "RXTX", default="OFF"),
        choice("autoneg", "DISABLED", "ENABLED", default="ENABLED"),
        on_off("hamonitor", "ON"),
        on_off("haheartbeat", "ON"),
        number("mtu", 1500, 9216, default=1500),
        on_off("tagall"),
        on_off("trunkmode"),
        choice("lacpmode", "DISABLED", "ACTIVE", "PASSIVE", default="DISABLED"),
        number("lacpkey", 1, 8),
        number("lacppriority", 1, 65535, default=32768),
        choice("lacptimeout", "LONG", "SHORT", default="LONG"),
        text("ifalias", longest=31),
        number("throughput", 0, 160000, default=0),
        number("bandwidthhigh", 0, 160000, default=0),
        number("bandwidthnormal", 0, 160000, default=0),
        number("lrsetpriority", 1, 1024, default=1024),
    ),
    verbs=SETTING_VERBS,
    actions=frozenset({"enable", "disable", "reset", "clear"}),
    scope=Scope.LOCAL,
    statistics=True,
)
LOOPBACK: Final = "LO/1"


class InterfaceBehaviour(Behaviour):
    """Network interfaces: fixed by the hardware, settings local to the node."""

    def __init__(self) -> None:
        super().__init__(INTERFACE)
        self.actions = {
            "enable": _set_interface("ENABLED"),
            "disable": _set_interface("DISABLED"),
            "reset": _touch_interface,
            "clear": _touch_interface,
        }

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:  # noqa: ARG002 - given
        """Heartbeats and health depend on interfaces."""
        node.ha.rules_changed()

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Link state, counters and hardware facts."""
        name = text_of(str(row["id"]))
        enabled = row.get("_state") != "DISABLED"
        up = enabled and name not in node.hardware.failed_links
        received, sent = node.ha.totals()
        unit = [str(each["id"]) for each in node.configuration.rows(INTERFACE.name)].index(name)
        return {
            "devicename": name,
            "unit": str(unit),
            "description": "Netscaler Loopback interface"
            if name == LOOPBACK
            else "NetScaler Virtual Interface",
            "flags": "57504" if up else "24608",
            "mac": mac_address(node.settings.address, unit),
            "vlan": "1",
            "uptime": str(int(node.clock.wall() - node.started_at)) if up else "0",
            "downtime": "0" if up else str(int(node.clock.wall() - node.started_at)),
            "actspeed": "10000" if up else "0",
            "actduplex": "FULL" if up else "",
            "state": "ENABLED" if enabled else "DISABLED",
            "linkstate": "1" if up else "0",
            "intfstate": "1" if up else "0",
            "rxpackets": str(received),
            "txpackets": str(sent),
        }

    def statistics(self, node: Node, name: str | None) -> JsonValue:
        """Counters of each interface."""
        received, sent = node.ha.totals()
        return [
            {
                "id": str(row["id"]),
                "interfacealias": str(row.get("ifalias", "")),
                "curlinkstate": "DOWN" if row["id"] in node.hardware.failed_links else "UP",
                "curlinkuptime": int(node.clock.wall() - node.started_at),
                "totrxpkts": str(received),
                "tottxpkts": str(sent),
                "totrxbytes": "0",
                "tottxbytes": "0",
            }
            for row in node.configuration.rows(INTERFACE.name)
            if name in (None, row["id"])
        ]


def mac_address(node_address: str, unit: int) -> str:
    """A stable MAC address of an emulated interface.

    Args:
        node_address: Management address of the node.
        unit: Number of the interface.

    Returns:
        A locally administered address.
    """
    tail = hashlib.sha256(f"{node_address}/{unit}".encode()).hexdigest()[:10]
    return ":".join(["02", *(tail[place : place + 2] for place in range(0, 10, 2))])


def _find_interface(node: Node, payload: JsonObject) -> Row:
    name = text_of(payload.get("id"))
    row = node.configuration.get(INTERFACE.name, name)
    if row is None:
        raise no_such("id", name)
    return row


def _set_interface(state: str) -> Action:
    def act(node: Node, payload: JsonObject) -> Outcome:
        _find_interface(node, payload)["_state"] = state
        node.ha.rules_changed()
        return NOTHING

    return act


def _touch_interface(node: Node, payload: JsonObject) -> Outcome:
    _find_interface(node, payload)
    return NOTHING


VLAN: Final = ResourceType(
    name="vlan",
    command="vlan",
    key=("id",),
    attributes=(
        number("id", 1, 4094, required=True),
        text("aliasname", longest=31),
        number("mtu", 500, 9216),
        switch("sharing", "DISABLED"),
        switch("dynamicrouting", "DISABLED"),
        switch("ipv6dynamicrouting", "DISABLED"),
    ),
    verbs=ALL_VERBS,
)
VLAN_INTERFACE: Final = ResourceType(
    name="vlan_interface_binding",
    command="vlan",
    key=("id", "ifnum"),
    attributes=(number("id", 1, 4094, required=True), text("ifnum", required=True), flag("tagged")),
    verbs=BINDING_VERBS,
)
VLAN_ADDRESS: Final = ResourceType(
    name="vlan_nsip_binding",
    command="vlan",
    key=("id", "ipaddress"),
    attributes=(
        number("id", 1, 4094, required=True),
        address("ipaddress", required=True),
        text("netmask"),
        number("td", 0, 4094),
    ),
    verbs=BINDING_VERBS,
)


class VlanBehaviour(Behaviour):
    """VLANs; number 1 is always there."""

    def deleting(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """The default VLAN stays."""
        if row["id"] == 1:
            raise NitroError(Code.NOT_PERMITTED)

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:
        """What was bound to a VLAN goes with it."""
        if before is None or after is not None:
            return
        for kind in (VLAN_INTERFACE, VLAN_ADDRESS):
            for each in node.configuration.rows(kind.name):
                if each["id"] == before["id"]:
                    node.configuration.remove(kind.name, key_of(kind, each))

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """The interfaces in it."""
        bound = [each for each in node.configuration.rows(VLAN_INTERFACE.name) if each.get("id") == row["id"]]
        plain = [str(each["ifnum"]) for each in bound if each.get("tagged") is not True]
        if row["id"] == 1:
            plain = [str(each["id"]) for each in node.configuration.rows(INTERFACE.name)] + plain
        return {
            "ifaces": " ".join(plain),
            "tagifaces": " ".join(str(each["ifnum"]) for each in bound if each.get("tagged") is True),
            "rnat": False,
        }


class VlanInterfaceBehaviour(Behaviour):
    """Interfaces in VLANs; without a tag an interface is in one VLAN only."""

    def adding(self, node: Node, row: Row) -> None:
        """The VLAN and the interface have to be there."""
        _require_vlan(node, row)
        if node.configuration.get(INTERFACE.name, str(row["ifnum"])) is None:
            raise no_such("ifnum", str(row["ifnum"]))
        if row.get("tagged") is True:
            return
        for each in node.configuration.rows(VLAN_INTERFACE.name):
            if each["ifnum"] == row["ifnum"] and each.get("tagged") is not True:
                node.configuration.remove(VLAN_INTERFACE.name, key_of(VLAN_INTERFACE, each))


class VlanAddressBehaviour(Behaviour):
    """Addresses bound to VLANs."""

    def adding(self, node: Node, row: Row) -> None:
        """The VLAN and the address have to be there, and the address in no other VLAN."""
        _require_vlan(node, row)
        owned = [str(each["ipaddress"]) for each in node.configuration.rows("nsip")]
        if row["ipaddress"] not in owned:
            raise NitroError(Code.NO_SUCH_IP)
        if any(each["ipaddress"] == row["ipaddress"] for each in node.configuration.rows(VLAN_ADDRESS.name)):
            raise NitroError(Code.ALREADY_EXISTS, f"ipaddress, {row['ipaddress']}")


def _require_vlan(node: Node, row: Row) -> None:
    if node.configuration.get(VLAN.name, str(row["id"])) is None:
        raise no_such("id", str(row["id"]))


ROUTE: Final = ResourceType(
    name="route",
    command="route",
    key=("network", "netmask", "gateway", "td"),
    attributes=(
        address("network", required=True),
        text("netmask", required=True),
        text("gateway", required=True),
        number("td", 0, 4094, default=0),
        number("distance", 0, 255, default=1),
        number("cost", 0, 65535, default=0),
        number("weight", 1, 65535, default=1),
        switch("advertise", "DISABLED"),
        switch("msr", "DISABLED"),
        text("monitor"),
    ),
    verbs=ALL_VERBS,
)


class RouteBehaviour(Behaviour):
    """Static routes."""

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """State and origin."""
        return {"routetype": ["STATIC"], "state": "1", "active": True, "static": True, "flags": "1"}


NAME_SERVER: Final = ResourceType(
    name="dnsnameserver",
    command="dns nameServer",
    key=("ip",),
    attributes=(
        text("ip", required=True),
        text("dnsvservername"),
        switch("state"),
        choice("type", "UDP", "TCP", "UDP_TCP", default="UDP"),
        yes_no("local", None),
    ),
    verbs=frozenset({"add", "update", "delete", "get"}),
)


class NameServerBehaviour(Behaviour):
    """Name servers, by address or by a virtual server's name."""

    def __init__(self) -> None:
        super().__init__(NAME_SERVER)
        self.actions = {
            "enable": state_action(NAME_SERVER, "ENABLED"),
            "disable": state_action(NAME_SERVER, "DISABLED"),
        }

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """State and port."""
        return {"nameserverstate": "UP", "port": 53}


TIME_SERVER: Final = ResourceType(
    name="ntpserver",
    command="ntp server",
    key=("serverip", "servername"),
    attributes=(
        text("serverip", default=""),
        text("servername", default=""),
        number("minpoll", 4, 17),
        number("maxpoll", 4, 17),
        yes_no("autokey", None),
        number("key", 1, 65534),
        yes_no("preferredntpserver"),
    ),
    verbs=ALL_VERBS,
)


class TimeServerBehaviour(Behaviour):
    """Time servers, by address or by name; a DELETE names either in its path."""

    def adding(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """One of both names the server."""
        if not row["serverip"] and not row["servername"]:
            raise NitroError(Code.ARGUMENT_MISSING, "serverip")

    def remove(self, node: Node, payload: JsonObject) -> None:
        """Delete the server of that address or name."""
        wanted = text_of(payload.get("serverip")) or text_of(payload.get("servername"))
        for row in node.configuration.rows(TIME_SERVER.name):
            if wanted in (row["serverip"], row["servername"]):
                node.configuration.remove(TIME_SERVER.name, key_of(TIME_SERVER, row))
                return
        raise no_such("serverip", wanted)


TIME_SYNC: Final = ResourceType(
    name="ntpsync", command="ntp sync", attributes=(switch("state", "DISABLED"),), verbs=frozenset({"get"})
)


class TimeSyncBehaviour(Behaviour):
    """Whether the clock follows time servers."""

    def __init__(self) -> None:
        super().__init__(TIME_SYNC)
        self.actions = {"enable": _set_time_sync("ENABLED"), "disable": _set_time_sync("DISABLED")}


def _set_time_sync(state: str) -> Action:
    def act(node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG001 - the signature is given
        node.configuration.put(TIME_SYNC.name, "", {"state": state})
        return NOTHING

    return act


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        InterfaceBehaviour(),
        VlanBehaviour(VLAN),
        VlanInterfaceBehaviour(VLAN_INTERFACE),
        VlanAddressBehaviour(VLAN_ADDRESS),
        RouteBehaviour(ROUTE),
        NameServerBehaviour(),
        TimeServerBehaviour(TIME_SERVER),
        TimeSyncBehaviour(),
    ]
