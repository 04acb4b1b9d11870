"""The proof that failover works: forced, graceful and hard failover and fail back, each judged on its own.

Users are probed as they come (`gatepair.probes`) and the roles of both nodes sampled, on one clock, while
the pair is made to switch; what came of it is measured against what the pair's timers promise.

Example:
    >>> from gatepair import PairSession
    >>> from gatepair.verify import VerifyOptions
    >>> options = VerifyOptions(kinds=("forced",), server_name="gateway.example.net")
    >>> with PairSession(config.pairs["office"], config) as session:  # doctest: +SKIP
    ...     print(session.verify(options).verdict)
    passed
"""

from __future__ import annotations

from gatepair.verify.options import KINDS, PART_NAMES, Part, VerifyOptions
from gatepair.verify.power import Power, PowerCommands, PoweredNode
from gatepair.verify.report import PartReport, VerifyReport

__all__ = [
    "KINDS",
    "PART_NAMES",
    "Part",
    "PartReport",
    "Power",
    "PowerCommands",
    "PoweredNode",
    "VerifyOptions",
    "VerifyReport",
]
