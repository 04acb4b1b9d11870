"""Faults on purpose: what can go wrong between a client and an appliance."""

from __future__ import annotations

import asyncio
import inspect
import random
import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from attrs import define, evolve, field

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.request import HttpRequest

_ERROR_PAGE: Final = b"<html><body><h1>Server error</h1></body></html>\n"


class Effect(StrEnum):
    """What a fault does to a request."""

    LATENCY = "latency"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    ERROR = "error"
    REFUSE = "refuse"
    TRUNCATE = "truncate"
    SLOW_BODY = "slow-body"


@define(kw_only=True)
class Fault:
    """One fault.

    Attributes:
        effect: What it does.
        method: HTTP method it concerns; empty for all.
        path: Regular expression searched in path and query; empty for all.
        nth: The matching request it begins with, from 1.
        times: How many requests it strikes; 0 for all from then on.
        seconds: Delay of ``latency`` and ``slow-body``.
        jitter: Random addition to the delay, up to this many seconds.
        status: Status of ``error``.
        code: NITRO error code of ``refuse``.
        octets: How much of the body ``truncate`` lets through.
        seen: Matching requests so far.
    """

    effect: Effect
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    jitter: float = 0.0
    status: int = 503
    code: int = int(Code.ALREADY_IN_PROGRESS)
    octets: int = 10
    seen: int = 0

    def strikes(self, request: HttpRequest) -> bool:
        """Whether this request is struck; counts it.

        Args:
            request: The request.

        Returns:
            True if it is.
        """
        if self.method and self.method.upper() != request.method:
            return False
        if self.path and re.search(self.path, request.target) is None:
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def delay(self) -> float:
        """How long this one waits, in seconds."""
        return self.seconds + random.random() * self.jitter  # noqa: S311 - luck, not security


Handler = Callable[[HttpRequest], "Answer | Awaitable[Answer]"]


@define
class Faults:
    """The faults of one appliance.

    Attributes:
        requests: Faults of requests.
    """

    requests: list[Fault] = field(factory=list[Fault])

    @property
    def active(self) -> bool:
        """Whether any fault concerns requests."""
        return bool(self.requests)

    def clear(self) -> None:
        """Take all faults away."""
        self.requests.clear()

    async def apply(self, request: HttpRequest, handler: Handler) -> Answer:
        """Answer a request with the faults that strike it.

        Args:
            request: The request.
            handler: What would answer it.

        Returns:
            The answer, spoilt or not.
        """
        struck = [fault for fault in self.requests if fault.strikes(request)]
        for fault in struck:
            if fault.effect is Effect.LATENCY:
                await asyncio.sleep(fault.delay())
            elif fault.effect is Effect.RESET_BEFORE:
                return Answer(status=200, silent=True)
            elif fault.effect is Effect.REFUSE:
                return NitroError(fault.code).answer()
            elif fault.effect is Effect.ERROR:
                return Answer(status=fault.status, body=_ERROR_PAGE, content_type="text/html")
        made = handler(request)
        answer = await made if inspect.isawaitable(made) else made
        for fault in struck:
            if fault.effect is Effect.RESET_AFTER:
                return Answer(status=200, silent=True)
            if fault.effect is Effect.TRUNCATE:
                answer = evolve(answer, truncate=fault.octets)
            elif fault.effect is Effect.SLOW_BODY:
                answer = evolve(answer, slow_s=fault.delay())
        return answer
