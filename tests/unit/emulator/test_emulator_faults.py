"""Faults: which request they strike, and the words that order them."""

from __future__ import annotations

import asyncio

import pytest

from gatepair_emulator.fault_orders import FaultOrderError, order_for
from gatepair_emulator.faults import Effect, Fault, Faults
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.request import HttpRequest


def request(target: str = "/nitro/v1/config/hanode", method: str = "GET") -> HttpRequest:
    return HttpRequest(method=method, target=target, headers={}, body=b"")


def answer_with(*faults: Fault, calls: list[str], target: str = "/nitro/v1/config/hanode") -> Answer:
    def handler(each: HttpRequest) -> Answer:
        calls.append(each.target)
        return Answer(status=200, body=b"0123456789abcdef")

    return asyncio.run(Faults(requests=list(faults)).apply(request(target), handler))


def test_a_fault_strikes_from_the_nth_matching_request_for_so_many_times() -> None:
    fault = Fault(effect=Effect.ERROR, path="hanode", nth=2, times=2)
    struck = [fault.strikes(request()) for _ in range(5)]
    assert struck == [False, True, True, False, False]
    assert not fault.strikes(request("/nitro/v1/config/nsip"))


def test_a_fault_without_end_strikes_for_ever() -> None:
    fault = Fault(effect=Effect.ERROR, method="post", times=0)
    assert [fault.strikes(request(method="POST")) for _ in range(3)] == [True] * 3
    assert not fault.strikes(request())


def test_a_reset_before_keeps_the_request_from_taking_effect_and_one_after_does_not() -> None:
    calls: list[str] = []
    assert answer_with(Fault(effect=Effect.RESET_BEFORE), calls=calls).silent
    assert calls == []
    assert answer_with(Fault(effect=Effect.RESET_AFTER), calls=calls).silent
    assert len(calls) == 1


def test_errors_truncation_and_slow_bodies() -> None:
    calls: list[str] = []
    assert answer_with(Fault(effect=Effect.ERROR, status=502), calls=calls).status == 502
    assert calls == []
    assert answer_with(Fault(effect=Effect.TRUNCATE, octets=4), calls=calls).truncate == 4
    assert answer_with(Fault(effect=Effect.SLOW_BODY, seconds=0.2), calls=calls).slow_s == 0.2


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["none"], ("DELETE", "/faults", {})),
        (["partition"], ("PUT", "/network", {"outgoing": True, "incoming": True})),
        (["loss", "share=0.3"], ("PUT", "/network", {"loss": 0.3})),
        (["link", "name=1/1"], ("PUT", "/hardware", {"failed_links": ["1/1"]})),
        (["clock", "seconds=-90"], ("PUT", "/clock", {"offset": -90.0})),
        (
            ["reset-after", "path=hanode", "nth=3"],
            ("POST", "/faults", {"effect": "reset-after", "path": "hanode", "nth": 3}),
        ),
    ],
)
def test_words_become_orders(words: list[str], order: tuple[str, str, dict[str, object]]) -> None:
    assert order_for(words[0], words[1:]) == order


@pytest.mark.parametrize(
    "words",
    [
        ["bang"],
        ["latency", "seconds"],
        ["latency", "seconds=soon"],
        ["latency", "colour=red"],
        ["none", "a=b"],
    ],
)
def test_words_that_mean_nothing_say_so(words: list[str]) -> None:
    with pytest.raises(FaultOrderError):
        order_for(words[0], words[1:])
