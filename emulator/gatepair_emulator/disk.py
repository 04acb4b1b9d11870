"""The appliance's disk: files by their absolute path, kept below the node's directory."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError

CERTIFICATES: Final = "/nsconfig/ssl"
_DIRECTORIES: Final = (CERTIFICATES, "/var/tmp", "/var/ns_sys_backup", "/nsconfig/license")  # noqa: S108 - paths of an appliance


class Disk:
    """Files of one appliance. What is on it survives a restart, saved configuration or not."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.full = False
        for directory in _DIRECTORIES:
            self._place(directory).mkdir(parents=True, exist_ok=True)

    def _place(self, path: str) -> Path:
        parts = [part for part in PurePosixPath("/", path).parts[1:] if part not in {"..", "."}]
        return self._root.joinpath(*parts)

    def read(self, path: str) -> bytes:
        """The content of a file.

        Args:
            path: Absolute path on the appliance.

        Returns:
            The content.

        Raises:
            NitroError: 3441, there is no such file.
        """
        place = self._place(path)
        if not place.is_file():
            raise NitroError(Code.NO_SUCH_FILE, path)
        return place.read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file.

        Args:
            path: Absolute path on the appliance.
            content: The content.

        Raises:
            NitroError: 3445, the directory does not exist; 1043, the disk is full.
        """
        place = self._place(path)
        if not place.parent.is_dir():
            raise NitroError(Code.NO_SUCH_DIRECTORY, str(PurePosixPath(path).parent))
        self.require_space()
        place.write_bytes(content)

    def require_space(self) -> None:
        """Refuse if the disk is full.

        Raises:
            NitroError: 1043 with the reason.
        """
        if self.full:
            raise NitroError(Code.INTERNAL_ERROR, "No space left on device")

    def local(self, name: str) -> Path:
        """Where a certificate or key file named in a configuration lies on this machine.

        Args:
            name: File name, or an absolute path on the appliance.

        Returns:
            The path, whether there is such a file or not.
        """
        return self._place(certificate_path(name))

    def exists(self, path: str) -> bool:
        """Whether there is such a file.

        Args:
            path: Absolute path on the appliance.

        Returns:
            True for a file.
        """
        return self._place(path).is_file()

    def remove(self, path: str) -> None:
        """Delete a file.

        Args:
            path: Absolute path on the appliance.

        Raises:
            NitroError: 3441, there is no such file.
        """
        if not self.exists(path):
            raise NitroError(Code.NO_SUCH_FILE, path)
        self._place(path).unlink()

    def directories(self) -> list[str]:
        """The directories that hold files.

        Returns:
            Absolute paths on the appliance.
        """
        found = (each for each in self._root.rglob("*") if each.is_dir())
        return sorted(f"/{each.relative_to(self._root)}" for each in found)

    def names(self, directory: str) -> list[str]:
        """The files in a directory.

        Args:
            directory: Absolute path on the appliance.

        Returns:
            Names, sorted; none if there is no such directory.
        """
        place = self._place(directory)
        return sorted(each.name for each in place.iterdir() if each.is_file()) if place.is_dir() else []


def certificate_path(name: str) -> str:
    """Where a certificate or key file named in a configuration lies.

    Args:
        name: File name, or an absolute path.

    Returns:
        The absolute path.
    """
    return name if name.startswith("/") else f"{CERTIFICATES}/{name}"
