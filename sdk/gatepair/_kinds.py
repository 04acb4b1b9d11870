"""Kinds of values in what people and programs write: how each is read, and its JSON Schema.

One list of kinds serves the file pairs.toml, its schema for editors and the documents of the API,
so that all three agree on what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

import attrs

from gatepair._paths import expanded
from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress, SecretReference, Tagging, VirtualIpRole
from gatepair.models.addresses import parse_host
from gatepair.models.failover import (
    HELLO_STEP_MS,
    HIGHEST_VLAN,
    LONGEST_DEAD_S,
    LONGEST_HELLO_MS,
    NO_VLAN,
    SHORTEST_DEAD_S,
    SHORTEST_HELLO_MS,
)
from gatepair.models.interface import INTERFACE_NAME, check_interface_name
from gatepair.models.virtual_ip import parse_ipv4, parse_netmask

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
WordT = TypeVar("WordT", bound=StrEnum)
Schema = Mapping[str, object]


@attrs.frozen
class Kind(Generic[T_co]):
    """A kind of value.

    Attributes:
        parse: Turns the raw value into the typed one; raises `InvalidInput` with a message that goes
            on after the key's name, such as "must be text, not a number".
        schema: The raw value in JSON Schema.
    """

    parse: Callable[[object], T_co]
    schema: Schema


def described(value: object) -> str:
    """Return what a raw value is, in words; never the value, which may be a misplaced secret.

    Example:
        >>> described("x"), described(True), described(1.5), described([1])
        ('text', 'a truth value', 'a number', 'a list')
    """
    if value is None:
        return "nothing"
    for kinds, words in (
        (bool, "a truth value"),
        (int | float, "a number"),
        (str, "text"),
        (list, "a list"),
        (Mapping, "a table"),
    ):
        if isinstance(value, kinds):
            return words
    return f"a {type(value).__name__}"


def parse_text(value: object) -> str:
    """Return text that is not empty."""
    if not isinstance(value, str):
        raise InvalidInput(f"must be text, not {described(value)}")
    if not value:
        raise InvalidInput("must not be empty")
    return value


def _parse_words(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"must be text, not {described(value)}")
    return value


def parse_boolean(value: object) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise InvalidInput(f"must be true or false, not {described(value)}")
    return value


def whole(*, lowest: int | None = None, highest: int | None = None, multiple: int | None = None) -> Kind[int]:
    """Return the kind of whole numbers; the limits are told to editors, the models enforce them."""

    def parse(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            # JSON does not tell 1 from 1.0, and Terraform counts in floating point.
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidInput(f"must be a whole number, not {described(value)}")
        return value

    limits = {"minimum": lowest, "maximum": highest, "multipleOf": multiple}
    return Kind(
        parse, {"type": "integer"} | {name: limit for name, limit in limits.items() if limit is not None}
    )


def switch(yes: str, no: str) -> Kind[bool]:
    """Return the kind of the two words for true and false."""

    def parse(value: object) -> bool:
        if not isinstance(value, str) or value not in {yes, no}:
            said = f'"{value}"' if isinstance(value, str) else described(value)
            raise InvalidInput(f'must be "{yes}" or "{no}", not {said}')
        return value == yes

    return Kind(parse, {"enum": [yes, no]})


def one_of(words: type[WordT]) -> Kind[WordT]:
    """Return the kind of the words of an enumeration."""
    known = [str(word) for word in words]
    choice = " or ".join(f'"{word}"' for word in known)

    def parse(value: object) -> WordT:
        text = parse_text(value)
        if text not in known:
            raise InvalidInput(f'must be {choice}, not "{text}"')
        return words(text)

    return Kind(parse, {"enum": known})


def _parse_ip(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise InvalidInput(f"'{text}' is not an IP address") from None


def _parse_interface(text: str) -> str:
    check_interface_name(text)
    return text


def parse_list(value: object) -> list[object]:
    """Return a list."""
    if not isinstance(value, list):
        raise InvalidInput(f"must be a list, not {described(value)}")
    return cast("list[object]", value)


def list_of(kind: Kind[T]) -> Kind[list[T]]:
    """Return the kind of lists of a kind."""
    return Kind(
        lambda value: [kind.parse(item) for item in parse_list(value)],
        {"type": "array", "items": kind.schema},
    )


def _parse_seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"must be a number of seconds, not {described(value)}")
    return float(value)


def _texts(parse: Callable[[str], T], description: str) -> Kind[T]:
    return Kind(
        lambda value: parse(parse_text(value)), {"type": "string", "minLength": 1, "description": description}
    )


TEXT: Final = Kind(parse_text, {"type": "string", "minLength": 1})
BOOLEAN: Final = Kind(parse_boolean, {"type": "boolean"})
SECONDS: Final = Kind(_parse_seconds, {"type": "number", "exclusiveMinimum": 0})
ON_OFF: Final = switch("on", "off")
ENABLED_DISABLED: Final = switch("enabled", "disabled")
YES_NO: Final = switch("yes", "no")
PATH: Final[Kind[Path]] = _texts(expanded, "Path, relative to this file.")
REFERENCE: Final[Kind[SecretReference]] = Kind(
    lambda value: SecretReference(parse_text(value)),
    {
        "type": "string",
        "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:.+/.+)$",
        "description": "Secret reference: env:NAME, file:PATH or keyring:SERVICE/USER.",
    },
)
MANAGEMENT_ADDRESS: Final = _texts(
    ManagementAddress.parse,
    "Management address: host, host:port, [ipv6] or [ipv6]:port; port 443 if left out.",
)
IPV4: Final[Kind[IPv4Address]] = Kind(
    lambda value: parse_ipv4(parse_text(value)), {"type": "string", "format": "ipv4"}
)
NETMASK: Final[Kind[IPv4Address]] = Kind(
    lambda value: parse_netmask(parse_text(value)), {"type": "string", "format": "ipv4"}
)
DNS_SERVERS: Final = list_of(_texts(_parse_ip, "IP address of a name server."))
NTP_SERVERS: Final = list_of(_texts(parse_host, "IP address or host name of a time server."))
TAGGING: Final = one_of(Tagging)
VIRTUAL_IP_ROLE: Final = one_of(VirtualIpRole)
# Empty says that there is none, as in every document.
WORDS: Final = Kind(_parse_words, {"type": "string"})
INTERFACE: Final = Kind(
    lambda value: _parse_interface(parse_text(value)),
    {"type": "string", "pattern": f"^{INTERFACE_NAME}$", "description": "Name of an interface, such as 1/2."},
)
ANY_NETMASK: Final[Kind[IPv4Address]] = Kind(
    lambda value: parse_ipv4(parse_text(value)), {"type": "string", "format": "ipv4"}
)
HELLO_MS: Final = whole(lowest=SHORTEST_HELLO_MS, highest=LONGEST_HELLO_MS, multiple=HELLO_STEP_MS)
DEAD_S: Final = whole(lowest=SHORTEST_DEAD_S, highest=LONGEST_DEAD_S)
VLAN: Final = whole(lowest=NO_VLAN, highest=HIGHEST_VLAN)
COUNT: Final = whole(lowest=0)
VERSION: Final = whole(lowest=1)
