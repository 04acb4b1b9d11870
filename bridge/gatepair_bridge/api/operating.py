"""Handlers that act on a pair which is there: its status, preflight, failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress
from gatepair_bridge.api.bodies import optional_json_body
from gatepair_bridge.api.faults import Unprocessable
from gatepair_bridge.api.messages import JsonObject, Request, Response, json_response
from gatepair_bridge.api.pairs import declaration, named_pair, plan_response

if TYPE_CHECKING:
    from gatepair_bridge.api.core import Bridge

FAILOVER_KEYS = ("force", "to")


def status(bridge: Bridge, request: Request) -> Response:
    """Give the live facts of a pair."""
    with bridge.sessions.open(named_pair(bridge, request), request.work) as session:
        return json_response(200, session.status().to_dict())


def preflight(bridge: Bridge, request: Request) -> Response:
    """Check a pair, against the declaration in the body if there is one."""
    addresses = named_pair(bridge, request)
    body = optional_json_body(request)
    desired = declaration(bridge, body) if body else None
    with bridge.sessions.open(desired or addresses, request.work) as session:
        return json_response(200, session.preflight(desired).to_dict())


def failover(bridge: Bridge, request: Request) -> Response:
    """Swap the roles, or see to it that the named node is primary."""
    addresses = named_pair(bridge, request)
    force, to = _failover_body(optional_json_body(request))
    with bridge.sessions.open(addresses, request.work) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan_failover(to=to))
        with bridge.exclusive(request, map(str, addresses)):
            return json_response(200, session.failover(force=force, to=to).to_dict())


def _failover_body(body: JsonObject) -> tuple[bool, ManagementAddress | None]:
    unknown = sorted(body.keys() - set(FAILOVER_KEYS))
    if unknown:
        raise Unprocessable(
            f"Not known: {', '.join(unknown)}.", key=unknown[0], remedy=f"Known: {', '.join(FAILOVER_KEYS)}."
        )
    force, to = body.get("force", False), body.get("to", "")
    if not isinstance(force, bool):
        raise Unprocessable("force must be true or false.", key="force", remedy="Give a truth value.")
    if not isinstance(to, str) or ("to" in body and not to):
        raise Unprocessable("to must be text.", key="to", remedy="Give a management address of the pair.")
    return force, _address(to) if to else None


def _address(text: str) -> ManagementAddress:
    try:
        return ManagementAddress.parse(text)
    except InvalidInput as error:
        raise error.at(key="to") from None
