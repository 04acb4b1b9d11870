"""The pages about upkeep: somebody does what they say, and sees what they show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from blocks import Reader, blocks, missing
from project import ROOT

PAGES = ["rotate-the-shared-key.md", "upgrade-a-pair.md", "replace-a-node.md"]
HOW_TO = ROOT / "docs" / "how-to"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_reader_sees_what_the_page_shows(reader: Reader, page: str) -> None:
    said = ""
    for block in blocks(HOW_TO / page):
        where = f"{page}:{block.line}"
        if block.language == "sh":
            said = reader.type(block.text.replace("python3 ", f"{sys.executable} "))
        elif block.language == "python":
            said = reader.script(block.text)
        else:
            assert block.language == "text"
            assert not list(missing(block.text, said)), f"{where}\n{said}"


def test_every_page_is_linked_from_the_overview() -> None:
    overview = Path(ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"(how-to/{page})" in overview
