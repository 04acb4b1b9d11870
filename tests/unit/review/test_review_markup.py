"""Values are data: they end no table, open no tag, mention nobody and move no cursor."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from review_cases import document, plan_of, review_of, with_data

from cdktf_stacks.review.cli.review import Rendered

if TYPE_CHECKING:
    from cdktf_stacks.review.model import Review

NASTY = (
    "`x` | y", "<script>alert(1)</script>", "a\n\n# heading", "@everyone @org/team", "[a](javascript:x)",
    "![i](http://x/y.png)", "</details>", "--> <!-- gatepair-review:default -->", "```\n```mermaid\ngraph",
    "https://evil.example", "www.evil.example", "a@evil.example", "#1 GH-1 org/repo#2", "\x1b[2Jgone",
    "\u202egnp.exe", "|---|", "*b* _i_ ~~s~~", "\\", "&lt;b&gt;", '" onload="x', "~~~", "$x$", "{{x}}",
)  # fmt: skip
ALLOWED = {
    "code", "br", "details", "summary", "sub", "table", "thead", "tbody", "tr", "th", "td", "p", "h2", "h3",
    "strong", "ol", "ul", "li", "pre", "blockquote", "hr", "em",
}  # fmt: skip
DRAWN = {"g", "line", "polygon", "rect", "svg", "text", "title"}
values = st.text(max_size=60) | st.sampled_from(NASTY) | st.tuples(*[st.sampled_from(NASTY)] * 2).map("".join)


def with_value(value: str) -> Review:
    changed = with_data(document("external-moves"), "after", remark=value, **{value or "k": "v"})
    return review_of(plan_of(changed, name=value or "office"))


class Tags(HTMLParser):
    """Collects tags, links and text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.bad: list[str] = []
        self.plain = ""
        self._code = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.bad += [f"{tag} {name}" for name, _ in attrs if name not in {"class", "start", "style"}]
        self._code += tag in {"code", "pre"}

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in {"code", "pre"}

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.plain += data


@given(values)
@example("\n".join(NASTY))
def test_markdown_keeps_its_structure(value: str) -> None:
    usual = shape("x")
    assert shape(value)[:2] == usual[:2]


def shape(value: str) -> tuple[list[str], int, str]:
    text = Rendered(with_value(value)).text("markdown")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    found = Tags(html)
    assert set(found.tags) <= ALLOWED
    assert not found.bad
    assert not re.search(r"@\w", found.plain), "nobody is mentioned"
    assert not re.search(r"#\d", found.plain), "no issue is linked"
    assert "://" not in text.partition("<details>")[0]
    assert text.count("<!--") == 2
    return found.tags, text.splitlines().count("```mermaid"), text


@given(values)
@example("\n".join(NASTY))
def test_html_has_no_tag_of_a_value(value: str) -> None:
    found = Tags(Rendered(with_value(value)).text("html"))
    assert not set(found.tags) & {"script", "img", "a", "iframe", "object", "form"}
    usual = Tags(Rendered(with_value("x")).text("html"))
    assert drawn(found) == drawn(usual), "a value draws nothing"
    assert [bad for bad in found.bad if bad.split()[0] not in {"html", "meta", *DRAWN}] == []


def drawn(found: Tags) -> list[str]:
    return [tag for tag in found.tags if tag in DRAWN]


@given(values)
@example("\n".join(NASTY))
def test_a_terminal_gets_no_control_characters(value: str) -> None:
    text = Rendered(with_value(value)).text("terminal")
    controls = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}}
    assert controls <= {"\n"}


@pytest.mark.parametrize("value", NASTY)
def test_pictures_hold_nothing_but_labels(value: str) -> None:
    changed = document("external-moves")
    address = {"address": value, "netmask": "255.255.255.255"}
    review = review_of(plan_of(with_data(changed, "after", external_virtual_ip=address)))
    shown = review.pairs[0].after
    assert shown
    for line in shown.mermaid.splitlines()[1:]:
        label = re.search(r'"(.*)"', line)
        assert label is None or re.fullmatch(r"[A-Za-z0-9 .,:/_=-]*", label.group(1))


def test_a_very_long_value_is_cut_and_says_so() -> None:
    text = Rendered(with_value("x" * 5000)).text("terminal")
    assert "more characters" in text
    assert "x" * 1000 not in text.replace("\n", "")
