"""HTTP: redirects, cookies, and errors in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from .connections import ConnectError, Connections, Exchange
from .errors import NoAnswerError

if TYPE_CHECKING:
    from .cookies import Cookies
    from .settings import Settings
    from .transport import Request, Response

_MOST_REDIRECTS: Final = 10
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD: Final = frozenset({307, 308})
_LEGAL: Final = "%/:=&?~#+!$,;'@()*[]-._"
"""What may stand in a URL as it is; anything else, such as an umlaut in a path, is escaped."""


class HttpTransport:
    """Requests over HTTP/1.1 with kept connections, redirects, cookies and proxies.

    Args:
        settings: A checked provider configuration with a ``uri``.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = settings.uri or ""
        self._connections = Connections(settings.tls)
        if self._base.startswith("https") or settings.oauth is not None:
            self._connections.context()  # what is wrong with it is said before anything is sent
        self._cookies: Cookies | None = None
        if settings.use_cookies:
            from .cookies import Cookies  # noqa: PLC0415 - rarely needed

            self._cookies = Cookies()

    def url(self, target: str) -> str:
        """Give the absolute URL of a target."""
        return self._base + target if target.startswith("/") or not target else target

    def resolve(self, location: str, target: str) -> str:
        """Give the absolute URL of a ``Location``."""
        return urljoin(self.url(target), location)

    def send(self, request: Request, timeout_s: float | None) -> Response:
        """Send one request and follow redirects to the answer."""
        url, method, body = self.url(request.target), request.method, request.body
        headers = dict(request.headers)
        for _ in range(_MOST_REDIRECTS + 1):
            exchange = Exchange(method, _split(url), headers, body, request.cancellable)
            response = self._exchange(exchange, url, timeout_s)
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or not location:
                return response
            target = urljoin(url, location)
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                headers = {name: text for name, text in headers.items() if name.lower() != "authorization"}
            if response.status not in _KEEP_METHOD and method not in {"GET", "HEAD"}:
                method, body = "GET", None
                headers = {name: text for name, text in headers.items() if name.lower() != "content-type"}
            url = target
        raise NoAnswerError(f"{method} {public_url(url)}: more than {_MOST_REDIRECTS} redirects", sent=True)

    def _exchange(self, what: Exchange, url: str, timeout_s: float | None) -> Response:
        if self._cookies is not None:
            what = what._replace(headers={**what.headers, **self._cookies.header(url)})
        try:
            response = self._connections.exchange(what, timeout_s)
        except (OSError, ValueError) as error:
            raise _no_answer(error, f"{what.method} {public_url(url)}", timeout_s) from error
        if self._cookies is not None:
            self._cookies.remember(url, response.headers.get("set-cookie", "").splitlines())
        return response

    def cancel(self) -> None:
        """Give up the cancellable requests under way."""
        self._connections.cancel()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()


def _split(url: str) -> SplitResult:
    return urlsplit(url if url.isascii() else quote(url, safe=_LEGAL))


def public_url(url: str) -> str:
    """Give a URL without user name, password and query, fit for messages."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _no_answer(error: Exception, where: str, timeout_s: float | None) -> NoAnswerError:
    unsent = isinstance(error, ConnectError | ValueError)
    if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        what = "connection" if unsent else "answer"
        return NoAnswerError(f"{where}: no {what} within {timeout_s or 0:g} s", sent=not unsent)
    cause = error.__cause__ if isinstance(error, ConnectError) and error.__cause__ else error
    reason = (isinstance(cause, OSError) and cause.strerror) or str(cause) or type(cause).__name__
    return NoAnswerError(f"{where}: {reason}", sent=not unsent)
