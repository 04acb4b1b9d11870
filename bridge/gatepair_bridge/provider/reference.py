"""The reference page's tables, made from the schema.

``python -m gatepair_bridge.provider.reference docs/reference/provider.md`` writes them into the page again.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import tables

if TYPE_CHECKING:
    from .schema import Attribute, Schema

_KINDS: Final = {
    "string": "string",
    "bool": "bool",
    "number": "number",
    "strings": "list of string",
    "map": "map of string",
    "json": "JSON string",
    "object": "object",
}


def table(attributes: tuple[Attribute, ...]) -> str:
    """Write attributes as a Markdown table."""
    rows = ["| Attribute | Type | Variable | Default | Meaning |", "| --- | --- | --- | --- | --- |"]
    for attribute in attributes:
        variable = f"`{attribute.variable}`" if attribute.variable else ""
        rows.append(
            f"| `{attribute.name}` | {_kind(attribute)} | {variable} | {attribute.default} | "
            f"{attribute.description} |"
        )
    return "\n".join(rows)


def _kind(attribute: Attribute) -> str:
    words = [_KINDS[attribute.kind]]
    words += ["required"] * attribute.required + ["computed"] * attribute.computed
    return ", ".join(words + ["sensitive"] * attribute.sensitive)


def section(schema: Schema) -> str:
    """Write the tables of a schema, nested attributes and blocks after their parent."""
    parts = [schema.description, table(schema.attributes)]
    for attribute in schema.attributes:
        if attribute.members:
            parts += [f"Members of `{attribute.name}`:", table(attribute.members)]
    for block in schema.blocks:
        parts += [f"Block `{block.name}`: {block.description}", table(block.attributes)]
    return "\n\n".join(parts)


def sections() -> dict[str, str]:
    """Give the generated parts of the page by name."""
    return {
        "provider": section(tables.PROVIDER),
        "resource": section(tables.resource()),
        "data source": section(tables.data_source()),
    }


def filled(page: str) -> str:
    """Put the generated parts between their marks.

    Args:
        page: Markdown with the marks ``<!-- NAME: made from the schema -->`` and ``<!-- end of NAME -->``.
    """
    for name, text in sections().items():
        begin, end = f"<!-- {name}: made from the schema -->", f"<!-- end of {name} -->"
        pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
        content = f"{begin}\n\n{text}\n\n{end}"
        page, count = re.subn(pattern, lambda _match, content=content: content, page, flags=re.DOTALL)  # type: ignore[misc]
        if count != 1:
            raise ValueError(f"the page has {count} places for {name}")
    return page


def main(file: Path) -> None:
    """Write the generated parts into the page."""
    file.write_text(filled(file.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
