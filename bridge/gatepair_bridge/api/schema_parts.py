"""What the documents of the API are described with: members, words, forms of addresses."""

from __future__ import annotations

from typing import Any, Literal

import attrs

OnOff = Literal["on", "off"]
Switch = Literal["enabled", "disabled"]
Tagging = Literal["tagged", "untagged"]
PairState = Literal["formed", "dissolved", "broken"]
Impact = Literal["none", "resync", "reconnect", "failover", "restart", "outage", "dissolved"]
PAIR_ID = "192.0.2.11,192.0.2.12"
NODE = "192.0.2.11"
OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"({OCTET}\.){{3}}{OCTET}"
IPV4_OR_NONE = rf"^({IPV4})?$"
# An address of another form may be valid too; what is listed here is.
HOST = r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
APPLIANCE = rf"^{HOST}$"
PAIR = rf"^{HOST},{HOST}$"
REFERENCE = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:.+/.+)?$"
INSTANT = "2030-01-31T12:00:00Z"


def member(description: str, *, example: object, wire: str = "", **schema: object) -> Any:
    """Describe one member of a document.

    Args:
        description: What it says, with its unit.
        example: A value that is valid.
        wire: Its name in the document where that is a word of the language.
        schema: Further JSON Schema keywords.
    """
    metadata = {"description": description, "example": example, "schema": schema, "wire": wire}
    return attrs.field(metadata=metadata)


def optional(description: str, *, example: object, **schema: object) -> Any:
    """Describe one member that may be left out."""
    metadata = {"description": description, "example": example, "schema": schema, "wire": ""}
    return attrs.field(default=None, metadata=metadata)
