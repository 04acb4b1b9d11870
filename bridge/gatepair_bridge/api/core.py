"""The bridge itself: takes a request, finds its route, keeps order among changes, answers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from gatepair_bridge.api.audit import log_access, log_change
from gatepair_bridge.api.faults import BadRequest, Forbidden
from gatepair_bridge.api.locks import ChangeLocks, Holder
from gatepair_bridge.api.metrics import Metrics
from gatepair_bridge.api.operations import Operations
from gatepair_bridge.api.policy import AllowAll, Policy
from gatepair_bridge.api.preferences import Preferences
from gatepair_bridge.api.premises import Premises
from gatepair_bridge.api.primaries import Primaries
from gatepair_bridge.api.problems import problem_of, problem_response
from gatepair_bridge.api.replies import RememberedReplies
from gatepair_bridge.api.routes import ROUTES
from gatepair_bridge.api.routing import RouteTable
from gatepair_bridge.api.work import ActiveWork

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Request, Response
    from gatepair_bridge.api.routing import Match, Route
    from gatepair_bridge.api.sessions import Sessions

log = logging.getLogger("gatepair_bridge")
TABLE = RouteTable(ROUTES)


class Bridge:
    """Answers requests about pairs; knows no HTTP framework and may be called from many threads.

    Args:
        sessions: Opens conversations with appliances.
        policy: What requests may name; everything, if absent.
        busy_wait_s: Seconds a change waits for another of the same appliances before it is refused.
        premises: What the operator set up beside the appliances.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        policy: Policy | None = None,
        busy_wait_s: float = 0.0,
        premises: Premises | None = None,
    ) -> None:
        self.sessions = sessions
        self.policy: Policy = policy or AllowAll()
        self.premises = premises or Premises()
        self.locks = ChangeLocks(busy_wait_s)
        self.operations = Operations()
        self.active = ActiveWork()
        self.metrics = Metrics()
        self.replies = RememberedReplies()
        self.primaries = Primaries(sessions)
        # Whoever closes the bridge a second time waits for the first.
        self._closing = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Answer a request; never raises for anything a caller can do."""
        started = time.monotonic()
        name = "unknown"
        try:
            match = TABLE.match(request.method, request.path)
            name = match.route.name
            response = self._answer(match, attrs.evolve(request, parameters=match.parameters))
        except Exception as error:  # noqa: BLE001 - the outermost frame: whatever it is becomes a problem document
            response = self._problem(error, request)
        seconds = time.monotonic() - started
        self.metrics.answered(name, request.method, response.status, seconds)
        log_access(request, name, response, seconds)
        return response

    @contextmanager
    def exclusive(
        self, request: Request, appliances: Iterable[str], *, brief: bool = False
    ) -> Generator[None]:
        """Hold the appliances while the block changes them; the request is valid and begins now.

        Args:
            request: Who wants it.
            appliances: Their management addresses.
            brief: It takes seconds, and waits for others of the kind.

        Raises:
            ChangeUnderWay: Another change holds one of them.
            Unavailable: The bridge is stopping.
        """
        held = frozenset(appliances)
        what = f"{request.method} {request.path}"
        with self.locks.hold(held, Holder(who=request.caller.name, what=what, brief=brief)):
            request.work.begin()
            try:
                yield
            finally:
                self.primaries.forget(held)

    def refuse_changes(self) -> None:
        """Take on no more changes; those under way go on."""
        self.active.refuse_more()
        self.locks.close()

    def stop(self, *, grace_s: float = 0.0, stop_s: float = 30.0) -> None:
        """Let changes under way finish for a while, then stop them between two steps; reads go on.

        Args:
            grace_s: Seconds to let them finish.
            stop_s: Seconds to let them come to their next step after that.
        """
        with self._closing:
            self.refuse_changes()
            self.active.wait_until_idle(grace_s)
            self.active.cancel_all("The bridge is stopping.")
            self.active.wait_until_idle(stop_s)

    def close(self, *, grace_s: float = 0.0, stop_s: float = 30.0) -> None:
        """Stop, and let go of the connections to the appliances."""
        self.stop(grace_s=grace_s, stop_s=stop_s)
        self.sessions.close()

    def _answer(self, match: Match, request: Request) -> Response:
        route = match.route
        _check_scope(route, request)
        _check_query(route, request)
        if not route.changes or request.flag("dry_run"):
            return route.handler(self, request)
        with self.replies.once(request) as reply:
            if reply.known is None:
                reply.known = self._start(route, request)
            return reply.known

    def _start(self, route: Route, request: Request) -> Response:
        preferences = Preferences.of(request)
        if preferences.respond_async:
            return self.operations.start(
                request, lambda asked: self._change(route, asked), wait_s=preferences.wait_s
            )
        return self._change(route, request)

    def _change(self, route: Route, request: Request) -> Response:
        started = time.monotonic()
        try:
            with self.active.including(request.work):
                response = route.handler(self, request)
        except Exception as error:  # noqa: BLE001 - may run in a thread of its own, where nobody else catches
            response = self._problem(error, request)
        log_change(request, route.name, response, time.monotonic() - started)
        return response

    def _problem(self, error: Exception, request: Request) -> Response:
        problem = problem_of(error, own_credentials=request.credentials is not None)
        if problem.unexpected:
            # The text of an unforeseen error may hold anything, so only its kind and place are logged.
            log.error("unexpected %s", type(error).__name__, extra={"data": {"place": problem.place}})
        return problem_response(problem)


def _check_scope(route: Route, request: Request) -> None:
    # Asking what a change would do is looking.
    needed = "read" if route.changes and request.query.get("dry_run") == "true" else route.scope
    if needed is not None and needed not in request.caller.scopes:
        raise Forbidden(
            f'"{request.caller.name}" has no scope "{needed}".',
            remedy=f'Use a token with the scope "{needed}".',
            headers={
                "www-authenticate": f'Bearer realm="gatepair", error="insufficient_scope", scope="{needed}"'
            },
        )


def _check_query(route: Route, request: Request) -> None:
    if route.open_query:
        return
    known = {parameter.name: parameter for parameter in route.query}
    for name, value in request.query.items():
        if name not in known:
            raise BadRequest(
                f'The query parameter "{name}" is not known here.',
                key=name,
                remedy=f"Known here: {', '.join(sorted(known)) or 'none'}.",
            )
        choices = known[name].choices
        if choices and value not in choices:
            raise BadRequest(
                f'The query parameter "{name}" cannot be "{value}".',
                key=name,
                remedy=f"Give one of: {', '.join(choices)}.",
            )
