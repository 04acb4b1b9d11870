"""What an upgrade is to do, what it may cost, and who watches the users meanwhile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit

import attrs

from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress, Secret
from gatepair.nitro.resources.system import NsVersion

_NAMED: Final = re.compile(r"(?P<release>\d+\.\d+)[-_ :]+(?:Build )?(?P<build>\d+\.\d+)", re.IGNORECASE)
_IN_URL: Final = re.compile(r"build-(?P<release>\d+\.\d+)-(?P<build>\d+\.\d+)_nc", re.IGNORECASE)
_SCHEMES: Final = frozenset({"file", "http", "https", "ftp", "sftp", "scp"})


class OutageLike(Protocol):
    """A time in which users were not served."""

    def to_dict(self) -> dict[str, object]:
        """Return it as a JSON-ready mapping."""
        ...


class UserWatch(Protocol):
    """Somebody who tries all the time what users do; `gatepair.probes.Watch` is one."""

    def __enter__(self) -> object:
        """Begin to watch."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> object:
        """Stop watching."""
        ...

    def served(self) -> bool:
        """Whether users are served, as far as the latest attempts tell."""
        ...

    def outages(self) -> Sequence[OutageLike]:
        """Return the times in which they were not."""
        ...

    @property
    def longest_s(self) -> float:
        """The longest of these in seconds, 0 without any."""
        ...


@attrs.frozen(kw_only=True)
class Thresholds:
    """How different the pair may be after the upgrade from before.

    Attributes:
        missing_servers: Virtual servers that may be gone.
        down_servers: Virtual servers that may be down though they were up.
        missing_certificates: Certificates that may be gone or no longer valid.
        missing_routes: Routes that may be gone.
        sessions_kept: Share of user sessions that have to be there still, 0 to 1. Between releases of
            different internal version sessions are not replicated, so that none can be asked for.
        certificate_days: Certificates that end within so many days are pointed out.
        licence_days: Licences that end within so many days are pointed out.
    """

    missing_servers: int = 0
    down_servers: int = 0
    missing_certificates: int = 0
    missing_routes: int = 0
    sessions_kept: float = 0.0
    certificate_days: int = 14
    licence_days: int = 14

    def __attrs_post_init__(self) -> None:
        for name, value in attrs.asdict(self).items():
            if value < 0:
                raise InvalidInput(f"{value} is less than 0", key=name)
        if self.sessions_kept > 1:
            raise InvalidInput(f"{self.sessions_kept} is more than 1", key="sessions_kept")


@attrs.frozen(kw_only=True)
class UpgradeOptions:
    """An upgrade.

    Attributes:
        url: Where the appliances find the archive, such as
            ``file:///var/tmp/build-14.1-51.80_nc_64.tgz``; a password in it is never shown.
        build: The build it holds, such as ``14.1-51.80``; absent, its name tells.
        users: Watches users all the time; absent, only the appliances are asked.
        longest_outage_s: Seconds for which users may not be served; after that the upgrade stops.
        thresholds: What may be different afterwards.
        primary: Who is to be primary in the end; absent, who is in the beginning.
        fail_back: Whether that node is made primary again.
        backup_directory: Where backups of both appliances go first; absent, none are made.
        evidence: File for the report, written as it goes on; a run that goes on where another one was
            cut off takes from it how the pair was before.
        restart_s: Seconds that one appliance may take to restart.
        allow_downgrade: The build may be older than the running one.

    Raises:
        InvalidInput: The URL cannot be meant, or nothing tells which build it holds.

    Example:
        >>> UpgradeOptions(url="file:///var/tmp/build-14.1-51.80_nc_64.tgz").target
        'NS14.1: Build 51.80.nc'
    """

    url: str = attrs.field(repr=False)
    build: str | None = None
    users: UserWatch | None = attrs.field(default=None, repr=False)
    longest_outage_s: float = 15.0
    thresholds: Thresholds = attrs.field(factory=Thresholds)
    primary: ManagementAddress | None = None
    fail_back: bool = True
    backup_directory: Path | None = None
    evidence: Path | None = None
    restart_s: float = 900.0
    allow_downgrade: bool = False

    def __attrs_post_init__(self) -> None:
        if urlsplit(self.url).scheme not in _SCHEMES:
            raise InvalidInput(f"must begin with one of {', '.join(sorted(_SCHEMES))}", key="url")
        if self.longest_outage_s <= 0 or self.restart_s <= 0:
            raise InvalidInput("must be a number of seconds above 0", key="longest_outage_s")
        self.target  # noqa: B018 - raises if nothing tells

    @property
    def target(self) -> str:
        """The build in the words of ``nsversion``."""
        found = (_NAMED if self.build else _IN_URL).search(self.build or urlsplit(self.url).path)
        if found is None:
            raise InvalidInput(
                f"'{self.build}' is not a build such as 14.1-51.80"
                if self.build
                else "the name of the archive does not tell its build; name it, such as 14.1-51.80",
                key="build",
            )
        return f"NS{found['release']}: Build {found['build']}.nc"

    @property
    def source(self) -> str:
        """The URL without user, password and query, for showing."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def sent_url(self) -> str | Secret:
        """The URL as it is sent: a secret if it holds more than is shown."""
        return self.url if self.url == self.source else Secret(self.url)


def order_of(build: str) -> tuple[int, ...]:
    """Return the numbers by which one build is older or newer than another.

    Example:
        >>> order_of("NS14.1: Build 51.80.nc") > order_of("NS14.1: Build 9.80.nc")
        True
    """
    return NsVersion(version=f"NetScaler {build}").order
