"""Between NITRO calls and HTTP: paths, queries, bodies and envelopes.

Sources: the vendor's NITRO reference ("Performing NetScaler resource operations", "Error and
exception handling") and the vendor's Go client citrix/adc-nitro-go for what it leaves open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import quote

from gatepair.models import Secret
from gatepair.nitro import codes
from gatepair.nitro.call import Call, HttpRequest, HttpResponse, Payload, Reply

NOT_NITRO: Final = -1
"""Stands for the error code when the answer was no NITRO envelope at all."""

_WARNING_STATUS: Final = 209
_HEADERS: Final = {"Accept": "application/json"}
_BODY_HEADERS: Final = {**_HEADERS, "Content-Type": "application/json"}


def encode(call: Call, cookie: str | None = None) -> HttpRequest:
    """Return the HTTP request for a call.

    Args:
        call: What is asked.
        cookie: Session cookie value, absent for a call that needs none (login).
    """
    headers = dict(_HEADERS if call.payload is None else _BODY_HEADERS)
    if cookie is not None:
        headers["Cookie"] = f"{codes.SESSION_COOKIE}={cookie}"
    return HttpRequest(
        method=call.method,
        target=target(call),
        headers=headers,
        body=None if call.payload is None else _body(call.resource, call.payload),
        label=call.label,
        allowance_s=call.allowance_s,
    )


def target(call: Call) -> str:
    """Return path and query of a call.

    Names are percent-encoded twice, as the vendor's clients do: a name with a slash in it, such as
    interface ``1/2``, is refused when it is encoded once.

    Example:
        >>> from gatepair.nitro.call import Method
        >>> target(Call(method=Method.GET, resource="Interface", name="1/2"))
        '/nitro/v1/config/Interface/1%252F2'
        >>> target(Call(method=Method.POST, resource="nsconfig", action="save"))
        '/nitro/v1/config/nsconfig?action=save'
    """
    parts = [codes.STAT_PATH if call.stat else codes.CONFIG_PATH, call.resource]
    if call.name is not None:
        parts.append(quote(quote(call.name, safe=""), safe=""))
    query: list[str] = []
    if call.action is not None:
        query.append(f"action={quote(call.action, safe='')}")
    if call.arguments:
        pairs = ",".join(f"{key}:{quote(value, safe='')}" for key, value in call.arguments.items())
        query.append(f"args={pairs}")
    if call.bulk:
        query.append("bulkbindings=yes")
    if call.warnings:
        query.append("warning=yes")
    return "/".join(parts) + ("?" + "&".join(query) if query else "")


def _body(resource: str, payload: Payload) -> bytes:
    return json.dumps({resource: _plain(payload)}).encode()


def _plain(value: object) -> object:
    """Return a payload value as JSON can carry it; this is where secrets are opened."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("list[object]", value)]
    return value if isinstance(value, bool | int | str) else str(value)


def decode(call: Call, response: HttpResponse) -> Reply:
    """Read an answer, whatever shape this build gives it.

    An empty body is a success or failure by its status alone; resources come as a list or as one
    object; the key of the resource may differ in case; numbers of the envelope may be strings.
    """
    envelope = _envelope(response.body)
    retry_after_s = _retry_after(response.header("retry-after"))
    if envelope is None:
        return Reply(
            status=response.status,
            errorcode=NOT_NITRO,
            message=codes.REASONS.get(response.status, "the answer is no NITRO envelope"),
            severity="ERROR",
            retry_after_s=retry_after_s,
        )
    severity = str(envelope.get("severity", "NONE"))
    return Reply(
        status=response.status,
        errorcode=_code(envelope.get("errorcode", 0)),
        message=str(envelope.get("message", codes.REASONS.get(response.status, ""))),
        severity="WARNING" if response.status == _WARNING_STATUS else severity,
        rows=_rows(envelope, call.resource),
        session=_session(envelope, response),
        retry_after_s=retry_after_s,
    )


def _envelope(body: bytes) -> dict[str, object] | None:
    if not body.strip():
        return {}
    try:
        parsed: object = json.loads(body)
    except ValueError:
        return None
    return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else None


def _code(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return NOT_NITRO


def _rows(envelope: Mapping[str, object], resource: str) -> tuple[Mapping[str, object], ...]:
    found = next((value for key, value in envelope.items() if key.lower() == resource.lower()), None)
    items = cast("list[object]", found) if isinstance(found, list) else [found]
    return tuple(cast("Mapping[str, object]", item) for item in items if isinstance(item, dict))


def _session(envelope: Mapping[str, object], response: HttpResponse) -> str | None:
    """Return the session as a cookie value: the cookie is encoded already, the body is not."""
    prefix = f"{codes.SESSION_COOKIE}="
    for cookie in response.all_headers("set-cookie"):
        if cookie.startswith(prefix):
            return cookie.removeprefix(prefix).partition(";")[0]
    token = envelope.get("sessionid")
    return quote(token, safe="") if isinstance(token, str) and token else None


def _retry_after(value: str | None) -> float | None:
    """Read ``Retry-After`` in seconds; its other form, a date, needs a clock both sides trust."""
    return float(value) if value is not None and value.strip().isdigit() else None
