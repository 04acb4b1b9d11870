"""The pages about networks: somebody does what they say, and sees what they show."""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Reader, blocks, missing
from project import ROOT

PAGES = ["adopt-an-existing-pair.md", "nodes-in-different-networks.md"]
HOW_TO = ROOT / "docs" / "how-to"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_reader_sees_what_the_page_shows(reader: Reader, page: str) -> None:
    said = ""
    for block in blocks(HOW_TO / page):
        if block.language == "sh":
            said = reader.type(block.text)
        elif block.language == "toml":
            reader.write(block.text)
        else:
            assert block.language == "text"
            assert not list(missing(block.text, said)), f"{page}:{block.line}\n{said}"


def test_every_page_is_linked_from_the_overview() -> None:
    overview = Path(ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"(how-to/{page})" in overview
