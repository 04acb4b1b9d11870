"""Text from documents made harmless: for Markdown, HTML and terminals.

A host name is data. It must not end a table cell, open a tag, mention a person, start a link or move a
terminal's cursor, whatever stands in it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

LONGEST: Final = 400
"""Characters of one value that are shown; a longer one is cut and says so."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKUP: Final = re.compile(r":(?=//)|[^\w .,:;()'\"/+=?%\-\u2192\u2026]|_", re.ASCII)
_AUTOLINK: Final = re.compile(r"(?i)\bwww\.")
_ZERO_WIDTH: Final = "&#8203;"


def visible(text: str) -> str:
    r"""Return a text on one line in which everything can be seen: control characters as escapes.

    Example:
        >>> visible("one" + chr(10) + "two")
        'one\\x0atwo'
    """
    shown = "".join(_escape(char) if unicodedata.category(char) in _INVISIBLE else char for char in text)
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[:LONGEST]}\u2026 ({len(shown) - LONGEST} more characters)"


def markdown(text: str) -> str:
    """Return a text that reads the same in Markdown and is nothing but text there."""
    arrows = visible(text).replace("->", "\u2192")
    plain = _AUTOLINK.sub(lambda match: match.group().replace(".", "\0"), arrows)
    return _MARKUP.sub(_entity, plain).replace("\0", f".{_ZERO_WIDTH}")


def code(text: str) -> str:
    """Return a text as code in Markdown, where nobody is mentioned and nothing is linked."""
    return f"<code>{_MARKUP.sub(lambda match: f'&#{ord(match.group())};', visible(text))}</code>"


def html_text(text: str) -> str:
    """Return a text for the body or an attribute of an HTML page."""
    return html.escape(visible(text), quote=True)


def _entity(match: re.Match[str]) -> str:
    char = match.group()
    if char == "\0":
        return char
    # GitHub looks for mentions and issue numbers after it has read the entities.
    return f"&#{ord(char)};{_ZERO_WIDTH if char in '@#' else ''}"


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"  # noqa: PLR2004 - one byte
