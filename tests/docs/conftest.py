"""Readers of the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import Reader

from gatepair_emulator.lab import Lab


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Somebody with a fresh folder; appliances that are left on are switched off."""
    reader = Reader(tmp_path)
    yield reader
    state = tmp_path / ".emulator"
    if (state / "emulator.json").exists():
        Lab.open(state).down()
