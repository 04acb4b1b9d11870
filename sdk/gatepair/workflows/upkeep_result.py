"""What the workflows of upkeep report: synchronization, a new key, restarts, backups, a replacement."""

from __future__ import annotations

from pathlib import Path

import attrs


@attrs.frozen(kw_only=True)
class SyncResult:
    """A full synchronization that is done.

    Attributes:
        primary: Whose configuration was copied.
        secondary: Who took it over.
        seconds: From the request until it was taken over.
        files: Whether certificates and other files were copied too.
    """

    primary: str
    secondary: str
    seconds: float
    files: bool = False

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class KeyRotation:
    """A new shared key that both appliances have and that a synchronization has proved.

    Attributes:
        nodes: The appliances that have it.
        primary: Who is primary.
        seconds: From the first write until the synchronization with the new key was done.
    """

    nodes: tuple[str, ...]
    primary: str
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return {**attrs.asdict(self), "nodes": list(self.nodes)}


@attrs.frozen(kw_only=True)
class RestartResult:
    """Appliances that were restarted.

    Attributes:
        restarted: In the order in which it was done.
        left: Those left alone because they had just been restarted.
        failovers: How often the roles were swapped on purpose, the way back included.
        primary: Who is primary now, empty if nobody is.
        seconds: Time it took in all.
    """

    restarted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    failovers: int = 0
    primary: str = ""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return {**attrs.asdict(self), "restarted": list(self.restarted), "left": list(self.left)}


@attrs.frozen(kw_only=True)
class Backup:
    """A backup of one appliance, downloaded.

    Attributes:
        node: Management address of the appliance.
        path: The file on this machine; it holds secrets and only its owner may read it.
        sha256: Checksum of the file, also beside it in ``<path>.sha256`` as ``sha256sum`` writes it.
        size: Bytes.
        level: ``basic`` or ``full``.
        build: Firmware it was made with.
    """

    node: str
    path: Path
    sha256: str
    size: int
    level: str
    build: str

    def to_dict(self) -> dict[str, object]:
        """Return the backup as a JSON-ready mapping."""
        return {**attrs.asdict(self), "path": str(self.path)}


@attrs.frozen(kw_only=True)
class Replacement:
    """A dead appliance whose place another one has taken.

    Attributes:
        changed: Whether anything was left to do.
        id: Canonical identifier of the pair as it is now.
        survivor: Who served all along.
        removed: The dead appliance.
        joined: The one in its place.
        backups: Backups made before.
    """

    changed: bool
    id: str
    survivor: str
    removed: str
    joined: str
    backups: tuple[Backup, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return {
            "changed": self.changed,
            "id": self.id,
            "survivor": self.survivor,
            "removed": self.removed,
            "joined": self.joined,
            "backups": [backup.to_dict() for backup in self.backups],
        }
