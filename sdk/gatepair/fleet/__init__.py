"""The same work on many pairs: so many at once, in waves, with a rule that stops it. No I/O of its own.

Example:
    ```python
    async def look(name: str) -> PairStatus:
        async with AsyncPairSession(config.pairs[name], config) as pair:
            return await pair.status()


    run = FleetRun(config.pairs, look, verdict_of=lambda status: status.healthy)
    report = asyncio.run(run.run())
    ```
"""

from __future__ import annotations

from gatepair.fleet.report import FleetReport, Outcome, Verdict
from gatepair.fleet.run import FleetRun
from gatepair.fleet.schedule import Portion, Schedule

__all__ = ["FleetReport", "FleetRun", "Outcome", "Portion", "Schedule", "Verdict"]
