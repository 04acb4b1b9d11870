"""Watch a gateway as several users at once do, in threads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import InvalidInput
from gatepair.probes.answers import ALL_PROBES, Answer, Probe, Stopwatch
from gatepair.probes.attempts import Attempt, Connect, Kept, Request, Session
from gatepair.probes.outages import Outage, all_outages
from gatepair.probes.sampling import Sampling

if TYPE_CHECKING:
    from gatepair.models import Credentials
    from gatepair.probes.target import Target

DEFAULT_INTERVAL_S: Final = 0.2
DEFAULT_TIMEOUT_S: Final = 1.0


class Watch(Sampling):
    """Probes a gateway from now until it is closed; every probe has a thread of its own.

    Args:
        target: Where users go.
        interval_s: Seconds from the beginning of an attempt to the next of its kind, more than 0; one that
            takes longer delays the next.
        probes: What is attempted. The user session needs ``user`` and is left out without.
        user: Name and password of a user of the gateway.
        timeout_s: Seconds one attempt may take, more than 0.
        clock: The clock answers are measured on; absent, one that starts now.

    Raises:
        InvalidInput: A number is out of range.
        LocalFileError: The target's CA file cannot be used.
        SecretUnavailable: The reference to the user's password leads nowhere.

    Example:
        >>> with Watch(Target("192.0.2.20", server_name="gateway.example.net")) as watch:  # doctest: +SKIP
        ...     fail_over()
        >>> watch.longest_s  # doctest: +SKIP
        3.4
    """

    def __init__(
        self,
        target: Target,
        interval_s: float = DEFAULT_INTERVAL_S,
        probes: Sequence[Probe] = ALL_PROBES,
        *,
        user: Credentials | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        clock: Stopwatch | None = None,
    ) -> None:
        for key, value in (("interval_s", interval_s), ("timeout_s", timeout_s)):
            if not 0 < value < float("inf"):
                raise InvalidInput(f"{value} is not a number of seconds above 0", key=key)
        self.target = target
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self.probes = tuple(
            probe for probe in Probe if probe in probes and (user or probe is not Probe.SESSION)
        )
        self.clock = clock or Stopwatch()
        # Resolved now, where it can be reported, and not in the probe's thread.
        self.user = None if user is None else attrs.evolve(user, password=user.secret())
        self.trust = target.trust()
        self._attempts = self._made()
        self._answers: list[Answer] = []
        super().__init__(
            (f"probe-{probe}", partial(self._run, attempt)) for probe, attempt in self._attempts.items()
        )

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers so far, by the time they ended."""
        with self._lock:
            return tuple(sorted(self._answers, key=lambda answer: answer.ended))

    def latest(self) -> dict[Probe, Answer]:
        """Return the latest answer of each probe that has one."""
        return {answer.probe: answer for answer in self.answers}

    def served(self) -> bool:
        """Whether the latest answer of every probe is good; false until each has one."""
        latest = self.latest()
        return bool(self.probes) and all(probe in latest and latest[probe].ok for probe in self.probes)

    def outages(self) -> tuple[Outage, ...]:
        """Return the stretches in which users were not served, by probe."""
        return all_outages(self.answers)

    @property
    def longest_s(self) -> float:
        """Seconds of the longest outage so far, one that still lasts included; 0.0 without any."""
        return max((outage.so_far_s for outage in self.outages()), default=0.0)

    def _made(self) -> dict[Probe, Attempt]:
        common = (self.target, self.trust, self.clock, self.timeout_s)
        plain = {Probe.CONNECT: Connect, Probe.REQUEST: Request, Probe.KEPT: Kept}
        made: dict[Probe, Attempt] = {
            probe: kind(*common) for probe, kind in plain.items() if probe in self.probes
        }
        if self.user is not None and Probe.SESSION in self.probes:
            made[Probe.SESSION] = Session(*common, self.user)
        return made

    def _run(self, attempt: Attempt) -> None:
        try:
            while not self._over.is_set():
                answer = attempt.once()
                with self._lock:
                    self._answers.append(answer)
                self._over.wait(max(0.0, answer.began + self.interval_s - self.clock()))
        finally:
            attempt.close()
