"""Two logs, one JSON object a line: who asked what (access), and who changed what (audit).

Bodies, queries and headers are never logged. The audit log names the keys a change was sent with, so that
nothing a caller puts into a value can end up in it.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Request, Response

access_log = logging.getLogger("gatepair_bridge.access")
audit_log = logging.getLogger("gatepair_bridge.audit")
MAX_KEYS = 50
MAX_TEXT = 200


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON with its time, logger, level, message and ``data``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        data: dict[str, object] = getattr(record, "data", None) or {}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage(),
            **data,
        }
        return json.dumps(line, default=str)


def log_access(request: Request, route: str, response: Response, seconds: float) -> None:
    """Log that a request was answered."""
    if access_log.isEnabledFor(logging.INFO):
        access_log.info("answered", extra={"data": _facts(request, route, response, seconds)})


def log_refusal(address: str, response: Response) -> None:
    """Log that a request was turned away at the door; its path may be anything, so it is not kept."""
    facts = {"from": address, "status": response.status, "problem": response.slug}
    access_log.info("refused", extra={"data": facts})


def log_change(request: Request, route: str, response: Response, seconds: float) -> None:
    """Log that something was, or was to be, changed."""
    facts = _facts(request, route, response, seconds)
    facts["problem"] = response.slug
    facts["keys"] = _keys(request.body)
    facts["steps"] = [f"{entry.step} {entry.node}".strip() for entry in request.work.progress if entry.step]
    audit_log.info("refused or failed" if response.slug else "changed", extra={"data": facts})


def _facts(request: Request, route: str, response: Response, seconds: float) -> dict[str, object]:
    return {
        "request": request.id,
        "who": request.caller.name,
        "as": request.credentials.username[:MAX_TEXT] if request.credentials else "",
        "from": request.caller.address,
        "method": request.method[:MAX_TEXT],
        "route": route,
        # A body's own words are not logged; where it led to is known once it was accepted.
        "target": (",".join(request.parameters.values()) or response.headers.get("location", ""))[:MAX_TEXT],
        "status": response.status,
        "seconds": round(seconds, 3),
    }


def _keys(body: bytes) -> list[str]:
    try:
        document: object = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return []
    names = [str(key)[:MAX_TEXT] for key in document] if isinstance(document, dict) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # only the names are used, whatever they are
    return sorted(names)[:MAX_KEYS]


def set_up_logs(audit_file: Path | None) -> None:
    """Send the service's logs to standard error, and the audit log to a file as well if one is named."""
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(JsonLines())
    for name in ("gatepair_bridge", "uvicorn.error"):
        logging.getLogger(name).addHandler(to_stderr)
    logging.getLogger("gatepair_bridge").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    if audit_file is not None:
        to_file = logging.FileHandler(audit_file, encoding="utf-8")
        to_file.setFormatter(JsonLines())
        audit_log.addHandler(to_file)
    # The HTTP client's own lines carry whole addresses with their queries.
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
