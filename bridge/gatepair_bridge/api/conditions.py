"""Documents with an ETag, and requests that depend on it (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from gatepair_bridge.api.faults import PreconditionFailed
from gatepair_bridge.api.messages import Request, Response, encode_json, json_response

NOT_MODIFIED = 304


def etag_of(document: Mapping[str, object]) -> str:
    """Give the strong ETag of a canonical document: equal documents have equal tags on every instance.

    Example:
        >>> etag_of({"a": 1, "b": 2}) == etag_of({"b": 2, "a": 1})
        True
    """
    return f'"{hashlib.sha256(encode_json(document)).hexdigest()[:32]}"'


def document_response(
    status: int, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a document and its ETag."""
    return json_response(status, document, {"etag": etag_of(document), **(headers or {})})


def read_response(request: Request, document: Mapping[str, object]) -> Response:
    """Answer a read: the document, or 304 if the caller has it already."""
    if _named(request.headers.get("if-none-match"), document):
        return Response(status=NOT_MODIFIED, headers={"etag": etag_of(document)})
    return document_response(200, document)


def is_conditional(request: Request) -> bool:
    """Tell whether the request depends on what is there now."""
    return "if-match" in request.headers


def check_condition(request: Request, document: Mapping[str, object]) -> None:
    """Refuse a change whose If-Match names another state than the present one.

    Raises:
        PreconditionFailed: It does.
    """
    wanted = request.headers.get("if-match")
    if wanted is None or _named(wanted, document):
        return
    raise PreconditionFailed(
        "What is there now differs from what If-Match names.",
        remedy="Read it again, look at the difference, and send the change with the new ETag.",
        headers={"etag": etag_of(document)},
    )


def _named(tags: str | None, document: Mapping[str, object]) -> bool:
    if tags is None:
        return False
    return tags.strip() == "*" or etag_of(document) in {
        tag.strip().removeprefix("W/") for tag in tags.split(",")
    }
