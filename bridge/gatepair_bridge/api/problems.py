"""From an error to a problem document (RFC 9457) with the right status, in one table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

import attrs

from gatepair import errors
from gatepair.errors.base import URN
from gatepair_bridge.api.faults import ApiError
from gatepair_bridge.api.messages import PROBLEM_TYPE, Response, encode_json

CORRECT_IT = "Correct it and send the request again; nothing was changed."
FORBIDDEN = 403
# The nearest ancestor in this table decides; an error of the API itself knows its own status.
STATUS: Mapping[type[errors.GatepairError], int] = {
    errors.GatepairError: 500,
    # The caller's document is to blame.
    errors.InvalidInput: 422,
    errors.SecretUnavailable: 422,
    errors.AmbiguousVirtualIp: 422,
    errors.InvalidArgument: 422,
    errors.Unsupported: 422,
    # The state of the appliances is in the way.
    errors.PreflightFailed: 409,
    errors.PairError: 409,
    errors.AlreadyExists: 409,
    errors.NotLicensed: 409,
    errors.FailoverRefused: 409,
    # The appliances, behind this gateway, fail it.
    errors.NitroError: 502,
    errors.AuthenticationRefused: 502,
    errors.TlsUntrusted: 502,
    errors.SyncFailed: 502,
    # They will do so no longer in a while.
    errors.SessionLimitReached: 503,
    errors.NotReady: 503,
    errors.Busy: 503,
    errors.NotPrimary: 503,
    errors.NoPrimary: 503,
    # They take too long, or for ever.
    errors.Unreachable: 504,
    errors.DeadlineExceeded: 504,
    # The operator's own files are to blame.
    errors.PairsFileError: 500,
    errors.LocalFileError: 500,
}


@attrs.frozen(kw_only=True)
class ProblemDocument:
    """A problem as it goes over the wire; ``place`` is only for the log."""

    status: int
    slug: str
    members: Mapping[str, object]
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    unexpected: bool = False
    place: str = ""


def status_of(error: errors.GatepairError) -> int:
    """Give the HTTP status for an error.

    Example:
        >>> from gatepair.errors import TlsUntrusted, Unreachable
        >>> status_of(Unreachable("No answer")), status_of(TlsUntrusted("Unknown CA"))
        (504, 502)
    """
    return status_of_kind(type(error))


def status_of_kind(kind: type[errors.GatepairError]) -> int:
    """Give the HTTP status for a kind of error."""
    if issubclass(kind, ApiError):
        return kind.status
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def problem_of(error: Exception, *, own_credentials: bool = False) -> ProblemDocument:
    """Make the problem document of an error; of an unforeseen one it says nothing but its kind.

    Args:
        error: What happened.
        own_credentials: The caller brought the appliance's credentials, so they are its fault, not ours.
    """
    if isinstance(error, errors.GatepairError):
        theirs = own_credentials and isinstance(error, errors.AuthenticationRefused)
        status = FORBIDDEN if theirs else status_of(error)
        remedy = {"remedy": CORRECT_IT} if isinstance(error, errors.InvalidInput) else {}
        return ProblemDocument(
            status=status,
            slug=error.slug,
            members={**remedy, **error.to_problem(), "status": status},
            headers=error.headers if isinstance(error, ApiError) else {},
        )
    frames = traceback.extract_tb(error.__traceback__)
    return ProblemDocument(
        status=500,
        slug="internal",
        members={
            "type": URN + "internal",
            "title": "The bridge failed",
            "status": 500,
            "detail": f"The bridge met an error it does not know: {type(error).__name__}.",
            "remedy": "Look into the bridge's log for the place, and report it.",
        },
        unexpected=True,
        place=f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "",
    )


def problem_response(problem: ProblemDocument) -> Response:
    """Make the response that carries a problem document."""
    return Response(
        status=problem.status,
        slug=problem.slug,
        headers={"content-type": PROBLEM_TYPE, **problem.headers},
        body=encode_json(problem.members),
    )
