"""How many requests a caller may send: a token bucket for each."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from gatepair_bridge.api.faults import TooManyRequests

MAX_CALLERS = 10_000


class RateLimit:
    """Let each caller send so many requests a second, and as many at once as fit into two seconds.

    Args:
        per_second: Requests a second; 0 means no limit.
        clock: Seconds that only go forward.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = max(1.0, 2 * per_second)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, caller: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: The caller has spent its share; says when to come back.
        """
        if not self._rate:
            return
        with self._lock:
            now = self._clock()
            left, at = self._buckets.get(caller, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            allowed = left >= 1
            self._buckets[caller] = (left - 1 if allowed else left, now)
            self._buckets.move_to_end(caller)
            while len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
        if not allowed:
            wait_s = math.ceil((1 - left) / self._rate)
            raise TooManyRequests(
                f"More than {self._rate:g} requests a second.",
                remedy=f"Wait {wait_s} s, then send the request again.",
                headers={"retry-after": str(wait_s)},
            )
