"""End to end: emulated appliances, real Terraform, real cdktf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import Project

from gatepair_emulator.lab import Lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Start emulated pairs that end with the test."""
    started: list[Lab] = []

    def start(scenario: str = "default") -> Lab:
        lab = Lab.start(tmp_path / f"emulator-{len(started)}", scenario=scenario, clock=5.0)
        started.append(lab)
        return lab

    yield start
    for lab in started:
        lab.down()


@pytest.fixture
def project(tmp_path: Path, make_lab: Callable[..., Lab]) -> Project:
    """A project that declares a pair of two standalone appliances."""
    return Project(tmp_path / "project", make_lab())


@pytest.fixture
def formed(project: Project) -> Project:
    """A project whose pair has been formed with plain Terraform."""
    project.deploy()
    return project
