"""Write docs/reference/models.md from the models themselves: ``python tools/models_page.py``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import attrs

from gatepair import models
from gatepair.workflows.appliance import ApplianceFacts
from gatepair.workflows.plan import ChangePlan, PlannedStep
from gatepair.workflows.report import Check, PreflightReport
from gatepair.workflows.result import DissolveResult, FailoverResult, NodeStatus, PairStatus

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "models.md"
DECLARED = (
    models.Pair,
    models.Appliance,
    models.ManagementAddress,
    models.Network,
    models.Interface,
    models.Vlan,
    models.Route,
    models.VirtualIp,
    models.InternalVirtualIp,
    models.FurtherVirtualIp,
    models.Failover,
    models.Heartbeat,
    models.Credentials,
)
FOUND = (
    PairStatus,
    NodeStatus,
    ApplianceFacts,
    PreflightReport,
    Check,
    ChangePlan,
    PlannedStep,
    models.Difference,
    FailoverResult,
    DissolveResult,
)
_ATTRIBUTE = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)
HEAD = """# Models

What is declared, and what the workflows return. All classes are frozen and take keywords only; what cannot be
meant is refused with `InvalidInput`, whose `key` names the part to blame. Made from the classes by
`python tools/models_page.py`.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD, "## Declared: `gatepair.models`\n", *map(_section, DECLARED)]
    parts += ["## Returned by a session\n", *map(_section, FOUND)]
    return "\n".join(parts)


def _section(kind: type[Any]) -> str:
    text = inspect.cleandoc(kind.__doc__ or "")
    summary = " ".join(re.split(r"\n\n(?:Attributes|Args|Raises|Example|Returns):", text)[0].split())
    rows = [_row(field, _words(kind)) for field in attrs.fields(kind)]
    table = ["| Attribute | Type | Default | Meaning |", "| --- | --- | --- | --- |", *rows]
    return "\n".join((f"### `{kind.__name__}`", "", summary.replace("``", "`"), "", *table, ""))


def _row(field: attrs.Attribute[Any], words: dict[str, str]) -> str:
    kind = str(field.type).replace("|", "\\|")
    cells = (f"`{field.name}`", f"`{kind}`", _default(field), words.get(field.name, ""))
    return f"| {' | '.join(cells)} |"


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return "needed"
    if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]  # a class at run time
        return "made"
    shown = str(field.default) if not isinstance(field.default, str | int | None) else repr(field.default)
    return f"`{shown}`"


def _words(kind: type[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        for match in _ATTRIBUTE.finditer(inspect.cleandoc(base.__doc__ or "")):
            text = " ".join(match["text"].split()).replace("``", "`").replace("|", "\\|")
            found[match["name"]] = text
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
