"""What upkeep of an appliance looks at: uptime and disks, licence, backups and files."""

from __future__ import annotations

import calendar
import time
from typing import ClassVar, Final

import attrs

from gatepair.nitro.decoding import Resource, flag, hidden_text, number, text

BACKUP_DIRECTORY: Final = "/var/ns_sys_backup"
"""Where backups are made (NITRO reference, configuration/system/systembackup)."""

_STARTED_AS: Final = "%a %b %d %H:%M:%S %Y"


@attrs.frozen(kw_only=True)
class NsStatistics(Resource):
    """``stat/ns``: since when the appliance is up, and how full its disks are in percent."""

    TYPE: ClassVar[str] = "ns"
    STAT: ClassVar[bool] = True

    started_at: str = text("starttime")
    flash_used: int = number("disk0perusage")
    disk_used: int = number("disk1perusage")

    def uptime_s(self, clock_s: int) -> int | None:
        """Return the seconds since the start by the appliance's own clock; ``None`` if it does not tell.

        Args:
            clock_s: The appliance's clock in seconds since the epoch.

        Example:
            >>> NsStatistics(started_at="Tue Mar  3 09:12:44 2026").uptime_s(1772529184)
            20
        """
        try:
            start = calendar.timegm(time.strptime(self.started_at, _STARTED_AS))
        except ValueError:
            return None
        return max(0, clock_s - start) if clock_s else None


@attrs.frozen(kw_only=True)
class Licences(Resource):
    """``nslicense``: what is licensed, as far as a gateway needs it, and for how long."""

    TYPE: ClassVar[str] = "nslicense"

    gateway: bool = flag("sslvpn")
    ssl: bool = flag()
    load_balancing: bool = flag("lb")
    content_switching: bool = flag("cs")
    authentication: bool = flag("aaa")
    model: str = text("modelid")
    days_left: str = text("daystoexpiration")

    @property
    def features(self) -> tuple[str, ...]:
        """What is licensed, in words.

        Example:
            >>> Licences(gateway=True, ssl=True).features
            ('gateway', 'ssl')
        """
        named = ("gateway", "ssl", "load_balancing", "content_switching", "authentication")
        return tuple(name for name in named if getattr(self, name))


@attrs.frozen(kw_only=True)
class BackupFile(Resource):
    """``systembackup``: a backup on the appliance's disk."""

    TYPE: ClassVar[str] = "systembackup"

    name: str = text("filename")


@attrs.frozen(kw_only=True)
class SystemFile(Resource):
    """``systemfile``: a file on the appliance's disk; its content comes when it is asked for by name."""

    TYPE: ClassVar[str] = "systemfile"

    name: str = text("filename")
    directory: str = text("filelocation")
    content: str = hidden_text("filecontent")
