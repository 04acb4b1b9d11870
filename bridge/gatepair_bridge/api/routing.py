"""The route table's rows, and how a method and a path find one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

import attrs

from gatepair_bridge.api.faults import BadRequest, MethodNotAllowed, NothingHere

if TYPE_CHECKING:
    from gatepair_bridge.api.core import Bridge
    from gatepair_bridge.api.messages import Request, Response, Scope

APPLIANCE_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
Handler: TypeAlias = "Callable[[Bridge, Request], Response]"


@attrs.frozen(kw_only=True)
class QueryParameter:
    """One query parameter of a route; ``choices`` empty means any text."""

    name: str
    description: str
    choices: tuple[str, ...] = ()
    example: str = ""


@attrs.frozen(kw_only=True)
class Route:
    """One row of the table: what the OpenAPI document tells, and the handler that does it.

    Args:
        method: HTTP method, or ``*`` for all that appliances know.
        template: Path with ``{name}`` for one segment and a last ``{name*}`` for the rest, undecoded.
        scope: What a token needs to call it; None if it needs no token.
        handler: Plain blocking function.
        name: Stable name, unique in the table.
        summary: One line for people.
        tag: Heading it stands under.
        query: Query parameters it takes; any other is refused, so that a misspelt one is never ignored.
        body: Schema of the JSON body it takes; empty if it takes none.
        answers: Schema by status of a success; empty text for no body.
        changes: It changes something, so it knows dry runs, conditions and operations.
        open_query: It hands the query on unread.
    """

    method: str
    template: str
    scope: Scope | None
    handler: Handler
    name: str
    summary: str
    tag: str
    query: tuple[QueryParameter, ...] = ()
    body: str = ""
    answers: Mapping[int, str] = attrs.field(factory=dict[int, str])
    changes: bool = False
    open_query: bool = False
    segments: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.template.split("/")))


@attrs.frozen(kw_only=True)
class Match:
    """A route and the values of its path parameters."""

    route: Route
    parameters: Mapping[str, str]


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)

    def match(self, method: str, path: str) -> Match:
        """Find the route for a method and a percent-encoded path.

        Raises:
            NothingHere: No route has this path.
            MethodNotAllowed: The path is known, the method is not offered.
            BadRequest: A segment is not percent-encoded UTF-8.
        """
        segments = path.split("/")
        allowed: list[str] = []
        for route in self.routes:
            parameters = _parameters(route.segments, segments)
            if parameters is None:
                continue
            offered = APPLIANCE_METHODS if route.method == "*" else (route.method,)
            if method in offered:
                return Match(route=route, parameters=parameters)
            allowed += offered
        if allowed:
            listed = ", ".join(sorted(allowed))
            raise MethodNotAllowed(
                f"{method} is not offered on this path.",
                remedy=f"Offered here: {listed}.",
                headers={"allow": listed},
            )
        raise NothingHere(
            "No such path.", remedy="See /openapi.json or /docs for the paths; none ends with a slash."
        )


def _parameters(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for position, part in enumerate(template):
        if part.endswith("*}"):
            parameters[part[1:-2]] = "/".join(segments[position:])
            return parameters if position < len(segments) else None
        if position >= len(segments):
            return None
        if part.startswith("{"):
            if not segments[position]:
                return None
            parameters[part[1:-1]] = _decoded(segments[position])
        elif part != segments[position]:
            return None
    return parameters if len(template) == len(segments) else None


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequest(
            "A part of the path is not percent-encoded UTF-8.", remedy="Percent-encode the path as UTF-8."
        ) from error
