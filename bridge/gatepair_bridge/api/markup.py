"""The little Markdown that our own texts use, as HTML: paragraphs, lists, headings, `code`, **strong**."""

from __future__ import annotations

import re
from html import escape

CODE = re.compile(r"`([^`]+)`")
STRONG = re.compile(r"\*\*([^*]+)\*\*")
BLANK = re.compile(r"\n\s*\n")


def to_html(text: str) -> str:
    r"""Write a text as HTML; everything in it is escaped.

    Example:
        >>> to_html("Say `a<b`.")
        '<p>Say <code>a&lt;b</code>.</p>'
        >>> to_html("- one\n- two")
        '<ul><li>one</li><li>two</li></ul>'
    """
    return "".join(_block(block.strip("\n")) for block in BLANK.split(text.strip()) if block.strip())


def inline(text: str) -> str:
    """Write a piece of text within a line as HTML."""
    safe = escape(" ".join(text.split()))
    return STRONG.sub(r"<strong>\1</strong>", CODE.sub(r"<code>\1</code>", safe))


def anchor(text: str) -> str:
    """Give the name under which a heading is found.

    Example:
        >>> anchor("The way to the primary")
        'the-way-to-the-primary'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _block(block: str) -> str:
    if block.startswith("#"):
        marks, _, title = block.partition(" ")
        level = len(marks)
        return f'<h{level} id="{anchor(title)}">{inline(title)}</h{level}>'
    if block.startswith("- "):
        items = re.split(r"\n(?=- )", block)
        return f"<ul>{''.join(f'<li>{inline(item[2:])}</li>' for item in items)}</ul>"
    return f"<p>{inline(block)}</p>"
