"""The users' side of a gateway: what they get at the external virtual IP while something is done to the pair.

Standard library sockets and TLS only; no appliance is asked.

Example:
    >>> target = Target("192.0.2.20", server_name="gateway.example.net", ca_file="ca.pem")
    >>> with Watch(target, interval_s=0.2) as watch:  # doctest: +SKIP
    ...     session.failover()
    >>> watch.longest_s, watch.served()  # doctest: +SKIP
    (0.4, True)
"""

from __future__ import annotations

from gatepair.probes.answers import ALL_PROBES, PROBE_NAMES, Answer, Outcome, Probe, Span, Stopwatch
from gatepair.probes.attempts import sign_in_once
from gatepair.probes.outages import Outage, all_outages, outages
from gatepair.probes.target import Target
from gatepair.probes.watch import Watch

__all__ = [
    "ALL_PROBES",
    "PROBE_NAMES",
    "Answer",
    "Outage",
    "Outcome",
    "Probe",
    "Span",
    "Stopwatch",
    "Target",
    "Watch",
    "all_outages",
    "outages",
    "sign_in_once",
]
