"""The provider's log: lines that Terraform understands, only when a log was asked for.

Terraform reads a plugin's standard error line by line and parses JSON lines of its own log
library. That costs it time, so nothing is written unless ``TF_LOG`` (or one of its narrower
variants) asks for it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_LEVELS: Final = {"trace": 0, "json": 0, "debug": 1, "info": 2, "warn": 3, "error": 4, "off": 9}
_OFF: Final = 9


def threshold(environment: Mapping[str, str]) -> int:
    """Give the lowest level that is wanted, from the variables that Terraform knows."""
    for name in ("TF_LOG_PROVIDER_RESTAPI", "TF_LOG_PROVIDER", "TF_LOG"):
        text = environment.get(name, "").lower()
        if text:
            return _LEVELS.get(text, 0)
    return _OFF


_threshold = threshold(os.environ)


def write(level: str, message: str, **facts: object) -> None:
    """Write one line if it is wanted.

    Args:
        level: ``debug``, ``info``, ``warn`` or ``error``.
        message: What happened, without contents of requests.
        facts: Further fields: method, path, status, milliseconds.
    """
    if _LEVELS[level] < _threshold:
        return
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    line = {"@level": level, "@message": message, "@module": "gatepair", "@timestamp": now, **facts}
    sys.stderr.write(json.dumps(line, default=str) + "\n")
    sys.stderr.flush()
