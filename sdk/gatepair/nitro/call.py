"""What is asked of an appliance and what it answers, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from gatepair.nitro import codes

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


Payload: TypeAlias = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Attributes of one resource, or of several in one request (bulk)."""


class Method(StrEnum):
    """HTTP verbs NITRO uses."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


@attrs.frozen(kw_only=True)
class Call:
    """One NITRO call, not yet bound to an appliance.

    Attributes:
        method: HTTP verb.
        resource: Resource type, such as ``hanode``; ``Interface`` has a capital.
        name: Key of one resource, put into the path.
        stat: Ask the statistics tree instead of the configuration tree.
        action: Verb in the query string, such as ``save``.
        arguments: ``args=`` of the query string.
        payload: Attributes of the resource; may hold `Secret` values, so it is never shown.
        replayable: Sending it twice does the same as sending it once.
        bulk: Ask for the bindings of all resources of the type at once.
        warnings: Ask the appliance to report warnings instead of dropping them.
        may_disconnect: A connection that breaks after sending means "accepted" (restart).
        allowance_s: Seconds the appliance may take to answer, absent for the usual limit.
    """

    method: Method
    resource: str
    name: str | None = None
    stat: bool = False
    action: str | None = None
    arguments: Mapping[str, str] = NOTHING
    payload: Payload | None = attrs.field(default=None, repr=False)
    replayable: bool = False
    bulk: bool = False
    warnings: bool = False
    may_disconnect: bool = False
    allowance_s: float | None = None

    @property
    def reads(self) -> bool:
        """Whether the call changes nothing."""
        return self.method is Method.GET

    @property
    def label(self) -> str:
        """The call in a few words without any value, for logs and errors."""
        tree = "stat" if self.stat else "config"
        action = f"?action={self.action}" if self.action else ""
        return f"{self.method} {tree}/{self.resource}{action}"


@attrs.frozen(kw_only=True)
class Reply:
    """What an appliance answered.

    Attributes:
        status: HTTP status.
        errorcode: NITRO error code, 0 for success.
        message: Text that belongs to the code.
        severity: ``NONE``, ``WARNING`` or ``ERROR``.
        rows: The resources, whether they came as a list or as one object.
        session: Session token of a login reply.
        retry_after_s: Seconds the appliance asked to wait, if it did.
    """

    status: int
    errorcode: int = 0
    message: str = "Done"
    severity: str = "NONE"
    rows: tuple[Mapping[str, object], ...] = attrs.field(default=(), repr=False)
    session: str | None = attrs.field(default=None, repr=False)
    retry_after_s: float | None = None

    @property
    def warned(self) -> bool:
        """Whether the call was carried out with a warning."""
        return self.severity.upper() == "WARNING" and self.errorcode != codes.Code.DONE

    @property
    def failed(self) -> bool:
        """Whether the call was refused."""
        return not self.warned and (self.errorcode != codes.Code.DONE or self.status >= 300)  # noqa: PLR2004 - HTTP


@attrs.frozen(kw_only=True)
class HttpRequest:
    """A request as the transport sends it; headers and body may hold secrets."""

    method: str
    target: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)
    label: str = ""
    allowance_s: float | None = None


@attrs.frozen(kw_only=True)
class HttpResponse:
    """A response as the transport received it."""

    status: int
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    body: bytes = attrs.field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return the first header called ``name`` in any spelling."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Return every header called ``name`` in any spelling."""
        return tuple(value for key, value in self.headers if key.lower() == name)


@attrs.frozen(kw_only=True)
class HttpStream:
    """A response whose body is still on its way.

    Attributes:
        status: HTTP status.
        headers: All headers in their order.
        chunks: The body piece by piece, encoded as it was sent.
        close: Lets go of the connection; to be called in any case.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    chunks: Iterator[bytes] = attrs.field(repr=False)
    close: Callable[[], None] = attrs.field(repr=False)
