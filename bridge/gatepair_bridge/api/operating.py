"""Handlers that act on a pair which is there: its status, preflight, failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair_bridge.api.asked import FLAG, TEXT, Asked
from gatepair_bridge.api.bodies import optional_json_body
from gatepair_bridge.api.messages import Request, Response, json_response
from gatepair_bridge.api.pairs import declaration, named_pair, plan_response

if TYPE_CHECKING:
    from gatepair_bridge.api.core import Bridge

FAILOVER = {"force": FLAG, "to": TEXT}


def status(bridge: Bridge, request: Request) -> Response:
    """Give the live facts of a pair."""
    with bridge.sessions.open(named_pair(bridge, request), request) as session:
        return json_response(200, session.status().to_dict())


def preflight(bridge: Bridge, request: Request) -> Response:
    """Check a pair, against the declaration in the body if there is one."""
    addresses = named_pair(bridge, request)
    body = optional_json_body(request)
    desired = declaration(bridge, body) if body else None
    with bridge.sessions.open(desired or addresses, request) as session:
        return json_response(200, session.preflight(desired).to_dict())


def failover(bridge: Bridge, request: Request) -> Response:
    """Swap the roles, or see to it that the named node is primary."""
    addresses = named_pair(bridge, request)
    asked = Asked(request, FAILOVER)
    force, to = asked.flag("force"), asked.address("to")
    with bridge.sessions.open(addresses, request) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan_failover(to=to))
        with bridge.exclusive(request, map(str, addresses)):
            return json_response(200, session.failover(force=force, to=to).to_dict())
