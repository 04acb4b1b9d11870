"""The four kinds of attempts, each made again and again by one thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from gatepair.probes.answers import Answer, Outcome, Probe
from gatepair.probes.exchange import Allowance, Line, Page, Unanswered, close_quietly, connect
from gatepair.probes.logon import Seen, User

if TYPE_CHECKING:
    import ssl

    from gatepair.models import Credentials
    from gatepair.probes.target import Target

Clock = Callable[[], float]
_SUCCESS = range(200, 400)


class Attempt(Protocol):
    """A user who tries one thing, again and again."""

    def once(self) -> Answer:
        """Try once; whatever happens is an answer."""
        ...

    def close(self) -> None:
        """Leave in good order."""
        ...


class Trial:
    """What all attempts share: the target, the clock and the time each may take."""

    probe: Probe

    def __init__(self, target: Target, trust: ssl.SSLContext, clock: Clock, timeout_s: float) -> None:
        self._target = target
        self._trust = trust
        self._clock = clock
        self._timeout_s = timeout_s

    def once(self) -> Answer:
        """Try once; whatever happens is an answer."""
        began = self._clock()
        try:
            seen = self._try(Allowance.of(self._timeout_s))
        except Unanswered as problem:
            self._lost()
            seen = Seen(outcome=Outcome.NO_ANSWER, detail=str(problem))
        return Answer(
            began=began,
            ended=self._clock(),
            probe=self.probe,
            outcome=seen.outcome,
            node=seen.node,
            status=seen.status,
            connection=self._serial(),
            detail=seen.detail,
        )

    def close(self) -> None:
        """Leave in good order."""

    def _try(self, allowance: Allowance) -> Seen:
        raise NotImplementedError

    def _lost(self) -> None:
        """There was no answer."""

    def _serial(self) -> int:
        return 0

    def _line(self, allowance: Allowance) -> Line:
        return Line(self._target, self._trust, allowance)


class Connect(Trial):
    """Opens a TCP connection and closes it again."""

    probe = Probe.CONNECT

    def _try(self, allowance: Allowance) -> Seen:
        connect(self._target, allowance).close()
        return Seen(outcome=Outcome.SERVED)


class Request(Trial):
    """Asks for the logon page on a new connection, as a new user does."""

    probe = Probe.REQUEST

    def _try(self, allowance: Allowance) -> Seen:
        with self._line(allowance) as line:
            return _judged(line.fetch(self._target.path, allowance))


class Kept(Trial):
    """Asks for the same page on one connection, and opens another one only when that has broken."""

    probe = Probe.KEPT

    def __init__(self, target: Target, trust: ssl.SSLContext, clock: Clock, timeout_s: float) -> None:
        super().__init__(target, trust, clock, timeout_s)
        self._open: Line | None = None
        self._opened = 0

    def close(self) -> None:
        """Close the connection."""
        self._lost()

    def _try(self, allowance: Allowance) -> Seen:
        if self._open is None:
            self._open = self._line(allowance)
            self._opened += 1
        page = self._open.fetch(self._target.path, allowance)
        if not page.keeps:
            self._lost()
        return _judged(page)

    def _lost(self) -> None:
        close_quietly(self._open)
        self._open = None

    def _serial(self) -> int:
        return self._opened


class Session(Trial):
    """Signs in once and looks again and again whether that still holds."""

    probe = Probe.SESSION

    def __init__(
        self, target: Target, trust: ssl.SSLContext, clock: Clock, timeout_s: float, user: Credentials
    ) -> None:
        super().__init__(target, trust, clock, timeout_s)
        self._user = User(user)
        self._sign_ins = 0
        self._refused: Seen | None = None

    def close(self) -> None:
        """Sign out, if the gateway answers."""
        if self._user.signed_in:
            allowance = Allowance.of(self._timeout_s)
            with contextlib.suppress(Unanswered), self._line(allowance) as line:
                self._user.sign_out(line, allowance)

    def _try(self, allowance: Allowance) -> Seen:
        if self._refused is not None:
            return self._refused
        with self._line(allowance) as line:
            if self._user.signed_in:
                return self._user.look(line, allowance)
            seen = self._user.sign_in(line, allowance)
        self._sign_ins += 1
        if seen.final:
            self._refused = seen
        return seen

    def _serial(self) -> int:
        return self._sign_ins


def sign_in_once(
    target: Target, user: Credentials, clock: Clock, *, timeout_s: float, trust: ssl.SSLContext | None = None
) -> Answer:
    """Sign in anew, as a user does who comes just now, look at the page that follows, and sign out."""
    attempt = Session(target, trust or target.trust(), clock, timeout_s, user)
    try:
        return attempt.once()
    finally:
        attempt.close()


def _judged(page: Page) -> Seen:
    """Return what a page means to somebody who only wants to see the logon page."""
    if page.status in _SUCCESS:
        return Seen(outcome=Outcome.SERVED, status=page.status, node=page.node)
    outcome = Outcome.UNAUTHORIZED if page.status == HTTPStatus.UNAUTHORIZED else Outcome.BAD_ANSWER
    detail = f"HTTP {page.status} at {page.path}"
    return Seen(outcome=outcome, status=page.status, node=page.node, detail=detail)
