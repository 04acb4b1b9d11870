"""The documents of the API as attrs classes, for the OpenAPI document and the page for people.

A member without default is always there in an answer and required in a request.
"""

# ruff: noqa: RUF009 - member() and optional() make attrs fields

from __future__ import annotations

from typing import Literal

import attrs

from gatepair.models.failover import (
    HELLO_STEP_MS,
    HIGHEST_VLAN,
    LONGEST_DEAD_S,
    LONGEST_HELLO_MS,
    SHORTEST_DEAD_S,
    SHORTEST_HELLO_MS,
)
from gatepair.models.vlan import LONGEST_ALIAS
from gatepair_bridge.api.schema_parts import (
    APPLIANCE,
    IPV4,
    IPV4_OR_NONE,
    NODE,
    PAIR,
    PAIR_ID,
    REFERENCE,
    OnOff,
    PairState,
    Switch,
    Tagging,
    member,
    optional,
)


@attrs.frozen(kw_only=True)
class ExternalVirtualIp:
    """The external virtual IP: users connect to it, and it moves with the primary."""

    address: str = member("IPv4 address, empty text for none.", example="192.0.2.10", pattern=IPV4_OR_NONE)
    netmask: str = member("Netmask, empty text for none.", example="255.255.255.255", pattern=IPV4_OR_NONE)


@attrs.frozen(kw_only=True)
class InternalVirtualIp:
    """The internal virtual IP: the pair talks to back ends from it, and it moves with the primary."""

    address: str = member("IPv4 address, empty text for none.", example="192.0.2.20", pattern=IPV4_OR_NONE)
    netmask: str = member("Netmask, empty text for none.", example="255.255.255.0", pattern=IPV4_OR_NONE)
    management_access: Literal["enabled", "disabled", ""] = member(
        "Whether the pair can be managed under it; empty text for no internal virtual IP.", example="enabled"
    )


@attrs.frozen(kw_only=True)
class Heartbeat:
    """How the nodes watch each other."""

    hello_interval_ms: int = member(
        "Milliseconds between heartbeats, a multiple of 200.",
        example=1000,
        minimum=SHORTEST_HELLO_MS,
        maximum=LONGEST_HELLO_MS,
        multipleOf=HELLO_STEP_MS,
    )
    dead_interval_s: int = member(
        "Seconds without heartbeat until a node counts as dead.",
        example=10,
        minimum=SHORTEST_DEAD_S,
        maximum=LONGEST_DEAD_S,
    )


@attrs.frozen(kw_only=True)
class Pair:
    """A failover pair: exactly the managed keys, every one of them present."""

    id: str = member(
        "The two management addresses in canonical order, `host[:port],host[:port]`.",
        example=PAIR_ID,
        pattern=PAIR,
    )
    failover_pair: PairState = member(
        "`formed`, `dissolved` (no failover on either node) or `broken` (anything between).", example="formed"
    )
    external_virtual_ip: ExternalVirtualIp = member("The external virtual IP.", example=None)
    internal_virtual_ip: InternalVirtualIp = member("The internal virtual IP.", example=None)
    heartbeat: Heartbeat = member("How the nodes watch each other.", example=None)
    fail_safe: OnOff = member("Keep one node primary even when both are unhealthy.", example="off")
    max_flips: int = member(
        "Failovers allowed within `max_flip_time_s`, 0 for any number.", example=0, minimum=0
    )
    max_flip_time_s: int = member("Seconds in which `max_flips` counts.", example=0, minimum=0)
    synchronization: Switch = member("The secondary takes over the whole configuration.", example="enabled")
    propagation: Switch = member("Each change goes to the secondary at once.", example="enabled")
    sync_vlan: int = member(
        "VLAN for synchronization, 0 for none.", example=0, minimum=0, maximum=HIGHEST_VLAN
    )
    independent_network: Switch = member("The nodes are in different subnets.", example="disabled")
    further_virtual_ips: list[VirtualIp] | None = optional(
        "All further virtual IPs, only there if they are declared or asked for.", example=None
    )
    failover_interface: str | None = optional(
        "The one interface that carries heartbeats, only there if it is declared or asked for.", example=None
    )


@attrs.frozen(kw_only=True)
class PairDeclaration(Pair):
    """A pair as it is to be; the further keys are write-only and never come back."""

    failover_pair: Literal["formed"] = member("Always `formed`.", example="formed")
    shared_key: str | None = optional(
        "Where the secret that both nodes share is found: `env:NAME`, `file:PATH` or "
        "`keyring:SERVICE/USER`; never the secret itself.",
        example="env:GATEPAIR_SHARED_KEY",
        pattern=REFERENCE,
    )
    shared_key_version: int | None = optional(
        "Raise it to rotate the shared key: above 1, an update writes the key on both appliances, unless "
        "`Gatepair-Changed` leaves it out.",
        example=1,
        minimum=1,
    )
    preferred_primary: str | None = optional(
        "The node that is primary when the pair is formed.", example=NODE
    )
    overwrite_joining_node: Literal["yes", "no"] | None = optional(
        "Whether a joining node may lose a configuration of its own.", example="no"
    )
    replaces_external: str | None = optional(
        "The old external virtual IP, where several addresses could be it; empty text otherwise.",
        example="",
        pattern=IPV4_OR_NONE,
    )


@attrs.frozen(kw_only=True)
class PairEntry:
    """A pair that the bridge's pairs file declares."""

    id: str = member("The pair's id.", example=PAIR_ID)
    name: str = member("Its name in the file.", example="office")


@attrs.frozen(kw_only=True)
class Interface:
    """What is managed of one interface."""

    heartbeat: OnOff = member("Send and expect heartbeats on it.", example="off")
    monitor: OnOff = member("Fail over when it goes down.", example="off")
    state: Switch | None = optional("The interface itself; an answer always has it.", example="enabled")


@attrs.frozen(kw_only=True)
class Vlan:
    """A VLAN and what is bound to it."""

    alias: str = member("A name for people, empty text for none.", example="users", maxLength=LONGEST_ALIAS)
    interfaces: dict[str, Tagging] = member("Its interfaces by name.", example={"1/2": "tagged"})
    addresses: dict[str, str] = member("Netmasks by address bound to it.", example={})


@attrs.frozen(kw_only=True)
class NetworkRoute:
    """A static route; the default route is none of these."""

    network: str = member("Network behind the gateway.", example="198.51.100.0", pattern=f"^{IPV4}$")
    netmask: str = member("Its netmask.", example="255.255.255.0", pattern=f"^{IPV4}$")
    gateway: str = member("Next hop.", example="192.0.2.1", pattern=f"^{IPV4}$")


@attrs.frozen(kw_only=True)
class Network:
    """An appliance's own network settings; keys that are not managed are left out."""

    id: str = member("The appliance's management address.", example=NODE, pattern=APPLIANCE)
    host_name: str | None = optional("Its host name.", example="gw-a")
    interfaces: dict[str, Interface] | None = optional(
        "Interfaces by name.", example={"1/2": {"heartbeat": "off", "monitor": "off", "state": "enabled"}}
    )
    vlans: dict[str, Vlan] | None = optional("VLANs by number, 2 and above.", example=None)
    routes: list[NetworkRoute] | None = optional("Static routes.", example=None)
    dns_servers: list[str] | None = optional("Addresses of DNS servers.", example=None)
    ntp_servers: list[str] | None = optional("Addresses or names of NTP servers.", example=None)


@attrs.frozen(kw_only=True)
class VirtualIp:
    """One of a pair's virtual IPs."""

    address: str = member("IPv4 address.", example="192.0.2.10", pattern=f"^{IPV4}$")
    netmask: str = member("Netmask.", example="255.255.255.255", pattern=f"^{IPV4}$")
    role: Literal["external", "internal", "both"] = member("What it is to the pair.", example="external")
    management_access: Literal["enabled", "disabled", ""] = member(
        "Whether the pair can be managed under it; empty text for an external one.", example=""
    )
