"""A cookie jar in memory, on the standard library's rules."""

from __future__ import annotations

import threading
from email.message import Message
from http.cookiejar import CookieJar
from urllib.request import Request


class _Answer:
    """The part of a response that the jar wants to see."""

    def __init__(self, lines: list[str]) -> None:
        self._message = Message()
        for line in lines:
            self._message["Set-Cookie"] = line

    def info(self) -> Message:
        return self._message


class Cookies:
    """Cookies for the life of the process; may be used by many threads."""

    def __init__(self) -> None:
        self._jar = CookieJar()
        self._lock = threading.Lock()

    def header(self, url: str) -> dict[str, str]:
        """Give the ``Cookie`` header for a request, if there is one to send."""
        request = Request(url)  # noqa: S310 - nothing is opened, only matched
        with self._lock:
            self._jar.add_cookie_header(request)
        text = request.get_header("Cookie")
        return {"Cookie": text} if text else {}

    def remember(self, url: str, lines: list[str]) -> None:
        """Keep what an answer's ``Set-Cookie`` lines say."""
        if lines:
            with self._lock:
                self._jar.extract_cookies(_Answer(lines), Request(url))  # type: ignore[arg-type]  # noqa: S310
