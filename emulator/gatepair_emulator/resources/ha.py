"""High availability: ``hanode`` and ``nsrpcnode``.

Attributes, ranges and defaults: the vendor's NITRO reference (configuration/high-availability) and
resource/config/ha/hanode.go of citrix/adc-nitro-go; which of them are text on the wire:
elohmeier/netscaler-exporter.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.view import own_facts, peer_facts, statistics
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.passwords import DEFAULT_RPC
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    SETTING_VERBS,
    Access,
    Attribute,
    Kind,
    ResourceType,
    Scope,
    Wire,
    address,
    choice,
    number,
    on_off,
    secret,
    switch,
    text,
    yes_no,
)
from gatepair_emulator.resources.behaviour import Behaviour
from gatepair_emulator.resources.ha_bindings import MONITORS
from gatepair_emulator.values import JsonValue, Row, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node

_HELLO_STEP: Final = 200
_HIGHEST_ID: Final = 64

HANODE: Final = ResourceType(
    name="hanode",
    command="HA node",
    key=("id",),
    attributes=(
        number("id", 0, _HIGHEST_ID, default=0, required=True),
        Attribute(name="name", access=Access.READ_ONLY),
        address("ipaddress", access=Access.ADD_ONLY),
        Attribute(name="flags", access=Access.READ_ONLY),
        choice("hastatus", "ENABLED", "STAYSECONDARY", "DISABLED", "STAYPRIMARY"),
        Attribute(name="state", access=Access.READ_ONLY),
        switch("hasync", None),
        switch("haprop", None),
        *(
            Attribute(name=name, access=Access.READ_ONLY)
            for name in ("enaifaces", "disifaces", "hamonifaces", "haheartbeatifaces", "pfifaces", "ifaces")
        ),
        Attribute(name="inc", kind=Kind.ENUM, choices=("ENABLED", "DISABLED"), access=Access.ADD_ONLY),
        Attribute(name="ssl2", access=Access.READ_ONLY),
        on_off("failsafe", None),
        number("hellointerval", 200, 1000, wire=Wire.NUMBER),
        number("deadinterval", 3, 60, wire=Wire.NUMBER),
        Attribute(name="masterstatetime", access=Access.READ_ONLY),
        number("maxflips", 0),
        number("maxfliptime", 0),
        Attribute(name="curflips", access=Access.READ_ONLY),
        Attribute(name="completedfliptime", access=Access.READ_ONLY),
        number("syncvlan", 1, 4094, wire=Wire.NUMBER),
        switch("syncstatusstrictmode", None),
        secret("rpcnodepassword", access=Access.ADD_ONLY),
    ),
    verbs=ALL_VERBS,
    scope=Scope.LOCAL,
    statistics=True,
)

OWN_DEFAULTS: Final[Row] = {
    "hastatus": "ENABLED",
    "hasync": "ENABLED",
    "haprop": "ENABLED",
    "failsafe": "OFF",
    "hellointerval": 200,
    "deadinterval": 3,
    "maxflips": 0,
    "maxfliptime": 0,
    "syncstatusstrictmode": "DISABLED",
}
# What node 0 alone may be told; the peer's entry is only an address.
_OWN_ONLY: Final = frozenset(OWN_DEFAULTS) | {"syncvlan"}


class HaNodeBehaviour(Behaviour):
    """Node 0 is this node and always there; any other entry is the peer."""

    def adding(self, node: Node, row: Row) -> None:
        """Check the peer's entry and set the shared key if it is given."""
        for name in set(row) & _OWN_ONLY:
            raise NitroError(Code.INVALID_ARGUMENT, name)
        if "ipaddress" not in row:
            raise NitroError(Code.ARGUMENT_MISSING, "ipaddress")
        peer = str(row["ipaddress"])
        own = node.settings.address
        if node.ha.peer_row() is not None:
            raise NitroError(Code.TOO_MANY_NODES)
        if peer == own or not _is_host(peer):
            raise NitroError(Code.INVALID_PEER, peer)
        row.setdefault("inc", "DISABLED")
        network = ipaddress.ip_network(f"{own}/{node.settings.netmask}", strict=False)
        if row["inc"] == "DISABLED" and ipaddress.ip_address(peer) not in network:
            raise NitroError(Code.PEER_NOT_IN_SUBNET)
        if row["inc"] == "ENABLED" and "syncvlan" in node.ha.own_row():
            raise NitroError(Code.SYNC_VLAN_WITH_INC)
        password = str(row.pop("rpcnodepassword", ""))
        for each in (own, peer):
            add_rpc_node(node, each, password)
        if not password and node.rpc_password(peer) == DEFAULT_RPC:
            node.warn(Code.DEFAULT_RPC_PASSWORD)

    def updating(self, node: Node, row: Row, new: Row) -> None:
        """Check the settings of node 0."""
        changed = {name for name in set(row) | set(new) if row.get(name) != new.get(name)}
        if row.get("id") != 0:
            for name in sorted(changed & _OWN_ONLY):
                raise NitroError(Code.INVALID_ARGUMENT, name)
            return
        for name, value in OWN_DEFAULTS.items():
            new.setdefault(name, value)
        if number_of(_plain(new["hellointerval"]), 0) % _HELLO_STEP:
            raise NitroError(Code.HELLO_NOT_MULTIPLE)
        if "syncvlan" in changed and "syncvlan" in new and node.ha.setting("inc") == "ENABLED":
            raise NitroError(Code.SYNC_VLAN_WITH_INC)

    def deleting(self, node: Node, row: Row) -> None:
        """Refuse to delete node 0, and the peer while something hangs on the pair."""
        if row.get("id") == 0:
            raise NitroError(Code.INVALID_NODE_ID)
        if any(True for kind in MONITORS for _ in node.configuration.rows(kind)):
            raise NitroError(Code.ROUTE_MONITORS_BOUND)
        if "syncvlan" in node.ha.own_row():
            raise NitroError(Code.SYNC_VLAN_SET)

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:
        """Tell the engine."""
        if before is not None and after is None:
            for address_ in (str(before.get("ipaddress")), node.settings.address):
                node.configuration.remove(RPC_NODE.name, address_)
        node.ha.peer_changed()
        node.ha.rules_changed()

    def rows(self, node: Node) -> Iterable[Row]:
        """This node first, the peer second."""
        rows = list(node.configuration.rows(self.kind.name))
        return sorted(rows, key=lambda row: row.get("id") != 0)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """What is seen of a node now."""
        return own_facts(node) if row.get("id") == 0 else peer_facts(node, row)

    def statistics(self, node: Node, name: str | None) -> JsonValue:  # noqa: ARG002 - there is one
        """``stat/hanode``."""
        return statistics(node)


def _is_host(text_: str) -> bool:
    try:
        ipaddress.ip_address(text_)
    except ValueError:
        return False
    return True


def _plain(value: JsonValue | list[str]) -> JsonValue:
    return value


# -- shared key -----------------------------------------------------------------------------------

RPC_NODE: Final = ResourceType(
    name="nsrpcnode",
    command="ns rpcNode",
    key=("ipaddress",),
    attributes=(
        address("ipaddress", required=True),
        secret("password"),
        text("srcip", default="*"),
        # YES and NO are the reference's words, ON and OFF what appliances return.
        choice("secure", "ON", "OFF", "YES", "NO", default="ON"),
        yes_no("validatecert"),
    ),
    verbs=SETTING_VERBS,
    scope=Scope.LOCAL,
)


def add_rpc_node(node: Node, address_: str, password: str) -> None:
    """Make the entry of a node, as ``add ha node`` does; keep one that is there.

    Args:
        node: The appliance.
        address_: Management address of this node or its peer.
        password: Shared key, or empty to leave what is set.
    """
    row = node.configuration.get(RPC_NODE.name, address_)
    if row is None:
        fresh: Row = {
            "ipaddress": address_,
            "password": DEFAULT_RPC,
            "srcip": "*",
            "secure": "ON",
            "validatecert": "NO",
        }
        row = fresh
        node.configuration.put(RPC_NODE.name, address_, row)
    if password:
        row["password"] = password


class RpcNodeBehaviour(Behaviour):
    """Passwords between nodes; the entries come and go with HA nodes."""

    def updating(self, node: Node, row: Row, new: Row) -> None:  # noqa: ARG002 - the signature is given
        """Print one spelling of ``secure``."""
        new["secure"] = {"YES": "ON", "NO": "OFF"}.get(str(new.get("secure")), str(new.get("secure", "ON")))

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:  # noqa: ARG002 - given
        """A sync that failed for the password is tried again at once."""
        if node.ha.sync.reason:
            node.ha.sync.request()


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        HaNodeBehaviour(HANODE),
        RpcNodeBehaviour(RPC_NODE),
    ]
