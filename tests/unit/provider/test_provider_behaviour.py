"""Every number on the page of behaviour has a test that runs Terraform, and every such test has its row."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "provider-behaviour.md"
WITH_TERRAFORM = {"tf", "own", "inside"}
"""Fixtures that run real Terraform."""

SUBJECTS = {
    *(f"E{number}" for number in range(1, 38) if number != 11),
    *(f"E11{letter}" for letter in "abcdefghij"),
    *(f"D{number}" for number in range(1, 23)),
    *(f"S{number}" for number in range(1, 12)),
    *(f"I{number}" for number in range(1, 9)),
}


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| [A-Z]\d+[a-j]? \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def shown() -> Iterator[tuple[str, FunctionType]]:
    for file in sorted((ROOT / "tests" / "e2e").glob("test_provider_*.py")):
        specification = importlib.util.spec_from_file_location(f"shown_{file.stem}", file)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        for _, function in inspect.getmembers(module, inspect.isfunction):
            for mark in getattr(function, "pytestmark", []):
                if mark.name == "experiment":
                    yield from ((number, function) for number in mark.args)


def test_the_page_has_every_number() -> None:
    assert {row[0] for row in rows()} == SUBJECTS


def test_every_row_says_what_both_do() -> None:
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_every_number_is_shown_with_real_terraform() -> None:
    found = dict(shown())
    assert found.keys() == SUBJECTS
    without = [
        number for number, test in shown() if not WITH_TERRAFORM & set(inspect.signature(test).parameters)
    ]
    assert without == []
