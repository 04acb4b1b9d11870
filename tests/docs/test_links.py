"""Every page can be found, and every link between pages leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#([^)\s]+))?\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for path, anchor in _LINK.findall(text):
        yield (page.parent / path).resolve(), anchor


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, by GitHub's rule."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{page.relative_to(ROOT)} links to {target}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.relative_to(ROOT)} links to {target.name}#{anchor}"


def test_the_overview_leads_to_every_page() -> None:
    linked = {target for target, _ in links(DOCS / "README.md")}
    decisions = DOCS / "explanation" / "decisions"
    pages = {page for page in DOCS.rglob("*.md") if decisions not in page.parents}
    assert sorted(pages - linked - {DOCS / "README.md"}) == []


def test_every_decision_is_listed() -> None:
    records = DOCS / "explanation" / "decisions"
    linked = {target for target, _ in links(records / "README.md")}
    assert sorted(set(records.glob("0*.md")) - linked) == []
