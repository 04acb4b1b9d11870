"""The seam between the provider and whatever answers its requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """One request.

    Attributes:
        method: HTTP method.
        target: Path and query below the base, or an absolute URL.
        headers: Header lines; names in the form in which they are sent.
        body: Body, if there is one.
        cancellable: Whether nothing is lost if it is given up when Terraform stops.
    """

    method: str
    target: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    cancellable: bool = False


class Response(NamedTuple):
    """One answer.

    Attributes:
        status: HTTP status code.
        headers: Header lines; names in lower case.
        body: The whole body, already decompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends requests; may be used by many threads at once."""

    def send(self, request: Request, timeout_s: float | None) -> Response:
        """Send one request and wait for the whole answer.

        Args:
            request: What to send.
            timeout_s: Seconds for the exchange, ``None`` for no limit.

        Raises:
            NoAnswerError: No answer came.
        """
        ...

    def resolve(self, location: str, target: str) -> str:
        """Turn a ``Location`` that came with the answer to ``target`` into a target."""
        ...

    def cancel(self) -> None:
        """Give up the cancellable requests under way."""
        ...

    def close(self) -> None:
        """Give back connections and sessions."""
        ...
