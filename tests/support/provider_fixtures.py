"""Fixtures of the provider's end-to-end tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rest_server import RestServer, rest_server
from terraform_lab import SOURCE, TerraformLab

from gatepair.launcher import vendor
from gatepair_bridge.provider.serve import Process


@pytest.fixture(scope="session")
def reattach() -> Iterator[str]:
    """Serve the provider in this process, which saves Terraform the starts."""
    process = Process()
    yield process.serve_reattached(SOURCE)
    process.stop()


@pytest.fixture
def api() -> Iterator[RestServer]:
    """Run a scripted API."""
    with rest_server() as running:
        yield running


@pytest.fixture
def own(tmp_path: Path, api: RestServer) -> TerraformLab:
    """Give Terraform a directory into which the provider was put as the stacks put it."""
    work, home = tmp_path / "stack", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    vendor(work, python=sys.executable)
    lab = TerraformLab(work, "", api.uri, HOME=str(home))
    lab.object()
    done = lab.run("init", "-input=false")
    assert done.code == 0, done.text
    return lab


@pytest.fixture
def tf(tmp_path: Path, reattach: str, api: RestServer) -> TerraformLab:
    """Give Terraform a directory whose provider talks to ``api``."""
    return TerraformLab(tmp_path, reattach, api.uri)
