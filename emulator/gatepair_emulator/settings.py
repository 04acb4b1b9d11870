"""What an appliance is before any configuration: hardware, address, ports, factory state."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from attrs import asdict, field, frozen

from gatepair_emulator.records import R, record_of

if TYPE_CHECKING:
    from pathlib import Path

    from attrs import AttrsInstance

    from gatepair_emulator.values import JsonValue

DEFAULT_BUILD: Final = "NS14.1: Build 47.48.nc"
MANAGEMENT_PORT: Final = 8443
PLAIN_PORT: Final = 8080
ADMIN_PORT: Final = 9080
HEARTBEAT_PORT: Final = 3003
LINK_PORT: Final = 3010


class SettingsError(ValueError):
    """A file of settings cannot be used."""


@frozen(kw_only=True)
class Ports:
    """The ports of an appliance.

    The real ones are 443 and 80 for management; those need privileges, so the emulator answers on
    8443 and 8080 instead.

    Attributes:
        management: HTTPS of NITRO.
        plain: HTTP of NITRO.
        admin: The emulator's own interface for faults and status.
        heartbeat: UDP port of heartbeats.
        link: TCP port of sync and propagation.
    """

    management: int = MANAGEMENT_PORT
    plain: int = PLAIN_PORT
    admin: int = ADMIN_PORT
    heartbeat: int = HEARTBEAT_PORT
    link: int = LINK_PORT


@frozen(kw_only=True)
class Durations:
    """How long things take at clock factor 1, in seconds.

    Attributes:
        shutdown: From the order to restart until connections are dropped.
        down: Connections are refused.
        starting: TLS answers, the engine does not (503).
        sync: A full synchronisation.
        install: Unpacking a build.
        file_sync: Between two pulls of files.
    """

    shutdown: float = 0.2
    down: float = 1.5
    starting: float = 1.0
    sync: float = 0.4
    install: float = 2.0
    file_sync: float = 60.0


@frozen(kw_only=True)
class Settings:
    """One appliance.

    Attributes:
        name: Short name for people: ``a`` or ``b``.
        address: NSIP.
        netmask: Netmask of the NSIP.
        build: Firmware of the first boot, as in ``NS14.1: Build 47.48.nc``.
        ha_version: Internal HA version by release; nodes that differ do not synchronise. Derived
            from the build if empty.
        platform: Hardware description.
        system_id: ``sysid`` of the platform.
        interfaces: Network interfaces besides ``LO/1``.
        serial: Serial number.
        factory: True for an appliance whose default password must still be changed.
        administrator_file: File with the nsroot password of the first boot.
        users_file: JSON file with the Gateway's users and their passwords (the emulated directory).
        authority_directory: Where ``ca.pem`` and its key lie.
        admin_token_file: File with the token of the emulator's own interface.
        expired_session: How an ended session is refused: ``401-444``, ``401-1027`` or ``200-444``;
            builds differ and clients know all three.
        clock: Factor for the durations of life.
        device: Network interface that gets virtual addresses; none on loopback, where all are there.
        ports: Where it listens.
        durations: How long things take.
    """

    name: str
    address: str
    netmask: str = "255.255.255.0"
    build: str = DEFAULT_BUILD
    ha_version: str = ""
    platform: str = "NetScaler Virtual Appliance 450070"
    system_id: int = 450070
    interfaces: tuple[str, ...] = ("1/1", "1/2")
    serial: str = "GATEPAIR0A"
    factory: bool = False
    administrator_file: str = ""
    users_file: str = ""
    authority_directory: str = ""
    admin_token_file: str = ""
    expired_session: str = "401-444"
    clock: float = 1.0
    device: str = ""
    ports: Ports = field(factory=Ports)
    durations: Durations = field(factory=Durations)

    @property
    def model(self) -> str:
        """What must be alike for two nodes to pair: the platform."""
        return self.platform


def read_settings(path: Path) -> Settings:
    """Settings from a file.

    Args:
        path: The JSON file.

    Returns:
        The settings.

    Raises:
        OSError: The file cannot be read.
        SettingsError: It holds something else.
    """
    return read_record(path, Settings)


def write_settings(path: Path, settings: Settings) -> None:
    """Settings into a file only its owner can read.

    Args:
        path: The JSON file.
        settings: What to write.
    """
    write_record(path, settings)


def read_record(path: Path, kind: type[R]) -> R:
    """An object of texts, numbers and flags from a file.

    Args:
        path: The JSON file.
        kind: Its class; members may be such objects themselves.

    Returns:
        The object.

    Raises:
        OSError: The file cannot be read.
        SettingsError: It holds something else.
    """
    try:
        content: JsonValue = json.loads(path.read_text(encoding="utf-8"))
        return record_of(kind, content)
    except ValueError as problem:
        raise SettingsError(f"{path}: {problem}") from None


def write_record(path: Path, record: AttrsInstance) -> None:
    """An object of texts, numbers and flags into a file only its owner can read.

    Args:
        path: The JSON file.
        record: What to write.
    """
    write_private(path, json.dumps(asdict(record), indent=1))


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Args:
        path: The file.
        content: Its text.
    """
    draft = path.with_name(f"{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(content)
    draft.replace(path)
