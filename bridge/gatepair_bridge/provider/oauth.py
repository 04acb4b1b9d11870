"""OAuth 2 client credentials: one token for all requests, renewed before it ends."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from . import jsontext
from .errors import ResponseError, StatusError
from .transport import Request, Response

if TYPE_CHECKING:
    from .settings import OAuth

_MARGIN_S = 30.0
_UNAUTHORIZED = 401
_DEFAULT_LIFE_S = 3600.0


class TokenSource:
    """Fetches a token when there is none or the one there is about to end.

    Args:
        settings: Client id, secret, endpoint.
        send: Sends one request.
        now: Clock in seconds.
    """

    def __init__(
        self, settings: OAuth, send: Callable[[Request], Response], now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._send = send
        self._now = now
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._in_form = False

    def header(self) -> dict[str, str]:
        """Give the ``Authorization`` header.

        Raises:
            StatusError: The token endpoint refused.
            NoAnswerError: It did not answer.
            ResponseError: Its answer has no token.
        """
        with self._lock:
            if not self._token or self._now() >= self._renew_at:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}

    def forget(self, header: str) -> None:
        """Drop a token that an API refused, unless it was renewed meanwhile."""
        with self._lock:
            if header == f"Bearer {self._token}":
                self._token = ""

    def _fetch(self) -> None:
        response = self._ask(in_form=self._in_form)
        if response.status == _UNAUTHORIZED and not self._in_form:
            # RFC 6749, 2.3.1: some servers take the client's credentials in the form only.
            second = self._ask(in_form=True)
            self._in_form = second.status < 300  # noqa: PLR2004 - success
            response = second
        text = response.body.decode(errors="replace")
        if response.status >= 300:  # noqa: PLR2004 - anything but success
            raise StatusError(response.status, f"(token endpoint) {_reason(text)}", "", 1)
        try:
            answer = jsontext.parse_object(text)
        except jsontext.JsonError as error:
            raise ResponseError(f"the token endpoint's answer is not a JSON object: {error}") from error
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ResponseError("the token endpoint's answer has no access_token")
        lasts = float(life) if isinstance(life, int | float | str) else _DEFAULT_LIFE_S
        self._token = token
        self._renew_at = self._now() + max(lasts - _MARGIN_S, lasts / 2)

    def _ask(self, *, in_form: bool) -> Response:
        settings = self._settings
        form = {**settings.params, "grant_type": "client_credentials"}
        if settings.scopes:
            form["scope"] = " ".join(settings.scopes)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if in_form:
            form |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
        else:
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret)}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        body = urlencode(sorted(form.items())).encode()
        return self._send(Request("POST", settings.endpoint, headers, body))


def _reason(text: str) -> str:
    """Give the error code of RFC 6749, 5.2, and never the whole body, which may hold tokens."""
    try:
        code = jsontext.parse_object(text).get("error")
    except jsontext.JsonError:
        return "the answer is not JSON"
    return f'oauth2: "{code}"' if isinstance(code, str) else "no reason given"
