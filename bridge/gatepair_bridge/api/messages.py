"""What goes in and out of the bridge, with no HTTP framework: a request, a response, a caller."""

from __future__ import annotations

import enum
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

import attrs

from gatepair_bridge.api.faults import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import Credentials
    from gatepair.nitro.call import HttpStream
    from gatepair_bridge.api.work import Work

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
MAX_QUERY_FIELDS = 50


class Scope(enum.StrEnum):
    """What a caller may do: look, change what is declared, or act on a running pair."""

    READ = "read"
    CHANGE = "change"
    OPERATE = "operate"


@attrs.frozen(kw_only=True)
class Caller:
    """Who sent a request: the name of a token, or the process the bridge is embedded in."""

    name: str
    scopes: frozenset[Scope] = frozenset(Scope)
    address: str = ""


def new_id() -> str:
    """Give a name under which one request is found in the logs."""
    return secrets.token_hex(8)


@attrs.frozen(kw_only=True)
class Request:
    """One request; header names are in lower case, the path is still percent-encoded.

    ``more`` is what follows ``body`` where the caller still sends it; ``credentials`` are for the appliances.
    """

    method: str
    path: str
    query: Mapping[str, str] = attrs.field(factory=dict[str, str])
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    more: Iterator[bytes] | None = attrs.field(default=None, repr=False)
    credentials: Credentials | None = attrs.field(default=None, repr=False)
    id: str = attrs.field(factory=new_id)
    caller: Caller
    work: Work
    parameters: Mapping[str, str] = attrs.field(factory=dict[str, str])
    raw_query: str = ""

    def flag(self, name: str) -> bool:
        """Tell whether a query parameter says ``true``.

        Raises:
            BadRequest: It says neither ``true`` nor ``false``.
        """
        value = self.query.get(name, "false")
        if value not in {"true", "false"}:
            raise BadRequest(
                f'The query parameter "{name}" must be true or false, not "{value}".',
                key=name,
                remedy=f"Write {name}=true or leave it out.",
            )
        return value == "true"


@attrs.frozen(kw_only=True)
class Response:
    """One response; ``slug`` names the problem if it is one, ``stream`` stands for a body on its way."""

    status: int
    slug: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    cookies: tuple[str, ...] = attrs.field(default=(), repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    stream: HttpStream | None = attrs.field(default=None, repr=False)

    def read(self) -> bytes:
        """Give the whole body, waiting for what is on its way.

        Raises:
            gatepair.errors.Unreachable: It broke off.
        """
        if self.stream is None:
            return self.body
        try:
            return b"".join(self.stream.chunks)
        finally:
            self.stream.close()


def encode_json(document: object) -> bytes:
    """Write a document in the one form that this API uses: sorted keys, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def json_response(status: int, document: object, headers: Mapping[str, str] | None = None) -> Response:
    """Make a response with a JSON body."""
    return Response(
        status=status, headers={"content-type": JSON_TYPE, **(headers or {})}, body=encode_json(document)
    )


def parse_query(text: str) -> dict[str, str]:
    """Read a query string.

    Raises:
        BadRequest: A parameter is given twice, there are too many, or the text is not UTF-8.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS)
    except ValueError as error:
        raise BadRequest(
            "The query string cannot be read.",
            remedy=f"Send at most {MAX_QUERY_FIELDS} parameters, percent-encoded UTF-8.",
        ) from error
    query = dict(pairs)
    if len(query) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BadRequest(
            f"Given more than once in the query: {', '.join(twice)}.",
            key=twice[0],
            remedy="Give each query parameter once; lists are comma-separated.",
        )
    return query
