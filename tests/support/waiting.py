"""Polling with a deadline, for everything that takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from gatepair_emulator.lab_node import LabError

# More than the 21 s that a secondary which synchronises gives a silent primary, on a busy machine.
LIMIT_S = 60.0
EVERY_S = 0.05
T = TypeVar("T")


def until(seen: Callable[[], T], what: str, *, limit_s: float = LIMIT_S) -> T:
    """Wait until something true comes back; an appliance that does not answer counts as not yet."""
    end = time.monotonic() + limit_s
    while True:
        try:
            value = seen()
        except (httpx.HTTPError, LabError):
            value = None
        if value:
            return value
        assert time.monotonic() < end, f"not within {limit_s:.0f} s: {what}"
        time.sleep(EVERY_S)
