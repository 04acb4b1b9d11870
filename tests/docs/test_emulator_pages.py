"""The pages about the emulator: what they show happens, what they list is what there is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import pytest
from blocks import Reader, blocks, missing
from project import ROOT

from gatepair_emulator.cli import emulator
from gatepair_emulator.fault_orders import FaultOrderError, order_for
from gatepair_emulator.lab_setup import HOSTS
from gatepair_emulator.scenario import load_scenario, scenario_names

REFERENCE = ROOT / "docs" / "reference" / "emulator.md"
HOW_TOS = ["practise-on-the-emulator.md", "test-your-own-code-against-the-pair.md"]


def section(title: str) -> str:
    text = REFERENCE.read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def listed(title: str) -> set[str]:
    """The words in code marks in the first column of a section's tables."""
    rows = [line.split("|")[1] for line in section(title).replace("\\|", "/").splitlines() if line[:1] == "|"]
    return {word.split()[0] for row in rows for word in re.findall(r"`([^`]+)`", row)}


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TOS)
def test_a_reader_sees_what_the_page_shows(reader: Reader, page: str) -> None:
    said = ""
    for block in blocks(ROOT / "docs" / "how-to" / page):
        if block.why_not:
            continue
        if block.language == "python":
            reader.write(block.text)
        elif block.language == "sh":
            said = reader.type(block.text.replace("python ", f"{sys.executable} "))
        else:
            assert block.language == "text"
            assert not list(missing(block.text, said)), said


def test_the_reference_lists_every_command() -> None:
    assert isinstance(emulator, click.Group)
    assert listed("Commands") == set(emulator.commands)


def test_the_reference_lists_every_scenario() -> None:
    assert listed("Scenarios") == set(scenario_names())


def test_the_reference_lists_every_fault() -> None:
    with pytest.raises(FaultOrderError) as refused:
        order_for("nonsense", [])
    known = set(str(refused.value).partition("there are ")[2].split(", "))
    assert listed("Faults") | {"none"} == known | {"none"}


def test_the_scenario_of_the_reference_can_be_used(tmp_path: Path) -> None:
    (block,) = blocks(REFERENCE, "toml")
    Reader(tmp_path).write(block.text)
    places = {name: f"192.0.2.{host}" for name, host in HOSTS.items()} | {"shared_key": "key"}
    scenario = load_scenario(str(tmp_path / "mine.toml"), places)
    assert scenario.nodes["b"].off
    assert scenario.web_interface == "192.0.2.20"
