"""What can break on an appliance: links, the SSL card, and the build that is installed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import define, field

from gatepair_emulator.ha.heartbeats import Losses
from gatepair_emulator.settings import Settings, write_private

if TYPE_CHECKING:
    from pathlib import Path


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@define
class Hardware:
    """The parts of an appliance that outlive a restart.

    Attributes:
        directory: The node's directory.
        settings: What the appliance is.
        failed_links: Interfaces whose cable is out.
        ssl_card_failed: Whether the SSL card is down.
        routes_failed: Whether monitored routes are away.
        losses: Heartbeats and calls of the peer lost on purpose.
        sync_gate: Closed while synchronisation is stuck on purpose.
        restart_gate: Closed while restarts are stuck on purpose.
    """

    directory: Path
    settings: Settings
    failed_links: set[str] = field(factory=set[str])
    ssl_card_failed: bool = False
    routes_failed: bool = False
    losses: Losses = field(factory=Losses)
    sync_gate: asyncio.Event = field(factory=_open_gate)
    restart_gate: asyncio.Event = field(factory=_open_gate)

    @property
    def build(self) -> str:
        """The build the appliance starts with, such as ``NS14.1: Build 47.48.nc``."""
        try:
            return (self.directory / "build").read_text(encoding="utf-8").strip() or self.settings.build
        except FileNotFoundError:
            return self.settings.build

    def install(self, build: str) -> None:
        """Make the next start use another build.

        Args:
            build: Release and build in the words of ``nsversion``.
        """
        write_private(self.directory / "build", build)
