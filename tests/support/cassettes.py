"""Cassettes that a reviewer can read and that hold no secret: scrubbed by a keep-list, bodies as JSON.

What is not known to be harmless becomes a stand-in such as ``<password>`` before it is written, in requests
and in responses alike; in responses it is left out unless it is a secret. Addresses become documentation
addresses (RFC 5737), so a cassette does not tell where it was made and plays anywhere.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

Json = Any
BREAKDOWN = "x-gatepair-breakdown"
"""Marks an exchange that never came to an answer: a recording of a connection that was refused or broke."""

KEEP_HEADERS = {"content-type", "x-nitro-onerror", "x-nitro-warning", "retry-after", BREAKDOWN}

# Keys of NITRO bodies whose values may stand in a public file: the envelope, what the SDK reads and writes.
KEEP_KEYS = frozenset(
    # One string is easier to read and to diff than two hundred quoted words.
    """
    errorcode message severity response
    id name state hastatus hasync haprop inc hellointerval deadinterval failsafe maxflips maxfliptime syncvlan
    syncstatusstrictmode flags enaifaces disifaces hamonifaces haheartbeatifaces pfifaces ifaces netmask ssl2
    masterstatetime routemonitor routemonitorstate curflips completedfliptime hasyncfailurereason force save
    hacurstatus hacurstate hacurmasterstate transtime haerrproptimeout haerrsyncfailure
    ipaddress type iptype arp icmp vserver telnet ftp gui ssh snmp mgmtaccess restrictaccess td
    hostname version mode installedversion systemtype primaryip configchanged currentsytemtime systemtime
    lastconfigsavetime lastconfigchangedtime nsvlan timezone
    hwdescription sysid
    devicename haheartbeat hamonitor intfstate linkstate actspeed vlan mtu
    certkey cert status daystoexpiration
    servicetype ipv46 port range curstate value authentication
    serverip serverport username timeout warm level filename filelocation
    secure srcip network gateway distance
    aliasname ifaces tagifaces ifnum tagged routetype static direct permanent ip servername vipvsercount
    modelid serialno licensingmode
    starttime disk0perusage disk1perusage sslvpn ssl lb cs aaa modelid curaaausers routetype level comment url
    """.split()  # noqa: SIM905 - see above
)
ALWAYS_HIDDEN = ("password", "passwd", "passplain", "sessionid", "secret", "token", "filecontent")


def is_hidden(key: str) -> bool:
    """Whether the values of a key may not stand in a public file."""
    lowered = key.lower()
    return lowered not in KEEP_KEYS or _is_secret(lowered)


def _is_secret(key: str) -> bool:
    return any(word in key for word in ALWAYS_HIDDEN)


def stand_in_for(key: str) -> str:
    """Return what stands in for a hidden value; the content of a file has to stay readable as base64."""
    return "c3RhbmQtaW4=" if key.lower() == "filecontent" else f"<{key.lower()}>"


def scrub(node: Json, key: str = "") -> Json:
    """Return JSON with every value that is not on the keep-list replaced by its key's stand-in."""
    if isinstance(node, dict):
        items = cast("dict[str, Json]", node).items()
        return {name: scrub(value, name) for name, value in items}
    if isinstance(node, list):
        return [scrub(item, key) for item in cast("list[Json]", node)]
    return stand_in_for(key) if is_hidden(key) else node


def thin_out(node: Json) -> Json:
    """Return scrubbed JSON without the stand-ins of what is no secret: in answers, nobody reads them."""
    if isinstance(node, dict):
        items = cast("dict[str, Json]", node).items()
        return {
            name: thin_out(value)
            for name, value in items
            if value != stand_in_for(name) or _is_secret(name.lower())
        }
    if isinstance(node, list):
        return [thin_out(item) for item in cast("list[Json]", node)]
    return node


NOT_JSON = "<not JSON>"
SESSION = "%23%23STANDIN"
# Headers of the tests' own requests, which prepare an appliance and are no part of a recording: the SDK
# never sends credentials with a call, and nobody but the emulator knows the second one.
PREPARING = {"x-nitro-user", "x-gatepair-token"}


def parsed(text: str | bytes | None) -> Json:
    """Return the JSON in a body, nothing for an empty one, a stand-in for what is no JSON."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return NOT_JSON


def written(body: Json) -> str:
    """Return the text of a body that `parsed` read."""
    return "" if body is None else body if body == NOT_JSON else json.dumps(body, sort_keys=True)


_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
# RFC 5737: networks for documentation; what is in them belongs to nobody.
PUBLIC = tuple(map(ipaddress.IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))


def tells_nothing(address: str) -> bool:
    """Whether an address may stand in a public file: a documentation address, a netmask or loopback."""
    try:
        known = ipaddress.IPv4Address(address)
    except ValueError:
        return True
    mask = int(known)
    is_mask = mask == 0 or (~mask & 0xFFFFFFFF) & ((~mask & 0xFFFFFFFF) + 1) == 0
    return is_mask or known.is_loopback or any(known in network for network in PUBLIC)


class StandIns:
    """Replaces addresses by documentation addresses, in text of any kind.

    Args:
        known: Stand-ins for what the test speaks of; every other address gets the next one that is free.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        longest_first = sorted(known.items(), key=lambda item: -len(item[0]))
        # Whole addresses only: 192.0.2.1 is not the beginning of 192.0.2.10.
        self._known = [
            (
                re.compile(rf"(?<![\d.]){re.escape(real)}" + (r"(?!\d)" if real[-1].isdigit() else "")),
                stand_in,
            )
            for real, stand_in in longest_first
        ]
        self._others: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return the text with stand-ins."""
        for real, stand_in in self._known:
            text = real.sub(stand_in, text)
        return _IPV4.sub(self._other, text)

    def _other(self, match: re.Match[str]) -> str:
        if tells_nothing(match[0]):
            return match[0]
        return self._others.setdefault(match[0], f"198.51.100.{len(self._others) + 101}")


def request_filter(stand_in: StandIns) -> Callable[[Any], Any]:
    """Return what VCR.py applies to each request, both when it records and when it looks one up."""

    def clean(request: Any) -> Any:
        if any(name.lower() in PREPARING for name in request.headers):
            return None
        request.uri = stand_in(request.uri)
        request.headers = {
            name: value for name, value in request.headers.items() if name.lower() in KEEP_HEADERS
        }
        body = parsed(request.body)
        request.body = None if body is None else stand_in(written(scrub(body)))
        return request

    return clean


def response_filter(stand_in: StandIns) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what VCR.py applies to each response before it is written.

    The session's cookie is replaced, not dropped: the client under test needs one to go on, and it tells
    a new session from an old one by it.
    """
    count = itertools.count(1)

    def clean(response: dict[str, Any]) -> dict[str, Any]:
        headers = {k: v for k, v in response["headers"].items() if k.lower() in KEEP_HEADERS}
        if any(name.lower() == "set-cookie" for name in response["headers"]):
            headers["Set-Cookie"] = [f"NITRO_AUTH_TOKEN={SESSION}{next(count)}; path=/nitro/v1"]
        body = parsed(response["body"]["string"])
        text = stand_in(written(body if body == NOT_JSON else thin_out(scrub(body))))
        return response | {"headers": headers, "body": {"string": text.encode()}}

    return clean


class ReadableJson:
    """A serializer for VCR.py: one JSON file, bodies as JSON, the source of the recording at the top.

    Args:
        source: What is recorded: ``emulator`` or ``appliance``.
        secrets: What must not be in the file; a last look before it is written.
    """

    def __init__(self, source: str = "", secrets: Iterable[str] = ()) -> None:
        self._source = source
        self._secrets = tuple(secrets)

    def serialize(self, cassette: dict[str, Any]) -> str:
        """Return the text of a cassette file."""
        interactions = [
            {
                "request": {
                    "method": item["request"]["method"],
                    "uri": item["request"]["uri"],
                    "headers": item["request"]["headers"],
                    "body": parsed(item["request"]["body"]),
                },
                "response": {
                    "status": item["response"]["status"],
                    "headers": item["response"]["headers"],
                    "body": parsed(item["response"]["body"]["string"]),
                },
            }
            for item in cassette["interactions"]
        ]
        document = {
            "recorded_from": {"source": self._source, "firmware": _firmware(interactions)},
            "version": cassette["version"],
            "interactions": in_stable_order(interactions),
        }
        text = laid_out(document) + "\n"
        if any(secret in text for secret in self._secrets):
            raise AssertionError("a secret is in the recording; it is not written")
        return text

    def deserialize(self, text: str) -> dict[str, Any]:
        """Return what VCR.py wants to see of a cassette file."""
        document = json.loads(text)
        for item in document["interactions"]:
            request, response = item["request"], item["response"]
            request["body"] = written(request["body"]) or None
            response["body"] = {"string": written(response["body"])}
        return document


def in_stable_order(interactions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return recorded exchanges with each run of reads, logins or logouts sorted by address.

    They are made at once, so their order is chance and would be noise in a diff. Changes keep theirs.
    """
    found: list[dict[str, Any]] = []
    for _, run in itertools.groupby(interactions, key=_kind):
        exchanges = list(run)
        ordered = sorted(exchanges, key=lambda item: item["request"]["uri"])
        found += exchanges if _kind(exchanges[0]) == "change" else ordered
    return found


def _kind(item: dict[str, Any]) -> str:
    request = item["request"]
    last = request["uri"].rpartition("/")[2]
    return "read" if request["method"] == "GET" else last if last in {"login", "logout"} else "change"


WIDTH = 110


def laid_out(value: Json, indent: int = 0) -> str:
    """Return JSON with everything on one line that fits there."""
    flat = json.dumps(value)
    if indent + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {laid_out(item, indent + 1)}" for key, item in value.items()]
        opening, closing = "{}"
    else:
        inner = [laid_out(item, indent + 1) for item in cast("list[Json]", value)]
        opening, closing = "[]"
    lines = (",\n" + " " * (indent + 1)).join(inner)
    return f"{opening}\n{' ' * (indent + 1)}{lines}\n{' ' * indent}{closing}"


def _firmware(interactions: Iterable[dict[str, Any]]) -> list[str]:
    """Return the builds that the recorded appliances run, as far as they were asked."""
    bodies = (item["response"]["body"] for item in interactions)
    replies = (body["nsversion"] for body in bodies if isinstance(body, dict) and "nsversion" in body)
    rows = (reply if isinstance(reply, dict) else reply[0] for reply in replies)
    return sorted({row["version"].partition(",")[0].removeprefix("NetScaler ") for row in rows})
