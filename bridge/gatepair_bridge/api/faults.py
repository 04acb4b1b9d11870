"""Errors of the API itself, before or around the work on appliances; they belong to the SDK's one tree."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from gatepair.errors import GatepairError


class ApiError(GatepairError):
    """A request the API itself answers with a problem document.

    Args:
        message: What happened, as a sentence.
        remedy: What to do about it, as a sentence.
        key: The key of the body, or the query parameter, to blame.
        headers: Headers the response must carry.
        extra: Further members of the problem document.
    """

    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, key=key)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def _more(self) -> dict[str, object]:
        return self.extra


class BadRequest(ApiError):
    """The request cannot be read."""

    slug = "bad-request"
    title = "The request cannot be read"
    default_remedy = "Correct what detail names and send the request again."
    status = 400


class Unauthenticated(ApiError):
    """The request carries no token, or none that is known."""

    slug = "unauthenticated"
    title = "A token is needed"
    default_remedy = "Send Authorization: Bearer with a token of the bridge's token file."
    status = 401


class Forbidden(ApiError):
    """The caller may not do this."""

    slug = "forbidden"
    title = "Not allowed"
    default_remedy = (
        "Use a token with the scope, or an appliance and a secret that the bridge's configuration allows."
    )
    status = 403


class NothingHere(ApiError):
    """No such path, or nothing under this name."""

    slug = "nothing-here"
    title = "There is nothing here"
    default_remedy = "See /openapi.json or /docs for the paths, and list what there is."
    status = 404


class MethodNotAllowed(ApiError):
    """The path is there, the method is not."""

    slug = "method-not-allowed"
    title = "This method is not offered here"
    default_remedy = "Use a method that Allow lists."
    status = 405


class ChangeUnderWay(ApiError):
    """Another change of the same appliances is under way."""

    slug = "change-under-way"
    title = "Another change is under way"
    default_remedy = "Wait until that change has ended, then send the request again."
    status = 409


class Conflict(ApiError):
    """The request contradicts what is there."""

    slug = "conflict"
    title = "The request contradicts what is there"
    default_remedy = "Wait for the reply to the first request, or send it again later with the same key."
    status = 409


class PreconditionFailed(ApiError):
    """The pair is no longer what the caller last saw."""

    slug = "precondition-failed"
    title = "The pair has changed in the meantime"
    default_remedy = "Read it again, look at the difference, and send the change with the new ETag."
    status = 412


class TooLarge(ApiError):
    """The body is larger than the bridge takes."""

    slug = "too-large"
    title = "The body is too large"
    default_remedy = "Send less, or raise the limit in the bridge's configuration."
    status = 413


class UnsupportedMediaType(ApiError):
    """The body is of a type this path does not take."""

    slug = "unsupported-media-type"
    title = "The body must be JSON"
    default_remedy = "Send Content-Type: application/json."
    status = 415


class Unprocessable(ApiError):
    """The body is JSON, but not a valid document."""

    slug = "invalid-document"
    title = "The document is not valid"
    default_remedy = "Correct what detail names and send the request again; nothing was changed."
    status = 422


class TooManyRequests(ApiError):
    """The caller sends more than its share."""

    slug = "too-many-requests"
    title = "Too many requests"
    default_remedy = "Wait as long as Retry-After says, then send the request again."
    status = 429


class Unavailable(ApiError):
    """The bridge is stopping."""

    slug = "stopping"
    title = "The bridge is stopping"
    default_remedy = "Send the request again in a minute."
    status = 503
