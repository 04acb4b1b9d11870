"""The report as a page, on a terminal and as JSON: complete, self-contained, harmless."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from verify_series import GOOD, PROMISE, A, B, any_timeline, facts, part_report, report, timeline

from gatepair.probes import Probe
from gatepair.verify import Part, VerifyReport
from gatepair.verify.drawing import WIDTH, draw
from gatepair.verify.judging import After
from gatepair.verify.page import page
from gatepair.verify.spans import Stretch
from gatepair.verify.terminal import WIDTH as CHARACTERS
from gatepair.verify.terminal import bar, render
from gatepair.verify.timeline import Timeline
from gatepair.verify.words import headline, method
from gatepair.workflows.report import Check, Verdict

EVIL = "<script>alert(1)</script>&\"'"
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Strict(HTMLParser):
    """Sees that every element is closed in order, and notes what could fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in {"src", "srcset", "data", "xlink:href"} or (
                name == "href" and not (value or "").startswith("#")
            ):
                self.fetched.append(f"{tag} {name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


def parsed(text: str) -> Strict:
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def printed(found: VerifyReport, *, colour: bool = False) -> str:
    console = Console(file=io.StringIO(), width=110, force_terminal=colour, highlight=False)
    console.print(render(found))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def shapes(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())  # noqa: S314 - made by the code under test


# -- the page -------------------------------------------------------------------------------------


def test_the_page_holds_verdict_figures_checks_and_drawings() -> None:
    found = report([part_report(), part_report(facts(part=Part.FAIL_BACK))])
    text = page(found)
    parser = parsed(text)
    assert parser.tags.count("svg") >= 2
    for words in ("Failover works: 2 of 2 switches passed.", "Hard failover (power off)", "3.2 s", "gw-a"):
        assert words in text
    for check in found.checks:
        assert check.title in text
    assert "gateway.example.net" in text
    assert "2026-03-01 22:15:00 UTC" in text


def test_the_page_fetches_nothing() -> None:
    text = page(report())
    parser = parsed(text)
    assert parser.fetched == []
    assert not {"script", "link", "iframe", "img"} & set(parser.tags)
    assert not re.search(r"https?://|url\(|@import", text)
    assert "default-src 'none'" in text


def test_what_appliances_say_cannot_become_markup() -> None:
    nasty = attrs.evolve(GOOD, names=(EVIL, "gw-b"))
    bad = facts(nasty, after=After(settled=False, roles=((A, EVIL), (B, "primary")), sync=EVIL))
    text = page(report([part_report(bad)], names=(EVIL, "gw-b"), versions=(EVIL, EVIL)))
    assert "script" not in parsed(text).tags
    assert EVIL not in text


def test_a_negative_verdict_shows_the_remedy() -> None:
    text = page(report([part_report(facts(undone="192.0.2.11 was to serve again"))]))
    assert "Failover does not work as it should: 0 of 1 switches passed." in text
    assert 'class="remedy"' in text


def test_a_report_without_parts_says_why() -> None:
    nothing = report([], before=facts_of_a_sick_pair(), probes=(), timeline=Timeline(nodes=(A, B)))
    text = page(nothing)
    parsed(text)
    assert "Nothing was done" in text
    assert "no peer" in text
    assert "Nothing was done" in printed(nothing)
    assert nothing.to_dict()["verdict"] == "failed"


def facts_of_a_sick_pair() -> tuple[Check, ...]:
    sick = Check(id="pair-healthy", title="fit", verdict=Verdict.FAIL, evidence="no peer", remedy="Mend it.")
    return (sick,)


# -- the drawing ----------------------------------------------------------------------------------


def test_the_drawing_shows_each_attempt_and_both_roles() -> None:
    svg = draw(part_report(), PROMISE)
    kinds = [shape.get("class", "") for shape in shapes(svg)]
    assert kinds.count("t-bad") == 15 * len(Probe)
    assert kinds.count("t-ok") == 25 * len(Probe)
    assert {"r-primary", "r-secondary", "r-unknown", "n-a", "n-b", "n-nobody", "promised"} <= set(kinds)


@given(any_timeline(), st.sampled_from(list(Part)))
def test_every_timeline_can_be_drawn_within_its_frame(seen: Timeline, part: Part) -> None:
    for shape in shapes(draw(part_report(facts(seen, part)), PROMISE)):
        for name in ("x", "x1", "x2"):
            assert 0 <= float(shape.get(name, 0)) <= WIDTH
        if shape.get("class") != "promised":
            assert float(shape.get("x", 0)) + float(shape.get("width", 0)) <= WIDTH + 1.5


def test_without_a_promise_nothing_is_shaded() -> None:
    assert "promised" not in draw(part_report(), None)


# -- the terminal ---------------------------------------------------------------------------------


def test_the_terminal_shows_verdict_figures_and_timeline() -> None:
    text = printed(report())
    assert text.rstrip().endswith("Failover works: 1 of 1 switches passed.")
    assert "60 of 160" in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.startswith("  gw-")}
    assert lines["gw-a"].index("█") < lines["gw-a"].index("·") < lines["gw-a"].index("░")
    assert lines["gw-b"].index("░") < lines["gw-b"].index("█")
    served = next(line for line in text.splitlines() if "served by" in line)
    assert re.search(r"a+✗+b+", served)


def test_no_colours_in_a_pipe_and_colours_for_a_person() -> None:
    assert "\033[" not in printed(report())
    assert "\033[" in printed(report(), colour=True)


def test_names_are_no_markup_of_the_terminal_either() -> None:
    nasty = attrs.evolve(GOOD, names=("[red]x[/red]", "[/]"))
    assert "[red]x[/red]" in printed(report([part_report(facts(nasty))]))


@given(any_timeline(), st.sampled_from(list(Part)))
def test_every_timeline_can_be_printed(seen: Timeline, part: Part) -> None:
    assert printed(report([part_report(facts(seen, part))]))


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10), st.sampled_from("ab")), max_size=9))
def test_a_bar_has_one_width(spans: list[tuple[float, float, str]]) -> None:
    stretches = [
        Stretch(began=min(first, last), ended=max(first, last), label=label) for first, last, label in spans
    ]
    extent = Stretch(began=0.0, ended=10.0, label="")
    text = bar(stretches, extent, {"a": ("a", ""), "b": ("✗", "red")}).plain
    assert len(text) == CHARACTERS
    if any(label == "b" for *_, label in spans):
        assert "✗" in text, "what is short and bad is still seen"


# -- JSON and words -------------------------------------------------------------------------------


def test_json_is_json_and_complete() -> None:
    document = json.loads(json.dumps(report().to_dict()))
    (part,) = document["parts"]
    assert (document["verdict"], part["verdict"], part["part"]) == ("passed", "passed", "hard")
    assert part["measures"]["failed_attempts"] == 60
    assert part["measures"]["detect_s"] == pytest.approx(3.0, abs=0.3)
    assert [one["label"] for one in part["measures"]["serving"]] == [A, "", B]
    assert part["configuration"]["equal"] is True
    assert document["sampling"] == {
        "probes": [str(one) for one in Probe],
        "interval_s": 0.2,
        "timeout_s": 1.0,
    }


@given(any_timeline(), st.sampled_from(list(Part)))
def test_every_report_is_json(seen: Timeline, part: Part) -> None:
    json.dumps(report([part_report(facts(seen, part))]).to_dict(), allow_nan=False)


def test_the_resolution_is_stated() -> None:
    said = method(report())
    assert "nothing shorter than 0.2 s is sure to be seen" in said
    assert "1.2 s where an attempt got no answer" in said


def test_the_headline_counts() -> None:
    bad = part_report(facts(timeline("p" * 9, "s" * 9, "a" * 9)))
    assert headline(report([part_report(), bad])).endswith("1 of 2 switches passed.")
