"""Logging: one line per call, with facts as attributes of the record and no payload anywhere."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final

ROOT: Final = "gatepair"
VARIABLE: Final = "GATEPAIR_LOG"
FACTS: Final = ("node", "call", "status", "ms")
_HTTP_LOGGERS: Final = ("httpx", "httpcore")


def quiet_http_library() -> None:
    """Keep the HTTP library from logging URLs and headers, whatever level the program logs at."""
    for name in _HTTP_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_exchange(node: object, call: str, status: object, ms: int) -> None:
    """Log one request and what came of it.

    Args:
        node: The appliance.
        call: Verb and resource; never a value.
        status: HTTP status, or how the connection failed.
        ms: Milliseconds it took.
    """
    logging.getLogger(f"{ROOT}.nitro").debug(
        "%s %s -> %s in %d ms",
        node,
        call,
        status,
        ms,
        extra={"node": str(node), "call": call, "status": str(status), "ms": ms},
    )


def log_progress(step: str, message: str, node: object) -> None:
    """Log one progress event."""
    where = f"{node}: " if node else ""
    logging.getLogger(f"{ROOT}.progress").info(
        "%s%s", where, message, extra={"step": step, "node": str(node or "")}
    )


def configure_from_environment() -> None:
    """Write gatepair's log to standard error if ``GATEPAIR_LOG`` names a level such as ``debug``.

    Libraries and tests that set up logging themselves need not call this.
    """
    level = os.environ.get(VARIABLE, "").strip().upper()
    if not level:
        return
    number = logging.getLevelNamesMapping().get(level)
    logger = logging.getLogger(ROOT)
    if number is None:
        logger.warning("%s is not a level: use debug, info, warning or error", VARIABLE)
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(number)
