"""Files that only their owner reads, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from gatepair.errors import LocalFileError


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 such that nobody ever sees half of it.

    Args:
        path: The file; its directory is made, with mode 0700, if it is not there.
        content: Its bytes.

    Raises:
        LocalFileError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A file of mkstemp has mode 0600 from the beginning.
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LocalFileError(f"{path} cannot be written: {error.strerror}") from error


def keep_in(directory: Path, name: str, content: bytes, checksum: str) -> Path:
    """Put a file and its checksum into a directory and see that it arrived.

    Args:
        directory: Where it goes.
        name: Its name.
        content: Its bytes.
        checksum: SHA-256 of these in hexadecimal digits; written to ``<name>.sha256`` as ``sha256sum``
            writes it.

    Returns:
        Where the file is.

    Raises:
        LocalFileError: It cannot be written, or what is there is something else.
    """
    path = directory / name
    write_private(path, content)
    write_private(path.with_name(f"{name}.sha256"), f"{checksum}  {name}\n".encode())
    try:
        arrived = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise LocalFileError(f"{path} cannot be read back: {error.strerror}") from error
    if arrived != checksum:
        raise LocalFileError(f"{path} does not hold what was written: its disk may be failing")
    return path
