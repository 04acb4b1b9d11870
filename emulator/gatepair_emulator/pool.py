"""Emulated pairs one after the other, fresh each time, without starting processes each time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gatepair_emulator.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class LabPool:
    """Lends out emulated pairs and renews those that come back.

    Args:
        directory: Where the pairs lie.

    Example:
        ::

            pool = LabPool(Path("pairs"))
            with pool.lab() as lab:                     # starts two processes
                lab.a.add_fault(effect="latency", seconds=1)
            with pool.lab(scenario="formed") as lab:    # the same ones, but nothing is left of the fault
                ...
            pool.close()
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: list[Lab] = []
        self._free: list[Lab] = []

    @contextlib.contextmanager
    def lab(self, scenario: str = "default", clock: float = 1.0) -> Generator[Lab]:
        """A fresh pair for a while.

        Args:
            scenario: How the appliances are.
            clock: How much faster than in life restarts and the like go.

        Yields:
            The pair, both appliances answering and settled in their roles.

        Raises:
            LabError: It does not come up.
            ScenarioError: There is no such scenario.
        """
        if self._free:
            lab = self._free.pop()
            lab.renew(scenario, clock)
        else:
            lab = Lab.start(self._directory / f"pair-{len(self._started)}", scenario=scenario, clock=clock)
            self._started.append(lab)
        try:
            yield lab
        finally:
            lab.rest()
            self._free.append(lab)

    def close(self) -> None:
        """Switch everything off."""
        for lab in self._started:
            lab.down()
        self._free.clear()
