"""Values of documents: found by their keys, compared, and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, cast

from cdktf_stacks.review.model import DECLARED, DRIFT, Change
from gatepair.documents import WRITE_ONLY_KEYS, network_differences, pair_differences

if TYPE_CHECKING:
    from cdktf_stacks.review.plans import Json
    from gatepair.models import Difference

NOTHING: Final = "none"
_WRITE_ONLY_LABELS: Final[Mapping[str, str]] = {
    "shared_key": "where the shared key is",
    "shared_key_version": "version of the shared key",
    "preferred_primary": "preferred primary (counts when the pair is formed)",
    "overwrite_joining_node": "overwrite the joining node (counts when the pair is formed)",
    "replaces_external": "external virtual IP that is replaced",
}
_TOLD_ELSEWHERE: Final = frozenset({"id", "failover_pair"})
_USUAL: Final = frozenset({"", "no", 1})
_DIFFER: Final = frozenset({"-1", "mixed"})


def member(document: Json | None, path: str) -> object:
    """Return a value by its keys with dots between; empty text if there is none."""
    found: object = document or {}
    for key in path.split("."):
        found = cast("Json", found).get(key) if isinstance(found, Mapping) else None
    return "" if found is None else found


def further(document: Json | None, role: str) -> tuple[str, ...]:
    """Return the addresses of a pair's further virtual IPs in a role, external or internal."""
    rows = member(document, "further_virtual_ips")
    found = cast("list[object]", rows) if isinstance(rows, list) else []
    tables = (cast("Json", row) for row in found if isinstance(row, Mapping))
    return tuple(str(member(table, "address")) for table in tables if member(table, "role") == role)


def pair_changes(before: Json | None, after: Json | None, left: Json | None) -> tuple[Change, ...]:
    """Return what changes of a pair, put into words."""
    if after is None:
        return (
            Change(label="failover pair", before=shown(member(before, "failover_pair")), after="dissolved"),
        )
    drifted = _drifted(left, before, pair_differences)
    differences = pair_differences(_listed(before), _listed(after))
    told = tuple(each for each in differences if before is not None or each.key not in _TOLD_ELSEWHERE)
    found = list(_changes(told, drifted))
    old, new = before or {}, after
    found += [
        Change(label=_WRITE_ONLY_LABELS[key], before=shown(old.get(key)), after=shown(new[key]))
        for key in WRITE_ONLY_KEYS
        if key in new and old.get(key, "") != new[key] and (before is not None or new[key] not in _USUAL)
    ]
    return tuple(found)


def network_changes(
    address: str, before: Json | None, after: Json | None, left: Json | None
) -> tuple[Change, ...]:
    """Return what changes of an appliance's network, put into words."""
    if after is None:
        return ()
    drifted = _drifted(left, before, network_differences)
    found = _changes(network_differences(_listed(before), _listed(after)), drifted)
    return tuple(
        Change(label=f"{address}: {each.label}", before=each.before, after=each.after, origin=each.origin)
        for each in found
        if each.label != "id"
    )


def shown(value: object) -> str:
    """Return a value as a person reads it.

    Example:
        >>> shown(""), shown(10), shown(["192.0.2.53", "192.0.2.54"]), shown("mixed")
        ('none', '10', '192.0.2.53, 192.0.2.54', 'differs between the nodes')
    """
    if isinstance(value, Mapping):
        members = cast("Json", value).items()
        return " ".join(f"{key}={shown(each)}" for key, each in members if each != "") or NOTHING
    if isinstance(value, list | tuple):
        return ", ".join(shown(each) for each in cast("list[object]", value)) or NOTHING
    text = "" if value is None else str(value)
    return "differs between the nodes" if text in _DIFFER else text or NOTHING


def _changes(differences: tuple[Difference, ...], drifted: set[str]) -> Iterator[Change]:
    for each in differences:
        origin = DRIFT if each.key in drifted else DECLARED
        yield Change(label=each.label, before=shown(each.before), after=shown(each.after), origin=origin)


def _drifted(left: Json | None, before: Json | None, differences: object) -> set[str]:
    if left is None or before is None or not callable(differences):
        return set()
    found = cast("tuple[Difference, ...]", differences(_listed(left), _listed(before)))
    return {each.key for each in found}


def _listed(document: Json | None) -> Json:
    """Write lists as text for a comparison value by value; an empty one as nothing."""
    return {key: _flat(value) for key, value in (document or {}).items()}


def _flat(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _flat(each) for key, each in cast("Json", value).items()}
    if isinstance(value, list | tuple):
        return shown(cast("list[object]", value)) if value else ""
    return value
