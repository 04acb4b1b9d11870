"""The way to the primary: what is sent where, how often, and that nothing on the way is held in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any, Self

import attrs
import pytest
from bridge_fakes import PAIR_PATH, A, B
from hypothesis import given
from hypothesis import strategies as st

from gatepair.config import Connections, Settings
from gatepair.errors import Unreachable
from gatepair.models import ManagementAddress, Secret
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpStream
from gatepair_bridge.api.app import BridgeApp, create_app
from gatepair_bridge.api.faults import BadRequest
from gatepair_bridge.api.messages import Caller, Request
from gatepair_bridge.api.primaries import Primaries
from gatepair_bridge.api.primary import _checked, _moved
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.api.work import Work
from gatepair_bridge.settings import BridgeSettings, read_settings

PATH = f"{PAIR_PATH}/primary/nitro/v1/config/nsip"
CHUNK = bytes(65536)


@pytest.mark.parametrize(
    "rest", ["..", "v1/../x", "v1/%2e%2e/x", "v1/%252e%252e%252fx", "v1\\..\\x", "v1/./x"]
)
def test_no_path_climbs_out(rest: str) -> None:
    with pytest.raises(BadRequest):
        _checked(rest)


@given(st.lists(st.text("abc012./%-_", min_size=1), min_size=1))
def test_paths_go_on_as_they_are(parts: list[str]) -> None:
    path = "/".join(parts)
    try:
        assert _checked(path) == path
    except BadRequest:
        assert "." in path or "%2" in path


def test_names_that_are_encoded_twice_stay_so() -> None:
    assert _checked("v1/config/Interface/1%252F2") == "v1/config/Interface/1%252F2"


@pytest.mark.parametrize(
    ("cookie", "moved"),
    [
        ("NITRO_AUTH_TOKEN=%23x; path=/nitro/v1", "NITRO_AUTH_TOKEN=%23x; path=/p/primary/nitro/v1"),
        ("SESSID=deleted; Path=/; Secure", "SESSID=deleted; Path=/p/primary/; Secure"),
        ("a=b", "a=b"),
    ],
)
def test_cookies_come_back_to_the_path_they_were_set_on(cookie: str, moved: str) -> None:
    assert _moved(cookie, "/p/primary") == moved


@attrs.define
class Nodes:
    """Two scripted appliances, and who is primary each time somebody looks."""

    primaries: list[str]
    answers: list[HttpStream | Breakdown]
    sent: list[tuple[str, str, int]] = attrs.field(factory=list)
    closed: int = 0

    def find(self, *_: object, **__: object) -> ManagementAddress:
        return ManagementAddress.parse(
            self.primaries.pop(0) if len(self.primaries) > 1 else self.primaries[0]
        )

    def forget(self, appliances: object) -> None:
        del appliances

    def transport(self, node: ManagementAddress) -> Any:
        nodes = self

        class Way:
            def stream(
                self, request: HttpRequest, content: Iterable[bytes] | None = None
            ) -> HttpStream | Breakdown:
                answer = nodes.answers.pop(0)
                if isinstance(answer, HttpStream) or answer.kind is not BreakdownKind.NOT_SENT:
                    length = len(request.body or b"") if content is None else sum(map(len, content))
                else:
                    length = 0
                nodes.sent.append((str(node), request.method, length))
                return answer

        return Way()

    def close(self) -> None:
        self.closed += 1


def answer(
    nodes: Nodes | None = None,
    status: int = 200,
    chunks: Iterable[bytes] = (b'{ "errorcode": 0 }',),
    **headers: str,
) -> HttpStream:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpStream(
        status=status, headers=sent, chunks=iter(chunks), close=nodes.close if nodes else lambda: None
    )


def refusal(errorcode: int) -> HttpStream:
    return answer(status=409, chunks=[json.dumps({"errorcode": errorcode}).encode()])


NOT_SENT = Breakdown(kind=BreakdownKind.NOT_SENT, detail="refused")
BROKEN = Breakdown(kind=BreakdownKind.BROKEN, detail="reset")
TIMED_OUT = Breakdown(kind=BreakdownKind.TIMED_OUT, detail="read")


@attrs.frozen
class Seen:
    """What an ASGI server was given to send."""

    status: int
    headers: dict[str, str]
    chunks: list[bytes]
    complete: bool


def settings(**values: object) -> BridgeSettings:
    return read_settings(
        None, {"appliance_networks": ["192.0.2.0/24"], "secret_references": ["env:GATEPAIR_*"], **values}
    )


@pytest.fixture
def app(sessions: Sessions) -> BridgeApp:
    return create_app(settings(caller_credentials=True), sessions=sessions)


def ask(
    app: BridgeApp,
    nodes: Nodes,
    method: str = "GET",
    body: Iterable[bytes] = (),
    *,
    stays: bool = True,
    **headers: str,
) -> Seen:
    app.bridge.primaries = nodes  # pyright: ignore[reportAttributeAccessIssue]  # a scripted one
    app.bridge.sessions.transport = nodes.transport  # pyright: ignore[reportAttributeAccessIssue]  # as above
    return asyncio.run(_ask(app, method, iter(body), headers, stays=stays))


async def _ask(
    app: BridgeApp, method: str, body: Iterator[bytes], headers: dict[str, str], *, stays: bool
) -> Seen:
    seen = Seen(0, {}, [], complete=False)
    gone = asyncio.Event()
    ended = False

    async def receive() -> dict[str, object]:
        nonlocal ended
        chunk = None if ended else next(body, None)
        if chunk is not None:
            return {"type": "http.request", "body": chunk, "more_body": True}
        if not ended and stays:
            ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if stays:
            await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal seen
        if message["type"] == "http.response.start":
            lines = {name.decode(): value.decode() for name, value in message["headers"]}
            seen = attrs.evolve(seen, status=message["status"], headers=lines)
        else:
            seen.chunks.append(message["body"])
            seen = attrs.evolve(seen, complete=not message.get("more_body"))

    scope = {
        "type": "http",
        "method": method,
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 5000),
    }
    await app(scope, receive, send)
    gone.set()
    return seen


@pytest.mark.parametrize(
    ("method", "first", "nodes_asked"),
    [
        ("GET", NOT_SENT, [A, B]),
        ("GET", BROKEN, [A, B]),
        ("GET", TIMED_OUT, [A, B]),
        ("POST", NOT_SENT, [A, B]),
        ("PUT", refusal(368), [A, B]),
        # The node may have carried these out.
        ("POST", BROKEN, [A]),
        ("DELETE", TIMED_OUT, [A]),
        # A refusal for another reason stays one.
        ("POST", refusal(273), [A]),
    ],
)
def test_a_request_is_sent_a_second_time_only_where_it_is_safe(
    app: BridgeApp, method: str, first: HttpStream | Breakdown, nodes_asked: list[str]
) -> None:
    nodes = Nodes([A, B], [first, answer()])
    seen = ask(app, nodes, method, [b"{}"] if method in {"POST", "PUT"} else [])
    assert [node for node, *_ in nodes.sent] == nodes_asked
    if len(nodes_asked) == 2:
        assert (seen.status, seen.headers["gatepair-node"]) == (200, B)
    elif isinstance(first, HttpStream):
        assert (seen.status, seen.headers["gatepair-node"]) == (409, A)
    else:
        assert seen.status == 504


def test_a_node_that_is_still_primary_has_said_its_last_word(app: BridgeApp) -> None:
    nodes = Nodes([A], [refusal(368)])
    seen = ask(app, nodes, "POST", [b"{}"])
    assert (seen.status, json.loads(b"".join(seen.chunks))["errorcode"]) == (409, 368)
    assert len(nodes.sent) == 1


def test_a_second_failure_is_the_end(app: BridgeApp) -> None:
    nodes = Nodes([A, B], [NOT_SENT, NOT_SENT])
    assert ask(app, nodes).status == 504
    assert len(nodes.sent) == 2


def test_large_bodies_go_through_in_pieces(app: BridgeApp) -> None:
    nodes = Nodes([A], [])
    nodes.answers = [answer(nodes, chunks=[CHUNK] * 64, content_type="application/octet-stream")]
    seen = ask(app, nodes, "POST", [CHUNK] * 100, content_length=str(100 * len(CHUNK)))
    assert nodes.sent == [(A, "POST", 100 * len(CHUNK))]
    assert seen.complete
    assert sum(map(len, seen.chunks)) == 64 * len(CHUNK)
    assert len(seen.chunks) == 65
    assert nodes.closed == 1


def test_a_large_body_is_sent_again_only_if_nothing_of_its_rest_was_taken(app: BridgeApp) -> None:
    untouched = Nodes([A, B], [NOT_SENT, answer()])
    assert ask(app, untouched, "POST", [CHUNK] * 10).status == 200
    assert untouched.sent == [(A, "POST", 0), (B, "POST", 10 * len(CHUNK))]
    begun = Nodes([A, B], [refusal(368), answer()])
    assert ask(app, begun, "POST", [CHUNK] * 10).status == 409
    assert begun.sent == [(A, "POST", 10 * len(CHUNK))]


def test_a_body_that_is_too_large_is_cut_off(sessions: Sessions) -> None:
    app = create_app(settings(max_upload_bytes=200_000), sessions=sessions)
    assert ask(app, Nodes([A], [answer()]), "POST", [CHUNK] * 4).status == 413


def test_a_caller_that_goes_away_in_the_middle_leaves_nothing_behind(app: BridgeApp) -> None:
    nodes = Nodes([A], [answer()])
    seen = ask(app, nodes, "POST", [CHUNK] * 4, stays=False)
    assert seen.status == 400
    assert nodes.sent == []
    assert not len(app.bridge.active)


def test_an_answer_that_breaks_off_is_not_made_to_look_whole(app: BridgeApp) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise Unreachable("the answer broke off")

    nodes = Nodes([A], [])
    nodes.answers = [answer(nodes, chunks=broken())]
    seen = ask(app, nodes)
    assert (seen.chunks, seen.complete, nodes.closed) == ([b"first"], False, 1)


def test_a_long_error_goes_through_as_well(app: BridgeApp) -> None:
    seen = ask(app, Nodes([A], [answer(status=502, chunks=[CHUNK, CHUNK, b"end"])]))
    assert (seen.status, len(b"".join(seen.chunks))) == (502, 2 * len(CHUNK) + 3)


def test_head_lets_go_of_the_answer(app: BridgeApp) -> None:
    nodes = Nodes([A], [])
    nodes.answers = [answer(nodes, chunks=[], content_length="17")]
    seen = ask(app, nodes, "HEAD")
    assert (seen.headers["content-length"], seen.chunks, nodes.closed) == ("17", [b""], 1)


def test_after_a_change_the_primary_is_looked_for_anew() -> None:
    looks: list[str] = []

    class Session:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def observe(self) -> SimpleNamespace:
            looks.append("look")
            return SimpleNamespace(primary=SimpleNamespace(address=ManagementAddress.parse(A)))

    ways = Connections(common=Settings(password=Secret("x")))
    primaries = Primaries(Sessions(ways, open_session=lambda *_, **__: Session()))  # pyright: ignore[reportArgumentType]  # scripted
    addresses = (ManagementAddress.parse(A), ManagementAddress.parse(B))
    request = Request(method="GET", path="/", caller=Caller(name="x"), work=Work())
    for _ in range(3):
        assert str(primaries.find(addresses, request, known_for_s=60)) == A
    assert len(looks) == 1
    primaries.forget(["192.0.2.99"])
    primaries.find(addresses, request, known_for_s=60)
    assert len(looks) == 1
    primaries.forget([B])
    primaries.find(addresses, request, known_for_s=60)
    assert len(looks) == 2
