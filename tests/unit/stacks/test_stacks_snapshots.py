"""What is synthesized, against files; GATEPAIR_UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Read now: tests see nothing of the person's settings.
UPDATE = bool(os.environ.get("GATEPAIR_UPDATE_SNAPSHOTS"))
CASES = (
    "backends",
    "many_pairs",
    "objects_everything",
    "pair_adopted",
    "pair_bare",
    "pair_full",
    "pairs_beside_objects",
    "provider_everything",
    "stack_bundled",
    "stack_mastercard",
    "virtual_ips_apart",
)


@cache
def synthesized(library: str) -> Mapping[str, Mapping[str, dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, HERE / "synth_cases.py", library], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
@pytest.mark.parametrize("case", CASES)
def test_synth_is_as_it_was(case: str, library: str) -> None:
    text = json.dumps(synthesized(library)[case], indent=2, sort_keys=True) + "\n"
    path = HERE / "snapshots" / f"{case}.json"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_every_case_is_compared() -> None:
    assert sorted(synthesized("cdktf")) == sorted(CASES)


def test_only_the_provider_blocks_tell_the_providers_apart() -> None:
    def without_provider(case: str) -> Mapping[str, object]:
        stack = synthesized("cdktf")[case]["office"]
        terraform = dict(stack["terraform"])
        terraform["required_providers"] = sorted(terraform["required_providers"])
        return {key: value for key, value in stack.items() if key != "provider"} | {"terraform": terraform}

    assert without_provider("stack_bundled") == without_provider("stack_mastercard")
