"""What the API is asked for and tells of the work on a running pair: verify, sync, restart, key, upgrade."""

# ruff: noqa: RUF009 - member() and optional() make attrs fields

from __future__ import annotations

from typing import Any, Literal

import attrs

from gatepair_bridge.api.reports import Check  # noqa: TC001 - the types stay resolvable at run time
from gatepair_bridge.api.schema_parts import INSTANT, NODE, PAIR_ID, REFERENCE, member, optional

OTHER = "192.0.2.12"
NAME = r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"
URL_PATH = r"^/[!-~]{0,1023}$"
FIRMWARE = "file:///var/nsinstall/build-14.1-51.80_nc_64.tgz"
Verdict = Literal["passed", "failed"]


@attrs.frozen(kw_only=True)
class VerifyRequest:
    """Which failovers are made to prove that they work, and how users come to the gateway."""

    kinds: list[Literal["forced", "graceful"]] | None = optional(
        "Failovers to make in this order; `forced` if absent. One by power is only made by the command line.",
        example=["forced"],
        minItems=1,
    )
    fail_back: bool | None = optional(
        "Let the first primary serve again after each; yes if absent.", example=True
    )
    server_name: str | None = optional(
        "The gateway's own name; what its virtual server says if absent.",
        example="gateway.example.net",
        pattern=NAME,
    )
    path: str | None = optional(
        "What users ask for; `/` if absent.", example="/vpn/index.html", pattern=URL_PATH
    )


@attrs.frozen(kw_only=True)
class VerifiedNode:
    """A node as verify found it."""

    address: str = member("Management address.", example=NODE)
    host_name: str = member("Host name.", example="gw-a")
    version: str = member("Firmware.", example="NS14.1: Build 25.53.nc")


@attrs.frozen(kw_only=True)
class UsersTarget:
    """Where users went."""

    address: str = member("External virtual IP.", example="192.0.2.10")
    port: int = member("TCP port.", example=443)
    server_name: str = member("The gateway's own name.", example="gateway.example.net")


@attrs.frozen(kw_only=True)
class VerifiedPart:
    """One switch, judged on its own; times in seconds since the beginning."""

    part: str = member("`forced`, `graceful` or `fail-back`.", example="forced")
    title: str = member("The same for people.", example="Forced failover")
    verdict: Verdict = member("How it went.", example="passed")
    old: str = member("The node that served before.", example=NODE, wire="from")
    to: str = member("The node that was to serve after.", example=OTHER)
    triggered_at_s: float = member("When it was done.", example=2.1)
    settled_at_s: float = member("When everything was in order again, or given up.", example=5.2)
    ended_at_s: float = member("When it was watched no longer.", example=6.0)
    measures: dict[str, Any] = member("What it took: detection, outages, attempts, roles.", example={})
    checks: list[Check] = member("What was judged.", example=None)
    configuration: dict[str, Any] | None = member("How the shared configuration compares.", example={})
    sign_in: dict[str, Any] | None = member("What a user saw who signed in anew.", example={})


@attrs.frozen(kw_only=True)
class VerifyReport:
    """The proof that failover works, or what stands against it."""

    id: str = member("The pair's id.", example=PAIR_ID)
    verdict: Verdict = member("On all of it.", example="passed")
    started_at: str = member("When it began, RFC 3339 in UTC.", example=INSTANT)
    seconds: float = member("How long it took.", example=21.4)
    nodes: list[VerifiedNode] = member("The two appliances.", example=None)
    target: UsersTarget | None = member("Where users went.", example=None)
    sampling: dict[str, Any] = member("What users did, and how often.", example={})
    promise: dict[str, Any] | None = member("What the pair's timers promise, in seconds.", example={})
    before: list[Check] = member("Whether the pair was fit for it.", example=None)
    parts: list[VerifiedPart] = member("Each switch.", example=None)


@attrs.frozen(kw_only=True)
class SyncRequest:
    """What is synchronized."""

    files: bool | None = optional("Certificates and other files, too; no if absent.", example=False)


@attrs.frozen(kw_only=True)
class SyncResult:
    """A full synchronization that is done."""

    primary: str = member("Whose configuration was copied.", example=NODE)
    secondary: str = member("Who took it over.", example=OTHER)
    seconds: float = member("How long it took.", example=4.2)
    files: bool = member("Whether files were copied, too.", example=False)


@attrs.frozen(kw_only=True)
class RestartRequest:
    """Which appliances are restarted."""

    node: str | None = optional("The only one; both, the secondary first, if absent.", example=OTHER)
    force: bool | None = optional("Restart although the other one could not serve users.", example=False)


@attrs.frozen(kw_only=True)
class RestartResult:
    """Appliances that were restarted."""

    restarted: list[str] = member("In the order in which it was done.", example=[OTHER, NODE])
    left: list[str] = member("Those that had just been restarted.", example=[])
    failovers: int = member("How often the roles were swapped, the way back included.", example=2)
    primary: str = member("Who is primary now, empty text for nobody.", example=NODE)
    seconds: float = member("Time it took in all.", example=310.5)


@attrs.frozen(kw_only=True)
class KeyRequest:
    """The new shared key."""

    shared_key: str = member(
        "Where it is found: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`; never the secret itself.",
        example="env:GATEPAIR_SHARED_KEY",
        pattern=REFERENCE,
    )


@attrs.frozen(kw_only=True)
class KeyRotation:
    """A new shared key that both appliances have, and that a synchronization has proved."""

    nodes: list[str] = member("The appliances that have it.", example=[NODE, OTHER])
    primary: str = member("Who is primary.", example=NODE)
    seconds: float = member("How long it took.", example=6.3)


@attrs.frozen(kw_only=True)
class UpgradeRequest:
    """An upgrade of both appliances, users served by the other one each time."""

    url: str = member(
        "Where the appliances find the archive; the bridge's operator says which may be named.",
        example=FIRMWARE,
    )
    build: str | None = optional("The build it holds; its name tells if absent.", example="14.1-51.80")
    primary: str | None = optional("Who is to be primary in the end; who is now if absent.", example=NODE)
    fail_back: bool | None = optional("Make that node primary again; yes if absent.", example=True)
    allow_downgrade: bool | None = optional("The build may be older than the running one.", example=False)
    server_name: str | None = optional(
        "The gateway's own name: users are watched meanwhile, and the upgrade stops if they are not served.",
        example="gateway.example.net",
        pattern=NAME,
    )


@attrs.frozen(kw_only=True)
class UpgradeReport:
    """An upgrade, or how far it came; the pair serves users in either case."""

    format: str = member("Name and version of this form.", example="gatepair-upgrade-1")
    id: str = member("The pair's id.", example=PAIR_ID)
    verdict: str = member("How it ended.", example="upgraded")
    meaning: str = member("The same for people.", example="Both nodes run the new build.")
    changed: bool = member("Whether anything was done.", example=True)
    target: str = member("The build it was for.", example="NS14.1: Build 51.80.nc")
    source: str = member("Where it came from, without credentials.", example=FIRMWARE)
    started_at: str = member("When it began, RFC 3339 in UTC.", example=INSTANT)
    seconds: float = member("How long it took.", example=1210.3)
    reason: str = member("Why it stopped, empty text otherwise.", example="")
    remedy: str = member("What to do.", example="")
    readiness: list[Check] = member("What was asked before.", example=None)
    checks: list[Check] = member("What was judged after each step.", example=None)
    events: list[dict[str, Any]] = member("What happened when.", example=[])
    users: dict[str, Any] = member("Whether users were watched, and their outages.", example={})
    backups: list[dict[str, Any]] = member("Backups made before.", example=[])
    before: dict[str, Any] = member("The pair before.", example={})
    after: dict[str, Any] | None = member("The pair after.", example={})
    earlier: list[str] = member("Verdicts of runs that this one goes on from.", example=[])
