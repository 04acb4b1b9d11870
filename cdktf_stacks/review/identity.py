"""The fingerprint of what was reviewed: alike for plans that do the same, different for any real change.

It leaves out what does not matter: the order of objects, keys and stacks, timestamps, versions of tools,
what the provider computes by itself, and stacks in which nothing changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, cast

from cdktf_stacks.review.plans import COMPUTED, OBJECT_TYPE, ObjectChange, Plan, as_document

PREFIX: Final = "gp1-"
"""Names how it is made; another way gets another prefix, so that old ones are refused, not compared."""

_DIGITS: Final = 40
_SCRYPT: Final = {"n": 2**12, "r": 8, "p": 1}
_JSON_ARGUMENTS: Final = frozenset({"data", "read_data", "update_data", "destroy_data"})


def fingerprint(plans: Iterable[Plan]) -> str:
    """Return the fingerprint of plans that are reviewed together.

    Example:
        >>> fingerprint([]) == fingerprint([Plan(name="nothing changes here")])
        True
    """
    parts = sorted(digest for plan in plans for digest in digests(plan).values())
    return f"{PREFIX}{_hash(parts)[:_DIGITS]}"


def digests(plan: Plan) -> dict[str, str]:
    """Return a digest for each object and output that changes, to tell where two plans differ."""
    found = {change.address: _hash(_essence(change)) for change in plan.changes if _counts(change)}
    outputs = {
        f"output.{name}": _hash(
            [name, output["actions"], _closed(output.get("after"), output.get("after_sensitive"), name)]
        )
        for name, output in plan.outputs.items()
    }
    return found | outputs


def _counts(change: ObjectChange) -> bool:
    return change.changes_something and not change.is_data


def _essence(change: ObjectChange) -> list[object]:
    return [
        change.address,
        change.type,
        list(change.actions),
        _arguments(change, change.before, change.before_sensitive),
        _arguments(change, change.after, change.after_sensitive),
        _own(change, change.after_unknown),
        sorted(map(list, change.replace_paths)),
        change.importing,
        change.previous_address,
    ]


def _arguments(change: ObjectChange, arguments: Mapping[str, object], sensitive: object) -> object:
    found: dict[str, object] = {}
    for key, value in arguments.items():
        marks = (
            cast("Mapping[str, object]", sensitive).get(key) if isinstance(sensitive, Mapping) else sensitive
        )
        plain = as_document(value) if change.type == OBJECT_TYPE and key in _JSON_ARGUMENTS else None
        found[key] = _closed(value if plain is None else plain, marks, f"{change.address}.{key}")
    return _own(change, found)


def _own(change: ObjectChange, arguments: object) -> object:
    """Leave out what the provider computes by itself, and what is not set."""
    if change.type != OBJECT_TYPE or not isinstance(arguments, Mapping):
        return arguments
    members = cast("Mapping[str, object]", arguments)
    return {
        key: value for key, value in members.items() if key not in COMPUTED and value not in (None, False)
    }


def _closed(value: object, marks: object, salt: str) -> object:
    """Return a value, or something that stands for it but cannot be guessed back in a reasonable time."""
    if not _marked(marks):
        return value
    return _slow_hash(_text(value), salt)


def _marked(marks: object) -> bool:
    if isinstance(marks, Mapping):
        return any(map(_marked, cast("Mapping[str, object]", marks).values()))
    if isinstance(marks, list):
        return any(map(_marked, cast("list[object]", marks)))
    return bool(marks)


@lru_cache(maxsize=4096)
def _slow_hash(text: str, salt: str) -> str:
    return hashlib.scrypt(text.encode(errors="surrogatepass"), salt=salt.encode(), **_SCRYPT).hex()


def _hash(value: object) -> str:
    return hashlib.sha256(_text(value).encode(errors="surrogatepass")).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
