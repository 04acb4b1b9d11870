"""One place where errors become what a Terraform user reads."""

from __future__ import annotations

from typing import Literal, NamedTuple

from . import jsontext
from .errors import ObjectError, ProviderError, SettingsError, StatusError

_LONGEST_BODY = 8000
_PROBLEM = "application/problem+json"
_WORDS = {
    "create": ("Creating", "create"),
    "read": ("Reading", "read"),
    "update": ("Updating", "update"),
    "delete": ("Deleting", "delete"),
    "find": ("Finding", "find"),
}

Operation = Literal["create", "read", "update", "delete", "find"]


class Diagnostic(NamedTuple):
    """A message to the user.

    Attributes:
        summary: Headline.
        detail: What happened, where, and what to do.
        path: Attribute to point at, from the outside in; empty for the whole block.
        severity: Whether it stops Terraform.
    """

    summary: str
    detail: str = ""
    path: tuple[str, ...] = ()
    severity: Literal["error", "warning"] = "error"


def has_errors(found: list[Diagnostic]) -> bool:
    """Tell whether one of the messages stops Terraform."""
    return any(diagnostic.severity == "error" for diagnostic in found)


def explain(operation: Operation, error: ProviderError, note: str = "") -> Diagnostic:
    """Make the diagnostic for an error that ended an operation.

    Args:
        operation: What was being done.
        error: Why it ended.
        note: A further paragraph, such as what is left behind.
    """
    doing, verb = _WORDS[operation]
    if isinstance(error, StatusError) and error.content_type == _PROBLEM:
        problem = _problem(error, doing, verb, note)
        if problem is not None:
            return problem
    path: tuple[str, ...] = ()
    if isinstance(error, ObjectError) and error.attribute:
        path = (error.attribute,)
    if isinstance(error, SettingsError):
        return Diagnostic(error.title, error.message, error.path)
    text = _shorten(error.message)
    if isinstance(error, StatusError) and error.attempts > 1:
        text += f" (the last of {error.attempts} attempts)"
    detail = f"Could not {verb} API object: {text}"
    return Diagnostic(f"Error {doing} API Object", _paragraphs(detail, note), path)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _shorten(text: str) -> str:
    if len(text) <= _LONGEST_BODY:
        return text
    return f"{text[:_LONGEST_BODY]} ... ({len(text) - _LONGEST_BODY} further characters)"


def _problem(error: StatusError, doing: str, verb: str, note: str) -> Diagnostic | None:
    try:
        document = jsontext.parse_object(error.body)
    except jsontext.JsonError:
        return None
    title = _text(document, "title") or f"Error {doing} API Object"
    detail = _text(document, "detail") or f"The server refused with status {error.status}."
    key = _text(document, "key")
    facts = [
        f"{label}: {text}"
        for label, text in (
            ("Key of data", key),
            ("Node", _text(document, "node")),
            ("Step", _text(document, "step")),
            ("Error code of the appliance", _text(document, "errorcode")),
        )
        if text
    ]
    remedy = _text(document, "remedy")
    whole = _paragraphs(
        f"Could not {verb} API object: {detail}",
        "\n".join(facts),
        "\n".join(_checks(document.get("checks"))),
        f"What to do: {remedy}" if remedy else "",
        note,
    )
    return Diagnostic(title, whole, ("data",) if key and verb in {"create", "update"} else ())


def _text(document: jsontext.JsonObject, key: str) -> str:
    value = document.get(key)
    if value is None or isinstance(value, dict | list):
        return ""
    return value if isinstance(value, str) else jsontext.dump(value)


def _checks(checks: jsontext.Json) -> list[str]:
    if not isinstance(checks, list):
        return []
    lines: list[str] = []
    for check in checks:
        if not isinstance(check, dict):
            continue
        name = _text(check, "title") or _text(check, "id")
        node = _text(check, "node")
        lines.append(
            f"- {_text(check, 'verdict') or 'note'}: {name}" + (f" ({node})" if node else "")
            + (f": {_text(check, 'evidence')}" if _text(check, "evidence") else "")
        )  # fmt: skip
        if _text(check, "remedy"):
            lines.append(f"  {_text(check, 'remedy')}")
    return lines
