"""What the API tells of appliances and of its work, as attrs classes: live facts, plans, results, problems.

A member without default is always there in an answer and required in a request.
"""

# ruff: noqa: RUF009 - member() and optional() make attrs fields

from __future__ import annotations

from typing import Any, Literal

import attrs

from gatepair_bridge.api.schema_parts import INSTANT, NODE, PAIR_ID, Impact, PairState, member, optional


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
