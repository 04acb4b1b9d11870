"""The cookies of one user at one gateway: what a browser keeps for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Cookies:
    """Names and values; their values are secrets and shown nowhere.

    Example:
        >>> cookies = Cookies()
        >>> cookies.learn(["NSC_AAAC=abc; Path=/; Secure", "theme=dark"])
        >>> cookies.learn(["theme=; Max-Age=0"])
        >>> cookies, "NSC_AAAC" in cookies
        (Cookies(1), True)
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Cookies({len(self._values)})"

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def header(self) -> str:
        """Return the value of the ``Cookie`` header (RFC 6265, section 4.2)."""
        return "; ".join(f"{name}={value}" for name, value in self._values.items())

    def learn(self, headers: Iterable[str]) -> None:
        """Take over what ``Set-Cookie`` headers say; an expired cookie is forgotten."""
        for header in headers:
            pair, *attributes = (part.strip() for part in header.split(";"))
            name, _, value = pair.partition("=")
            if not value or any(_is_over(attribute) for attribute in attributes):
                self._values.pop(name, None)
            elif name:
                self._values[name] = value


def _is_over(attribute: str) -> bool:
    """Whether an attribute says that the cookie is to be forgotten (RFC 6265, section 5.2)."""
    name, _, value = (part.strip() for part in attribute.partition("="))
    if name.lower() == "max-age":
        return not value.isdigit() or int(value) == 0
    if name.lower() != "expires":
        return False
    try:
        moment = parsedate_to_datetime(value.replace("-", " "))
    except ValueError:
        return False
    return moment.replace(tzinfo=moment.tzinfo or UTC) <= datetime.now(UTC)
