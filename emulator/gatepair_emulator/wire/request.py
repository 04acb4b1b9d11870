"""A NITRO request taken apart: area, type, name, query parameters and body.

Names in paths are URL-encoded twice by the vendor's clients; a name with a slash that was encoded
once looks like two path segments and is refused with 1074
(citrix/terraform-provider-citrixadc issue 155).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import INVALID_JSON, INVALID_OBJECT_NAME, NitroError
from gatepair_emulator.values import JsonObject, JsonValue, object_of, text_of

PREFIX = "/nitro/v1"


@frozen(kw_only=True)
class HttpRequest:
    """A request as it came over the wire.

    Attributes:
        method: In upper case.
        target: Path and query as sent.
        headers: Names in lower case; repeated headers joined by a comma.
        body: The whole body.
        client: Address of the client.
        local: Address and port the request came to.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    client: str = ""
    local: tuple[str, int] = ("", 0)


@frozen(kw_only=True)
class Target:
    """What a NITRO URL names.

    Attributes:
        area: ``config`` or ``stat``.
        type: Resource type as sent, perhaps empty (old clients name it in the body only).
        name: Key in the path, or None.
        arguments: Pairs of ``args=``.
        filters: Pairs of ``filter=``; values may be regular expressions.
        attributes: Names of ``attrs=``; empty for all.
        options: Every other query parameter, names in lower case.
    """

    area: str
    type: str
    name: str | None = None
    arguments: Mapping[str, str] = field(factory=dict[str, str])
    filters: Mapping[str, str] = field(factory=dict[str, str])
    attributes: tuple[str, ...] = ()
    options: Mapping[str, str] = field(factory=dict[str, str])

    def asks(self, option: str) -> bool:
        """Whether a yes/no option is set.

        Args:
            option: Name such as ``count`` or ``warning``.

        Returns:
            True for ``yes`` in any case, or ``true``.
        """
        return self.options.get(option, "").lower() in {"yes", "true"}


def parse_target(target: str) -> Target:
    """Take a NITRO URL apart.

    Args:
        target: Path and query as sent, beginning with ``/nitro/v1``.

    Returns:
        What it names.

    Raises:
        NitroError: 1074 for a path with too many segments, 1232 for no NITRO path.

    Example:
        >>> parse_target("/nitro/v1/config/Interface/1%252F1?attrs=id,mac").name
        '1/1'
    """
    path, _, query = target.partition("?")
    segments = [unquote(part) for part in path.removeprefix(PREFIX).strip("/").split("/")]
    segments = "/".join(segments).split("/")
    if segments[0] not in {"config", "stat"}:
        raise NitroError(INVALID_OBJECT_NAME, segments[0])
    if len(segments) > 3:  # noqa: PLR2004 - area, type and name
        raise NitroError(Code.INVALID_VALUE, "/".join(segments[2:]))
    options = {
        key.lower(): value
        for key, value in parse_qsl(query.replace(";", "&").replace("+", "%2B"), keep_blank_values=True)
    }
    return Target(
        area=segments[0],
        type=segments[1] if len(segments) > 1 else "",
        name=unquote(segments[2]) if len(segments) > 2 and segments[2] else None,  # noqa: PLR2004 - as above
        arguments=_pairs(options.pop("args", "")),
        filters=_pairs(options.pop("filter", "")),
        attributes=tuple(name.strip() for name in options.pop("attrs", "").split(",") if name.strip()),
        options=options,
    )


def _pairs(text: str) -> dict[str, str]:
    """``a:1,b:2`` as a mapping; a value may itself contain colons and may be encoded once more."""
    pairs: dict[str, str] = {}
    last = ""
    for part in text.split(","):
        name, colon, value = part.partition(":")
        if colon:
            last = name.strip()
            pairs[last] = unquote(value)
        elif part and last:  # a comma inside a value
            pairs[last] = f"{pairs[last]},{unquote(part)}"
    return pairs


@frozen(kw_only=True)
class Body:
    """What the body of a write says.

    Attributes:
        type: The resource type, as sent.
        entries: The objects; one for a plain write, several for a bulk one.
        bulk: Whether they came as an array.
        parameters: The ``params`` member.
    """

    type: str
    entries: tuple[JsonObject, ...]
    bulk: bool
    parameters: JsonObject


def parse_body(request: HttpRequest, type_name: str) -> Body:
    """Read the body of a write in any of the three forms clients send.

    JSON (as ``application/json`` or the older ``vnd.com.citrix.netscaler`` types) and the form
    post ``object=<json>`` of version 9.3.

    Args:
        request: The request.
        type_name: Type named in the path; empty if the body alone names it.

    Returns:
        The body taken apart.

    Raises:
        NitroError: 1233 if it is no JSON object or holds no resource.
    """
    members = _members(request)
    parameters = object_of(members.get("params"))
    wanted = type_name.lower()
    found = next((key for key in members if key.lower() == wanted), None)
    if found is None and not wanted:
        found = next((key for key in members if key not in {"params", "sessionid"}), None)
    if found is None:
        if members and set(members) - {"params", "sessionid"}:
            raise NitroError(INVALID_JSON, type_name)
        return Body(type=type_name, entries=({},), bulk=False, parameters=parameters)
    value = members[found]
    if isinstance(value, Mapping):
        return Body(type=found, entries=(dict(value),), bulk=False, parameters=parameters)
    if value is None or isinstance(value, (str, int, float)):
        raise NitroError(INVALID_JSON, found)
    entries = tuple(object_of(entry) for entry in value)
    return Body(type=found, entries=entries, bulk=len(entries) > 1, parameters=parameters)


def parse_macro(request: HttpRequest) -> list[Body]:
    """Read the body of a ``macroapi`` request: objects of several types, one after the other.

    The reference shows the types side by side, a client of that endpoint puts them below ``macroapi``
    together with the action; either is read.

    Args:
        request: The request.

    Returns:
        One body per type, in the order sent.

    Raises:
        NitroError: 1233 if it is no JSON object or holds no resource.
    """
    members = _members(request)
    inner = members.get("macroapi")
    if isinstance(inner, Mapping):
        members = {**members, **inner}
    parameters = {**object_of(members.get("params"))}
    if isinstance(members.get("action"), str):
        parameters["action"] = members["action"]
    bodies: list[Body] = []
    for kind, value in members.items():
        if kind in {"params", "macroapi", "action", "sessionid"}:
            continue
        if value is None or isinstance(value, (str, int, float)):
            raise NitroError(INVALID_JSON, kind)
        entries = [value] if isinstance(value, Mapping) else value
        objects = tuple(object_of(entry) for entry in entries)
        bodies.append(Body(type=kind, entries=objects, bulk=True, parameters=parameters))
    if not bodies:
        raise NitroError(INVALID_JSON, "macroapi")
    return bodies


def _members(request: HttpRequest) -> dict[str, JsonValue]:
    """The members of the body; none for an empty body."""
    content = request.body
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
        content = form.get("object", "").encode()
    if not content.strip():
        return {}
    try:
        parsed: JsonValue = json.loads(content)
    except ValueError:
        raise NitroError(INVALID_JSON) from None
    if not isinstance(parsed, Mapping):
        raise NitroError(INVALID_JSON)
    return dict(parsed)


def accepts_json(headers: Mapping[str, str]) -> bool:
    """Whether the client takes what an appliance sends.

    Args:
        headers: The request's headers.

    Returns:
        True if ``Accept`` is absent or names JSON, a vendor type or anything.
    """
    accept = text_of(headers.get("accept", "")).lower()
    return not accept or any(kind in accept for kind in ("*/*", "application/*", "json"))
