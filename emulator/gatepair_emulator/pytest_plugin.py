"""Fixtures for tests against emulated appliances; registered as a pytest plugin.

``gatepair_pair`` gives a fresh pair of the default scenario for one test, ``gatepair_appliance`` its first
appliance. Both take it from ``gatepair_pool``, from which tests can take further ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab, Node
    from gatepair_emulator.pool import LabPool

# Restarts and syncs in tests need not take their time; heartbeats always do.
TEST_CLOCK = 5.0


@pytest.fixture
def gatepair_scenario() -> str:
    """Scenario of the pair; override it or parametrize it."""
    return "default"


@pytest.fixture(scope="session")
def gatepair_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabPool]:
    """Emulated pairs, fresh for each test; their processes serve one test after the other."""
    # Every pytest run loads this plugin; only tests that want a pair pay for the emulator.
    from gatepair_emulator.pool import LabPool  # noqa: PLC0415

    pool = LabPool(tmp_path_factory.mktemp("gatepair"))
    yield pool
    pool.close()


@pytest.fixture
def gatepair_pair(gatepair_pool: LabPool, gatepair_scenario: str) -> Iterator[Lab]:
    """An emulated pair on a network of its own, switched off after the test."""
    with gatepair_pool.lab(gatepair_scenario, TEST_CLOCK) as lab:
        yield lab


@pytest.fixture
def gatepair_appliance(gatepair_pair: Lab) -> Node:
    """The first appliance of an emulated pair."""
    return gatepair_pair.a
