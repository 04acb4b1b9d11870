"""Repeats, timeouts and lost answers: experiments E26 and E37."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import formatdate
from itertools import pairwise
from time import time
from typing import TYPE_CHECKING, Any

import pytest
from rest_server import DROP, Answer, RestServer, Seen, reply, silence
from terraform_lab import BASE, TerraformLab

from gatepair_bridge.provider.connections import Connections, Exchange

if TYPE_CHECKING:
    from gatepair_bridge.provider.transport import Response

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"
QUICK: dict[str, Any] = {"retries": {"max_retries": 3, "min_wait": 0.01, "max_wait": 0.02}}


@pytest.fixture
def nothing() -> Iterator[Callable[[Seen], Answer | None]]:
    """An answer that does not come as long as the test runs."""
    with silence() as say_nothing:
        yield say_nothing


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """How long each attempt may take; the first one really, the others all the time they need."""
    noted: list[float | None] = []
    exchange = Connections.exchange

    def exchanged(self: Connections, what: Exchange, timeout_s: float | None) -> Response:
        noted.append(timeout_s)
        return exchange(self, what, timeout_s if len(noted) == 1 else None)

    monkeypatch.setattr(Connections, "exchange", exchanged)
    return noted


@pytest.mark.experiment("E26")
def test_e26_waits_double_up_to_the_longest(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"retries": {"max_retries": 3, "min_wait": 0.2, "max_wait": 0.4}}
    api.on("POST", PATH, reply(503), reply(503), reply(503))
    tf.object()
    tf.applied()
    *posts, read = api.take()
    assert [request.line for request in posts] == [f"POST {PATH}"] * 4
    assert read.line == f"GET {ITEM}"
    for (before, after), wait in zip(pairwise(posts), (0.2, 0.4, 0.4), strict=True):
        assert after.at - before.at >= wait


@pytest.mark.experiment("E26")
@pytest.mark.parametrize("passing", [reply(429), reply(500), reply(502), reply(503), reply(504), DROP])
def test_e26_what_may_pass_is_asked_again(tf: TerraformLab, api: RestServer, passing: Answer) -> None:
    tf.provider = QUICK
    tf.object()
    tf.applied()
    api.take()
    api.on("GET", ITEM, passing)
    assert tf.plan().code == 0
    assert api.lines() == [f"GET {ITEM}"] * 2


@pytest.mark.experiment("E26", "E37")
def test_e26_no_answer_in_time_is_asked_again_and_each_attempt_has_the_whole_timeout(
    tf: TerraformLab,
    api: RestServer,
    nothing: Callable[[Seen], Answer | None],
    limits: list[float | None],
) -> None:
    tf.provider = QUICK
    tf.object()
    tf.applied()
    api.take()
    limits.clear()
    tf.provider = QUICK | {"timeout": 1}
    tf.object()
    api.on("GET", ITEM, nothing, reply(500))
    assert tf.plan().code == 0
    assert api.lines() == [f"GET {ITEM}"] * 3
    assert limits == [1, 1, 1]


@pytest.mark.experiment("E26")
@pytest.mark.parametrize("status", [400, 401, 403, 405, 409, 422, 501])
def test_e26_what_will_not_pass_is_asked_once(tf: TerraformLab, api: RestServer, status: int) -> None:
    tf.provider = QUICK
    tf.object()
    tf.applied()
    api.take()
    api.on("GET", ITEM, reply(status))
    assert tf.plan().code == 1
    assert api.lines() == [f"GET {ITEM}"]


@pytest.mark.experiment("E26")
def test_e26_updates_and_deletes_are_repeated(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK
    tf.object()
    tf.applied()
    api.take()
    api.on("PUT", ITEM, reply(500), DROP)
    tf.object(BASE | {"n": 2})
    tf.applied()
    assert api.lines() == [f"GET {ITEM}", *[f"PUT {ITEM}"] * 3, f"GET {ITEM}"]
    api.on("DELETE", ITEM, reply(502), reply(429))
    assert tf.destroy().code == 0
    assert api.lines() == [f"GET {ITEM}", *[f"DELETE {ITEM}"] * 3]


@pytest.mark.experiment("E26")
def test_e26_without_the_block_nothing_is_repeated(
    tf: TerraformLab, api: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REST_API_RETRY_MAX", "2")
    api.on("POST", PATH, reply(503), reply(503), reply(503), reply(503), reply(503))
    tf.object()
    assert tf.apply().code == 1
    assert api.lines() == [f"POST {PATH}"]
    tf.provider = {"retries": {"min_wait": 0.01}}  # with the block, the variable counts
    tf.object()
    assert tf.apply().code == 1
    assert api.lines() == [f"POST {PATH}"] * 3


@pytest.mark.experiment("E26")
def test_e26_a_create_is_not_repeated_blindly(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK
    api.on("POST", PATH, reply(500), reply(502), reply(500))
    tf.object()
    tf.applied()
    post, look = f"POST {PATH}", f"GET {ITEM}"
    assert api.lines() == [post, look, post, look, post, look, post, look]


@pytest.mark.experiment("E26")
def test_e26_a_create_that_had_worked_is_not_sent_again(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK

    def worked(_request: Seen) -> tuple[int, dict[str, str], bytes]:
        api.objects[ITEM] = BASE
        return reply(500)

    api.on("POST", PATH, worked)
    tf.object()
    tf.applied()
    assert api.lines() == [f"POST {PATH}", f"GET {ITEM}"]


@pytest.mark.experiment("E26")
def test_e26_without_an_id_only_a_refusal_is_repeated(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK | {"write_returns_object": True}
    api.on("POST", PATH, reply(429), reply(503), reply(201, {"id": "s1", "name": "n1"}))
    tf.object({"name": "n1"})
    tf.applied()
    assert api.lines() == [f"POST {PATH}"] * 3
    tf.destroy()
    api.take()
    api.on("POST", PATH, reply(500))
    assert tf.apply().code == 1
    assert api.lines() == [f"POST {PATH}"]


@pytest.mark.experiment("E26")
def test_e26_what_may_be_repeated_is_and_the_last_body_is_shown(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK
    tf.object()
    tf.applied()
    api.take()
    api.on("GET", ITEM, reply(500, {"n": 1}), reply(503), reply(429), reply(500, {"n": 4}))
    done = tf.plan()
    assert done.code == 1
    assert "unexpected response code '500': {\"n\": 4} (the last of 4 attempts)" in done.flat
    assert api.lines() == [f"GET {ITEM}"] * 4
    api.on("GET", ITEM, reply(501))
    assert tf.plan().code == 1
    assert api.lines() == [f"GET {ITEM}"]


@pytest.mark.experiment("E26")
def test_e26_retry_after_counts_beyond_the_longest_wait(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = QUICK
    in_two_seconds: list[Answer | Callable[[Seen], Answer]] = [
        reply(503, Retry_After="2"),
        lambda _request: reply(503, Retry_After=formatdate(time() + 2, usegmt=True)),
    ]
    for answer in in_two_seconds:
        api.on("POST", PATH, answer)
        tf.object()
        tf.applied()
        first, second, _ = api.take()
        assert second.at - first.at >= 0.9  # a date has whole seconds only
        tf.destroy()
        api.take()


@pytest.mark.experiment("E37")
def test_e37_a_timeout_ends_the_attempt(
    tf: TerraformLab,
    api: RestServer,
    nothing: Callable[[Seen], Answer | None],
    limits: list[float | None],
) -> None:
    tf.provider = {"timeout": 1}
    api.on("POST", PATH, nothing)
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert limits == [1, 1]
    assert "no answer within 1 s" in done.flat
    assert api.lines() == [f"POST {PATH}", f"GET {ITEM}"]
    assert tf.instance() is None


@pytest.mark.experiment("E37")
def test_e37_an_object_that_a_lost_create_made_is_found_and_saved(tf: TerraformLab, api: RestServer) -> None:
    def made(_request: Seen) -> None:
        api.objects[ITEM] = BASE | {"added": 1}

    api.on("POST", PATH, made)
    tf.object(ignore_server_additions=True)
    done = tf.applied()
    assert "Warning: The Answer To The Create Was Lost" in done.flat
    assert api.lines() == [f"POST {PATH}", f"GET {ITEM}"]
    assert not tf.is_tainted()
    assert tf.plan().code == 0


def test_a_lost_create_does_not_take_over_an_object_that_differs(tf: TerraformLab, api: RestServer) -> None:
    api.objects[ITEM] = BASE | {"name": "of somebody else"}
    api.on("POST", PATH, DROP)
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert "import it if it is there" in done.flat
    assert tf.instance() is None


@pytest.mark.experiment("E37")
@pytest.mark.parametrize(("timeout", "limit"), [({}, 60.0), ({"timeout": 0}, None), ({"timeout": 7.5}, 7.5)])
def test_e37_how_long_an_attempt_may_take(
    tf: TerraformLab, limits: list[float | None], timeout: dict[str, Any], limit: float | None
) -> None:
    tf.provider = timeout
    tf.object()
    tf.applied()
    assert limits == [limit, limit]
