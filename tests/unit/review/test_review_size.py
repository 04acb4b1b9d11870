"""A review fits into a comment: what matters least goes first, and a cut review says so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_cases import fleet, review_of

from cdktf_stacks.review.markdown import GITHUB_LIMIT, marker, to_markdown


@pytest.fixture(scope="module")
def large() -> str:
    return to_markdown(review_of(*fleet(1500, risky=40)))


def test_many_pairs_fit_into_a_comment(large: str) -> None:
    assert len(large) <= GITHUB_LIMIT
    assert large.startswith(marker())


def test_everything_risky_is_there(large: str) -> None:
    for number in range(40):
        assert f"<code>pair-{number:04}</code>" in large


def test_a_cut_is_told_with_its_count(large: str) -> None:
    assert "This review is cut to fit into a comment" in large
    shown = sum(f"<code>pair-{number:04}</code>" in large for number in range(1500))
    assert f"{1500 - shown} pairs in which users notice nothing left out" in large


def test_nothing_is_cut_that_fits() -> None:
    text = to_markdown(review_of(*fleet(3)))
    assert "cut" not in text
    assert text.count("```json") == 6


def test_details_go_before_pairs() -> None:
    text = to_markdown(review_of(*fleet(30, risky=1)))
    assert all(f"<code>pair-{number:04}</code>" in text for number in range(30))
    assert "without all details" in text


@settings(max_examples=25)
@given(st.integers(2000, 70_000), st.integers(1, 40), st.integers(0, 8))
def test_it_is_never_longer_than_asked(limit: int, count: int, risky: int) -> None:
    text = to_markdown(review_of(*fleet(count, risky=min(count, risky))), limit=limit)
    assert len(text) <= limit
    assert text.startswith(marker())
