from __future__ import annotations

import re

import pytest

from gatepair_bridge.api.faults import TooManyRequests
from gatepair_bridge.api.metrics import BUCKETS_S, Metrics
from gatepair_bridge.api.rate import MAX_CALLERS, RateLimit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_again_with_time() -> None:
    clock = Clock()
    rate = RateLimit(2, clock)
    for _ in range(4):
        rate.spend("a")
    with pytest.raises(TooManyRequests) as refusal:
        rate.spend("a")
    assert refusal.value.headers == {"retry-after": "1"}
    clock.now = 0.5
    rate.spend("a")
    with pytest.raises(TooManyRequests):
        rate.spend("a")
    clock.now = 100
    for _ in range(4):
        rate.spend("a")


def test_callers_do_not_use_up_each_others_share_nor_all_memory() -> None:
    rate = RateLimit(1, Clock())
    for caller in range(MAX_CALLERS + 10):
        rate.spend(str(caller))
    assert len(rate._buckets) == MAX_CALLERS


def test_no_limit() -> None:
    rate = RateLimit(0)
    for _ in range(1000):
        rate.spend("a")
    assert not rate._buckets


def test_figures_are_prometheus_text() -> None:
    metrics = Metrics()
    for seconds in (0.005, 0.3, 4000):
        metrics.answered("readPair", "GET", 200, seconds)
    metrics.refused("unauthenticated")
    text = metrics.render(working=2, operations=3)
    sample = re.compile(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.]+')
    lines = text.splitlines()
    assert all(line.startswith("#") or sample.fullmatch(line) for line in lines)
    buckets = [int(line.split()[-1]) for line in lines if "_bucket{" in line]
    assert len(buckets) == len(BUCKETS_S) + 1
    assert buckets == sorted(buckets)
    assert buckets[0] == 1
    assert buckets[-1] == 3
    assert 'gatepair_bridge_requests_total{route="readPair",method="GET",status="200"} 3' in lines
    assert 'gatepair_bridge_refused_total{reason="unauthenticated"} 1' in lines
    assert "gatepair_bridge_changes_running 2" in lines
