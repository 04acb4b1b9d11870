"""A user who signs in at the gateway and stays signed in.

The classic logon form is spoken: ``login`` and ``passwd`` sent to ``/cgi/login``, the session in the cookie
``NSC_AAAC``. Gateways whose logon is an nFactor flow have no such form and say so in the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import attrs

from gatepair.probes.answers import Outcome
from gatepair.probes.cookies import Cookies

if TYPE_CHECKING:
    from gatepair.models import Credentials
    from gatepair.probes.exchange import Allowance, Line, Page

SESSION_COOKIE: Final = "NSC_AAAC"
_LOGIN: Final = "/cgi/login"
_LOGON_PAGES: Final = ("/logon", "/vpn/index.html", "/vpn/tmindex.html", "/vpn/pluginindex.html")
_UNAUTHORIZED: Final = 401
_SUCCESS: Final = range(200, 300)


@attrs.frozen(kw_only=True)
class Seen:
    """What a signed-in user sees.

    Attributes:
        outcome: What came of it.
        status: HTTP status of the page.
        node: Who served it, if it says so.
        detail: What is wrong with it.
        final: Whether trying again would only repeat a refused password, which may lock the account.
    """

    outcome: Outcome
    status: int = 0
    node: str = ""
    detail: str = ""
    final: bool = False


class User:
    """Somebody with a name, a password and the cookies of one session.

    Args:
        credentials: Name and password of the user at the gateway.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._cookies = Cookies()
        self._home = "/"

    @property
    def signed_in(self) -> bool:
        """Whether there is a session, as far as the user knows."""
        return SESSION_COOKIE in self._cookies

    def sign_in(self, line: Line, allowance: Allowance) -> Seen:
        """Sign in anew and look at the page that follows.

        Raises:
            Unanswered: The gateway does not answer.
        """
        self._cookies = Cookies()
        form = urlencode({"login": self._credentials.username, "passwd": self._credentials.secret().reveal()})
        page = line.fetch(_LOGIN, allowance, cookies=self._cookies, form=form)
        if self.signed_in:
            self._home = page.path
            return self._noted(see(page))
        if page.status in (_UNAUTHORIZED, *_SUCCESS):
            return self._out(page, "the gateway refused user name or password", final=True)
        return self._out(page, f"there is no logon form at {_LOGIN} (HTTP {page.status})", final=True)

    def look(self, line: Line, allowance: Allowance) -> Seen:
        """Look at the page that came after signing in, with the session there is.

        Raises:
            Unanswered: The gateway does not answer.
        """
        return self._noted(see(line.fetch(self._home, allowance, cookies=self._cookies)))

    def sign_out(self, line: Line, allowance: Allowance) -> None:
        """End the session.

        Raises:
            Unanswered: The gateway does not answer; the session ends by itself after a while.
        """
        line.fetch("/cgi/logout", allowance, cookies=self._cookies)
        self._cookies = Cookies()

    def _noted(self, seen: Seen) -> Seen:
        """Forget a session that is gone."""
        if seen.outcome is Outcome.SIGNED_OUT:
            self._cookies = Cookies()
        return seen

    def _out(self, page: Page, detail: str, *, final: bool) -> Seen:
        return Seen(
            outcome=Outcome.SIGNED_OUT, status=page.status, node=page.node, detail=detail, final=final
        )


def see(page: Page) -> Seen:
    """Return what a page means to a signed-in user.

    A 401 for somebody whom the gateway has let in comes from behind it: from the Web Interface or
    StoreFront, which calls the gateway back to check the user and did not get through.
    """
    if page.elsewhere:
        return _seen(page, Outcome.BAD_ANSWER, f"it leads to {page.elsewhere}, away from the gateway")
    if page.path.startswith(_LOGON_PAGES):
        return _seen(page, Outcome.SIGNED_OUT, "the session is gone: the logon page comes instead")
    if page.status == _UNAUTHORIZED:
        return _seen(page, Outcome.UNAUTHORIZED, f"401 at {page.path}")
    if page.status not in _SUCCESS:
        return _seen(page, Outcome.BAD_ANSWER, f"HTTP {page.status} at {page.path}")
    return _seen(page, Outcome.SERVED, "")


def _seen(page: Page, outcome: Outcome, detail: str) -> Seen:
    return Seen(outcome=outcome, status=page.status, node=page.node, detail=detail)
