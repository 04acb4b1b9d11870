"""Who sends a request: every form of carrying a session or credentials that clients use.

Vendor SDKs send the session in a request header ``Set-Cookie`` (citrix/adc-nitro-go), exporters in a
cookie named ``sessionid`` (elohmeier/netscaler-exporter), Ansible with the raw token
(netscaler/ansible-collection-netscaleradc); all of them work against appliances.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from attrs import frozen

from gatepair.nitro.codes import SESSION_COOKIE, Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.passwords import DEFAULT_ADMINISTRATOR
from gatepair_emulator.nitro.sessions import TOKEN_PREFIX, Session
from gatepair_emulator.values import Row, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair_emulator.node import Node

_COOKIES: Final = (SESSION_COOKIE, "sessionid")
ADMINISTRATOR: Final = "nsroot"


@frozen(kw_only=True)
class Caller:
    """Who sends a request.

    Attributes:
        user: User name.
        token: Token of the session; empty for credentials on the request itself.
    """

    user: str
    token: str = ""


def identify(node: Node, headers: Mapping[str, str]) -> Caller:
    """Find out who sends a request.

    Args:
        node: The appliance.
        headers: The request's headers.

    Returns:
        The caller.

    Raises:
        NitroError: 444, 354, 1244, 1027 or a demand to change the default password.
    """
    token = _token(headers)
    if token:
        session = _session(node, token)
        return Caller(user=session.user, token=token)
    credentials = _credentials(headers)
    if credentials is None:
        raise NitroError(Code.LOGIN_TIMED_OUT)
    if node.parameter("basicauth") == "DISABLED":
        raise NitroError(Code.BASIC_AUTH_DISABLED)
    verify(node, *credentials)
    refuse_default_password(node, credentials[0])
    return Caller(user=credentials[0])


def _session(node: Node, token: str) -> Session:
    """The session of a token; one that has ended is refused as the appliance's build does it."""
    try:
        return node.sessions.use(token)
    except NitroError:
        status, _, code = node.settings.expired_session.partition("-")
        raise NitroError(int(code), status=int(status)) from None


def verify(node: Node, user: str, password: str) -> Row:
    """Check a user's password.

    Args:
        node: The appliance.
        user: User name.
        password: Password in the clear.

    Returns:
        The user's row.

    Raises:
        NitroError: 354, user or password are wrong.
    """
    row = node.configuration.get("systemuser", user)
    if row is None or not node.verifier.verify(user, password, text_of(row.get("password"))):
        raise NitroError(Code.BAD_CREDENTIALS)
    return row


def refuse_default_password(node: Node, user: str) -> None:
    """Refuse nsroot while its password is the factory's, on appliances that insist on a change.

    Args:
        node: The appliance.
        user: Who logs in.

    Raises:
        NitroError: 1046.
    """
    if user == ADMINISTRATOR and has_default_password(node):
        raise NitroError(Code.FORCE_PASSWORD_CHANGE)


def has_default_password(node: Node) -> bool:
    """Whether nsroot still has the factory's password and the appliance insists on a change.

    Args:
        node: The appliance.

    Returns:
        True if a login must bring a new password.
    """
    if not node.settings.factory:
        return False
    row = node.configuration.get("systemuser", ADMINISTRATOR) or {}
    return node.verifier.verify(ADMINISTRATOR, DEFAULT_ADMINISTRATOR, text_of(row.get("password")))


def _token(headers: Mapping[str, str]) -> str:
    """The session token in a cookie or in a request's ``Set-Cookie``; raw or URL-encoded."""
    for header in ("cookie", "set-cookie"):
        for part in headers.get(header, "").split(";"):
            name, _, value = part.strip().partition("=")
            if name in _COOKIES and value:
                token = value.strip().strip('"')
                return token if token.startswith(TOKEN_PREFIX) else unquote(token)
    return ""


def _credentials(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """User and password on the request: the NITRO headers or HTTP Basic."""
    if "x-nitro-user" in headers:
        return headers["x-nitro-user"], headers.get("x-nitro-pass", "")
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise NitroError(Code.BAD_CREDENTIALS) from None
    return user, password
