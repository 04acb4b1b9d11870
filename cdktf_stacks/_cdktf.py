"""The one place that imports the CDK: cdktf, or its maintained heir cdktn.

Importing this module starts Node, so the package's public door imports it late.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from cdktf_stacks._node import prepare_environment


def _library() -> ModuleType:
    """Import the CDK: the one that the user imported already, else cdktf, else cdktn."""
    if "cdktn" in sys.modules and "cdktf" not in sys.modules:
        return importlib.import_module("cdktn")
    try:
        return importlib.import_module("cdktf")
    except ModuleNotFoundError:
        return importlib.import_module("cdktn")


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
