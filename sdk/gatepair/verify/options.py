"""What verify is to do, and how it looks meanwhile."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import attrs

from gatepair.errors import InvalidInput
from gatepair.probes.watch import DEFAULT_INTERVAL_S, DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.models import Credentials
    from gatepair.verify.power import Power


class Part(StrEnum):
    """One thing that verify does to the pair."""

    FORCED = "forced"
    GRACEFUL = "graceful"
    HARD = "hard"
    FAIL_BACK = "fail-back"


KINDS: Final = (Part.FORCED, Part.GRACEFUL, Part.HARD)
"""What may be asked for; fail back follows each of these."""

PART_NAMES: Final = {
    Part.FORCED: "Forced failover",
    Part.GRACEFUL: "Graceful failover",
    Part.HARD: "Hard failover (power off)",
    Part.FAIL_BACK: "Fail back",
}
"""Parts as a person reads them."""

MARGIN_S: Final = 1.0
"""Seconds a new primary gets to claim the addresses and announce them.

The vendor names no number; addresses are announced by gratuitous ARP when the role changes
(https://docs.netscaler.com/en-us/citrix-adc/13-1/system/high-availability-introduction)."""


def _kinds(values: Iterable[Part | str]) -> tuple[Part, ...]:
    found: list[Part] = []
    for value in values:
        if value not in set(KINDS):
            known = ", ".join(KINDS)
            raise InvalidInput(f"{value!s} is no kind of failover: use {known}", key="kinds")
        found.append(Part(value))
    return tuple(dict.fromkeys(found))


def _path(value: object) -> Path | None:
    return None if value is None else Path(cast("str | Path", value))


@attrs.frozen(kw_only=True)
class VerifyOptions:
    """What verify is to do.

    Attributes:
        kinds: Failovers to make, in this order, each judged on its own: ``forced`` (the primary is told to
            go, whatever the state of its peer), ``graceful`` (the same, but the appliance may refuse when
            its peer is not in its best health) and ``hard`` (the primary's power is cut).
        fail_back: Let the first primary serve again after each of them; judged as well.
        server_name: The gateway's own name; absent, the one its Gateway virtual server holds, or else the
            address is asked for.
        port: TCP port users connect to; absent, that of the Gateway virtual server at the external
            virtual IP, or 443.
        path: What users ask for.
        ca_file: PEM file with the CA of the gateway's certificate; absent, the one for the appliances.
        insecure: Take any certificate of the gateway. For trying things out only.
        user: A user of the gateway for the session probe; without one, nobody signs in.
        interval_s: Seconds from one attempt to the next, 0.05 to 60.
        timeout_s: Seconds one attempt may take, 0.05 to 60.
        margin_s: Seconds that are allowed on top of what the timers promise, 0 to 600.
        patience_s: Seconds until users must be served again before the switch counts as failed and is
            undone; absent, three times what is promised, and 30 at least.
        return_s: Seconds a node may take to come back and synchronize.
        power: Cuts the power of a node and gives it back; needed for ``hard``.

    Raises:
        InvalidInput: A value is out of range, or ``hard`` has no way to cut the power.

    Example:
        >>> VerifyOptions(kinds=("forced", "graceful")).kinds
        (<Part.FORCED: 'forced'>, <Part.GRACEFUL: 'graceful'>)
    """

    kinds: tuple[Part, ...] = attrs.field(default=(Part.FORCED,), converter=_kinds)
    fail_back: bool = True
    server_name: str | None = None
    port: int | None = None
    path: str = "/"
    ca_file: Path | None = attrs.field(default=None, converter=_path)
    insecure: bool = False
    user: Credentials | None = None
    interval_s: float = DEFAULT_INTERVAL_S
    timeout_s: float = DEFAULT_TIMEOUT_S
    margin_s: float = MARGIN_S
    patience_s: float | None = None
    return_s: float = 900.0
    power: Power | None = None

    def __attrs_post_init__(self) -> None:
        if not self.kinds:
            raise InvalidInput("must name at least one kind of failover", key="kinds")
        if Part.HARD in self.kinds and self.power is None:
            raise InvalidInput(
                "a hard failover needs a way to cut the power",
                key="kinds",
                remedy="Give the commands that switch a node off and on (--power-off, --power-on).",
            )
        for key, low, high in (
            ("interval_s", 0.05, 60.0),
            ("timeout_s", 0.05, 60.0),
            ("margin_s", 0.0, 600.0),
            ("patience_s", 1.0, 3600.0),
            ("return_s", 1.0, 86400.0),
        ):
            value = getattr(self, key)
            if value is not None and not low <= value <= high:
                raise InvalidInput(f"{value} is not between {low} and {high} seconds", key=key)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is done, in order."""
        return tuple(
            part for kind in self.kinds for part in ((kind, Part.FAIL_BACK) if self.fail_back else (kind,))
        )
