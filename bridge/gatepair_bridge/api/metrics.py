"""Counts for Prometheus, in its text format.

A handful of counters needs no client library; the format is
https://prometheus.io/docs/instrumenting/exposition_formats/ (text format, version 0.0.4).
"""

from __future__ import annotations

import bisect
import threading
from collections import defaultdict
from collections.abc import Iterable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Requests by route and status, how long they took, changes under way, requests refused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: defaultdict[Labels, int] = defaultdict(int)
        self._slots: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._refused: defaultdict[Labels, int] = defaultdict(int)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._requests[("route", route), ("method", method), ("status", str(status))] += 1
            self._slots[route][bisect.bisect_left(BUCKETS_S, seconds)] += 1
            self._seconds[route] += seconds

    def refused(self, reason: str) -> None:
        """Count a request that was turned away before any work."""
        with self._lock:
            self._refused[("reason", reason),] += 1

    def render(self, *, working: int, operations: int) -> str:
        """Write all figures.

        Args:
            working: Changes under way now.
            operations: Operations this process remembers.
        """
        with self._lock:
            lines = [
                *_family("gatepair_bridge_requests_total", "counter", "Requests answered."),
                *(
                    f"gatepair_bridge_requests_total{_labels(labels)} {count}"
                    for labels, count in sorted(self._requests.items())
                ),
                *_family("gatepair_bridge_refused_total", "counter", "Requests turned away unread."),
                *(
                    f"gatepair_bridge_refused_total{_labels(labels)} {count}"
                    for labels, count in sorted(self._refused.items())
                ),
                *_family("gatepair_bridge_request_seconds", "histogram", "Time until the answer."),
                *(line for route in sorted(self._slots) for line in self._histogram(route)),
            ]
        lines += [
            *_family("gatepair_bridge_changes_running", "gauge", "Changes under way."),
            f"gatepair_bridge_changes_running {working}",
            *_family("gatepair_bridge_operations", "gauge", "Operations remembered."),
            f"gatepair_bridge_operations {operations}",
        ]
        return "\n".join(lines) + "\n"

    def _histogram(self, route: str) -> Iterable[str]:
        name = "gatepair_bridge_request_seconds"
        total = 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), self._slots[route], strict=True):
            total += count
            yield f"{name}_bucket{_labels((('route', route), ('le', bound)))} {total}"
        labels = _labels((("route", route),))
        yield f"{name}_sum{labels} {self._seconds[route]:.6f}"
        yield f"{name}_count{labels} {total}"


def _family(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}"
