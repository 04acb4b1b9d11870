"""When to repeat a request, and how long to wait: pure decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .errors import NoAnswerError, ProviderError, StatusError

if TYPE_CHECKING:
    from .settings import RetryPolicy

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be repeated whatever became of the first attempt (RFC 9110, 9.2.2)."""

_REFUSED_UNREAD = frozenset({429, 503})
"""The server says that it did not take the request on (RFC 9110, 15.6.4; RFC 6585, 4)."""
_NOT_IMPLEMENTED = 501


def is_passing(error: ProviderError) -> bool:
    """Tell whether another attempt might succeed."""
    if isinstance(error, StatusError):
        return error.status == 429 or (error.status >= 500 and error.status != _NOT_IMPLEMENTED)  # noqa: PLR2004
    return isinstance(error, NoAnswerError)


def may_have_worked(error: ProviderError) -> bool:
    """Tell whether the server may have done what it was asked in spite of the error."""
    if isinstance(error, StatusError):
        return is_passing(error) and error.status not in _REFUSED_UNREAD
    return isinstance(error, NoAnswerError) and error.sent


def wait_s(policy: RetryPolicy, attempt: int, retry_after_s: float | None = None) -> float | None:
    """Give the wait before another attempt.

    Args:
        policy: How often and how long.
        attempt: How many attempts were made, from 1.
        retry_after_s: What the server asked for, which also counts beyond the longest wait.

    Returns:
        Seconds, or ``None`` if it was the last attempt.
    """
    if attempt > policy.repeats:
        return None
    if retry_after_s is not None:
        return retry_after_s
    return min(policy.longest_wait_s, policy.first_wait_s * 2.0 ** (attempt - 1))


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Read a ``Retry-After`` header, as seconds or as a date (RFC 9110, 10.2.3).

    Args:
        headers: Response headers, names in lower case.
        now_s: The time now, seconds since 1970.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rarely needed

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except ValueError:
        return None
