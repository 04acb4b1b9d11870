"""Emulated pairs for the tests of this folder; each is as fresh as if its processes had just been started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from emulator_talk import CLOCK, Talk, healthy
from sdk_lab import connections, declared

from gatepair import PairSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool


@pytest.fixture
def lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    """Two appliances that know nothing of each other."""
    with gatepair_pool.lab(clock=CLOCK) as lab:
        yield lab


@pytest.fixture(scope="module")
def standing_lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    """Two such appliances for tests that leave them as they found them."""
    with gatepair_pool.lab(clock=CLOCK) as lab:
        yield lab


@pytest.fixture
def healthy_lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    """A formed pair."""
    with healthy(gatepair_pool) as lab:
        yield lab


@pytest.fixture(scope="module")
def standing_pair(gatepair_pool: LabPool) -> Iterator[Lab]:
    """A formed pair for tests that leave it in good health."""
    with healthy(gatepair_pool) as lab:
        yield lab


@pytest.fixture
def a(lab: Lab) -> Iterator[Talk]:
    with Talk(lab, lab.a) as talk:
        yield talk


@pytest.fixture
def b(lab: Lab) -> Iterator[Talk]:
    with Talk(lab, lab.b) as talk:
        yield talk


@pytest.fixture
def talks(a: Talk, b: Talk) -> tuple[Talk, Talk]:
    return a, b


@pytest.fixture
def session(lab: Lab) -> Iterator[PairSession]:
    with PairSession(declared(lab), connections(lab)) as session:
        yield session


@pytest.fixture
def formed(session: PairSession) -> PairSession:
    """The session of a pair that it has formed."""
    session.converge()
    return session
