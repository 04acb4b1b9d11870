"""The bridge inside the provider's own process: no daemon, no port."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from . import log
from .errors import NoAnswerError, StatusError
from .transport import Request, Response

_UNPROCESSABLE = 422


class Progress(Protocol):
    """One thing that work under way has to say."""

    @property
    def node(self) -> str:
        """The appliance it is about; may be empty."""
        ...

    @property
    def step(self) -> str:
        """The step it is about; may be empty."""
        ...

    @property
    def message(self) -> str:
        """What happens."""
        ...


class Bridge(Protocol):
    """What the embedded bridge offers."""

    def request(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        on_progress: Callable[[Progress], None],
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request; blocks, may be called by many threads."""
        ...

    def close(self) -> None:
        """End sessions on the appliances."""
        ...


def open_bridge() -> Bridge:
    """Make the embedded bridge from the environment; the import is the expensive part.

    Raises:
        NoAnswerError: The bridge is not installed.
        StatusError: The environment or the file it names cannot be used.
    """
    try:
        # Only when a request needs it: most provider processes never send one.
        from gatepair.errors import GatepairError  # noqa: PLC0415
        from gatepair_bridge.api.embedded import EmbeddedBridge  # noqa: PLC0415
    except ImportError as error:
        raise NoAnswerError(
            f"No uri is set, and the bridge inside the provider cannot be loaded: {error}. Install the extra "
            "with pip install 'gatepair[bridge]', or set uri.",
            sent=False,
        ) from error
    try:
        return EmbeddedBridge.from_environment()
    except GatepairError as error:
        body = json.dumps(error.to_problem())
        raise StatusError(_UNPROCESSABLE, body, "application/problem+json", 1) from error


class EmbeddedTransport:
    """Requests that never leave the process.

    Args:
        make: Makes the bridge at the first request.
    """

    def __init__(self, make: Callable[[], Bridge] = open_bridge) -> None:
        self._make = make
        self._bridge: Bridge | None = None
        self._lock = threading.Lock()

    def send(self, request: Request, timeout_s: float | None) -> Response:
        """Answer one request in this thread; the bridge keeps its own deadlines."""
        del timeout_s
        path, _, query = request.target.partition("?")
        with self._lock:
            bridge = self._bridge = self._bridge or self._make()
        status, headers, body = bridge.request(
            request.method, path, query, request.headers, request.body, on_progress=_report
        )
        return Response(status, {name.lower(): value for name, value in headers.items()}, body)

    def resolve(self, location: str, target: str) -> str:
        """Keep path and query of a ``Location``; there is only one server here."""
        del target
        parts = urlsplit(location)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def cancel(self) -> None:
        """Let everything finish: what the bridge reads and changes on appliances has deadlines of its own."""

    def close(self) -> None:
        """Close the bridge if it was ever made."""
        with self._lock:
            bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.close()


def _report(progress: Progress) -> None:
    log.write("info", progress.message, node=progress.node, step=progress.step)
