"""Sessions: log in, reuse, renew, log out; over a scripted transport, in threads and under asyncio."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from fake_runner import FakeClock

from gatepair import errors
from gatepair.models import Credentials, ManagementAddress, Secret, SecretReference
from gatepair.nitro import calls
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import Call, HttpRequest, HttpResponse, Reply
from gatepair.nitro.channel import AsyncChannel, Channel
from gatepair.nitro.conversation import Session
from gatepair.nitro.decoding import read
from gatepair.nitro.resources.ha import HaNode

NODE = ManagementAddress.parse("192.0.2.11")
Answer = HttpResponse | Breakdown
LOGIN = "POST config/login"
LOGOUT = "POST config/logout"
GET = "GET config/hanode"
RESET = Breakdown(kind=BreakdownKind.BROKEN, detail="reset")
REFUSED = Breakdown(kind=BreakdownKind.NOT_SENT, detail="refused")


def said(code: int = 0, status: int = 200, **more: object) -> HttpResponse:
    severity = "ERROR" if code else "NONE"
    body = {"errorcode": code, "message": "m", "severity": severity, **more}
    return HttpResponse(status=status, body=json.dumps(body).encode())


def session_of(token: str) -> HttpResponse:
    return said(0, 201, sessionid=token)


@attrs.define
class Script:
    """Answers requests in turn and keeps what was asked."""

    answers: list[Answer]
    asked: list[str] = attrs.field(factory=list)
    cookies: list[str] = attrs.field(factory=list)
    closed: bool = False

    def take(self, request: HttpRequest) -> Answer:
        self.asked.append(request.label)
        self.cookies.append(request.headers.get("Cookie", "").partition("=")[2])
        return self.answers.pop(0)


class Threaded:
    def __init__(self, script: Script) -> None:
        self._script = script

    def send(self, request: HttpRequest) -> Answer:
        return self._script.take(request)

    def close(self) -> None:
        self._script.closed = True


class Tasked:
    def __init__(self, script: Script) -> None:
        self._script = script

    async def send(self, request: HttpRequest) -> Answer:
        await asyncio.sleep(0)
        return self._script.take(request)

    async def close(self) -> None:
        self._script.closed = True


@attrs.define
class Face:
    """One face of a channel, driven alike in both."""

    script: Script
    session: Session
    clock: FakeClock
    perform: Callable[[Call], Reply]
    close: Callable[[], None]


def _session(clock: FakeClock, password: Secret | SecretReference) -> Session:
    return Session(node=NODE, credentials=Credentials(password=password), now=clock.now)


MakeFace = Callable[..., Face]


@pytest.fixture(params=["threads", "asyncio"])
def face(request: pytest.FixtureRequest) -> MakeFace:
    def make(*answers: Answer, password: Secret | SecretReference | None = None) -> Face:
        script, clock = Script(list(answers)), FakeClock()
        session = _session(clock, password or Secret("canary-password"))
        if request.param == "threads":
            channel = Channel(session, Threaded(script), clock)
            return Face(script, session, clock, channel.perform, channel.close)
        tasks = AsyncChannel(session, Tasked(script), clock)
        return Face(
            script,
            session,
            clock,
            lambda call: asyncio.run(tasks.perform(call)),
            lambda: asyncio.run(tasks.close()),
        )

    return make


def test_one_login_serves_many_calls(face: MakeFace) -> None:
    it = face(session_of("##A"), said(), said(), said())
    it.perform(read(HaNode))
    it.perform(read(HaNode))
    it.close()
    assert it.script.asked == [LOGIN, GET, GET, LOGOUT]
    assert it.script.cookies == ["", "%23%23A", "%23%23A", "%23%23A"]
    assert it.script.closed


def test_nothing_to_log_out_of(face: MakeFace) -> None:
    it = face()
    it.close()
    assert it.script.asked == []
    assert it.script.closed


@pytest.mark.parametrize(
    "ended", [said(444, 401), said(1027, 401), said(444, 200), HttpResponse(status=401, body=b"")]
)
def test_an_ended_session_is_renewed_and_the_call_repeated(face: MakeFace, ended: HttpResponse) -> None:
    it = face(session_of("a"), ended, session_of("b"), said())
    it.perform(calls.add_peer("192.0.2.12", "DISABLED"))
    assert it.script.asked == [LOGIN, "POST config/hanode", LOGIN, "POST config/hanode"]
    assert it.script.cookies[-1] == "b"


def test_a_session_that_ends_at_once_is_an_error(face: MakeFace) -> None:
    it = face(session_of("a"), said(444, 401), session_of("b"), said(444, 401))
    with pytest.raises(errors.SessionEnded):
        it.perform(read(HaNode))


def test_a_refused_password_is_sent_once(face: MakeFace) -> None:
    it = face(said(354, 401))
    for _ in range(3):
        with pytest.raises(errors.LoginRefused) as caught:
            it.perform(read(HaNode))
        assert caught.value.node == str(NODE)
        assert "canary" not in str(caught.value)
    assert it.script.asked == [LOGIN]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1046, errors.PasswordChangeRequired),
        (1047, errors.DefaultPasswordRefused),
        (1034, errors.LoginChallenged),
        (1045, errors.AuthenticationRefused),
    ],
)
def test_a_login_that_needs_a_person_is_an_error(face: MakeFace, code: int, kind: type[Exception]) -> None:
    it = face(said(code, 401))
    with pytest.raises(kind):
        it.perform(read(HaNode))


def test_a_login_without_a_session_is_an_error(face: MakeFace) -> None:
    with pytest.raises(errors.AuthenticationRefused, match="without a session"):
        face(said(0, 201)).perform(read(HaNode))


def test_a_password_that_is_nowhere_is_an_error_before_anything_is_sent(face: MakeFace) -> None:
    it = face(password=SecretReference("env:GATEPAIR_NO_SUCH_VARIABLE"))
    with pytest.raises(errors.SecretUnavailable):
        it.perform(read(HaNode))
    assert it.script.asked == []


def test_a_login_at_the_limit_of_sessions_waits(face: MakeFace) -> None:
    it = face(said(446, 599), session_of("a"), said())
    it.perform(read(HaNode))
    assert it.script.asked == [LOGIN, LOGIN, GET]
    assert it.clock.time > 1000


@pytest.mark.parametrize("code", [293, 603, 1461])
def test_a_busy_appliance_is_waited_for(face: MakeFace, code: int) -> None:
    it = face(session_of("a"), said(code, 599), said(code, 599), said(0, 200))
    it.perform(calls.save())
    assert it.script.asked[1:] == ["POST config/nsconfig?action=save"] * 3


def test_a_broken_read_is_repeated(face: MakeFace) -> None:
    it = face(session_of("a"), RESET, said())
    it.perform(read(HaNode))
    assert it.script.asked == [LOGIN, GET, GET]


def test_a_broken_add_is_not(face: MakeFace) -> None:
    it = face(session_of("a"), RESET)
    with pytest.raises(errors.Unreachable):
        it.perform(calls.add_peer("192.0.2.12", "DISABLED"))


def test_an_appliance_that_is_not_there_is_told_at_once(face: MakeFace) -> None:
    it = face(REFUSED)
    with pytest.raises(errors.Unreachable):
        it.perform(read(HaNode))
    assert it.clock.time == 1000


def test_a_restart_may_break_the_connection(face: MakeFace) -> None:
    it = face(session_of("a"), RESET)
    assert not it.perform(calls.restart()).failed
    assert it.session.cookie is None


def test_a_restart_that_was_never_sent_is_an_error(face: MakeFace) -> None:
    with pytest.raises(errors.Unreachable):
        face(session_of("a"), REFUSED).perform(calls.restart())


def test_a_failing_logout_still_closes(face: MakeFace) -> None:
    it = face(session_of("a"), said(), RESET)
    it.perform(read(HaNode))
    with pytest.raises(errors.Unreachable):
        it.close()
    assert it.script.closed


def test_parallel_calls_that_meet_an_ended_session_log_in_once() -> None:
    """All eight threads are refused with the first cookie; one of them renews it for all."""
    clock, asked, lock = FakeClock(), [], threading.Lock()
    gate = threading.Barrier(8)

    class Server:
        def send(self, request: HttpRequest) -> Answer:
            cookie = request.headers.get("Cookie", "").partition("=")[2]
            with lock:
                asked.append(request.label)
                number = asked.count(LOGIN)
            if request.label == LOGIN:
                return session_of(f"s{number}")
            if cookie == "s1":
                gate.wait(timeout=30)
                return said(444, 401)
            return said()

        def close(self) -> None:
            pass

    channel = Channel(_session(clock, Secret("x")), Server(), clock)
    channel.open()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(channel.perform, [read(HaNode)] * 8))
    assert asked.count(LOGIN) == 2


def test_no_secret_shows_in_what_is_kept(face: MakeFace) -> None:
    it = face(session_of("canary-token"), said())
    it.perform(read(HaNode))
    assert "canary" not in repr(it.session)


def test_both_faces_have_the_same_surface() -> None:
    assert _surface(Channel) == _surface(AsyncChannel)


def _surface(kind: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(member).parameters)
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
