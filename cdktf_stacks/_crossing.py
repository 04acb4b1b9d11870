"""Errors of ours that cross Node on their way to the user, where they lose their type.

What the CDK calls back into Python and fails there comes out of the CDK as a RuntimeError with the same text.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gatepair.errors import GatepairError

_crossing: dict[str, GatepairError] = {}


@contextmanager
def remembered() -> Generator[None, None, None]:
    """Remember an error of ours that is about to cross."""
    try:
        yield
    except GatepairError as error:
        _crossing[str(error)] = error
        raise


def original(error: RuntimeError) -> GatepairError | None:
    """Return our error that came out as this one, None if it is somebody else's."""
    return _crossing.get(str(error))
