"""The reference page says what the schema says."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepair_bridge.provider import reference, tables

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "provider.md"


def test_the_page_is_made_from_the_schema_of_today() -> None:
    page = PAGE.read_text()
    wanted = "run: python -m gatepair_bridge.provider.reference docs/reference/provider.md"
    assert reference.filled(page) == page, wanted


def test_every_attribute_stands_in_its_section() -> None:
    sections = reference.sections()
    for name, schema in (("provider", tables.PROVIDER), ("resource", tables.resource())):
        for attribute in schema.attributes:
            assert f"| `{attribute.name}` |" in sections[name]
    assert "| `password` | string, sensitive | `REST_API_PASSWORD` |" in sections["provider"]


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places for provider"):
        reference.filled("nothing")
