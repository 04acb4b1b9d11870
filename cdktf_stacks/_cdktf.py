"""The one place that imports the CDK: cdktf, or its maintained heir cdktn (CDK Terrain).

Importing this module starts Node, so the package's public door imports it late.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from cdktf_stacks._node import prepare_environment
from gatepair.errors import Unsupported

CHOICE = "GATEPAIR_CDK"
LIBRARIES = ("cdktf", "cdktn")


def _library() -> ModuleType:
    """Import the CDK: the one that the environment names, else the one that is imported, else what is there.

    Raises:
        gatepair.errors.Unsupported: The named one is not known, or none is installed.
    """
    chosen = os.environ.get(CHOICE, "")
    if chosen not in {"", *LIBRARIES}:
        raise Unsupported(f"{CHOICE} is {chosen!r}", remedy=f"Set it to one of: {', '.join(LIBRARIES)}.")
    imported = [name for name in LIBRARIES if sys.modules.get(name)]
    wanted = [chosen] if chosen else imported[:1] or LIBRARIES
    for name in wanted:
        if importlib.util.find_spec(name):
            return importlib.import_module(name)
    raise Unsupported(
        f"{' or '.join(wanted)} is not installed",
        remedy="Install one: pip install 'gatepair[stacks]' brings cdktf, 'gatepair[stacks-cdktn]' cdktn.",
    )


if TYPE_CHECKING:
    import cdktf as cdk
    import jsii
    from constructs import Construct, IConstruct
else:
    prepare_environment()
    cdk = _library()
    jsii = importlib.import_module("jsii")
    Construct = importlib.import_module("constructs").Construct
    IConstruct = importlib.import_module("constructs").IConstruct

__all__ = ["Construct", "IConstruct", "cdk", "jsii"]
