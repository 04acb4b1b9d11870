"""Fixtures of the provider's end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rest_server import RestServer, rest_server
from terraform_lab import SOURCE, TerraformLab

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
def tf(tmp_path: Path, reattach: str, api: RestServer) -> TerraformLab:
    """Give Terraform a directory whose provider talks to ``api``."""
    return TerraformLab(tmp_path, reattach, api.uri)
