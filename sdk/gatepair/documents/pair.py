"""The canonical document of a pair, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, TypeVar

from gatepair import _kinds as kinds
from gatepair._parts import (
    FAILOVER_INTERFACE,
    INTERNAL_VIRTUAL_IP_KINDS,
    VIRTUAL_IP_KINDS,
    read_failover,
    read_further,
    read_heartbeat,
)
from gatepair._reading import Findings, Table
from gatepair.documents.refusal import raise_if_any
from gatepair.errors import InvalidInput
from gatepair.models import (
    Appliance,
    Difference,
    Failover,
    FurtherVirtualIp,
    Heartbeat,
    InternalVirtualIp,
    ManagementAddress,
    Pair,
    Secret,
    VirtualIp,
    VirtualIpRole,
    compare,
)

Document: TypeAlias = dict[str, object]
V = TypeVar("V", VirtualIp, InternalVirtualIp)

FORMED: Final = "formed"
DISSOLVED: Final = "dissolved"
BROKEN: Final = "broken"
FAILOVER_PAIR_STATES: Final = (FORMED, DISSOLVED, BROKEN)
"""What the two appliances are to each other; a declaration always says ``formed``."""

WRITE_ONLY_KEYS: Final = (
    "shared_key",
    "shared_key_version",
    "preferred_primary",
    "overwrite_joining_node",
    "replaces_external",
)
"""Keys that may be written and are never read back."""

FURTHER: Final = "further_virtual_ips"
OPTIONAL_KEYS: Final = (FURTHER, FAILOVER_INTERFACE)
"""Keys that are there only if they are declared: without them the appliances are left as they are."""

LABELS: Final[Mapping[str, str]] = {
    "external_virtual_ip.address": "external virtual IP",
    "external_virtual_ip.netmask": "netmask of the external virtual IP",
    "internal_virtual_ip.address": "internal virtual IP",
    "internal_virtual_ip.netmask": "netmask of the internal virtual IP",
    "internal_virtual_ip.management_access": "management access on the internal virtual IP",
    "heartbeat.hello_interval_ms": "hello interval (ms)",
    "heartbeat.dead_interval_s": "dead interval (s)",
    "fail_safe": "fail-safe",
    "max_flip_time_s": "max flip time (s)",
    "sync_vlan": "sync VLAN (0 is none)",
    "independent_network": "independent network configuration",
    FURTHER: "further virtual IPs",
}
"""Words for keys with dots, where the key's own words do not do."""

_WRITTEN_AS: Final = {
    "external": "external_virtual_ip",
    "internal": "internal_virtual_ip",
    "further": FURTHER,
}


def canonical_pair_id(first: ManagementAddress | str, second: ManagementAddress | str) -> str:
    """Return the identifier of the pair of two appliances, whichever is named first.

    Raises:
        InvalidInput: One is no management address, or both are the same.

    Example:
        >>> canonical_pair_id("192.0.2.12:443", "192.0.2.9")
        '192.0.2.9,192.0.2.12'
    """
    return Pair(appliances=(Appliance(address=first), Appliance(address=second))).id


def parse_pair_id(text: str) -> tuple[ManagementAddress, ManagementAddress]:
    """Return the two management addresses of a pair identifier, in canonical order.

    Raises:
        InvalidInput: The text is no identifier of a pair.
    """
    parts = text.split(",")
    if len(parts) != 2:  # noqa: PLR2004 - a pair is two
        raise InvalidInput(f"'{text}' is not two management addresses with a comma between", key="id")
    try:
        return Pair(appliances=(Appliance(address=parts[0]), Appliance(address=parts[1]))).addresses
    except InvalidInput as error:
        raise InvalidInput(error.message, key="id") from error


def pair_document(
    *,
    pair_id: str,
    failover_pair: str,
    external: VirtualIp | None,
    internal: InternalVirtualIp | None,
    failover: Failover,
    further: Iterable[FurtherVirtualIp] | None = None,
) -> Document:
    """Return the canonical document of a pair from its parts, declared or found.

    Args:
        pair_id: Canonical identifier.
        failover_pair: One of `FAILOVER_PAIR_STATES`.
        external: External virtual IP, ``None`` for none.
        internal: Internal virtual IP, ``None`` for none.
        failover: Heartbeat and the other settings.
        further: Further virtual IPs in the order of their addresses, ``None`` if they are not managed.
    """
    optional: Document = {} if further is None else {FURTHER: [_further(each) for each in further]}
    if failover.failover_interface:
        optional[FAILOVER_INTERFACE] = failover.failover_interface
    return {
        "id": pair_id,
        "failover_pair": failover_pair,
        "external_virtual_ip": _virtual_ip(external),
        "internal_virtual_ip": {
            **_virtual_ip(internal),
            "management_access": _enabled(internal.management_access) if internal else "",
        },
        "heartbeat": {
            "hello_interval_ms": failover.heartbeat.hello_interval_ms,
            "dead_interval_s": failover.heartbeat.dead_interval_s,
        },
        "fail_safe": "on" if failover.fail_safe else "off",
        "max_flips": failover.max_flips,
        "max_flip_time_s": failover.max_flip_time_s,
        "synchronization": _enabled(failover.synchronization),
        "propagation": _enabled(failover.propagation),
        "sync_vlan": failover.sync_vlan,
        "independent_network": _enabled(failover.independent_network),
        **optional,
    }


def pair_to_document(pair: Pair, *, write_only: bool = False) -> Document:
    """Return the canonical document of a declared pair.

    Args:
        pair: The declaration.
        write_only: Add `WRITE_ONLY_KEYS`, for a body that is to be sent.

    Raises:
        InvalidInput: Write-only keys are wanted and the shared key is no reference: a secret itself
            never gets into a document.
    """
    document = pair_document(
        pair_id=pair.id,
        failover_pair=FORMED,
        external=pair.external,
        internal=pair.internal,
        failover=pair.failover,
        further=pair.further,
    )
    return document | _write_only(pair) if write_only else document


def pair_from_document(document: Mapping[str, object]) -> Pair:
    """Return the pair that a document declares.

    Args:
        document: Every key of a pair's document, and any of `OPTIONAL_KEYS` and `WRITE_ONLY_KEYS`.

    Raises:
        InvalidInput: The message names everything that is wrong, ``key`` the first of it.
    """
    findings = Findings()
    table = Table(document, findings, complete=True)
    addresses = table.take("id", _PAIR_ID, None)
    table.take("failover_pair", _FORMED, None)
    heartbeat = table.table("heartbeat")
    failover = read_failover(table, read_heartbeat(heartbeat) if heartbeat else Heartbeat())
    optional = {
        "failover": failover,
        "external": _read_virtual_ip(table, "external_virtual_ip", VirtualIp),
        "internal": _read_virtual_ip(table, "internal_virtual_ip", InternalVirtualIp),
        "further": read_further(table, FURTHER),
        **_read_write_only(table),
    }
    table.close((*OPTIONAL_KEYS, *WRITE_ONLY_KEYS))
    if addresses is None:
        raise_if_any(findings)
        raise InvalidInput("is missing", key="id")
    appliances = tuple(Appliance(address=address) for address in addresses)
    pair = table.build(Pair, {"appliances": appliances}, optional, written_as=_WRITTEN_AS)
    raise_if_any(findings)
    return pair or Pair(appliances=(appliances[0], appliances[1]))


def pair_differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return in which values two documents of a pair differ; write-only keys are left aside.

    Example:
        >>> for difference in pair_differences({"fail_safe": "off"}, {"fail_safe": "on"}):
        ...     print(difference)
        fail-safe: off -> on
    """
    readable, wanted = (
        {key: value for key, value in document.items() if key not in WRITE_ONLY_KEYS}
        for document in (before, after)
    )
    return compare(readable, wanted, LABELS)


def _virtual_ip(virtual_ip: VirtualIp | None) -> Document:
    if virtual_ip is None:
        return {"address": "", "netmask": ""}
    return {"address": str(virtual_ip.address), "netmask": str(virtual_ip.netmask)}


def _further(virtual_ip: FurtherVirtualIp) -> Document:
    internal = virtual_ip.role is VirtualIpRole.INTERNAL
    return {
        **_virtual_ip(virtual_ip),
        "role": str(virtual_ip.role),
        "management_access": _enabled(virtual_ip.management_access) if internal else "",
    }


def _enabled(on: bool) -> str:  # noqa: FBT001 - the value itself, not a mode of the function
    return "enabled" if on else "disabled"


def _write_only(pair: Pair) -> Document:
    if isinstance(pair.shared_key, Secret):
        raise InvalidInput("only a reference to the shared key can be written, not the key", key="shared_key")
    return {
        "shared_key": str(pair.shared_key or ""),
        "shared_key_version": pair.shared_key_version,
        "preferred_primary": str(pair.preferred_primary),
        "overwrite_joining_node": "yes" if pair.overwrite_joining_node else "no",
        "replaces_external": str(pair.replaces_external or ""),
    }


def _read_write_only(table: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, kind in _WRITE_ONLY_KINDS.items():
        # Text that is empty says that there is none, as for every other key of a document.
        if key in table and table.values[key] != "":
            found[key] = table.take(key, kind, None)
    return found


def _read_virtual_ip(table: Table, key: str, make: type[V]) -> V | None:
    inner = table.table(key)
    if inner is None:
        return None
    names = VIRTUAL_IP_KINDS if make is VirtualIp else INTERNAL_VIRTUAL_IP_KINDS
    if all(inner.values.get(name) == "" for name in names):
        inner.close(names)
        return None
    parts = {name: inner.take(name, kind, None) for name, kind in names.items()}
    inner.close()
    if any(part is None for part in parts.values()):
        return None
    return inner.build(make, parts, {})


def _parse_formed(value: object) -> str:
    if value != FORMED:
        raise InvalidInput(f'must be "{FORMED}": to dissolve a pair, delete it')
    return FORMED


def _parse_id(value: object) -> tuple[ManagementAddress, ManagementAddress]:
    return parse_pair_id(kinds.parse_text(value))


_PAIR_ID: Final = kinds.Kind(_parse_id, kinds.TEXT.schema)
_FORMED: Final = kinds.Kind(_parse_formed, {"const": FORMED})
_WRITE_ONLY_KINDS: Final[Mapping[str, kinds.Kind[object]]] = {
    "shared_key": kinds.REFERENCE,
    "shared_key_version": kinds.VERSION,
    "preferred_primary": kinds.MANAGEMENT_ADDRESS,
    "overwrite_joining_node": kinds.YES_NO,
    "replaces_external": kinds.IPV4,
}
