"""One run of an appliance, from its start to its restart: everything that is not on disk."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from typing import TYPE_CHECKING

from attrs import define

from gatepair_emulator.ha.engine import HaEngine
from gatepair_emulator.ha.messages import Health, Role
from gatepair_emulator.nitro.commands import command_from_json, execute
from gatepair_emulator.nitro.passwords import DEFAULT_RPC, Verifier
from gatepair_emulator.nitro.sessions import Sessions
from gatepair_emulator.resources.ha_bindings import MONITORS
from gatepair_emulator.resources.registry import BEHAVIOURS, behaviour_of, factory_rows
from gatepair_emulator.store import Configuration, SavedConfiguration, Tables
from gatepair_emulator.users.addresses import AddressBook
from gatepair_emulator.users.sessions import UserSessions
from gatepair_emulator.values import JsonValue, Row, object_of, text_of, texts_of
from gatepair_emulator.wires import KernelWires

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from gatepair_emulator.certificates import Authority
    from gatepair_emulator.clock import Clock
    from gatepair_emulator.disk import Disk
    from gatepair_emulator.ha.election import RoleChanged
    from gatepair_emulator.hardware import Hardware
    from gatepair_emulator.resources.behaviour import Behaviour
    from gatepair_emulator.wires import Wires

_LOG = logging.getLogger(__name__)
_RANDOM_BITS = 20


@define
class Requests:
    """What the node asks of the appliance around it.

    Attributes:
        restart: Restart now.
        power_off: Switch off.
    """

    restart: Callable[[], None]
    power_off: Callable[[], None]


@define(kw_only=True)
class RoleRecord:
    """One change of role, for the history.

    Attributes:
        at: Wall time, seconds since the epoch.
        role: The new role.
        reason: Why.
    """

    at: float
    role: Role
    reason: str


class Node:
    """A running appliance.

    Attributes:
        configuration: What runs.
        saved: What survives a restart.
        ha: High availability.
        sessions: NITRO sessions.
        users: Sessions of the Gateway's users.
        wires: What it is connected with.
        addresses: Virtual addresses this node answers on.
        writing: Held while a configuration command runs.
        saving: Held while the configuration is saved.
        history: Changes of role, oldest first.
        started_at: Wall time of the start, seconds since the epoch.
        saved_at: Wall time of the last save.
        changed_at: Wall time of the last change of the configuration.
        jobs: Long work begun with ``async``, oldest first.
        migration: How the in-service migration goes; empty if there was none.
    """

    def __init__(
        self,
        *,
        hardware: Hardware,
        disk: Disk,
        clock: Clock,
        authority: Authority,
        requests: Requests,
        history: list[RoleRecord] | None = None,
        wires: Wires | None = None,
    ) -> None:
        self.hardware = hardware
        self.settings = hardware.settings
        self.losses = hardware.losses
        self.disk = disk
        self.clock = clock
        self.authority = authority
        self.requests = requests
        self.wires: Wires = wires if wires is not None else KernelWires()
        self.build = hardware.build
        self.configuration = Configuration()
        self.saved = SavedConfiguration(hardware.directory / "saved.json")
        self.sessions = Sessions(clock)
        self.verifier = Verifier()
        self.users = UserSessions(self)
        self.addresses = AddressBook(self)
        self.ha = HaEngine(self)
        self.writing = asyncio.Lock()
        self.saving = asyncio.Lock()
        self.history: list[RoleRecord] = history if history is not None else []
        self.started_at = clock.wall()
        self.saved_at = clock.wall()
        self.changed_at = clock.wall()
        self._warnings: list[tuple[int, str]] = []
        self._running = False
        self._unsaved: bool | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.jobs: list[Row] = []
        self.migration = ""

    # -- life -----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the saved configuration; at the first boot make and save that of the scenario.

        Raises:
            NitroError: A command of the scenario is refused.
        """
        saved = self.saved.load()
        if saved is not None:
            self.configuration = saved
            return
        self.configuration = Configuration(self.fresh_tables())
        for entry in _first_boot(self.hardware.directory / "first-boot.json"):
            execute(self, command_from_json(entry))
        self._warnings.clear()
        self.saved.write(self.configuration)

    def fresh_tables(self) -> Tables:
        """The rows of an appliance out of the box.

        Returns:
            Rows by type and key.
        """
        tables: Tables = {}
        for kind, key, row in factory_rows(self):
            tables.setdefault(kind, {})[key] = row
        return tables

    async def start(self) -> None:
        """Begin to take part in the pair and to answer on virtual addresses.

        Raises:
            OSError: A port is taken.
        """
        self._running = True
        await self.ha.start()
        self.addresses.refresh()

    def stop(self) -> None:
        """End everything at once, as a power cut does."""
        self._running = False
        for task in list(self._tasks):
            task.cancel()
        self.ha.stop()
        self.addresses.close()

    # -- configuration --------------------------------------------------------------------------

    def behaviour(self, kind: str) -> Behaviour:
        """What a resource type does.

        Args:
            kind: Name in any case.

        Returns:
            Its behaviour.

        Raises:
            NitroError: 1232, there is no such type.
        """
        return BEHAVIOURS.get(kind) or behaviour_of(kind)

    def next_incarnation(self) -> int:
        """The number of the configuration after the next change.

        The random part keeps two nodes that were changed apart from reaching the same number with
        different configurations.
        """
        count = (self.configuration.incarnation >> _RANDOM_BITS) + 1
        return (count << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)

    def configuration_changed(self) -> None:
        """The configuration has changed: addresses may have come or gone."""
        self.changed_at = self.clock.wall()
        self._unsaved = None
        if self._running:
            self.addresses.refresh()

    def save(self) -> None:
        """Write the running configuration to disk.

        Raises:
            NitroError: The disk is full.
        """
        self.disk.require_space()
        self.saved.write(self.configuration)
        self.saved_at = self.clock.wall()
        self._unsaved = None

    @property
    def unsaved(self) -> bool:
        """Whether the running configuration differs from the saved one."""
        if self._unsaved is None:
            self._unsaved = not self.saved.holds(self.configuration)
        return self._unsaved

    def warn(self, code: int, detail: str = "") -> None:
        """Note a warning about the command under way.

        Args:
            code: NITRO code.
            detail: What goes into the brackets.
        """
        self._warnings.append((code, detail))

    def take_warnings(self) -> list[tuple[int, str]]:
        """The warnings since the last call.

        Returns:
            Codes and details.
        """
        warnings, self._warnings = self._warnings, []
        return warnings

    def parameter(self, name: str) -> str:
        """A system parameter.

        Args:
            name: Attribute of ``systemparameter``.

        Returns:
            Its value as text.
        """
        return _text(self.configuration.get("systemparameter", "") or {}, name)

    def feature(self, name: str) -> bool:
        """Whether a feature is switched on.

        Args:
            name: In lower case, such as ``lb``.

        Returns:
            True if it is.
        """
        row = self.configuration.get("nsfeature", "") or {}
        return name in texts_of(row.get("feature"))

    def in_background(self, work: Coroutine[None, None, None]) -> None:
        """Do something that takes time; it ends with this run at the latest.

        Args:
            work: What to do.
        """
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def host_name(self) -> str:
        """The node's own host name."""
        return _text(self.configuration.get("nshostname", "") or {}, "hostname")

    @property
    def ha_version(self) -> str:
        """Internal HA version: alike for all builds of a release unless the scenario says otherwise."""
        return self.settings.ha_version or self.build.partition(":")[0]

    def rpc_password(self, address: str) -> str:
        """The RPC password held for a node.

        Args:
            address: Its management address.

        Returns:
            The password; the factory's if none was set.
        """
        return _text(self.configuration.get("nsrpcnode", address) or {}, "password") or DEFAULT_RPC

    def administrator_digest(self) -> str:
        """Digest of the nsroot password, to be compared with the peer's."""
        return _text(self.configuration.get("systemuser", "nsroot") or {}, "password")

    # -- interfaces and health ------------------------------------------------------------------

    def interfaces(self) -> list[Row]:
        """The network interfaces, without the loopback."""
        return [row for row in self.configuration.rows("Interface") if row.get("id") != "LO/1"]

    def heartbeat_interfaces(self) -> list[str]:
        """Interfaces that carry heartbeats now: enabled, heartbeats on, link up."""
        return [
            _text(row, "id")
            for row in self.interfaces()
            if row.get("_state") != "DISABLED"
            and row.get("haheartbeat") != "OFF"
            and row.get("id") not in self.hardware.failed_links
        ]

    def failed_monitored(self) -> list[str]:
        """Enabled interfaces with monitoring on whose link is down."""
        return [_text(row, "id") for row in self._monitored() if row.get("id") in self.hardware.failed_links]

    def _monitored(self) -> list[Row]:
        return [
            row
            for row in self.interfaces()
            if row.get("hamonitor") != "OFF" and row.get("_state") != "DISABLED"
        ]

    def health(self) -> Health:
        """Whether the node can serve."""
        failed = self.failed_monitored()
        if failed:
            return Health.COMPLETEFAIL if len(failed) == len(self._monitored()) else Health.PARTIALFAIL
        if self.hardware.ssl_card_failed:
            return Health.PARTIALFAILSSL
        monitors = any(True for kind in MONITORS for _ in self.configuration.rows(kind))
        if monitors and self.hardware.routes_failed:
            return Health.ROUTEMONITORFAIL
        return Health.UP

    def interface_facts(self) -> dict[str, str]:
        """The interface lists of the node's own ``hanode`` entry."""
        rows = self.interfaces()
        enabled = [_text(row, "id") for row in rows if row.get("_state") != "DISABLED"]
        disabled = [_text(row, "id") for row in rows if row.get("_state") == "DISABLED"]
        silent = [_text(row, "id") for row in rows if row.get("haheartbeat") == "OFF"]
        return {
            "enaifaces": " ".join(enabled),
            "disifaces": " ".join(disabled) or "None",
            "hamonifaces": " ".join(_text(row, "id") for row in self._monitored()),
            "haheartbeatifaces": " ".join(silent),
            "pfifaces": " ".join(self.failed_monitored()),
            "ifaces": " ".join(self.ha.quiet_interfaces()),
            "ssl2": "DOWN" if self.hardware.ssl_card_failed else "NOT PRESENT",
        }

    # -- role -----------------------------------------------------------------------------------

    def role_changed(self, event: RoleChanged) -> None:
        """The node has a new role: take the virtual addresses or give them up."""
        _LOG.info("%s: %s -> %s (%s)", self.settings.name, event.before, event.role, event.reason)
        self.history.append(RoleRecord(at=self.clock.wall(), role=event.role, reason=event.reason))
        del self.history[:-200]
        if self._running:
            self.addresses.refresh()


def _first_boot(path: Path) -> list[dict[str, JsonValue]]:
    """The NITRO commands of the scenario; none without a file."""
    if not path.exists():
        return []
    content: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    return [object_of(entry) for entry in content] if isinstance(content, list) else []


def _text(row: Row, name: str) -> str:
    value = row.get(name, "")
    return " ".join(value) if isinstance(value, list) else text_of(value)
