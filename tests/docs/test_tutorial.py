from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Reader, blocks, missing
from project import ROOT

TUTORIALS = sorted((ROOT / "docs" / "tutorial").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_reader_sees_what_the_page_shows(reader: Reader, page: Path) -> None:
    said = ""
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.why_not:
            continue
        if block.language == "toml":
            reader.write(block.text)
        elif block.language == "sh":
            said = reader.type(block.text)
        elif block.language == "text":
            assert not list(missing(block.text, said)), f"{where}\n{said}"
        else:
            raise AssertionError(f"{where}: nobody knows what to do with {block.language}")


def test_there_is_a_tutorial() -> None:
    assert [page.stem for page in TUTORIALS] == ["first-pair"]
