"""The appliance itself: configuration state, firmware, host name, hardware."""

from __future__ import annotations

import re
from typing import ClassVar

import attrs

from gatepair.nitro.decoding import Resource, flag, number, text

_RELEASE = re.compile(r"NetScaler (?P<release>NS\d+\.\d+): Build (?P<build>[\w.]+)")


@attrs.frozen(kw_only=True)
class NsConfig(Resource):
    """``nsconfig``: addresses, clocks and whether something is unsaved."""

    TYPE: ClassVar[str] = "nsconfig"

    ip_address: str = text("ipaddress")
    netmask: str = text()
    system_type: str = text("systemtype")
    primary_ip: str = text("primaryip")
    changed: bool = flag("configchanged", default=True)
    clock_s: int = number("systemtime")
    clock_text: str = text("currentsytemtime")  # spelled so on the wire
    management_vlan: int = number("nsvlan")
    saved_at: str = text("lastconfigsavetime")


@attrs.frozen(kw_only=True)
class NsVersion(Resource):
    """``nsversion``: the running firmware."""

    TYPE: ClassVar[str] = "nsversion"

    version: str = text()

    @property
    def build(self) -> str:
        """Release and build without date, such as ``NS14.1: Build 25.53.nc``.

        Example:
            >>> NsVersion(version="NetScaler NS13.1: Build 49.13.nc, Date: Jul  7 2023").build
            'NS13.1: Build 49.13.nc'
        """
        found = _RELEASE.search(self.version)
        return f"{found['release']}: Build {found['build']}" if found else self.version

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of release and build, by which firmware is older or newer.

        Example:
            >>> NsVersion(version="NetScaler NS13.1: Build 49.13.nc, Date: Jul  7 2023").order
            (13, 1, 49, 13)
        """
        return tuple(int(number) for number in re.findall(r"\d+", self.build))


@attrs.frozen(kw_only=True)
class NsHostName(Resource):
    """``nshostname``: the appliance's own name."""

    TYPE: ClassVar[str] = "nshostname"

    host_name: str = text("hostname")


@attrs.frozen(kw_only=True)
class NsHardware(Resource):
    """``nshardware``: the platform."""

    TYPE: ClassVar[str] = "nshardware"

    description: str = text("hwdescription")
    platform: str = text("sysid")
    serial: str = text("serialno")


@attrs.frozen(kw_only=True)
class SystemUser(Resource):
    """``systemuser``: a person or program that may log in."""

    TYPE: ClassVar[str] = "systemuser"

    name: str = text("username")
    timeout_s: int = number("timeout")
