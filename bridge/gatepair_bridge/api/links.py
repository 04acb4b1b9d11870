"""Where an answer leads: OpenAPI links, for people who browse and for tools that walk through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

BODY: Final = "$response.body"
PAIR: Final[Mapping[str, str]] = {"pair": "$response.body#/id"}
SAME_PAIR: Final[Mapping[str, str]] = {"pair": "$request.path.pair"}
SAME_APPLIANCE: Final[Mapping[str, str]] = {"appliance": "$request.path.appliance"}
OPERATION: Final[Mapping[str, str]] = {"operation": "$response.body#/id"}


@attrs.frozen
class Link:
    """One way on: the operation, where its path parameters are found, its body if that is the answer."""

    target: str
    parameters: Mapping[str, str]
    body: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def to_openapi(self) -> dict[str, object]:
        """Write the link object of OpenAPI 3.1, section 4.8.20."""
        parameters = {f"path.{name}": where for name, where in self.parameters.items()}
        parameters |= {f"header.{name}": where for name, where in self.headers.items()}
        written: dict[str, object] = {"operationId": self.target, "parameters": parameters}
        return written | ({"requestBody": self.body} if self.body else {})


UNCHANGED: Final[Mapping[str, str]] = {"If-Match": "$response.header.etag"}
LINKS: Final[Mapping[tuple[str, int], tuple[Link, ...]]] = {
    ("listPairs", 200): (Link("readPair", {"pair": "$response.body#/0/id"}),),
    ("createPair", 201): (
        Link("readPair", PAIR),
        Link("readPairStatus", PAIR),
        Link("preflightPair", PAIR),
        Link("listVirtualIps", PAIR),
        Link("failOverPair", PAIR),
        Link("verifyPair", PAIR),
        Link("synchronizePair", PAIR),
        Link("restartPair", PAIR),
        Link("rotateKey", PAIR),
        Link("upgradePair", PAIR),
        Link("deletePair", PAIR),
    ),
    ("readPair", 200): (
        Link("updatePair", SAME_PAIR, BODY, UNCHANGED),
        Link("readPairStatus", SAME_PAIR),
        Link("deletePair", SAME_PAIR),
    ),
    ("updatePair", 200): (Link("readPair", SAME_PAIR),),
    ("deletePair", 204): (Link("readPair", SAME_PAIR), Link("deletePair", SAME_PAIR)),
    ("readPairStatus", 200): (Link("readAppliance", {"appliance": "$response.body#/nodes/0/address"}),),
    ("failOverPair", 200): (Link("readPairStatus", SAME_PAIR),),
    ("listVirtualIps", 200): (Link("readVirtualIp", {**SAME_PAIR, "address": "$response.body#/0/address"}),),
    ("readVirtualIp", 200): (
        Link("updateVirtualIp", {**SAME_PAIR, "address": "$response.body#/address"}, BODY, UNCHANGED),
        Link("forgetVirtualIp", {**SAME_PAIR, "address": "$response.body#/address"}),
    ),
    ("readAppliance", 200): (Link("readNetwork", SAME_APPLIANCE),),
    ("readNetwork", 200): (
        Link("updateNetwork", SAME_APPLIANCE, BODY, UNCHANGED),
        Link("forgetNetwork", SAME_APPLIANCE),
    ),
    ("updateNetwork", 200): (Link("readNetwork", SAME_APPLIANCE),),
    ("listOperations", 200): (Link("readOperation", {"operation": "$response.body#/0/id"}),),
    ("readOperation", 200): (Link("cancelOperation", OPERATION),),
    ("cancelOperation", 202): (Link("readOperation", OPERATION),),
}
# Every change may become an operation.
LONG: Final[tuple[Link, ...]] = (Link("readOperation", OPERATION), Link("cancelOperation", OPERATION))


def links_of(name: str, status: int, *, changes: bool) -> dict[str, object]:
    """Give the links of one answer, by a name for each."""
    found = LONG if changes and status == 202 else LINKS.get((name, status), ())  # noqa: PLR2004 - Accepted
    return {link.target: link.to_openapi() for link in found}
