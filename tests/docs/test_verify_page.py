"""The page on verify: somebody does what it says, and sees what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Reader, blocks, missing
from project import ROOT

from gatepair.verify import judging

PAGE = ROOT / "docs" / "how-to" / "verify-in-a-maintenance-window.md"


@pytest.mark.slow
def test_a_reader_sees_what_the_page_shows(reader: Reader) -> None:
    said = ""
    for block in blocks(PAGE):
        where = f"{PAGE.name}:{block.line}"
        if block.why_not:
            continue
        if block.language == "sh":
            said = reader.type(block.text)
        elif block.language == "text":
            assert not list(missing(block.text, said)), f"{where}\n{said}"
        elif block.language == "python":
            said = reader.script(block.text)
            assert said.splitlines()[0].startswith("Graceful failover passed "), said
            assert said.splitlines()[1].startswith("Fail back passed "), said
        else:
            raise AssertionError(f"{where}: nobody knows what to do with {block.language}")
    assert "Failover works: 2 of 2" in (reader.folder / "proof.html").read_text(encoding="utf-8")


def test_every_check_is_explained() -> None:
    """What can fail is in the page's table; what only informs is in its text."""
    source = Path(judging.__file__).read_text(encoding="utf-8")
    told = PAGE.read_text(encoding="utf-8")
    names = {line.split('"')[1] for line in source.splitlines() if line.strip().startswith('id="')}
    assert names >= {"switched", "undone", "web-interface", "sync-after"}
    for name in names - {"kept-connection", "session-kept"}:
        assert f"`{name}`" in told
