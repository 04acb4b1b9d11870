"""From what an appliance answers, or fails to answer, to the errors of this SDK."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, cast

from gatepair import errors
from gatepair.models import Secret
from gatepair.nitro import codes
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.codec import NOT_NITRO

if TYPE_CHECKING:
    from gatepair.nitro.call import Call, Reply

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_UNAVAILABLE: Final = 503


class Trouble(Enum):
    """Why a call did not succeed, as far as repeating it is concerned."""

    BUSY = auto()
    STARTING = auto()
    LIMIT = auto()
    SESSION_ENDED = auto()
    NOT_SENT = auto()
    BROKEN = auto()
    TIMED_OUT = auto()
    FINAL = auto()


_TROUBLE_BY_KIND: Final = {
    BreakdownKind.NOT_SENT: Trouble.NOT_SENT,
    BreakdownKind.UNTRUSTED: Trouble.FINAL,
    BreakdownKind.BROKEN: Trouble.BROKEN,
    BreakdownKind.TIMED_OUT: Trouble.TIMED_OUT,
}


_TROUBLE_BY_CODE: Final[dict[Trouble, frozenset[codes.Code]]] = {
    Trouble.SESSION_ENDED: codes.SESSION_ENDED,
    Trouble.BUSY: codes.BUSY,
    Trouble.STARTING: codes.STARTING,
    Trouble.LIMIT: codes.LIMITS,
}


def trouble_of(answer: Reply | Breakdown) -> Trouble | None:
    """Return what stands in the way, nothing when the call succeeded."""
    if isinstance(answer, Breakdown):
        return _TROUBLE_BY_KIND[answer.kind]
    # Some builds report an ended session with status 200 (elohmeier/netscaler-exporter handles both).
    if not answer.failed and answer.errorcode not in codes.SESSION_ENDED:
        return None
    by_code = next(
        (trouble for trouble, known in _TROUBLE_BY_CODE.items() if answer.errorcode in known), None
    )
    wordless = answer.errorcode in {NOT_NITRO, codes.Code.DONE}
    if by_code is None and wordless and answer.status == _UNAUTHORIZED:
        return Trouble.SESSION_ENDED
    if by_code is None and answer.status == _UNAVAILABLE:
        return Trouble.STARTING
    return by_code or Trouble.FINAL


def error_from(call: Call, answer: Reply | Breakdown, node: object) -> errors.GatepairError:
    """Return the error that stands for a failed call.

    Args:
        call: What was asked; its secrets are kept out of the message even if the appliance repeats them.
        answer: What came of it.
        node: The appliance, for the error to name.
    """
    if isinstance(answer, Breakdown):
        return _from_breakdown(answer).at(node=node)
    if answer.errorcode == NOT_NITRO:
        return _from_alien(answer).at(node=node)
    kind = _kind_of(answer)
    message = _without_secrets(call, f"{call.label}: {answer.message}".rstrip(": "))
    if issubclass(kind, errors.NitroError):
        return kind(message, status=answer.status, errorcode=answer.errorcode or None, node=node)
    return kind(message, errorcode=answer.errorcode or None, node=node)


def _from_breakdown(breakdown: Breakdown) -> errors.GatepairError:
    if breakdown.kind is BreakdownKind.UNTRUSTED:
        return errors.TlsUntrusted(f"its certificate is not trusted ({breakdown.detail})")
    said = {
        BreakdownKind.NOT_SENT: "no connection",
        BreakdownKind.BROKEN: "the connection broke before the answer",
        BreakdownKind.TIMED_OUT: "no answer in time",
    }[breakdown.kind]
    return errors.Unreachable(f"{said} ({breakdown.detail})")


def _from_alien(reply: Reply) -> errors.GatepairError:
    if reply.status == _UNAVAILABLE:
        return errors.NotReady("it answers 503, its engine is not up yet")
    return errors.UnexpectedReply(
        f"status {reply.status} with a body that is no NITRO answer", status=reply.status
    )


_Kinds = dict[int, type[errors.GatepairError]]

_KIND_BY_CODE: Final[_Kinds] = {
    **dict.fromkeys(codes.NOT_FOUND, errors.NotFound),
    **dict.fromkeys(codes.BUSY, errors.Busy),
    **dict.fromkeys(codes.STARTING, errors.NotReady),
    **dict.fromkeys(codes.REFUSED_CREDENTIALS, errors.LoginRefused),
    **dict.fromkeys(codes.SESSION_ENDED, errors.SessionEnded),
    **dict.fromkeys(codes.PROPAGATION_TROUBLE, errors.PropagationFailed),
    codes.Code.ALREADY_EXISTS: errors.AlreadyExists,
    codes.Code.SERVER_EXISTS: errors.AlreadyExists,
    **dict.fromkeys(codes.LIMITS, errors.SessionLimitReached),
    codes.Code.FORCE_PASSWORD_CHANGE: errors.PasswordChangeRequired,
    codes.Code.DEFAULT_PASSWORD: errors.DefaultPasswordRefused,
    codes.Code.LOGIN_CHALLENGED: errors.LoginChallenged,
    codes.Code.LICENSE_NOT_ACCEPTED: errors.AuthenticationRefused,
    codes.Code.BASIC_AUTH_DISABLED: errors.AuthenticationRefused,
    codes.Code.NOT_AUTHORIZED: errors.NotAuthorized,
    codes.Code.PERMISSION_DENIED: errors.NotAuthorized,
    codes.Code.NOT_SUPER_USER: errors.NotAuthorized,
    codes.Code.NOT_LICENSED: errors.NotLicensed,
    codes.Code.FEATURE_NOT_ENABLED: errors.NotLicensed,
    codes.Code.ONLY_ON_PRIMARY: errors.NotPrimary,
    codes.Code.ON_SECONDARY: errors.NotPrimary,
    **dict.fromkeys(
        (
            codes.Code.INVALID_ARGUMENT,
            codes.Code.INVALID_VALUE,
            codes.Code.INVALID_NAME,
            codes.Code.INVALID_HOST_NAME,
            codes.Code.NO_SUCH_ARGUMENT,
            codes.Code.ARGUMENT_VALUE_MISSING,
            codes.Code.EXCLUSIVE_ARGUMENTS,
            codes.Code.PREREQUISITE_MISSING,
            codes.Code.ARGUMENT_MISSING,
            codes.Code.INVALID_ARGUMENT_VALUE,
            codes.Code.STRING_TOO_LONG,
            codes.Code.ABOVE_MAXIMUM,
            codes.Code.BELOW_MINIMUM,
            codes.Code.HELLO_NOT_MULTIPLE,
            codes.Code.PASSWORD_TOO_SHORT,
            codes.Code.PEER_NOT_IN_SUBNET,
            codes.Code.INVALID_PEER,
            codes.Code.PEER_NSIP,
            codes.Code.SECOND_NSIP,
            codes.Code.MANAGEMENT_ACCESS_REFUSED,
            codes.Code.SYNC_VLAN_HAS_IP,
            codes.Code.SYNC_VLAN_WITH_INC,
            codes.Code.IP_OWNED_BY_PEER,
        ),
        errors.InvalidArgument,
    ),
}


def _kind_of(reply: Reply) -> type[errors.GatepairError]:
    kind = _KIND_BY_CODE.get(reply.errorcode)
    if kind is not None:
        return kind
    by_status: _Kinds = {
        _UNAUTHORIZED: errors.AuthenticationRefused,
        _FORBIDDEN: errors.NotAuthorized,
        _NOT_FOUND: errors.NotFound,
        _UNAVAILABLE: errors.NotReady,
    }
    return by_status.get(reply.status, errors.NitroError)


def _without_secrets(call: Call, text: str) -> str:
    for value in _secrets(call.payload):
        text = text.replace(value.reveal(), "***") if value.reveal() else text
    return text


def _secrets(value: object) -> list[Secret]:
    if isinstance(value, Secret):
        return [value]
    if isinstance(value, Mapping):
        return [found for item in cast("Mapping[object, object]", value).values() for found in _secrets(item)]
    if isinstance(value, list | tuple):
        return [found for item in cast("list[object]", value) for found in _secrets(item)]
    return []
