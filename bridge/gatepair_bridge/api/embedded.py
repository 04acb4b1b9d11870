"""The bridge in process: the same routes and handlers, with no server, no port and no HTTP framework."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from gatepair.errors import GatepairError
from gatepair_bridge.api.core import Bridge
from gatepair_bridge.api.credentials import SPENT, appliance_credentials
from gatepair_bridge.api.messages import Caller, Request, parse_query
from gatepair_bridge.api.premises import Premises
from gatepair_bridge.api.problems import problem_of, problem_response
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.api.work import OnProgress, Work

# The process that embeds the bridge waits for its own changes, as long as Terraform waits for a resource.
BUSY_WAIT_S = 1800.0
CALLER = Caller(name="this process")


class EmbeddedBridge:
    """Answers requests within the process; blocking, and safe to call from many threads.

    Args:
        sessions: Opens conversations with appliances.
        busy_wait_s: Seconds a change waits for another of the same appliances before it gets 409.

    Example:
        >>> bridge = EmbeddedBridge.from_environment()
        >>> status, headers, body = bridge.request("GET", "/healthz")
        >>> status, headers["content-type"]
        (200, 'application/json')
        >>> bridge.close()
    """

    def __init__(self, sessions: Sessions, *, busy_wait_s: float = BUSY_WAIT_S) -> None:
        self._bridge = Bridge(
            sessions, busy_wait_s=busy_wait_s, premises=Premises(declares_all=bool(sessions.declared))
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Make a bridge whose credentials and trust come from the environment.

        ``GATEPAIR_CONFIG`` names a pairs.toml; without it the further ``GATEPAIR_*`` variables count.

        Raises:
            gatepair.errors.PairsFileError: The file cannot be used; lists everything wrong with it.
        """
        return cls(Sessions.from_environment())

    def request(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request.

        Args:
            method: HTTP method.
            path: Path, which may be percent-encoded; ``,`` and ``:`` need not be.
            query: Query string without the question mark.
            headers: Request headers, in any case.
            body: Request body.
            on_progress: Called with each thing the work has to say, in the thread that works.

        Returns:
            Status, headers with names in lower case, and body. Errors are problem documents.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        try:
            request = Request(
                method=method.upper(),
                path=path,
                query=parse_query(query),
                raw_query=query,
                headers={name: value for name, value in sent.items() if name not in SPENT},
                body=body or b"",
                credentials=appliance_credentials(sent, allowed=True),
                caller=CALLER,
                work=Work(on_progress),
            )
            response = self._bridge.handle(request)
            content = response.read()
        except GatepairError as error:
            response = problem_response(problem_of(error))
            content = response.body
        return response.status, dict(response.headers), content

    def cancel(self, why: str) -> None:
        """Ask all changes under way to stop before their next step; what is done stays.

        Args:
            why: A sentence that says who wants it, for the problem documents.
        """
        self._bridge.active.cancel_all(why)

    def close(self, *, grace_s: float = 0.0) -> None:
        """Take no more changes, and stop those under way between two steps.

        Args:
            grace_s: Seconds to let them finish before that.
        """
        self._bridge.close(grace_s=grace_s)

    def __enter__(self) -> Self:
        """Use the bridge for a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the bridge."""
        self.close()
