"""The changes this SDK asks of an appliance, each as a `Call`.

What may be sent twice is marked so: setting a value and removing a thing are, adding is not (the
second one is refused although the first one was carried out).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.call import Call, Method
from gatepair.nitro.resources.addresses import NetworkInterface, NsIp
from gatepair.nitro.resources.ha import PEER, SELF, HaNode, RpcNode
from gatepair.nitro.resources.system import NsConfig, NsHostName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatepair.models import Secret

SAVE_ALLOWANCE_S: Final = 60.0
"""A large configuration takes its time to be written to flash."""


def update(resource: str, payload: Mapping[str, object], *, warnings: bool = False) -> Call:
    """Set attributes of a resource that exists; its key is part of the payload."""
    return Call(method=Method.PUT, resource=resource, payload=payload, replayable=True, warnings=warnings)


def add(resource: str, payload: Mapping[str, object], *, warnings: bool = False) -> Call:
    """Create a resource."""
    return Call(method=Method.POST, resource=resource, payload=payload, warnings=warnings)


def remove(resource: str, name: str, *, warnings: bool = False) -> Call:
    """Delete a resource by its key."""
    return Call(method=Method.DELETE, resource=resource, name=name, replayable=True, warnings=warnings)


def act(
    resource: str,
    action: str,
    payload: Mapping[str, object],
    *,
    replayable: bool = False,
    warnings: bool = False,
    allowance_s: float | None = None,
) -> Call:
    """Carry out an action on a resource."""
    return Call(
        method=Method.POST,
        resource=resource,
        action=action,
        payload=payload,
        replayable=replayable,
        warnings=warnings,
        allowance_s=allowance_s,
    )


def login(username: str, password: Secret, timeout_s: int) -> Call:
    """Open a session that ends by itself after ``timeout_s`` seconds without a call."""
    return add("login", {"username": username, "password": password, "timeout": timeout_s})


def logout() -> Call:
    """End the session."""
    return add("logout", {})


def set_node(values: Mapping[str, object]) -> Call:
    """Set high-availability attributes of the appliance itself."""
    return update(HaNode.TYPE, {"id": SELF, **values})


def unset_sync_vlan() -> Call:
    """Send synchronization over the usual way again."""
    return act(HaNode.TYPE, "unset", {"id": SELF, "syncvlan": True}, replayable=True)


def add_peer(address: str, independent_network: str) -> Call:
    """Tell an appliance who its peer is."""
    return add(HaNode.TYPE, {"id": PEER, "ipaddress": address, "inc": independent_network})


def remove_peer(peer_id: int) -> Call:
    """Make an appliance forget its peer; the peer does not hear of it."""
    return remove(HaNode.TYPE, str(peer_id))


def set_shared_key(address: str, key: Secret) -> Call:
    """Set the password this appliance uses for, and expects from, an address of the pair."""
    return update(RpcNode.TYPE, {"ipaddress": address, "password": key})


def fail_over(*, force: bool) -> Call:
    """Swap the roles; ``force`` overrides a peer that is not in its best health."""
    return act("hafailover", "Force", {"force": True} if force else {}, warnings=True)


def synchronize() -> Call:
    """Start a full synchronization; it is under way, not done, when the call returns."""
    return act("hasync", "Force", {"force": True, "save": "YES"}, replayable=True)


def save() -> Call:
    """Write the running configuration to flash."""
    return act(NsConfig.TYPE, "save", {}, replayable=True, allowance_s=SAVE_ALLOWANCE_S)


def add_address(values: Mapping[str, object]) -> Call:
    """Add an address that belongs to the pair."""
    return add(NsIp.TYPE, values, warnings=True)


def set_address(values: Mapping[str, object]) -> Call:
    """Change attributes of an address that belongs to the pair."""
    return update(NsIp.TYPE, values, warnings=True)


def remove_address(address: str) -> Call:
    """Remove an address."""
    return remove(NsIp.TYPE, address, warnings=True)


def switch_address(address: str, *, on: bool) -> Call:
    """Let a virtual IP answer, or keep it silent without losing what is configured on it."""
    verb = "enable" if on else "disable"
    return act(NsIp.TYPE, verb, {"ipaddress": address}, replayable=True)


def move_server(resource: str, name: str, address: str) -> Call:
    """Let a virtual server listen on another address."""
    return update(resource, {"name": name, "ipv46": address}, warnings=True)


def move_servers(resource: str, names: Sequence[str], address: str) -> Call:
    """Let several virtual servers of one type listen on another address, in one request.

    Source: NITRO reference, "Bulk operations": a list of resources may stand where one does.
    """
    rows = [{"name": name, "ipv46": address} for name in names]
    return Call(method=Method.PUT, resource=resource, payload=rows, replayable=True, warnings=True)


def remove_server(resource: str, name: str) -> Call:
    """Delete a virtual server."""
    return remove(resource, name)


def set_host_name(name: str) -> Call:
    """Name the appliance; the name is its own and does not travel to the peer."""
    return update(NsHostName.TYPE, {"hostname": name})


def set_interface(interface: str, values: Mapping[str, object]) -> Call:
    """Set attributes of a network interface; these are never synchronized."""
    return update(NetworkInterface.TYPE, {"id": interface, **values})


def restart() -> Call:
    """Restart the appliance; the connection may end without an answer."""
    return Call(method=Method.POST, resource="reboot", payload={"warm": True}, may_disconnect=True)
