"""Users at a real socket: what they see, what an outage is, and that their secrets stay theirs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_gateway import COOKIE, NAME, PASSWORD, TOKEN, Asked, Reply, SmallGateway, logon_pages
from waiting import until

from gatepair.errors import InvalidInput, LocalFileError, SecretUnavailable
from gatepair.models import Credentials, Secret, SecretReference
from gatepair.probes import (
    Answer,
    Outcome,
    Probe,
    Stopwatch,
    Target,
    Watch,
    all_outages,
    outages,
    sign_in_once,
)
from gatepair.probes.cookies import Cookies

# How long one attempt may take on a busy machine; nothing here waits for it to be over.
PATIENCE_S = 20.0
USER = Credentials(username="alice", password=Secret(PASSWORD))


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    # Bound here as well, but not listening: nobody else gets the port while no gateway is there.
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours.bind(("127.0.0.1", 0))
        with SmallGateway(port=ours.getsockname()[1]) as gateway:
            yield gateway


@pytest.fixture
def target(gateway: SmallGateway, tmp_path: Path) -> Target:
    gateway.authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return Target("127.0.0.1", gateway.port, NAME, tmp_path / "ca.pem")


def watch(target: Target, **options: Any) -> Watch:
    return Watch(target, **({"interval_s": 0.02, "user": USER, "timeout_s": PATIENCE_S} | options))


def answers_of(watch: Watch, probe: Probe) -> list[Answer]:
    return [answer for answer in watch.answers if answer.probe is probe]


# -- what users see -------------------------------------------------------------------------------


def test_four_users_at_once_are_served_under_the_gateways_own_name(
    gateway: SmallGateway, target: Target
) -> None:
    with watch(target) as users:
        until(lambda: users.served() and len(answers_of(users, Probe.KEPT)) > 2, "all are served")
    assert users.outages() == ()
    assert users.longest_s == 0.0
    assert {answer.probe for answer in users.answers} == set(Probe)
    assert {asked.host for asked in gateway.asked} == {f"{NAME}:{gateway.port}"}
    assert {answer.connection for answer in answers_of(users, Probe.KEPT)} == {1}
    assert sum(asked.path == "/cgi/login" for asked in gateway.asked) == 1
    # Whoever only looks at the logon page may come later still.
    signed_in = [asked.path for asked in gateway.asked if asked.path != "/"]
    assert signed_in[-1] in {"/cgi/logout", "/logon"}, "the user signs out in the end"
    assert not users.running


def test_nobody_signs_in_without_a_user(gateway: SmallGateway, target: Target) -> None:
    with watch(target, user=None) as users:
        until(users.served, "served")
    assert Probe.SESSION not in users.probes
    assert all(asked.path == "/" for asked in gateway.asked)


def test_the_node_that_names_itself_is_known(gateway: SmallGateway, target: Target) -> None:
    gateway.answering = lambda _: Reply(headers=(("X-Gatepair-Address", "192.0.2.11"),))
    with watch(target, probes=(Probe.REQUEST,)) as users:
        until(users.served, "served")
    assert users.answers[0].node == "192.0.2.11"


def test_an_outage_is_seen_by_every_user_and_ends(gateway: SmallGateway, target: Target) -> None:
    with watch(target) as users:
        until(users.served, "served")
        gateway.close()
        until(lambda: {one.probe for one in users.outages()} == set(Probe), "everybody notices")
        assert not users.served()
        assert users.longest_s > 0
        with SmallGateway(port=gateway.port, trust=gateway._context):
            until(users.served, "served again")
            found = users.outages()
    assert all(outage.ended is not None and outage.detail for outage in found)
    assert {answer.connection for answer in answers_of(users, Probe.KEPT) if answer.ok} == {1, 2}
    assert {answer.connection for answer in answers_of(users, Probe.SESSION) if answer.ok} == {1}, (
        "the session lives on"
    )


def test_a_user_whose_session_is_gone_signs_in_again(gateway: SmallGateway, target: Target) -> None:
    forgotten = iter([True])

    def forgetful(asked: Asked) -> Reply:
        if asked.path == "/portal" and len(signed_in()) == 1 and next(forgotten, False):
            return Reply(302, (("Location", "/logon"),))
        return logon_pages(asked)

    def signed_in() -> list[Asked]:
        return [asked for asked in gateway.asked if asked.path == "/cgi/login"]

    gateway.answering = forgetful
    with watch(target, probes=(Probe.SESSION,)) as users:
        until(lambda: len(signed_in()) == 2 and users.served(), "signed in again")
    assert [one.outcome for one in users.answers].count(Outcome.SIGNED_OUT) == 1


def test_a_refused_password_is_never_repeated(gateway: SmallGateway, target: Target) -> None:
    wrong = Credentials(username="alice", password=Secret("wrong"))
    with watch(target, user=wrong, probes=(Probe.SESSION,)) as users:
        until(lambda: len(users.answers) > 5, "several attempts")
    assert sum(asked.path == "/cgi/login" for asked in gateway.asked) == 1
    assert {answer.outcome for answer in users.answers} == {Outcome.SIGNED_OUT}
    assert "refused" in users.answers[-1].detail


@pytest.mark.parametrize(
    ("reply", "outcome", "detail"),
    [
        (Reply(503), Outcome.BAD_ANSWER, "HTTP 503 at /"),
        (Reply(401), Outcome.UNAUTHORIZED, "HTTP 401 at /"),
        (Reply(0), Outcome.NO_ANSWER, "the connection broke"),
        (Reply(302, (("Location", "/"),)), Outcome.NO_ANSWER, "it redirects in a circle"),
        (Reply(302, (("Location", "https://login.example.org/saml"),)), Outcome.SERVED, ""),
        (Reply(body=b"x" * (2 << 20)), Outcome.NO_ANSWER, "the page is too long"),
    ],
)
def test_what_an_answer_means(
    gateway: SmallGateway, target: Target, reply: Reply, outcome: Outcome, detail: str
) -> None:
    gateway.answering = lambda _: reply
    with watch(target, probes=(Probe.REQUEST,)) as users:
        until(lambda: bool(users.answers), "one answer")
    assert (users.answers[0].outcome, users.answers[0].detail) == (outcome, detail)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"server_name": "other.example.net"}, "its certificate is not trusted"),
        ({"ca_file": None}, "its certificate is not trusted"),
        ({"address": "127.0.0.1", "port": 1}, "connection refused"),
        ({"address": "a" * 300}, "UnicodeError"),
    ],
)
def test_why_there_is_no_answer(target: Target, changes: dict[str, Any], detail: str) -> None:
    import attrs

    with watch(attrs.evolve(target, **changes), probes=(Probe.REQUEST,)) as users:
        until(lambda: bool(users.answers), "one answer")
    assert users.answers[0].outcome is Outcome.NO_ANSWER
    assert users.answers[0].detail.startswith(detail)


def test_signing_in_once(gateway: SmallGateway, target: Target) -> None:
    answer = sign_in_once(target, USER, Stopwatch(), timeout_s=PATIENCE_S)
    assert answer.ok
    assert [asked.path for asked in gateway.asked] == ["/cgi/login", "/portal", "/cgi/logout", "/logon"]


def test_a_401_behind_the_logon_is_not_a_refused_password(gateway: SmallGateway, target: Target) -> None:
    gateway.answering = lambda asked: Reply(401) if asked.path == "/portal" else logon_pages(asked)
    answer = sign_in_once(target, USER, Stopwatch(), timeout_s=PATIENCE_S)
    assert (answer.outcome, answer.status, answer.detail) == (Outcome.UNAUTHORIZED, 401, "401 at /portal")


def test_a_gateway_without_the_classic_form(gateway: SmallGateway, target: Target) -> None:
    gateway.answering = lambda _: Reply(404)
    assert "no logon form" in sign_in_once(target, USER, Stopwatch(), timeout_s=PATIENCE_S).detail


def test_secrets_are_sent_and_shown_nowhere(gateway: SmallGateway, target: Target) -> None:
    with watch(target) as users:
        until(users.served, "served")
        gateway.answering = lambda _: Reply(0)
        until(lambda: not users.served(), "not served")
    assert any(asked.form.get("passwd") == [PASSWORD] for asked in gateway.asked)
    said = repr(users.answers) + repr([answer.to_dict() for answer in users.answers]) + repr(vars(users))
    assert PASSWORD not in said
    assert TOKEN not in said


# -- what cannot be meant -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [{"address": " "}, {"port": 0}, {"port": 65536}, {"path": "logon"}, {"path": "/a b"}, {"path": "/\n"}],
)
def test_a_target_that_cannot_be_meant(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Target(**({"address": "192.0.2.20"} | values))


@pytest.mark.parametrize("values", [{"interval_s": 0.0}, {"timeout_s": float("inf")}, {"interval_s": -1}])
def test_a_pace_that_cannot_be_meant(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Watch(Target("192.0.2.20"), **values)


def test_what_is_missing_is_told_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(LocalFileError, match="ca"):
        Watch(Target("192.0.2.20", ca_file=tmp_path / "ca.pem"))
    lost = Credentials(username="alice", password=SecretReference(f"file:{tmp_path}/none"))
    with pytest.raises(SecretUnavailable):
        Watch(Target("192.0.2.20"), user=lost)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (Target("192.0.2.20"), "192.0.2.20"),
        (Target("192.0.2.20", 8443, NAME), f"{NAME}:8443"),
        (Target("2001:db8::20", 8443), "[2001:db8::20]:8443"),
    ],
)
def test_what_a_target_is_asked_for(target: Target, host: str) -> None:
    assert target.host == host


# -- cookies --------------------------------------------------------------------------------------


def test_cookies_are_kept_replaced_and_forgotten() -> None:
    cookies = Cookies()
    cookies.learn([f"{COOKIE}=one; Path=/; Secure", "theme=dark; Max-Age=60", "=nameless"])
    assert cookies.header() == f"{COOKIE}=one; theme=dark"
    cookies.learn(
        [f"{COOKIE}=two", "theme=x; expires=Wed, 09-Nov-1999 23:12:40 GMT", "other=1; expires=soon"]
    )
    assert cookies.header() == f"{COOKIE}=two; other=1"
    cookies.learn([f"{COOKIE}=xyz; Max-Age=0"])
    assert COOKIE not in cookies
    assert "two" not in repr(cookies)


# -- outages --------------------------------------------------------------------------------------


@st.composite
def series(draw: st.DrawFn, probe: Probe = Probe.REQUEST) -> list[Answer]:
    """Attempts of one kind, one after the other, with pauses between."""
    now = draw(st.floats(0, 10))
    found: list[Answer] = []
    for ok in draw(st.lists(st.booleans(), max_size=30)):
        began = now + draw(st.floats(0.01, 1))
        now = began + draw(st.floats(0.001, 1))
        outcome = Outcome.SERVED if ok else Outcome.NO_ANSWER
        found.append(Answer(began=began, ended=now, probe=probe, outcome=outcome))
    return found


@given(series())
def test_outages_hold_exactly_the_failed_attempts(answers: list[Answer]) -> None:
    found = outages(answers)
    assert sum(outage.failed for outage in found) == sum(not answer.ok for answer in answers)
    for answer in answers:
        inside = [one for one in found if one.began <= answer.began and answer.ended <= (one.ended or 1e9)]
        if not answer.ok:
            assert len(inside) == 1


@given(series())
def test_an_outage_lies_within_its_bounds(answers: list[Answer]) -> None:
    for outage in outages(answers):
        assert outage.shortest_s >= 0
        assert outage.so_far_s >= outage.shortest_s
        if outage.longest_s is not None and outage.seconds is not None:
            assert outage.shortest_s <= outage.seconds <= outage.longest_s


@given(series())
def test_only_the_last_outage_may_be_unended(answers: list[Answer]) -> None:
    found = outages(answers)
    unended = [outage for outage in found if outage.ended is None]
    assert unended == (list(found[-1:]) if answers and not answers[-1].ok else [])


@given(series(Probe.REQUEST), series(Probe.KEPT))
def test_probes_do_not_disturb_each_other(first: list[Answer], second: list[Answer]) -> None:
    mixed = sorted([*first, *second], key=lambda answer: answer.ended)
    assert sorted(all_outages(mixed), key=repr) == sorted([*outages(first), *outages(second)], key=repr)
