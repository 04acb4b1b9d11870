"""One appliance's session: log in, carry the cookie, log in again when it ends, try again.

Everything here is a generator that yields what is to be done and is sent what came of it, so that
threads and asyncio drive the same conversation and tests need no network.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from gatepair.errors import AuthenticationRefused, GatepairError, SessionEnded, SessionLimitReached
from gatepair.nitro import calls
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import Call, HttpRequest, HttpResponse, Reply
from gatepair.nitro.codec import decode, encode
from gatepair.nitro.faults import Trouble, error_from, trouble_of
from gatepair.nitro.retry import next_pause_s

if TYPE_CHECKING:
    from gatepair.models import Credentials, ManagementAddress

SESSION_TIMEOUT_S: Final = 900
"""Idle seconds after which the appliance ends the session; the most a restricted one allows."""


@attrs.frozen
class Pause:
    """Let time pass before the next try."""

    seconds: float


@attrs.frozen
class LogIn:
    """Get a session, unless somebody got one since this cookie was used.

    The driver does it under a lock, so that parallel calls that meet an ended session log in once.
    """

    stale: str | None


Action: TypeAlias = HttpRequest | Pause | LogIn
Answer: TypeAlias = HttpResponse | Breakdown | None
Talk: TypeAlias = Generator[Action, Answer, Reply]


@attrs.define(kw_only=True)
class Session:
    """What is remembered of an appliance between calls.

    Attributes:
        node: The appliance.
        credentials: Who logs in; opened at the last moment.
        cookie: Session cookie, absent while logged out.
        refused: The error of a refused login: it is raised again instead of trying again.
    """

    node: ManagementAddress
    credentials: Credentials
    now: Callable[[], float]
    cookie: str | None = attrs.field(default=None, repr=False)
    refused: GatepairError | None = None


def converse(session: Session, call: Call) -> Talk:
    """Make one call: with a session, again when that is safe, as an error when it is final."""
    if session.cookie is None:
        yield LogIn(None)
    renewed = False
    attempt, start = 0, session.now()
    while True:
        cookie = session.cookie
        answer = yield from _exchange(call, cookie)
        trouble = trouble_of(answer)
        if trouble is None and isinstance(answer, Reply):
            return answer
        if _accepted_by_silence(call, answer):
            session.cookie = None
            return Reply(status=200, message="the connection closed after the request")
        if trouble is Trouble.SESSION_ENDED:
            if renewed:
                raise SessionEnded("the new session ended at once", node=session.node)
            renewed = True
            yield LogIn(cookie)
            continue
        yield from _pause_or_raise(session, call, answer, attempt, start)
        attempt += 1


def log_in(session: Session) -> Talk:
    """Open a session; refused credentials are remembered and never sent twice."""
    if session.refused is not None:
        raise session.refused
    call = calls.login(session.credentials.username, session.credentials.secret(), SESSION_TIMEOUT_S)
    attempt, start = 0, session.now()
    while True:
        answer = yield from _exchange(call, None)
        if isinstance(answer, Reply) and not answer.failed:
            return _opened(session, call, answer)
        try:
            yield from _pause_or_raise(session, call, answer, attempt, start)
        except SessionLimitReached:
            raise
        except AuthenticationRefused as refusal:
            session.refused = refusal
            raise
        attempt += 1


def log_out(session: Session) -> Talk:
    """End the session; what comes of it no longer matters."""
    cookie, session.cookie = session.cookie, None
    answer = yield from _exchange(calls.logout(), cookie)
    if isinstance(answer, Breakdown) or answer.failed:
        raise error_from(calls.logout(), answer, session.node)
    return answer


def _exchange(call: Call, cookie: str | None) -> Generator[Action, Answer, Reply | Breakdown]:
    answer = yield encode(call, cookie)
    if isinstance(answer, HttpResponse):
        return decode(call, answer)
    if answer is None:
        raise TypeError("a driver answers a request with a response or a breakdown")
    return answer


def _opened(session: Session, call: Call, reply: Reply) -> Reply:
    if reply.session is None:
        raise AuthenticationRefused("the login was answered without a session", node=session.node)
    if reply.errorcode != 0 and not reply.warned:
        raise error_from(call, reply, session.node)
    session.cookie = reply.session
    return reply


def _pause_or_raise(
    session: Session, call: Call, answer: Reply | Breakdown, attempt: int, start: float
) -> Generator[Action, Answer, None]:
    asked = answer.retry_after_s if isinstance(answer, Reply) else None
    pause = next_pause_s(
        trouble_of(answer) or Trouble.FINAL,
        replayable=call.replayable,
        attempt=attempt,
        elapsed_s=session.now() - start,
        asked_s=asked,
        jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    if pause is None:
        raise error_from(call, answer, session.node)
    yield Pause(pause)


def _accepted_by_silence(call: Call, answer: Reply | Breakdown) -> bool:
    """Whether a restart was accepted although the connection broke before the answer."""
    return (
        call.may_disconnect
        and isinstance(answer, Breakdown)
        and answer.kind in {BreakdownKind.BROKEN, BreakdownKind.TIMED_OUT}
    )
