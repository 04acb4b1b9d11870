from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.config.lines import Lines

TEXT = '''\
# a comment with [brackets] = and "quotes"
title = "x # no comment"   # a comment

[defaults]
a.b . "c d" = 1
text = """
[not.a.table]
key = \\""""" # two quotes may stand before the three
literal = \'\'\'
x = 1\'\'\'
date = 1979-05-27 07:32:00
[pairs."quoted \\u0041".inner]
one = 1
[pairs."quoted A"]
list = [
  1, "]", # ]
  { a = 1, "b" = [
    2,
  ] },
]
[[lists]]
a = 1
[lists.sub]
b = 1
[[lists]]
a = 2
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 2),
        (("defaults",), 4),
        (("defaults", "a"), 5),
        (("defaults", "a", "b", "c d"), 5),
        (("defaults", "text"), 6),
        (("defaults", "literal"), 9),
        (("defaults", "date"), 11),
        (("pairs",), 12),
        (("pairs", "quoted A"), 14),
        (("pairs", "quoted A", "inner"), 12),
        (("pairs", "quoted A", "inner", "one"), 13),
        (("pairs", "quoted A", "list"), 15),
        (("pairs", "quoted A", "list", 0), 16),
        (("pairs", "quoted A", "list", 1), 16),
        (("pairs", "quoted A", "list", 2, "a"), 17),
        (("pairs", "quoted A", "list", 2, "b", 0), 18),
        (("lists", 0, "a"), 22),
        (("lists", 0, "sub", "b"), 24),
        (("lists", 1), 25),
        (("lists", 1, "a"), 26),
        (("lists", 1, "missing"), 25),
        (("defaults", "missing", "deeper"), 4),
        (("missing",), 0),
        ((), 0),
    ],
)
def test_every_key_has_its_line(place: tuple[str | int, ...], line: int) -> None:
    assert tomllib.loads(TEXT)
    assert Lines(TEXT).of(place) == line
    assert Lines(TEXT.replace("\n", "\r\n")).of(place) == line


keys = st.text(st.characters(codec="utf-8"), max_size=4)
values = st.recursive(
    st.booleans() | st.integers(-9, 9) | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(inner)}, # ]\n" for inner in value) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def places(value: object, place: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, child in inner for found in places(child, (*place, key)))]


@given(st.dictionaries(keys, values, min_size=1, max_size=4))
def test_any_toml_can_be_searched(document: dict[str, object]) -> None:
    text = "".join(f"{quoted(key)} = {written(value)}\n\n" for key, value in document.items())
    assert tomllib.loads(text) == document
    lines, start = Lines(text), 1
    for key, value in document.items():
        end = start + written(value).count("\n")
        assert lines.of((key,)) == start
        for place in places(value, (key,)):
            assert start <= lines.of(place) <= end
        start = end + 2
