"""End to end: emulated appliances, real Terraform, real cdktf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project import Project

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def make_lab(gatepair_pool: LabPool) -> Iterator[Callable[..., Lab]]:
    """Give fresh emulated pairs that are switched off after the test."""
    with ExitStack() as lent:
        yield lambda scenario="default": lent.enter_context(gatepair_pool.lab(scenario, clock=5.0))


@pytest.fixture
def project(tmp_path: Path, make_lab: Callable[..., Lab]) -> Project:
    """A project that declares a pair of two standalone appliances."""
    return Project(tmp_path / "project", make_lab())


@pytest.fixture
def formed(project: Project) -> Project:
    """A project whose pair has been formed with plain Terraform."""
    project.deploy()
    return project
