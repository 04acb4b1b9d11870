"""Columns for a terminal and for a pipe alike: aligned, never cut, no frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

GAP: Final = "  "


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines with aligned columns; a column without any value is left out.

    Args:
        rows: The first one is the heading.

    Example:
        >>> print(columns([("appliance", "role", "peer"), ("192.0.2.11", "primary", "")]))
        appliance   role
        192.0.2.11  primary
    """
    heading, *body = rows
    kept = [place for place in range(len(heading)) if any(row[place] for row in body)]
    widths = {place: max(len(row[place]) for row in rows) for place in kept}
    lines = (GAP.join(row[place].ljust(widths[place]) for place in kept).rstrip() for row in rows)
    return "\n".join(lines)
