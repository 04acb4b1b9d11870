"""From the bytes of a request to a JSON object, strictly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, cast

from gatepair_bridge.api.faults import BadRequest, Unprocessable

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Json, JsonObject, Request

MAX_DEPTH = 16


def json_body(request: Request) -> JsonObject:
    """Read the body as a JSON object.

    Raises:
        BadRequest: It is no JSON, or says the same key twice.
        Unprocessable: It is JSON, but no object.
    """
    try:
        parsed = cast(
            "Json",
            json.loads(
                request.body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant
            ),
        )
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError | _BodyError) else type(error).__name__
        raise BadRequest(f"The body is not JSON: {reason}.", remedy="Send a JSON object in UTF-8.") from error
    if not isinstance(parsed, dict):
        raise Unprocessable(
            f"The body must be a JSON object, not {_kind(parsed)}.", remedy="Send an object: {...}."
        )
    if _depth(parsed) > MAX_DEPTH:
        raise BadRequest("The body is nested too deeply.", remedy="See /docs for the document's form.")
    return parsed


def optional_json_body(request: Request) -> JsonObject:
    """Read the body as a JSON object; nothing at all counts as an empty one."""
    return json_body(request) if request.body.strip() else {}


class _BodyError(ValueError):
    pass


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BodyError(f"the key {json.dumps(twice)} stands there twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _BodyError(f"{name} is no JSON number")


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case list():
            return "a list"
        case str():
            return "text"
        case bool():
            return "a truth value"
        case _:
            return "a number"


def _depth(value: Json) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
    return depth
