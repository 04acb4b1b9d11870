"""Which provider the stacks use, and which bridge it talks to."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

import attrs

from gatepair.errors import InvalidInput

LONGEST_OPERATION_S = 1800


class ProviderKind(StrEnum):
    """Which provider answers to the name `restapi`."""

    BUNDLED = "bundled"
    MASTERCARD = "mastercard"


def _no_slash(value: str | None) -> str | None:
    return value.rstrip("/") if value else None


@attrs.frozen(kw_only=True)
class ProviderSettings:
    """The provider of a stack.

    Attributes:
        kind: The provider that gatepair brings along, or Mastercard/restapi from the public registry.
        bridge_url: Address of a bridge that runs as a service. Without it the bundled provider runs the
            bridge within itself; the registry's provider cannot do without.
        bridge_ca_file: PEM file of the authority to trust for the bridge, instead of the system's.
        timeout_s: Seconds that one operation on a pair may take; forming one restarts appliances.

    Raises:
        gatepair.errors.InvalidInput: The values do not go together; `key` names the one to blame.

    Example:
        >>> ProviderSettings(bridge_url="https://bridge.example.net/").bridge_url
        'https://bridge.example.net'
    """

    kind: ProviderKind = ProviderKind.BUNDLED
    bridge_url: str | None = attrs.field(default=None, converter=_no_slash)
    bridge_ca_file: str | None = None
    timeout_s: int = LONGEST_OPERATION_S

    def __attrs_post_init__(self) -> None:
        if self.timeout_s < 1:
            raise InvalidInput(f"{self.timeout_s} is less than 1", key="timeout_s")
        if self.kind is ProviderKind.MASTERCARD and self.bridge_url is None:
            raise InvalidInput('must be given with provider = "mastercard"', key="bridge_url")
        if self.bridge_ca_file is not None and self.bridge_url is None:
            raise InvalidInput("means nothing without bridge_url", key="bridge_ca_file")
        if self.bridge_url is None:
            return
        url = urlsplit(self.bridge_url)
        if url.scheme not in {"https", "http"} or not url.hostname:
            raise InvalidInput("is not an address such as https://bridge.example.net", key="bridge_url")
        if url.username or url.password:
            # The address stands in the synthesized files; the message must not repeat it.
            raise InvalidInput("must not hold credentials; set REST_API_BEARER instead", key="bridge_url")
