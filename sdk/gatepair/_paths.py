"""Paths as people write them."""

from __future__ import annotations

from pathlib import Path

from gatepair.errors import InvalidInput


def expanded(text: str) -> Path:
    """Return a path with a leading ``~`` or ``~user`` replaced by that home directory.

    Raises:
        InvalidInput: There is no such home.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InvalidInput(
            f"{Path(text).parts[0]} is nobody's home on this machine: write the path in full"
        ) from None
