"""Time as an appliance sees it: steady for timers, wall time with an offset, and hurried life."""

from __future__ import annotations

import time

from attrs import define


@define
class Clock:
    """The clock of one appliance.

    Attributes:
        factor: How much faster than in life a restart, an installation or a sync goes; heartbeats
            and their intervals are never hurried.
        offset_s: How far the appliance's wall clock is off, in seconds.
        ahead_s: How far time was moved forward for idle time-outs, in seconds.
    """

    factor: float = 1.0
    offset_s: float = 0.0
    ahead_s: float = 0.0

    def steady(self) -> float:
        """Seconds for timers; never goes back."""
        return time.monotonic()

    def idle(self) -> float:
        """Seconds for idle time-outs: like ``steady``, but can be moved forward."""
        return time.monotonic() + self.ahead_s

    def wall(self) -> float:
        """Seconds since the epoch as the appliance believes."""
        return time.time() + self.offset_s + self.ahead_s

    def wall_ms(self) -> int:
        """Milliseconds since the epoch as the appliance believes."""
        return int(self.wall() * 1000)

    def life(self, seconds: float) -> float:
        """How long something takes here that takes ``seconds`` at factor 1.

        Args:
            seconds: Duration at factor 1.

        Returns:
            The shortened duration in seconds.
        """
        return seconds / self.factor
