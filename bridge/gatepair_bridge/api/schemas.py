"""The documents of the API as attrs classes, for the OpenAPI document and the page for people.

A member without default is always there in an answer and required in a request.
"""

# ruff: noqa: RUF009 - member() and optional() make attrs fields

from __future__ import annotations

from typing import Any, Literal

import attrs

from gatepair.models.failover import (
    HELLO_STEP_MS,
    HIGHEST_VLAN,
    LONGEST_DEAD_S,
    LONGEST_HELLO_MS,
    SHORTEST_DEAD_S,
    SHORTEST_HELLO_MS,
)

OnOff = Literal["on", "off"]
Switch = Literal["enabled", "disabled"]
PairState = Literal["formed", "dissolved", "broken"]
Impact = Literal["none", "resync", "reconnect", "failover", "restart", "outage", "dissolved"]
PAIR_ID = "192.0.2.11,192.0.2.12"
NODE = "192.0.2.11"
OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"({OCTET}\.){{3}}{OCTET}"
IPV4_OR_NONE = rf"^({IPV4})?$"
# An address of another form may be valid too; what is listed here is.
HOST = r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
APPLIANCE = rf"^{HOST}$"
PAIR = rf"^{HOST},{HOST}$"
REFERENCE = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:.+/.+)?$"
INSTANT = "2030-01-31T12:00:00Z"


def member(description: str, *, example: object, **schema: object) -> Any:
    """Describe one member of a document.

    Args:
        description: What it says, with its unit.
        example: A value that is valid.
        schema: Further JSON Schema keywords.
    """
    return attrs.field(metadata={"description": description, "example": example, "schema": schema})


def optional(description: str, *, example: object, **schema: object) -> Any:
    """Describe one member that may be left out."""
    metadata = {"description": description, "example": example, "schema": schema}
    return attrs.field(default=None, metadata=metadata)


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
    shared_key_version: int | None = optional("Raise it to rotate the shared key.", example=1, minimum=1)
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


@attrs.frozen(kw_only=True)
class Network:
    """An appliance's own network settings; keys that are not managed are left out."""

    id: str = member("The appliance's management address.", example=NODE, pattern=APPLIANCE)
    host_name: str | None = optional("Its host name.", example="gw-a")
    interfaces: dict[str, Interface] | None = optional(
        "Interfaces by name.", example={"1/2": {"heartbeat": "off", "monitor": "off"}}
    )


@attrs.frozen(kw_only=True)
class VirtualIp:
    """One of a pair's virtual IPs."""

    address: str = member("IPv4 address.", example="192.0.2.10", pattern=f"^{IPV4}$")
    netmask: str = member("Netmask.", example="255.255.255.255", pattern=f"^{IPV4}$")
    role: Literal["external", "internal", "both"] = member("What it is to the pair.", example="external")
    management_access: Literal["enabled", "disabled", ""] = member(
        "Whether the pair can be managed under it; empty text for an external one.", example=""
    )


@attrs.frozen(kw_only=True)
class NodeStatus:
    """Live facts of one appliance; what is not known is empty text."""

    address: str = member("Management address.", example=NODE)
    reachable: bool = member("It answers, and accepts the credentials.", example=True)
    role: str = member("`primary`, `secondary`, `standalone` or `unknown`.", example="primary")
    health: str = member("Its health as it says it.", example="UP")
    state: str = member("Its failover state as it says it.", example="UP")
    sync: str = member("State of synchronization.", example="SUCCESS")
    version: str = member("Firmware.", example="NS14.1: Build 25.53.nc")
    host_name: str = member("Host name.", example="gw-a")
    nsip: str = member("Its own address as it knows it.", example=NODE)
    peer: str = member("The other node as it knows it.", example="192.0.2.12")
    unsaved_changes: bool = member("A restart would lose configuration.", example=False)
    in_role_s: int = member("Seconds in the present role.", example=3600)
    error: str = member("Why it could not be read.", example="")


@attrs.frozen(kw_only=True)
class PairStatus:
    """Live facts of a pair."""

    id: str = member("The pair's id.", example=PAIR_ID)
    failover_pair: PairState = member("How the pair stands.", example="formed")
    healthy: bool = member("Formed, both nodes up and synchronized, one primary.", example=True)
    primary: str = member("The live primary, empty text for none or two.", example=NODE)
    external_virtual_ip: str = member("External virtual IP as found.", example="192.0.2.10")
    internal_virtual_ip: str = member("Internal virtual IP as found.", example="192.0.2.20")
    nodes: list[NodeStatus] = member("The two appliances.", example=None)
    problems: list[str] = member("What is not as it should be.", example=[])


@attrs.frozen(kw_only=True)
class Check:
    """One question asked before a change."""

    id: str = member("Stable name.", example="same-version")
    title: str = member("The question.", example="Same firmware on both")
    node: str = member("The appliance to look at, empty text for the pair.", example="")
    verdict: Literal["pass", "warn", "fail"] = member("Only `fail` stops a change.", example="pass")
    evidence: str = member("What was seen.", example="NS14.1: Build 25.53.nc on both")
    remedy: str = member("What to do.", example="")


@attrs.frozen(kw_only=True)
class PreflightReport:
    """All checks."""

    ok: bool = member("No check failed.", example=True)
    checks: list[Check] = member("The checks in the order they were made.", example=None)


@attrs.frozen(kw_only=True)
class PlannedStep:
    """One change that would be made."""

    id: str = member("Stable name of the kind of step.", example="add-external")
    title: str = member("What is done.", example="Add the external virtual IP 192.0.2.10")
    node: str = member("The appliance, empty text for the pair.", example=NODE)
    impact: Impact = member("What it does to users.", example="none")
    notice: str = member("What else to know or touch.", example="")


@attrs.frozen(kw_only=True)
class DryRun:
    """What a change would do."""

    dry_run: bool = member("Always true.", example=True)
    steps: list[PlannedStep] = member("The steps that are missing, in order.", example=None)
    impact: Impact = member("The worst impact of all steps.", example="none")


@attrs.frozen(kw_only=True)
class FailoverRequest:
    """How to fail over."""

    force: bool | None = optional("Also when the other node is not healthy.", example=False)
    to: str | None = optional("The node that is to be primary; absent: the one that is not.", example=NODE)


@attrs.frozen(kw_only=True)
class FailoverResult:
    """A failover that is done."""

    changed: bool = member("The roles moved.", example=True)
    old_primary: str = member("Who served before.", example=NODE)
    new_primary: str = member("Who serves now.", example="192.0.2.12")
    seconds: float = member("Seconds until both nodes agreed on the new roles.", example=1.5)
    warning: str = member("What the appliance warned about.", example="")


@attrs.frozen(kw_only=True)
class ProgressEntry:
    """One thing the work had to say."""

    at: str = member("When, RFC 3339 in UTC.", example=INSTANT)
    node: str = member("The appliance, empty text for the pair.", example=NODE)
    step: str = member("Stable name of what is being done.", example="join")
    message: str = member(
        "One sentence.", example="Waiting for the secondary to take over the configuration."
    )


@attrs.frozen(kw_only=True)
class Operation:
    """A change that goes on after its request was answered."""

    id: str = member("Its name in this process.", example="cUnYMWcHhC2xtVJkA0ve")
    state: Literal["running", "succeeded", "failed", "cancelled"] = member(
        "How it stands.", example="running"
    )
    method: str = member("Method of the request.", example="POST")
    path: str = member("Path of the request.", example="/v1/pairs")
    who: str = member("Who asked for it.", example="ci-runner")
    started: str = member("When it was asked for, RFC 3339 in UTC.", example=INSTANT)
    ended: str = member("When it ended, empty text while it runs.", example="")
    progress: list[ProgressEntry] = member("What it said so far, oldest first.", example=None)
    status: int = member("HTTP status the request would have had, 0 while it runs.", example=0)
    result: dict[str, Any] = member(
        "The body the request would have had: a document or a problem.", example={}
    )


@attrs.frozen(kw_only=True)
class Health:
    """That the bridge takes requests."""

    status: Literal["ok", "stopping"] = member("Whether it takes changes.", example="ok")
    version: str = member("Version of gatepair.", example="0.1.0")


@attrs.frozen(kw_only=True)
class Problem:
    """Why a request was not done (RFC 9457)."""

    type: str = member("Stable name of the kind of problem.", example="urn:gatepair:error:unreachable")
    title: str = member("The kind of problem in words.", example="The appliance does not answer")
    status: int = member("The HTTP status.", example=504)
    detail: str = member("What happened.", example="No answer on 192.0.2.11:443")
    node: str | None = optional("The appliance it happened on.", example=NODE)
    step: str | None = optional("What was being done.", example="preflight")
    errorcode: int | None = optional("NITRO error code.", example=354)
    remedy: str | None = optional("What to do.", example="Check its address, its power and the route to it.")
    key: str | None = optional("The key of the body, or the query parameter, to blame.", example="id")
    checks: list[Check] | None = optional("The checks that failed.", example=None)


DOCUMENTS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Pair,
        PairDeclaration,
        PairEntry,
        Network,
        VirtualIp,
        NodeStatus,
        PairStatus,
        PreflightReport,
        DryRun,
        FailoverRequest,
        FailoverResult,
        Operation,
        Health,
        Problem,
    )
}
