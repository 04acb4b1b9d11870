"""Finding one object in a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import jsontext, patch
from .errors import ObjectError, ResponseError

if TYPE_CHECKING:
    from .spec import Search


def results(text: str, results_key: str, asked: str) -> list[jsontext.Json]:
    """Find the list in a search's response.

    Args:
        text: Response body.
        results_key: Where the list is, keys joined by ``/``; empty if the response is the list.
        asked: Method and path of the search, for messages.

    Raises:
        ResponseError: There is no list.
    """
    try:
        value = jsontext.parse(text)
    except jsontext.JsonError as error:
        raise ResponseError(f"the results of a {asked} are not JSON: {error}") from error
    if not results_key:
        if isinstance(value, list):
            return value
        raise ResponseError(
            f"the results of a {asked} did not return an array. It is {jsontext.kind(value)}. "
            "Perhaps you meant to add a results_key?"
        )
    found = jsontext.lookup(value, results_key)
    if found is jsontext.MISSING:
        keys = ", ".join(sorted(value)) if isinstance(value, dict) else "none"
        raise ResponseError(
            f"error finding results_key: the results of a {asked} do not have key '{results_key}'. "
            f"Available: {keys}"
        )
    if not isinstance(found, list):
        raise ResponseError(
            f"the data at results_key location '{results_key}' is not an array. It is {jsontext.kind(found)}."
        )
    return found


def first_match(items: list[jsontext.Json], key: str, value: str) -> jsontext.JsonObject | None:
    """Find the first object whose key has the value, compared as text."""
    for item in items:
        if isinstance(item, dict) and _as_text(jsontext.lookup(item, key)) == value:
            return item
    return None


def _as_text(value: jsontext.Json | jsontext.Missing) -> str | None:
    if value is jsontext.MISSING:
        return None
    if isinstance(value, int | float | jsontext.Number) and not isinstance(value, bool):
        return jsontext.plain_number(value)
    return jsontext.display(value)


def checked_patch(search: Search) -> list[jsontext.JsonObject]:
    """Read a search's patch, before anything is sent.

    Raises:
        ObjectError: It is not a JSON patch.
    """
    if not search.patch:
        return []
    try:
        return patch.parse_patch(search.patch)
    except patch.PatchError as error:
        raise ObjectError(f"search_patch is not a JSON patch: {error}", "read_search") from error


def patched(item: jsontext.JsonObject, operations: list[jsontext.JsonObject]) -> jsontext.JsonObject:
    """Apply a search's patch to what was found.

    Raises:
        ResponseError: It does not apply, or leaves no object.
    """
    if not operations:
        return item
    try:
        changed = patch.apply(item, operations)
    except patch.PatchError as error:
        raise ResponseError(f"failed to apply search_patch: {error}") from error
    if not isinstance(changed, dict):
        raise ResponseError(f"search_patch leaves {jsontext.kind(changed)}, not an object")
    return changed
