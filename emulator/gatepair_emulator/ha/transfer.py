"""What one node gives the other: the shared configuration, files and users' sessions."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from gatepair_emulator.disk import CERTIFICATES
from gatepair_emulator.ha.link import LinkError
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import Scope
from gatepair_emulator.store import Tables, from_json
from gatepair_emulator.values import JsonObject, JsonValue, Row, object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair_emulator.node import Node

# In INC mode these stay with the node as well (docs.netscaler.com, "Configuring high availability
# nodes in different subnets").
_LOCAL_IN_INC = frozenset({"vlan", "vlan_interface_binding", "vlan_nsip_binding", "route"})


def is_shared(node: Node, kind: str, row: Row | None = None) -> bool:
    """Whether an object belongs to the pair.

    Args:
        node: The appliance.
        kind: Resource type.
        row: The object; matters for addresses, of which the NSIP is local.

    Returns:
        False for what is node-local.
    """
    if node.behaviour(kind).kind.scope is Scope.LOCAL:
        return False
    independent = node.ha.setting("inc") == "ENABLED"
    if kind == "nsip" and row is not None:
        return row.get("type") != "NSIP" and not (independent and row.get("type") == "SNIP")
    return not (independent and kind in _LOCAL_IN_INC)


def shared_tables(node: Node) -> Tables:
    """The shared part of the running configuration.

    Args:
        node: The appliance.

    Returns:
        Rows by type and key.
    """
    return {
        kind: {key: row for key, row in rows.items() if is_shared(node, kind, row)}
        for kind, rows in node.configuration.tables().items()
    }


def snapshot(node: Node) -> dict[str, JsonValue]:
    """Everything a joining secondary gets.

    Args:
        node: The primary.

    Returns:
        Configuration, incarnation number, files and users' sessions.
    """
    return {
        "incarnation": node.configuration.incarnation,
        "tables": shared_tables(node),
        "files": files(node),
        "sessions": node.users.export(),
    }


def apply_snapshot(node: Node, received: JsonObject) -> None:
    """Put the primary's shared configuration in place of this node's.

    Args:
        node: The secondary.
        received: What ``snapshot`` made on the primary.

    Raises:
        LinkError: It is something else.
    """
    try:
        theirs = from_json(received)
    except ValueError as problem:
        raise LinkError(str(problem)) from None
    store_files(node, object_of(received.get("files")))
    tables: Tables = {}
    for kind, rows in node.configuration.tables().items():
        tables[kind] = {key: row for key, row in rows.items() if not is_shared(node, kind, row)}
    for kind, rows in theirs.tables().items():
        shared = {key: row for key, row in rows.items() if is_shared(node, kind, row)}
        tables.setdefault(kind, {}).update(shared)
    node.configuration.replace(tables, theirs.incarnation)
    node.users.restore(received.get("sessions"))
    node.configuration_changed()


def files(node: Node) -> dict[str, str]:
    """The certificate files, for the peer.

    Args:
        node: The appliance.

    Returns:
        Content in base64 by path.
    """
    paths = [f"{CERTIFICATES}/{name}" for name in node.disk.names(CERTIFICATES)]
    return {path: base64.b64encode(node.disk.read(path)).decode() for path in paths}


def store_files(node: Node, received: Mapping[str, JsonValue]) -> None:
    """Take files from the peer; files only this node has stay.

    Args:
        node: The appliance.
        received: What ``files`` made.

    Raises:
        LinkError: They cannot be stored.
    """
    try:
        for path, content in received.items():
            if path.startswith(f"{CERTIFICATES}/"):
                node.disk.write(path, base64.b64decode(text_of(content)))
    except (NitroError, ValueError) as problem:
        raise LinkError(f"files of the peer could not be stored: {problem}") from None
