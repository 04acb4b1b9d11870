"""The calls of upkeep: install a build, make and fetch backups, copy files to the peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.call import Call, Method
from gatepair.nitro.calls import act, remove
from gatepair.nitro.decoding import read
from gatepair.nitro.resources.system import NsVersion
from gatepair.nitro.resources.upkeep import BACKUP_DIRECTORY, BackupFile, SystemFile

if TYPE_CHECKING:
    from gatepair.models import Secret

INSTALL_ALLOWANCE_S: Final = 1800.0
"""An installation is answered when it is done, which takes minutes, and a download before it more."""

BACKUP_ALLOWANCE_S: Final = 300.0


def install(url: str | Secret) -> Call:
    """Install a build without restarting; the next start uses it.

    A connection that ends meanwhile leaves open whether it was installed: `installed_version` tells.
    Source: NITRO reference, configuration/utility/install.

    Args:
        url: Where the appliance finds the archive; a secret if it holds a password.
    """
    return Call(
        method=Method.POST,
        resource="install",
        payload={"url": url},
        may_disconnect=True,
        allowance_s=INSTALL_ALLOWANCE_S,
    )


def installed_version() -> Call:
    """Read which build the next start will use, which need not be the running one."""
    return read(NsVersion, installedversion="true")


def create_backup(name: str, level: str, comment: str) -> Call:
    """Make a backup on the appliance's disk.

    Args:
        name: File name without its ending.
        level: ``basic`` for the configuration, ``full`` for certificates and the like as well.
        comment: Kept with it.
    """
    payload = {"filename": name, "level": level, "comment": comment}
    return act(BackupFile.TYPE, "create", payload, allowance_s=BACKUP_ALLOWANCE_S)


def fetch_backup(name: str) -> Call:
    """Read a backup's file, in base64."""
    found = read(SystemFile, filename=name, filelocation=BACKUP_DIRECTORY)
    return Call(
        method=found.method,
        resource=found.resource,
        arguments=found.arguments,
        replayable=True,
        allowance_s=BACKUP_ALLOWANCE_S,
    )


def remove_backup(name: str) -> Call:
    """Delete a backup from the appliance's disk."""
    return remove(BackupFile.TYPE, name)


def list_files(directory: str) -> Call:
    """Read the names of the files in a directory."""
    return read(SystemFile, filelocation=directory)


def synchronize_files() -> Call:
    """Copy certificates and other files to the secondary too; configuration is another matter."""
    return act("hafiles", "sync", {"mode": ["all"]}, replayable=True)
