"""Connections to the gateway and what it answers: plain sockets, TLS, HTTP/1.1 from the standard library."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urljoin, urlsplit

import attrs

from gatepair.probes.cookies import Cookies

if TYPE_CHECKING:
    from types import TracebackType

    from gatepair.probes.target import Target

NODE_HEADERS: Final = ("X-Gatepair-Address", "X-Gatepair-Node")
"""Headers in which an appliance may name itself. A real one does so if a rewrite policy on the Gateway
virtual server inserts one of them
(https://docs.netscaler.com/en-us/citrix-adc/current-release/appexpert/rewrite.html)."""

_LONGEST_BODY: Final = 1 << 20
_MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "gatepair-probe"


class Unanswered(Exception):  # noqa: N818 - it says what happened
    """There was no answer; the text says why, without anything that was sent."""


@attrs.frozen(kw_only=True)
class Page:
    """What the gateway answered in the end, redirects followed.

    Attributes:
        status: HTTP status.
        path: Path of the page, without its query.
        node: Who served it, if it says so.
        elsewhere: Host of a redirect that leads away from the gateway and was not followed.
        keeps: Whether the connection may be used again.
    """

    status: int
    path: str
    node: str = ""
    elsewhere: str = ""
    keeps: bool = True


@attrs.frozen
class Allowance:
    """The time one attempt may take.

    Attributes:
        until: End of it, by the monotonic clock.
    """

    until: float

    @classmethod
    def of(cls, seconds: float) -> Self:
        """Return an allowance that begins now."""
        return cls(time.monotonic() + seconds)

    def left_s(self) -> float:
        """Return the seconds left.

        Raises:
            Unanswered: There are none.
        """
        left = self.until - time.monotonic()
        if left <= 0:
            raise Unanswered("timed out")
        return left


def connect(target: Target, allowance: Allowance) -> socket.socket:
    """Open a TCP connection to the target's address.

    Raises:
        Unanswered: Nobody accepts it.
    """
    try:
        return socket.create_connection((target.address, target.port), timeout=allowance.left_s())
    except (OSError, ValueError) as error:
        raise Unanswered(_reason(error)) from None


class Line:
    """A TLS connection to the gateway under its own name, for one request after the other.

    Raises:
        Unanswered: The connection cannot be made, or its certificate is not trusted.
    """

    def __init__(self, target: Target, trust: ssl.SSLContext, allowance: Allowance) -> None:
        self._target = target
        plain = connect(target, allowance)
        try:
            plain.settimeout(allowance.left_s())
            self._socket = trust.wrap_socket(plain, server_hostname=target.name)
        except (OSError, ValueError) as error:
            plain.close()
            raise Unanswered(_reason(error)) from None
        except Unanswered:
            plain.close()
            raise
        # The connection is made here, to the address; the library only speaks HTTP over it.
        self._http = HTTPConnection(target.name)
        self._http.auto_open = 0
        self._http.sock = self._socket

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
        self._socket.close()

    def fetch(
        self,
        path: str,
        allowance: Allowance,
        *,
        cookies: Cookies | None = None,
        form: str | None = None,
    ) -> Page:
        """Ask for a page, or send a form, and follow redirects that stay on the gateway.

        Args:
            path: Path and query.
            allowance: Time for all of it.
            cookies: Sent along, and changed by what the gateway sets.
            form: Body of a form to send instead of asking.

        Raises:
            Unanswered: The connection broke, or the time was over.
        """
        jar = Cookies() if cookies is None else cookies
        for _ in range(_MOST_REDIRECTS):
            answer = self._exchange(path, allowance, jar, form)
            keeps = not answer.will_close
            page = Page(status=answer.status, path=urlsplit(path).path, node=_node(answer), keeps=keeps)
            goal = answer.getheader("Location")
            if answer.status not in _REDIRECTS or not goal:
                return page
            where = urlsplit(urljoin(f"https://{self._target.host}{path}", goal))
            if where.scheme != "https" or where.netloc.lower() != self._target.host.lower():
                return attrs.evolve(page, elsewhere=where.hostname or goal)
            if not keeps:
                return page
            path, form = (where.path or "/") + (f"?{where.query}" if where.query else ""), None
        raise Unanswered("it redirects in a circle")

    def _exchange(self, path: str, allowance: Allowance, cookies: Cookies, form: str | None) -> HTTPResponse:
        headers = {"Host": self._target.host, "User-Agent": _AGENT, "Accept": "text/html,*/*"}
        if cookies:
            headers["Cookie"] = cookies.header()
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._socket.settimeout(allowance.left_s())
            self._http.request("GET" if form is None else "POST", path, form, headers)
            answer = self._http.getresponse()
            self._drain(answer, allowance)
        except (OSError, HTTPException, ValueError) as error:
            raise Unanswered(_reason(error)) from None
        cookies.learn(answer.headers.get_all("Set-Cookie") or [])
        return answer

    def _drain(self, answer: HTTPResponse, allowance: Allowance) -> None:
        """Read the body to its end, so that the next answer begins where it should."""
        read = 0
        while chunk := answer.read(1 << 16):
            read += len(chunk)
            if read > _LONGEST_BODY:
                raise Unanswered("the page is too long")
            self._socket.settimeout(allowance.left_s())


def _node(answer: HTTPResponse) -> str:
    named = (answer.getheader(header) for header in NODE_HEADERS)
    return next((name for name in named if name), "")


def _reason(error: Exception) -> str:
    """Return why something failed, in words that hold nothing of what was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message.rstrip('.')}"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, HTTPException | ConnectionResetError | ssl.SSLEOFError):
        return "the connection broke"
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror | ssl.SSLError):
        return os.strerror(error.errno).lower()
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror).lower()
    return type(error).__name__


def close_quietly(line: Line | None) -> None:
    """Close a connection that may be broken already."""
    if line is not None:
        with contextlib.suppress(OSError):
            line.close()
