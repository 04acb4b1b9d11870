"""Refusals: NITRO error codes with their texts and the HTTP status each one travels with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import MESSAGES, Code
from gatepair_emulator.wire.envelope import Answer, encode, envelope

if TYPE_CHECKING:
    from gatepair_emulator.values import JsonValue

INVALID_OBJECT_NAME: Final = 1232
INVALID_JSON: Final = 1233
INVALID_JSON_TYPE: Final = 1234
INVALID_METHOD: Final = 1237
INSTALLATION_FAILED: Final = 1129

# Codes only the emulator speaks; texts from ndenev/nsnitro, nsexceptions/nsexceptions.py.
_MORE_MESSAGES: Final[dict[int, str]] = {
    INVALID_OBJECT_NAME: "Invalid object name",
    INVALID_JSON: "Invalid JSON input",
    INVALID_JSON_TYPE: "Invalid JSON data type",
    INVALID_METHOD: "Invalid method name. It should be either post, put, get, stat or delete",
    INSTALLATION_FAILED: "Installation failed.",
}

_BAD_REQUEST: Final = frozenset(
    {
        Code.INVALID_VALUE,
        Code.INVALID_NAME,
        Code.NO_SUCH_COMMAND,
        Code.NO_SUCH_ARGUMENT,
        Code.ARGUMENT_VALUE_MISSING,
        Code.EXCLUSIVE_ARGUMENTS,
        Code.PREREQUISITE_MISSING,
        Code.TOO_FEW_ARGUMENTS,
        Code.ARGUMENT_MISSING,
        Code.INVALID_ARGUMENT_VALUE,
        Code.STRING_TOO_LONG,
        Code.ABOVE_MAXIMUM,
        Code.BELOW_MINIMUM,
        Code.HELLO_NOT_MULTIPLE,
        Code.UNKNOWN_ACTION,
        INVALID_OBJECT_NAME,
        INVALID_JSON,
        INVALID_JSON_TYPE,
    }
)
_UNAUTHORIZED: Final = frozenset(
    {
        Code.BAD_CREDENTIALS,
        Code.BAD_CREDENTIALS_ALSO,
        Code.LOGIN_REQUIRED,
        Code.SESSION_EXPIRED,
        Code.LOGIN_FAILED,
        Code.NOT_LOGGED_IN,
        Code.LOGIN_TIMED_OUT,
        Code.LOGIN_CHALLENGED,
        Code.LICENSE_NOT_ACCEPTED,
        Code.FORCE_PASSWORD_CHANGE,
        Code.DEFAULT_PASSWORD,
        Code.BASIC_AUTH_DISABLED,
    }
)
_FORBIDDEN: Final = frozenset({Code.NOT_AUTHORIZED, Code.PERMISSION_DENIED, Code.NOT_SUPER_USER})
_MISSING: Final = frozenset(
    {
        Code.NO_SUCH_RESOURCE,
        Code.NO_SERVICE,
        Code.NO_SUCH_SERVER,
        Code.NO_SUCH_IP,
        Code.NO_SUCH_VSERVER,
        Code.NO_SUCH_SERVICE,
    }
)
_CONFLICT: Final = frozenset({Code.ALREADY_EXISTS, Code.SERVER_EXISTS})
_STARTING: Final = frozenset({Code.NOT_RUNNING, Code.LICENSE_STARTING})

_GROUPS: Final = (
    (400, _BAD_REQUEST),
    (401, _UNAUTHORIZED),
    (403, _FORBIDDEN),
    (404, _MISSING),
    (405, frozenset({INVALID_METHOD})),
    (409, _CONFLICT),
    (503, _STARTING),
)


def message_of(code: int, detail: str = "") -> str:
    """The text of a code, with the culprit in brackets if there is one.

    Args:
        code: NITRO error code.
        detail: What goes into the brackets, such as ``ipaddress, 192.0.2.1``.

    Returns:
        The message as an appliance words it.

    Example:
        >>> message_of(258, "id, 7")
        'No such resource [id, 7]'
    """
    text = MESSAGES.get(code) or _MORE_MESSAGES.get(code, "Internal error")
    return f"{text} [{detail}]" if detail else text


def status_of(code: int) -> int:
    """The HTTP status an error code travels with.

    The reference does not say it for every code; what no client is known to rely on is 599, the
    status the vendor's Go client knows as "Netscaler specific error".

    Args:
        code: NITRO error code.

    Returns:
        The status.
    """
    return next((status for status, codes in _GROUPS if code in codes), 599)


class NitroError(Exception):
    """A command the appliance refuses.

    Attributes:
        code: NITRO error code.
        detail: What the message names in brackets; may be empty.
        status: HTTP status.
    """

    def __init__(self, code: int, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(message_of(code, detail))
        self.code = int(code)
        self.detail = detail
        self.status = status if status is not None else status_of(code)

    @property
    def message(self) -> str:
        """The message of the envelope."""
        return message_of(self.code, self.detail)

    def entry(self) -> dict[str, JsonValue]:
        """The error as an envelope or as one entry of a bulk answer.

        Returns:
            ``errorcode``, ``message`` and ``severity``.
        """
        return envelope(self.code, self.message, "ERROR")

    def answer(self) -> Answer:
        """The error as an answer.

        Returns:
            Status and envelope.
        """
        return Answer(status=self.status, body=encode(self.entry()).encode())


def no_such(attribute: str, value: str) -> NitroError:
    """The refusal for an object that is not there.

    Args:
        attribute: Name of the key attribute.
        value: The key asked for.

    Returns:
        404 / 258 with attribute and value in brackets.
    """
    return NitroError(Code.NO_SUCH_RESOURCE, f"{attribute}, {value}")
