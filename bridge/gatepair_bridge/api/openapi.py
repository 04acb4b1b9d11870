"""The OpenAPI 3.1 document, made from the route table and the attrs classes of the documents."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, Union

import attrs

from gatepair._version import __version__
from gatepair_bridge.api.documents import DOCUMENTS
from gatepair_bridge.api.guide import description
from gatepair_bridge.api.links import links_of
from gatepair_bridge.api.messages import JSON_TYPE
from gatepair_bridge.api.mishaps import PROBLEM_STATUSES, problem_response
from gatepair_bridge.api.routing import APPLIANCE_METHODS
from gatepair_bridge.api.schema_parts import APPLIANCE, IPV4, NODE, PAIR, PAIR_ID

if typing.TYPE_CHECKING:
    from gatepair_bridge.api.routing import QueryParameter, Route

Node: TypeAlias = dict[str, Any]

PLAIN: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
METHODS = ("get", "put", "post", "delete", "head")
PATH_PARAMETERS: Mapping[str, tuple[str, str, str]] = {
    "pair": ("The two management addresses, `host[:port],host[:port]`, in any order.", PAIR_ID, PAIR),
    "appliance": ("The appliance's management address, `host[:port]`.", NODE, APPLIANCE),
    "address": ("The virtual IP's address.", "192.0.2.10", f"^{IPV4}$"),
    "operation": ("The operation's id.", "cUnYMWcHhC2xtVJkA0ve", "^[A-Za-z0-9_-]+$"),
    "rest": ("What follows `/nitro/` on the appliance.", "v1/stat/hanode", ".+"),
}
STATUS_TEXT = {
    200: "Done.",
    201: "The pair is as declared.",
    202: "It goes on; `Location` says where to watch it.",
    204: "Done; there is nothing to say.",
    304: "It is as the caller last saw it.",
}


@functools.cache
def openapi_document() -> Node:
    """Give the document; the same one each time."""
    from gatepair_bridge.api.routes import ROUTES  # noqa: PLC0415 - the table's handlers lead here

    paths: Node = {}
    for route in ROUTES:
        path = route.template.replace("*}", "}")
        for method in APPLIANCE_METHODS if route.method == "*" else (route.method,):
            paths.setdefault(path, {})[method.lower()] = _operation(route, method.lower())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gatepair bridge",
            "version": __version__,
            "summary": "Failover pairs of Citrix gateways, in words of the pair.",
            "description": description(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in ROUTES)],
        "paths": paths,
        "components": {
            "schemas": _schemas(DOCUMENTS.values()),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token with the scope read, change or operate.",
                }
            },
            "responses": {f"Problem{status}": problem_response(status) for status in PROBLEM_STATUSES},
        },
    }


def _operation(route: Route, method: str) -> Node:
    many = route.method == "*"
    operation: Node = {
        "operationId": f"{route.name}{method.capitalize()}" if many else route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *map(_query_parameter, route.query), *_headers(route)],
        "responses": _responses(route),
        "security": [{"token": [str(route.scope)]}] if route.scope else [],
    }
    if route.scope:
        operation["x-scope"] = str(route.scope)
    if route.body:
        name = route.body.rstrip("?")
        operation["requestBody"] = {
            "required": not route.body.endswith("?"),
            "content": {JSON_TYPE: {"schema": _reference(name), "example": example_of(DOCUMENTS[name])}},
        }
    elif many and method in {"put", "post"}:
        operation["requestBody"] = {"content": {JSON_TYPE: {"schema": {}}}}
    return operation


def _path_parameters(route: Route) -> Iterable[Node]:
    for part in route.template.split("/"):
        if part.startswith("{"):
            name = part.strip("{}").rstrip("*")
            description, example, pattern = PATH_PARAMETERS[name]
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": {"type": "string", "pattern": pattern},
                "example": example,
            }


def _query_parameter(parameter: QueryParameter) -> Node:
    schema: Node = {"type": "string"}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": schema,
        "example": parameter.example,
    }


def _headers(route: Route) -> Iterable[Node]:
    def header(name: str, description: str, example: str) -> Node:
        schema = {"type": "string"}
        return {
            "name": name,
            "in": "header",
            "description": description,
            "schema": schema,
            "example": example,
        }

    if 304 in route.answers:  # noqa: PLR2004 - the status itself
        yield header("If-None-Match", "The ETag last seen; 304 if nothing changed since.", '"b3f1"')
    if not route.changes:
        return
    yield header(
        "Prefer", "`respond-async`, with `wait=SECONDS` after so many seconds.", "respond-async, wait=5"
    )
    if route.method in {"PUT", "DELETE"}:
        yield header("If-Match", "The ETag last seen; 412 if something changed since.", '"b3f1"')
    if route.name == "updatePair":
        yield header(
            "Gatepair-Changed",
            "The write-only keys that this update changes, separated by commas; absent, any may have "
            "changed, so that a `shared_key_version` above 1 has the shared key written anew.",
            "shared_key_version",
        )
    if route.method == "POST":
        yield header(
            "Idempotency-Key", "A key under which the same reply is given again for a day.", "8e03978e"
        )


def _responses(route: Route) -> Node:
    responses: Node = {}
    for status, schema in route.answers.items():
        responses[str(status)] = _answer(status, schema) | _headed(route, status)
    if route.changes:
        if 200 in route.answers:  # noqa: PLR2004 - the status itself
            done = responses["200"]["content"][JSON_TYPE]
            done["schema"] = {"anyOf": [done["schema"], _reference("DryRun")]}
        else:
            responses["200"] = _answer(200, "DryRun")
        responses["202"] = _answer(202, "Operation") | {
            "headers": {
                "Location": _header("Where to watch it.", "/v1/operations/cUnYMWcHhC2xtVJkA0ve"),
                "Retry-After": _header("Seconds until it is worth a look.", "1"),
            }
        }
    for status in _failures(route):
        shared: Node = {"$ref": f"#/components/responses/Problem{status}"}
        # An appliance's own refusals come through as they are.
        responses[str(status)] = problem_response(status, open_too=True) if route.open_query else shared
    if route.open_query:
        responses["default"] = {"description": "Whatever the appliance answers."}
    for status, response in responses.items():
        if links := links_of(route.name, int(status) if status.isdigit() else 0, changes=route.changes):
            response["links"] = links
    return dict(sorted(responses.items()))


def _headed(route: Route, status: int) -> Node:
    """Tell the headers that belong to an answer."""
    headers: Node = {}
    with_tag = 304 in route.answers or (route.method == "PUT" and status == 200)  # noqa: PLR2004 - the statuses
    if with_tag or status == 201:  # noqa: PLR2004 - Created
        headers["ETag"] = _header("Names this state of the document.", '"b3f1"')
    if status == 201:  # noqa: PLR2004 - Created
        headers["Location"] = _header("Where the pair is found.", f"/v1/pairs/{PAIR_ID}")
    if route.open_query:
        headers["Gatepair-Node"] = _header("The node that answered.", NODE)
    return {"headers": headers} if headers else {}


def _header(description: str, example: str) -> Node:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _failures(route: Route) -> Iterable[int]:
    yield 400
    yield 429
    if route.scope is None:
        return
    yield from (401, 403)
    if "{" in route.template:
        yield 404
    if route.body or "{" in route.template:
        yield 422
    if "/pairs/" in route.template or "/appliances/" in route.template or route.changes:
        yield from (409, 500, 502, 503, 504)
    if route.body:
        yield from (413, 415)
    if route.changes:
        yield 412


def _answer(status: int, schema: str) -> Node:
    answer: Node = {"description": STATUS_TEXT[status]}
    if schema in {"text", "html"}:
        kind = "text/html" if schema == "html" else "text/plain"
        answer["content"] = {kind: {"schema": {"type": "string"}}}
    elif schema == "object":
        answer["content"] = {JSON_TYPE: {"schema": {"type": "object"}}}
    elif schema.endswith("List"):
        item = {"PairList": "PairEntry"}.get(schema, schema.removesuffix("List"))
        answer["content"] = {JSON_TYPE: {"schema": {"type": "array", "items": _reference(item)}}}
    elif schema:
        answer["content"] = {
            JSON_TYPE: {"schema": _reference(schema), "example": example_of(DOCUMENTS[schema])}
        }
    return answer


def _reference(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas(kinds: Iterable[type]) -> Node:
    found: dict[str, Node] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind.__name__ not in found:
            found[kind.__name__] = _object_schema(kind, waiting)
    return dict(sorted(found.items()))


def _object_schema(kind: type, waiting: list[type]) -> Node:
    hints = typing.get_type_hints(kind)
    properties: Node = {}
    required: list[str] = []
    for field in attrs.fields(kind):
        schema = _type_schema(hints[field.name], waiting)
        if field.default is attrs.NOTHING and _may_be_null(hints[field.name]):
            schema = {"anyOf": [schema, {"type": "null"}]}
        described = {"description": field.metadata["description"], **field.metadata["schema"]}
        if "$ref" not in schema and field.metadata["example"] is not None:
            described["examples"] = [field.metadata["example"]]
        name = field.metadata["wire"] or field.name
        properties[name] = {**schema, **described}
        if field.default is attrs.NOTHING:
            required.append(name)
    closed = {} if kind.__name__ == "Problem" else {"additionalProperties": False}
    return {
        "type": "object",
        "description": (kind.__doc__ or "").strip(),
        "properties": properties,
        "required": required,
        **closed,
    }


def _may_be_null(hint: Any) -> bool:
    return types.NoneType in typing.get_args(hint)


def _type_schema(hint: Any, waiting: list[type]) -> Node:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {Union, types.UnionType}:
        return _type_schema(next(part for part in arguments if part is not types.NoneType), waiting)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        inner = arguments[0]
        return {"type": "array", "items": {} if inner is Any else _type_schema(inner, waiting)}
    if origin is dict:
        inner = arguments[1]
        return {
            "type": "object",
            "additionalProperties": True if inner is Any else _type_schema(inner, waiting),
        }
    if attrs.has(hint):
        waiting.append(hint)
        return _reference(hint.__name__)
    return {"type": PLAIN[hint]}


def example_of(kind: type) -> Node:
    """Make an example of a document from the examples of its members.

    Example:
        >>> from gatepair_bridge.api.schemas import Heartbeat
        >>> example_of(Heartbeat)
        {'hello_interval_ms': 1000, 'dead_interval_s': 10}
    """
    hints = typing.get_type_hints(kind)
    example: Node = {}
    for field in attrs.fields(kind):
        value = field.metadata["example"]
        inner = hints[field.name]
        if _may_be_null(inner):
            inner = next(part for part in typing.get_args(inner) if part is not types.NoneType)
            if field.default is not attrs.NOTHING:
                # What may be absent is only shown where an example was thought of.
                inner = object
        if value is None and attrs.has(inner):
            value = example_of(inner)
        elif value is None and typing.get_origin(inner) is list:
            value = [example_of(typing.get_args(inner)[0])]
        if value is not None:
            example[field.metadata["wire"] or field.name] = value
    return example
