"""The way to whichever node is primary now, for any program that speaks NITRO.

Bodies go through piece by piece in both directions, however large they are.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from gatepair.errors import GatepairError, TlsUntrusted, Unreachable
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpStream
from gatepair.nitro.codes import Code
from gatepair_bridge.api.audit import log_change
from gatepair_bridge.api.faults import BadRequest, Forbidden, NothingHere
from gatepair_bridge.api.messages import Response, Scope
from gatepair_bridge.api.pairs import Addresses, named_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import ManagementAddress
    from gatepair_bridge.api.core import Bridge
    from gatepair_bridge.api.messages import Request

READS = frozenset({"GET", "HEAD"})
# Each request opens or ends a session of its own on the node, which changes nothing that the pair shares.
SESSION_PATHS = re.compile(r"v1/config/(login|logout)/?")
FORWARDED = frozenset(
    {
        "accept",
        "content-type",
        "content-encoding",
        "cookie",
        "x-nitro-user",
        "x-nitro-pass",
        "x-nitro-onerror",
        "x-nitro-saveconfig",
    }
)
RETURNED = frozenset(
    {
        "content-type",
        "content-length",
        "content-encoding",
        "content-disposition",
        "x-nitro-warning",
        "retry-after",
        "location",
    }
)
# Vendor clients carry their session in a request header of this name.
SESSION_HEADERS = frozenset({"cookie", "set-cookie", "x-nitro-user"})
KNOWN_FOR_S = 2.0
ERROR = 400
# An error is read whole, for it may say that the node is not primary; longer ones are no NITRO errors.
LONGEST_ERROR_BYTES = 65536


def pass_through(bridge: Bridge, request: Request) -> Response:
    """Hand a NITRO request to the primary and its answer back.

    Without credentials of its own the request goes with the bridge's, which takes the scope ``operate``.
    A write is sent once, to a node found primary just before. A read, or a request that certainly had no
    effect, is sent a second time when another node has become primary.
    """
    addresses = named_pair(bridge, request)
    rest = _checked(request.parameters["rest"])
    opens_session = SESSION_PATHS.fullmatch(rest) is not None
    writes = request.method not in READS and not opens_session
    own = bool(SESSION_HEADERS & request.headers.keys()) or opens_session
    if (writes or not (own or request.credentials)) and Scope.OPERATE not in request.caller.scopes:
        raise Forbidden(
            "Writing, or reading with the bridge's own credentials, needs the scope operate.",
            remedy="Use a token with that scope, or send the appliance's credentials along and only read.",
        )
    started = time.monotonic()
    attempt = _Attempt(bridge=bridge, request=request, addresses=addresses, rest=rest, own=own)
    with ExitStack() as held:
        if writes:
            held.enter_context(bridge.active.including(request.work))
            held.enter_context(bridge.exclusive(request, map(str, addresses)))
        node, answer = attempt.sent()
    response = _response(node, answer, request.path.removesuffix(rest).removesuffix("/nitro/"))
    if writes:
        log_change(request, "primaryNitro", response, time.monotonic() - started)
    return response


def under_own_name(bridge: Bridge, request: Request) -> Response:
    """Do the same for a program that knows a host and a port only: the host says which pair is meant."""
    pair = bridge.premises.aliases.pair_of(request.headers.get("host", ""))
    if pair is None:
        raise NothingHere(
            "No pair's primary is found under this host name.",
            remedy="Use /v1/pairs/{a},{b}/primary/nitro/, or add the host to primary_hosts.",
        )
    return pass_through(bridge, attrs.evolve(request, parameters={**request.parameters, "pair": pair}))


def _checked(rest: str) -> str:
    # Names are encoded twice on this path, and a dot segment must not climb out of it at any of the stages.
    if any(part in {".", ".."} for part in unquote(unquote(rest)).replace("\\", "/").split("/")):
        raise BadRequest("The path climbs out of /nitro/.", remedy="Send the path as the appliance knows it.")
    return rest


class _Rest:
    """What follows the first part of a long body; knows whether any of it was asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.begun = False

    def __iter__(self) -> Iterator[bytes]:
        self.begun = True
        yield from self._chunks


@attrs.frozen(kw_only=True)
class _Attempt:
    """One request on its way to the primary, and a second time if that is safe."""

    bridge: Bridge
    request: Request
    addresses: Addresses
    rest: str
    own: bool

    def sent(self) -> tuple[ManagementAddress, HttpStream]:
        """Send it; give the node that answered, and its answer."""
        reads = self.request.method in READS
        more = _Rest(self.request.more) if self.request.more is not None else None
        known_for_s = KNOWN_FOR_S if reads else 0.0
        node = self.bridge.primaries.find(self.addresses, self.request, known_for_s=known_for_s)
        answer = self._send(node, more)
        if _may_repeat(answer, reads=reads) and not (more and more.begun):
            now = self.bridge.primaries.find(self.addresses, self.request)
            # A node that is still primary and refuses has said its last word.
            if now != node or isinstance(answer, Breakdown):
                node, answer = now, self._send(now, more)
        if isinstance(answer, Breakdown):
            self.bridge.primaries.forget(map(str, self.addresses))
            raise _error(answer, node)
        return node, answer

    def _send(self, node: ManagementAddress, more: _Rest | None) -> HttpStream | Breakdown:
        content = itertools.chain((self.request.body,), more) if more else None
        answer = self.bridge.sessions.transport(node).stream(self._outgoing(node), content)
        return answer if isinstance(answer, Breakdown) or answer.status < ERROR else _read_whole(answer)

    def _outgoing(self, node: ManagementAddress) -> HttpRequest:
        request = self.request
        query = f"?{request.raw_query}" if request.raw_query else ""
        headers = {name: value for name, value in request.headers.items() if name in FORWARDED}
        headers["accept-encoding"] = request.headers.get("accept-encoding", "identity")
        if "set-cookie" in request.headers:
            headers.setdefault("cookie", request.headers["set-cookie"].partition(";")[0])
        if request.more is not None and "content-length" in request.headers:
            headers["content-length"] = request.headers["content-length"]
        if not self.own:
            headers |= self.bridge.sessions.credentials(node, request.credentials)
        return HttpRequest(
            method=request.method,
            target=f"/nitro/{self.rest}{query}",
            headers=headers,
            body=request.body or None,
            label=f"{request.method} passed through",
        )


def _may_repeat(answer: HttpStream | Breakdown, *, reads: bool) -> bool:
    if isinstance(answer, Breakdown):
        return reads or answer.kind is BreakdownKind.NOT_SENT
    return bool(answer.errorcode == Code.ONLY_ON_PRIMARY) if isinstance(answer, _Refusal) else False


@attrs.frozen(kw_only=True)
class _Refusal(HttpStream):
    """An error that was read whole."""

    errorcode: int = 0


def _read_whole(answer: HttpStream) -> HttpStream:
    start = b""
    for chunk in answer.chunks:
        start += chunk
        if len(start) > LONGEST_ERROR_BYTES:
            return attrs.evolve(answer, chunks=itertools.chain((start,), answer.chunks))
    answer.close()
    try:
        document: object = json.loads(start)
    except (ValueError, RecursionError):
        document = None
    errorcode: object = document.get("errorcode") if isinstance(document, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # whatever it is, only a number counts
    return _Refusal(
        status=answer.status,
        headers=answer.headers,
        chunks=iter((start,)),
        close=answer.close,
        errorcode=errorcode if isinstance(errorcode, int) else 0,
    )


def _error(breakdown: Breakdown, node: ManagementAddress) -> GatepairError:
    kind = TlsUntrusted if breakdown.kind is BreakdownKind.UNTRUSTED else Unreachable
    return kind(breakdown.detail or "no answer", node=node, step="pass through")


def _response(node: ManagementAddress, answer: HttpStream, prefix: str) -> Response:
    headers: dict[str, str] = {"gatepair-node": str(node)}
    cookies: list[str] = []
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            cookies.append(_moved(value, prefix))
        elif name.lower() in RETURNED:
            headers[name.lower()] = value
    return Response(status=answer.status, headers=headers, cookies=tuple(cookies), stream=answer)


def _moved(cookie: str, prefix: str) -> str:
    """Give a cookie the path under which the client reaches the appliance's own path."""
    return re.sub(r"(?i)(;\s*path=)/", lambda match: f"{match[1]}{prefix}/", cookie)
