"""Fixtures for tests against emulated appliances; registered as a pytest plugin.

``gatepair_pair`` gives a pair of the default scenario for one test, ``gatepair_appliance`` its first
appliance together with the lab it belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatepair_emulator.lab import Lab, Node

# Restarts and syncs in tests need not take their time; heartbeats always do.
TEST_CLOCK = 5.0


@pytest.fixture
def gatepair_scenario() -> str:
    """Scenario of the pair; override it or parametrize it."""
    return "default"


@pytest.fixture
def gatepair_pair(tmp_path: Path, gatepair_scenario: str) -> Iterator[Lab]:
    """An emulated pair on a network of its own, switched off after the test."""
    # Every pytest run loads this plugin; only tests that want a pair pay for the emulator.
    from gatepair_emulator.lab import Lab  # noqa: PLC0415

    with Lab.start(tmp_path / "emulator", scenario=gatepair_scenario, clock=TEST_CLOCK) as lab:
        yield lab


@pytest.fixture
def gatepair_appliance(gatepair_pair: Lab) -> Node:
    """The first appliance of an emulated pair."""
    return gatepair_pair.a
