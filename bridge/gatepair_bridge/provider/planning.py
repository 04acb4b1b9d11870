"""What Terraform shows before a change: pure functions on a resource's attributes."""

from __future__ import annotations

from typing import NamedTuple

from . import jsontext, tables
from .diagnostics import Diagnostic
from .jsontext import JsonError
from .wire import UNKNOWN, Attributes, Value, text

_JSON = tables.resource().names("json")
_PATHS = ("path", "create_path", "read_path", "update_path", "destroy_path")
_AFTER_CREATE = ("id", "api_data", "api_response", "create_response")
_AFTER_UPDATE = ("api_data", "api_response")


class Plan(NamedTuple):
    """A planned change.

    Attributes:
        state: The object as it will be; unknown where only the server can tell.
        replace: Attributes whose change makes a new object necessary.
        diagnostics: What the user should know of it beforehand.
    """

    state: dict[str, Value] | None
    replace: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def plan_change(prior: Attributes | None, proposed: Attributes | None) -> Plan:
    """Plan a create, an update, no change, or a delete.

    Args:
        prior: The object in the state, or ``None``.
        proposed: What the configuration asks for, computed attributes as in ``prior``, or ``None``.
    """
    if proposed is None:
        return Plan(None)
    if prior is None:
        return Plan(dict(proposed) | dict.fromkeys(_AFTER_CREATE, UNKNOWN))
    planned = dict(proposed)
    for name in _JSON:
        before, after = prior.get(name), planned.get(name)
        if isinstance(before, str) and isinstance(after, str) and jsontext.equal_text(before, after):
            planned[name] = before
    if planned == dict(prior):
        return Plan(planned)
    planned |= dict.fromkeys(_AFTER_UPDATE, UNKNOWN)
    if planned.get("object_id") != prior.get("object_id") and planned.get("object_id") is not None:
        planned["id"] = planned["object_id"]
    return Plan(planned, ("data",) if changed_keys(prior, planned, "force_new") else ())


def changed_keys(prior: Attributes, planned: Attributes, listed_in: str) -> list[str]:
    """Name the keys of ``data`` that changed and are listed in an attribute, such as ``force_new``."""
    keys = planned.get(listed_in)
    if not isinstance(keys, list) or planned.get("data") is UNKNOWN:
        return []
    try:
        before = jsontext.parse(text(prior, "data"))
        after = jsontext.parse(text(planned, "data"))
    except JsonError:
        return []
    return [key for key in keys if isinstance(key, str) and _differs(before, after, key)]


def _differs(before: jsontext.Json, after: jsontext.Json, key: str) -> bool:
    one, other = jsontext.lookup(before, key, "."), jsontext.lookup(after, key, ".")
    if one is jsontext.MISSING or other is jsontext.MISSING:
        return one is not other
    return not jsontext.equal(one, other)


def validate_object(config: Attributes) -> list[Diagnostic]:
    """Check a resource's arguments as far as they are known."""
    found = _json_faults(config)
    found += [fault for name in _PATHS if (fault := path_fault(config, name))]
    search = config.get("read_search")
    if isinstance(search, dict):
        found += _search_faults(search)
    return found


def _json_faults(config: Attributes) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for name in _JSON:
        value = config.get(name)
        if not isinstance(value, str):
            continue
        try:
            if name == "data":
                jsontext.parse_object(value)
            else:
                jsontext.parse(value)
        except JsonError as error:
            shown = value if len(value) < 500 and name not in _sensitive() else "(not shown)"  # noqa: PLR2004
            detail = (
                "A string value was provided that is not valid JSON string format (RFC 7159)"
                f" or not the kind of JSON needed here: {error}.\n\nGiven Value: {shown}"
            )
            found.append(Diagnostic("Invalid JSON String Value", detail, (name,)))
    return found


def _sensitive() -> frozenset[str]:
    schema = tables.resource(sensitive=tables.data_is_sensitive())
    return frozenset(attribute.name for attribute in schema.attributes if attribute.sensitive)


def path_fault(config: Attributes, name: str) -> Diagnostic | None:
    """Check that a path starts with a slash; the empty path is the API's root."""
    value = config.get(name)
    if not isinstance(value, str) or not value or value.startswith("/"):
        return None
    detail = f"The value of {name} must begin with '/', since it is appended to uri; it is '{value}'."
    return Diagnostic("Invalid Path", detail, (name,))


def _search_faults(search: dict[str, Value]) -> list[Diagnostic]:
    text_of_patch = text(search, "search_patch")
    if not text_of_patch:
        return []
    from .patch import PatchError, parse_patch  # noqa: PLC0415 - rarely needed

    try:
        parse_patch(text_of_patch)
    except PatchError as error:
        detail = f"search_patch is not a JSON patch (RFC 6902): {error}."
        return [Diagnostic("Invalid Search Patch", detail, ("read_search", "search_patch"))]
    return []
