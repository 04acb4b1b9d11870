"""What the operator of a bridge set up beside the appliances."""

from __future__ import annotations

from pathlib import Path

import attrs

from gatepair_bridge.api.aliases import Aliases


@attrs.frozen(kw_only=True)
class Premises:
    """What handlers may use beside the appliances.

    Args:
        aliases: Host names under which pairs' primaries are found.
        gateway_ca: PEM file with the CA of the gateways' own certificates; that of the appliances if absent.
        declares_all: Whether everything that callers manage stands in the pairs file, so that what does not
            is not managed any more.
        backups: Directory that backups of both appliances go to before an upgrade; none are made if absent.
    """

    aliases: Aliases = attrs.field(factory=Aliases)
    gateway_ca: Path | None = None
    declares_all: bool = False
    backups: Path | None = None
