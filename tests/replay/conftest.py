"""One suite, three backends: cassettes, the emulator, and real appliances for those who name them.

Recordings are made by ``make record``; see tools/record.py.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from stage import LIVE_VARIABLES, Stage, SteppingClock, emulated, real, recorded, stand_ins_of
from vcr.request import Request

from cassettes import BREAKDOWN, SESSION, ReadableJson, request_filter, response_filter
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse
from gatepair.nitro.channel import Clock
from gatepair.nitro.transport import Transport

CASSETTES = Path(__file__).resolve().parents[2] / "cassettes"
# Read here, because every test starts with the settings of whoever runs it hidden.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith("GATEPAIR_")}
IS_LIVE = all(name in ENVIRONMENT for name in LIVE_VARIABLES)
SERIALIZER = pytest.StashKey[ReadableJson]()
PASSED = pytest.StashKey[bool]()

BACKENDS = {
    "cassette": pytest.param("cassette", marks=(pytest.mark.vcr, pytest.mark.block_network)),
    "emulator": pytest.param("emulator", marks=pytest.mark.slow),
    "live": pytest.param("live", marks=pytest.mark.live),
}


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    vcr.register_serializer("json", config.stash.get(SERIALIZER, ReadableJson()))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a stage on each backend where it makes sense."""
    if "stage" not in metafunc.fixturenames:
        return
    chosen = [name for name in _backends(metafunc.definition) if name != "live" or IS_LIVE]
    metafunc.parametrize("stage", [BACKENDS[name] for name in chosen], indirect=True)


def _backends(test: pytest.Item) -> tuple[str, ...]:
    """Return where a behaviour can be shown; a scenario prepares emulated appliances only."""
    marker = test.get_closest_marker("backends")
    names: tuple[str, ...] = marker.args if marker else tuple(BACKENDS)
    prepared = test.get_closest_marker("scenario") is not None
    return tuple(name for name in names if not (prepared and name == "live"))


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, record_mode: str) -> Iterator[Stage]:
    """Two appliances that know nothing of each other."""
    backend: str = request.param
    marker = request.node.get_closest_marker("scenario")
    changes = marker.args[0] if marker else {}
    if backend == "cassette" and record_mode == "none":
        yield recorded()
        return
    clock = SteppingClock(waits=True) if backend == "cassette" else Clock()
    if backend == "live" or (IS_LIVE and "live" in _backends(request.node)):
        with real(ENVIRONMENT, clock) as found:
            yield found
        return
    with emulated(tmp_path, changes, clock, request.getfixturevalue("gatepair_pool")) as found:
        yield found


@pytest.fixture
def vcr_config(request: pytest.FixtureRequest, stage: Stage) -> dict[str, Any]:
    request.config.stash[SERIALIZER] = ReadableJson(stage.source, stage.secrets)
    stand_in = stand_ins_of(stage)
    return {
        "serializer": "json",
        # Which of two appliances answers first is chance, so order counts for equal requests only.
        "match_on": ["method", "uri", "raw_body"],
        "before_record_request": request_filter(stand_in),
        "before_record_response": response_filter(stand_in),
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(CASSETTES / request.path.stem)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """One cassette for a test, whichever way its name is decorated with a backend."""
    marker = request.node.get_closest_marker("default_cassette")
    return marker.args[0] if marker else request.node.originalname


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture(autouse=True)
def lost_connections(vcr: Any, record_mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record connections that were refused or broke, and let them break again when it is played."""
    if vcr is None:
        return
    send = Transport.send
    lock, extra = threading.Lock(), itertools.count(1)

    def remembered(self: Transport, request: HttpRequest) -> HttpResponse | Breakdown:
        known = Request(request.method, self._address.origin + request.target, request.body, {})
        with lock if request.target.endswith("/login") else nullcontext():
            # Several readers who meet an ended session at once log in once or twice, as chance will have it.
            again = record_mode == "none" and request.target.endswith("/login")
            if again and not vcr.can_play_response_for(known):
                return _let_in(next(extra))
            answer = send(self, request)
        if isinstance(answer, Breakdown):
            if record_mode != "none":
                known.headers = dict(request.headers)
                vcr.append(known, _broken(answer))
            return answer
        told = answer.header(BREAKDOWN)
        return answer if told is None else Breakdown(kind=BreakdownKind(told), detail="as it was recorded")

    monkeypatch.setattr(Transport, "send", remembered)


def _let_in(number: int) -> HttpResponse:
    cookie = f"NITRO_AUTH_TOKEN={SESSION}-extra-{number}; path=/nitro/v1"
    return HttpResponse(status=201, headers=(("Set-Cookie", cookie),))


def _broken(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "status": {"code": 599, "message": "no answer"},
        "headers": {BREAKDOWN: [str(breakdown.kind)]},
        "body": {"string": b""},
    }


@pytest.fixture(autouse=True)
def everything_is_played(request: pytest.FixtureRequest, vcr: Any, record_mode: str) -> Iterator[None]:
    """A recorded answer that nobody asks for any more makes the test fail."""
    yield
    if vcr is not None and record_mode == "none" and request.node.stash.get(PASSED, False):
        left = [
            f"{recorded_request.method} {recorded_request.uri}"
            for place, recorded_request in enumerate(vcr.requests)
            if not vcr.play_counts[place] and not recorded_request.uri.endswith("/login")
        ]
        assert not left, f"recorded but not asked for: {left}; `make record` records anew"
