"""The pages about stacks: their declarations are valid, their programs run, their tables are complete."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import Block, blocks
from click import Context
from project import ROOT, quiet_environment

import cdktf_stacks
from cdktf_stacks import Declaration
from cdktf_stacks.settings.backend import _OPTIONS, _SECRETS
from cdktf_stacks.settings.table import _KEYS
from gatepair.cli.main import gatepair

HOW_TO = ROOT / "docs" / "how-to"
REFERENCE = ROOT / "docs" / "reference" / "stacks.md"
NAMES = ("adopt-with-stacks.md", "fleets.md", "state-backends.md", "use-cdk-terrain.md")
PAGES = [REFERENCE, *(HOW_TO / name for name in NAMES)]
PAIRS = """\
[pairs.office]
appliances = [{ address = "192.0.2.11", host_name = "a" }, { address = "192.0.2.12", host_name = "b" }]
external = { address = "198.51.100.7" }

[pairs.lab]
appliances = [{ address = "192.0.2.21" }, { address = "192.0.2.22" }]
"""


def found(language: str) -> list[object]:
    return [
        pytest.param(block, id=f"{page.stem}:{block.line}")
        for page in PAGES
        for block in blocks(page, language)
    ]


@pytest.mark.parametrize("block", found("toml"))
def test_declarations_are_valid(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "pairs.toml"
    path.write_text(f"{PAIRS}\n{block.text}")
    assert Declaration.read(path).stacks != cdktf_stacks.StackSettings()


@pytest.mark.parametrize("block", found("python"))
def test_programs_run_and_make_stacks(block: Block, tmp_path: Path) -> None:
    (tmp_path / "pairs.toml").write_text(PAIRS)
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        env=quiet_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    manifest = json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())
    assert manifest["stacks"]


@pytest.mark.parametrize("block", found("json"))
def test_examples_of_json_lines_are_json(block: Block) -> None:
    assert all(isinstance(json.loads(line), dict) for line in block.text.splitlines())


@pytest.mark.parametrize("block", found("sh"))
def test_commands_and_their_options_exist(block: Block) -> None:
    for line in block.text.splitlines():
        words = line.split()
        assert words[0] in {"gatepair", "terraform", "python", "pip"}, line
        if words[0] == "gatepair":
            command = gatepair.get_command(Context(gatepair), words[1])
            assert command is not None, line
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, line


def rows(section: str) -> dict[str, str]:
    """Return the rows of the tables in a section, by what stands in the first column."""
    text = REFERENCE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    cells = (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `"))
    return {first.strip(): " ".join(rest) for first, *rest in cells}


def words(text: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", text))


def test_every_key_of_the_table_is_explained() -> None:
    assert {name for first in rows("The table `[stacks]`") for name in words(first)} == set(_KEYS)


def test_every_option_of_every_backend_is_listed() -> None:
    listed = {kind: options for first, options in rows("Backends").items() for kind in words(first)}
    assert sorted(listed) == sorted(map(str, _OPTIONS))
    for kind, options in _OPTIONS.items():
        assert set(options) <= words(listed[str(kind)]), kind
        for name, option in options.items():
            if option.required:
                assert listed[str(kind)].count(f"`{name}`") == 2, f"{kind}: {name} is needed"
            if isinstance(option.default, str):
                assert option.default in REFERENCE.read_text(encoding="utf-8")
    for name in _SECRETS:
        assert not any(name in words(options) for options in listed.values())


def test_every_public_name_is_explained() -> None:
    assert {name for first in rows("Constructs") for name in words(first)} == set(cdktf_stacks.__all__)
