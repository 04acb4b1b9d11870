"""The drawing of a pair: well formed whatever stands in it, and it shows what is there and what differs."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_cases import KINDS, reviewed

from cdktf_stacks.review.drawing import differing, draw, in_words
from cdktf_stacks.review.page import to_html
from cdktf_stacks.review.picture import Picture

PAIR = Picture(
    first=("gw-a", "192.0.2.11"),
    second=("gw-b", "192.0.2.12"),
    external="198.51.100.7",
    internal="192.0.2.20",
    formed=True,
    heartbeat="200 ms, 3 s",
)
ALONE = attrs.evolve(PAIR, formed=False, heartbeat="")
texts = st.text(max_size=40)
pictures = st.builds(
    Picture,
    first=st.tuples(texts, texts),
    second=st.tuples(texts, texts),
    external=texts,
    internal=texts,
    formed=st.booleans(),
    heartbeat=texts,
    interface=texts,
    further_external=st.lists(texts, max_size=9).map(tuple),
    further_internal=st.lists(texts, max_size=9).map(tuple),
)


def drawn(shown: Picture, other: Picture | None = None, mark: str = "new", label: str = "office") -> Any:
    """Return the drawing as it is read by somebody who knows nothing of its makers."""
    return ET.fromstring(draw(shown, other, mark, label))  # noqa: S314 - our own


def words(root: Any, kind: str = "") -> list[str]:
    return [each.text for each in root.iter("text") if not kind or kind in each.get("class", "").split()]


def marked(root: Any, mark: str) -> list[str]:
    groups = [each for each in root.iter("g") if mark in each.get("class", "").split()]
    return [each.findtext("title") for each in groups if each.find("title") is not None]


@given(pictures, pictures, texts)
def test_values_are_words_and_nothing_else(shown: Picture, other: Picture, label: str) -> None:
    root = drawn(shown, other, label=label)
    assert {each.tag for each in root.iter()} <= {"svg", "g", "title", "rect", "line", "polygon", "text"}
    assert all(
        name in {"x", "y", "x1", "x2", "y1", "y2", "width", "height", "rx", "points", "class"}
        for each in root.iter()
        if each is not root
        for name in each.attrib
    )


@given(pictures)
def test_nothing_is_drawn_outside(shown: Picture) -> None:
    root = drawn(shown)
    _, _, wide, high = map(int, root.get("viewBox").split())
    for each in root.iter("rect"):
        x, y, width, height = (float(each.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + width <= wide
        assert y >= 0
        assert y + height <= high
    assert all(0 < float(each.get("y")) < high for each in root.iter("text"))


def test_a_pair_has_its_users_nodes_addresses_and_back_ends() -> None:
    root = drawn(PAIR)
    said = words(root)
    for text in ("Users", "gw-a", "192.0.2.12", PAIR.external, PAIR.internal, "takes over", PAIR.heartbeat):
        assert text in said
    assert marked(root, "new") == []
    assert in_words(PAIR) == (
        "gw-a and gw-b are a failover pair, heartbeat 200 ms, 3 s, external virtual IP 198.51.100.7, "
        "internal virtual IP 192.0.2.20"
    )


def test_two_that_are_no_pair_are_tied_by_nothing() -> None:
    said = words(drawn(ALONE))
    assert {"no failover pair", "nobody takes over"} <= set(said)
    assert "heartbeat" not in said
    assert not [each for each in drawn(ALONE).iter("g") if "standby" in each.get("class", "")]
    assert in_words(attrs.evolve(ALONE, first=("", "192.0.2.11"))).startswith(
        "192.0.2.11 and gw-b stand alone"
    )


def test_one_address_for_both_is_one_box() -> None:
    said = words(drawn(attrs.evolve(PAIR, internal=PAIR.external)))
    assert said.count(PAIR.external) == 1
    assert "external and internal virtual IP" in said
    assert "internal virtual IP" not in said


def test_without_an_external_one_users_come_to_the_nodes() -> None:
    bare = attrs.evolve(ALONE, external="", internal="")
    assert "Users" in words(drawn(attrs.evolve(PAIR, external="")))
    assert "Users" not in words(drawn(bare)), "nobody is told to come"


def test_what_differs_is_marked_on_both_sides() -> None:
    moved = attrs.evolve(PAIR, external="198.51.100.8", heartbeat="1000 ms, 10 s")
    assert marked(drawn(PAIR, moved, "gone"), "gone") == ["external virtual IP 198.51.100.7"]
    then = drawn(moved, PAIR, "new")
    assert marked(then, "new") == ["external virtual IP 198.51.100.8"]
    assert words(then, "new") == ["heartbeat", "1000 ms, 10 s"]
    assert differing(PAIR, PAIR) == ()
    assert "heartbeat" in words(drawn(PAIR, ALONE, "new"), "new")


FURTHER = attrs.evolve(
    PAIR,
    interface="1/2",
    further_external=("198.51.100.9", "198.51.100.10", "198.51.100.11", "198.51.100.12"),
    further_internal=("192.0.2.30",),
)


def test_further_virtual_ips_and_the_interface_of_the_heartbeats_are_shown() -> None:
    root = drawn(FURTHER, PAIR)
    said = words(root)
    for text in ("further virtual IPs", "198.51.100.9", "198.51.100.10", "and 2 more", "on 1/2 alone"):
        assert text in said
    assert {"further internal IP", "192.0.2.30"} <= set(said)
    assert "198.51.100.11" not in said
    assert marked(root, "new") == [
        "further virtual IPs 198.51.100.9 198.51.100.10 198.51.100.11 198.51.100.12",
        "further internal IP 192.0.2.30",
    ]
    assert words(root, "new") == ["on 1/2 alone"]
    told = in_words(FURTHER)
    assert "carried by interface 1/2 alone" in told
    assert "further virtual IP 198.51.100.12" in told
    assert "further internal virtual IP 192.0.2.30" in told
    assert "alone" not in in_words(PAIR)


def test_mermaid_shows_them_too() -> None:
    lines = FURTHER.mermaid.split("\n")
    assert '  more{{"further virtual IPs 198.51.100.9, 198.51.100.10, and 2 more"}}' in lines
    assert '  inner{{"further internal virtual IP 192.0.2.30"}}' in lines
    assert '  a <-- "heartbeat 200 ms, 3 s on 1/2 alone" --> b' in lines
    assert {"  users --> more", "  more --> a", "  more -. takes over .-> b", "  b -.-> inner"} <= set(lines)
    assert not [line for line in PAIR.mermaid.split("\n") if "more" in line or "inner" in line]


def test_users_of_a_further_virtual_ip_alone_have_a_way_to_the_node() -> None:
    only = attrs.evolve(ALONE, external="", internal="", further_external=("198.51.100.9",))
    assert "Users" in words(drawn(only))
    assert "further virtual IP" in words(drawn(only))
    assert "  users --> more" in only.mermaid
    assert "  users -.-> a" not in attrs.evolve(only, formed=True).mermaid


def test_further_virtual_ips_of_a_plan_are_in_its_picture() -> None:
    (pair,) = reviewed("further").pairs
    assert pair.before
    assert pair.after
    assert (pair.before.further_external, pair.after.further_external) == ((), ("192.0.2.29",))
    (pair,) = reviewed("failover-interface").pairs
    assert pair.before
    assert pair.after
    assert (pair.before.interface, pair.after.interface) == ("", "1/1")


def test_long_names_are_cut_and_can_be_read_in_full() -> None:
    name = "a-very-long-host-name-of-a-gateway.example.net"
    root = drawn(attrs.evolve(PAIR, first=(name, "[2001:db8::1]:8443")))
    assert f"{name[:25]}\u2026" in words(root)
    assert f"{name} [2001:db8::1]:8443" in [each.text for each in root.iter("title")]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_draws_every_pair_and_needs_nothing_else(kind: str) -> None:
    page = to_html(reviewed(kind))
    pairs = reviewed(kind).pairs
    assert page.count("<svg ") == sum(1 if pair.before == pair.after else 2 for pair in pairs)
    assert "Mermaid" not in page
    assert "<script" not in page
    assert "url(" not in page
    assert "http:" not in page.replace("http-equiv", "")
