from __future__ import annotations

import subprocess

import pytest
from blocks import blocks, missing
from project import BIN, ROOT

from gatepair.cli.main import OWN_COMMANDS
from gatepair.cli.reference import reference

PAGE = ROOT / "docs" / "reference" / "cli.md"
AGAIN = "python -m gatepair.cli.reference > docs/reference/cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), f"run: {AGAIN}"


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_every_command_is_on_the_page(name: str) -> None:
    assert f"\n## gatepair {name}\n" in PAGE.read_text(encoding="utf-8")


def test_bash_takes_the_completion_script() -> None:
    (block,) = blocks(PAGE, "sh")
    line = next(line for line in block.text.splitlines() if "bash_source" in line)
    typed = f'export PATH="{BIN}:$PATH"; {line}\ncomplete -p gatepair'
    done = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, check=True)
    assert "gatepair" in done.stdout


def test_what_a_page_shows_is_looked_for_in_order() -> None:
    output = "one\ntwo   words\nthree\n"
    assert not list(missing("one\n\ntwo words\n", output))
    assert list(missing("three\none\n", output)) == ["one"]
    assert list(missing("four\n", output)) == ["four"]
