"""Paths and queries of requests."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_SAFE: Final = "-._~!$&'()*+,;=:@"
"""What a path segment may hold unescaped (RFC 3986, 3.3)."""

PLACEHOLDER: Final = "{id}"


def encoded(identity: str) -> str:
    """Escape an id so that it is one segment of a path."""
    return quote(identity, safe=_SAFE)


def item_path(collection: str) -> str:
    """Give the path of an object below its collection, with a place for the id.

    >>> item_path("/api/objects?x=1")
    '/api/objects/{id}?x=1'
    """
    if PLACEHOLDER in collection:
        return collection
    path, mark, query = collection.partition("?")
    return f"{path}/{PLACEHOLDER}{mark}{query}"


def filled(path: str, identity: str) -> str:
    """Put an id into a path."""
    return path.replace(PLACEHOLDER, encoded(identity))


def with_query(path: str, *queries: str) -> str:
    """Append queries, with ``?`` or ``&`` as is right; spaces are escaped.

    >>> with_query("/api/objects?x=1", "y=2", "")
    '/api/objects?x=1&y=2'
    """
    for query in queries:
        if query:
            path += ("&" if "?" in path else "?") + query
    return path.replace(" ", "%20")
