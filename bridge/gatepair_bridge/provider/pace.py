"""The rate limit: a token bucket shared by all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bucket:
    """Tokens that come at a steady rate; each request takes one.

    Args:
        rate: Tokens per second. The bucket holds one second's worth, at least one.
        now: Clock in seconds.
    """

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._most = max(1.0, float(round(rate)))
        self._now = now
        self._tokens = self._most
        self._then = now()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token, on credit if need be.

        Returns:
            Seconds to wait until the token is there.
        """
        with self._lock:
            now = self._now()
            self._tokens = min(self._most, self._tokens + (now - self._then) * self._rate)
            self._then = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self._rate)
