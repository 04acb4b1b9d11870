from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cdktf_stacks import Declaration

if TYPE_CHECKING:
    from cdktf_stacks._cdktf import cdk

PAIRS = """\
[defaults]
username = "nsroot"
password = "file:password"
shared_key = "env:SHARED_KEY"

[pairs.office]
appliances = [
    { address = "127.0.10.11:8443", host_name = "gw-a" },
    { address = "127.0.10.12:8443", host_name = "gw-b" },
]
external = { address = "127.0.10.20" }
internal = { address = "127.0.10.21", netmask = "255.255.255.0" }

[pairs.lab]
appliances = [{ address = "127.0.11.11" }, { address = "127.0.11.12" }]
"""

Synthesize = Callable[["cdk.App"], dict[str, dict[str, Any]]]


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    from cdktf_stacks._cdktf import cdk

    return cdk.App(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def stack(app: cdk.App) -> cdk.TerraformStack:
    from cdktf_stacks._cdktf import cdk

    return cdk.TerraformStack(app, "stack")


@pytest.fixture
def synthesize() -> Synthesize:
    """Write an app's stacks and return the JSON of each."""

    def run(app: cdk.App) -> dict[str, dict[str, Any]]:
        app.synth()
        files = Path(app.outdir).glob("stacks/*/cdk.tf.json")
        return {path.parent.name: json.loads(path.read_text()) for path in files}

    return run


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.toml"
    path.write_text(PAIRS)
    return path


@pytest.fixture
def declared(pairs_file: Path) -> Declaration:
    return Declaration.read(pairs_file)
