"""The way to whichever node is primary now, for any program that speaks NITRO."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from gatepair.errors import GatepairError, NoPrimary, NotAPair, TlsUntrusted, Unreachable
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse
from gatepair.workflows.observation import Shape
from gatepair_bridge.api.audit import log_change
from gatepair_bridge.api.faults import BadRequest, Forbidden
from gatepair_bridge.api.messages import Response, Scope
from gatepair_bridge.api.pairs import Addresses, named_pair

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair_bridge.api.core import Bridge
    from gatepair_bridge.api.messages import Request
    from gatepair_bridge.api.sessions import Sessions
    from gatepair_bridge.api.work import Work

READS = frozenset({"GET", "HEAD"})
# Each request opens or ends a session of its own on the node, which changes nothing that the pair shares.
SESSION_PATHS = re.compile(r"v1/config/(login|logout)/?")
FORWARDED = frozenset({"accept", "content-type", "x-nitro-user", "x-nitro-pass", "x-nitro-onerror", "cookie"})
RETURNED = frozenset({"content-type", "x-nitro-warning", "retry-after", "location"})
# Vendor clients carry their session in a request header of this name.
SESSION_HEADERS = frozenset({"cookie", "set-cookie", "x-nitro-user"})
KNOWN_FOR_S = 2.0
# Beyond the dead interval, what a node takes to become primary.
MARGIN_S = 10.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


def pass_through(bridge: Bridge, request: Request) -> Response:
    """Hand a NITRO request to the primary and its answer back.

    Without credentials of its own the request goes with the bridge's, which takes the scope ``operate``.
    A write is sent once, to a node found primary just before. A read, or a request that never reached the
    node, is sent a second time when another node has become primary.
    """
    addresses = named_pair(bridge, request)
    rest = _checked(request.parameters["rest"])
    opens_session = SESSION_PATHS.fullmatch(rest) is not None
    writes = request.method not in READS and not opens_session
    own = bool(SESSION_HEADERS & request.headers.keys()) or opens_session
    if (writes or not own) and Scope.OPERATE not in request.caller.scopes:
        raise Forbidden(
            "Writing, or reading with the bridge's own credentials, needs the scope operate.",
            remedy="Use a token with that scope, or send the appliance's credentials along and only read.",
        )
    started = time.monotonic()
    with bridge.exclusive(request, map(str, addresses)) if writes else nullcontext():
        node, answer = _sent(bridge, request, addresses, rest, own=own)
    response = _response(node, answer, request.path.removesuffix(rest).removesuffix("/nitro/"))
    if writes:
        log_change(request, "primaryNitro", response, time.monotonic() - started)
    return response


@attrs.frozen
class _Found:
    node: ManagementAddress
    at: float


class Primaries:
    """Who is primary in which pair, as seen a moment ago.

    Args:
        sessions: Opens conversations with appliances.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._found: dict[Addresses, _Found] = {}

    def find(self, addresses: Addresses, work: Work, *, known_for_s: float = 0.0) -> ManagementAddress:
        """Tell who is primary; while a takeover is under way, wait for its end.

        Args:
            addresses: The pair.
            work: What it is for.
            known_for_s: Seconds for which an earlier finding will do.

        Raises:
            NotAPair: The two are no pair.
            NoPrimary: Neither is primary, or both are, for longer than a takeover lasts.
            Unreachable: Neither answers.
        """
        found = self._found.get(addresses)
        if found is not None and time.monotonic() - found.at < known_for_s:
            return found.node
        started = time.monotonic()
        pause_s = FIRST_PAUSE_S
        while True:
            with self._sessions.open(addresses, work) as session:
                observed = session.observe()
            if observed.primary is not None:
                self._found[addresses] = _Found(observed.primary.address, time.monotonic())
                return observed.primary.address
            if observed.shape is Shape.DISSOLVED:
                raise NotAPair("The two appliances are no pair.")
            takeover_s = max(node.ha.dead_interval_s for node in observed.reachable) + MARGIN_S
            if time.monotonic() - started > takeover_s:
                raise NoPrimary("There is not one primary that answers.")
            work.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _checked(rest: str) -> str:
    # Names are encoded twice on this path, and a dot segment must not climb out of it at any of the stages.
    if any(part in {".", ".."} for part in unquote(unquote(rest)).replace("\\", "/").split("/")):
        raise BadRequest("The path climbs out of /nitro/.", remedy="Send the path as the appliance knows it.")
    return rest


def _sent(
    bridge: Bridge, request: Request, addresses: Addresses, rest: str, *, own: bool
) -> tuple[ManagementAddress, HttpResponse]:
    reads = request.method in READS
    node = bridge.primaries.find(addresses, request.work, known_for_s=KNOWN_FOR_S if reads else 0.0)
    answer = bridge.sessions.transport(node).send(_outgoing(bridge, request, node, rest, own=own))
    if isinstance(answer, Breakdown) and (reads or answer.kind is BreakdownKind.NOT_SENT):
        node = bridge.primaries.find(addresses, request.work)
        answer = bridge.sessions.transport(node).send(_outgoing(bridge, request, node, rest, own=own))
    if isinstance(answer, Breakdown):
        raise _error(answer, node)
    return node, answer


def _outgoing(
    bridge: Bridge, request: Request, node: ManagementAddress, rest: str, *, own: bool
) -> HttpRequest:
    query = f"?{request.raw_query}" if request.raw_query else ""
    headers = {name: value for name, value in request.headers.items() if name in FORWARDED}
    if "set-cookie" in request.headers:
        headers.setdefault("cookie", request.headers["set-cookie"].partition(";")[0])
    return HttpRequest(
        method=request.method,
        target=f"/nitro/{rest}{query}",
        headers=headers if own else headers | bridge.sessions.credentials(node),
        body=request.body or None,
        label=f"{request.method} passed through",
    )


def _error(breakdown: Breakdown, node: ManagementAddress) -> GatepairError:
    kind = TlsUntrusted if breakdown.kind is BreakdownKind.UNTRUSTED else Unreachable
    return kind(breakdown.detail or "no answer", node=node, step="pass through")


def _response(node: ManagementAddress, answer: HttpResponse, prefix: str) -> Response:
    headers: dict[str, str] = {"gatepair-node": str(node)}
    cookies: list[str] = []
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            cookies.append(_moved(value, prefix))
        elif name.lower() in RETURNED:
            headers[name.lower()] = value
    return Response(status=answer.status, headers=headers, cookies=tuple(cookies), body=answer.body)


def _moved(cookie: str, prefix: str) -> str:
    """Give a cookie the path under which the client reaches the appliance's own path."""
    return re.sub(r"(?i)(;\s*path=)/", lambda match: f"{match[1]}{prefix}/", cookie)
