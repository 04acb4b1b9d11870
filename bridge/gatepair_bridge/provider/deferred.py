"""Load a library without the parts of it that are perhaps never used.

Terraform starts a provider two to five times for each command, so what a library loads for other
users of it is paid as often. :class:`importlib.util.LazyLoader` puts such a part off until
somebody asks for one of its names.
"""

from __future__ import annotations

import importlib.util
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import ModuleType


@contextmanager
def deferred(*names: str) -> Generator[None]:
    """Put off the loading of modules that are imported inside, until a name of theirs is used.

    A module that is loaded already, or whose names are used at once, is as ever. The first use must
    be in one thread, under a lock of ours: Python 3.11 and 3.12 may show a second thread a module
    that is half loaded (https://github.com/python/cpython/issues/114763).

    Args:
        names: Full names of modules that are Python source.

    Example:
        >>> with deferred("wave"):
        ...     import wave
        >>> wave.Error.__name__
        'Error'
    """
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder:
    """Finds the named modules as Python does, with a loader that waits."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find one module; the others are left to Python's own finders."""
        spec = PathFinder.find_spec(name, path, target) if name in self._names else None
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
