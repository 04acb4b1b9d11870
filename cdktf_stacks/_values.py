"""From Python values to what Terraform's JSON syntax reads as the same values.

Terraform evaluates strings as templates, and the CDK replaces its tokens in them. Text of a user must come
through both unchanged; tokens that he put into it on purpose must keep working.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

import attrs

JsonScalar: TypeAlias = str | int | float | bool | None
JsonValue: TypeAlias = JsonScalar | Mapping[str, "JsonValue"] | list["JsonValue"] | tuple["JsonValue", ...]

_TOKEN = re.compile(r"\$\{TfToken\[[A-Za-z0-9:._-]+\]\}")
_TOKEN_NAME = "{TfToken["  # noqa: S105 - the CDK's marker, not a secret
_LIST_TOKEN = "#{TfToken["  # noqa: S105 - the CDK's marker, not a secret
_MAP_TOKEN = "&{TfToken["  # noqa: S105 - the CDK's marker, not a secret
# The CDK encodes a reference to a number as a negative double of a size that nobody writes.
_NUMBER_TOKENS_BELOW = -1e290

_DOLLARS = re.compile(r"\$+(?=\{|\Z)")
_SPECIAL_IN_EXPRESSION = str.maketrans({c: f"\\u{ord(c):04x}" for c in "${}%"})


def has_token(text: str) -> bool:
    """Tell whether a text holds a token of the CDK, a reference that is resolved at synth."""
    return _TOKEN.search(text) is not None


def escape(text: str) -> str:
    """Escape text that is nothing but text, so that Terraform gives it back unchanged.

    Args:
        text: Any text, also one that looks like an expression or a token.

    Example:
        >>> escape("pay ${amount}")
        'pay $${amount}'
    """
    escaped = text.replace("${", "$${").replace("%{", "%%{")
    return escaped.replace(_TOKEN_NAME, '{${"T"}fToken[')


def compact_json(document: Mapping[str, object]) -> str:
    """Write a document as JSON text that is the same whatever order its keys came in."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def template(text: str) -> str:
    """Escape the literal parts of a text and keep its tokens.

    Args:
        text: Any text; tokens in it stay references.
    """
    if not has_token(text):
        return escape(text)
    return "".join(part if is_token else _beside_tokens(part) for is_token, part in _split(text))


def encode_json(value: object, reference: Callable[[object], str], where: str = "data") -> str:
    """Write a value as JSON in the form of a Terraform template: sorted keys, no blanks, tokens kept.

    Args:
        value: Text, numbers, booleans, None, mappings, lists, tuples, and tokens of the CDK among them.
        reference: Writes a token that is no text (a list, a map, a number) as a token that is.
        where: What to call the value in an error.

    Raises:
        TypeError: There is a value that JSON has no form for.
        ValueError: There is a number that is not finite.
    """
    literal = _beside_tokens if _holds_token(value) else escape
    return _JsonWriter(literal=literal, reference=reference).write(value, where)


def normalise(value: object, where: str) -> object:
    """Make a value fit for a Terraform argument: plain JSON types, text escaped, tokens kept.

    Args:
        value: Text, numbers, booleans, None, mappings, lists, tuples, and tokens of the CDK.
        where: The argument's name, for an error.

    Raises:
        TypeError: There is a value that Terraform has no form for.
        ValueError: There is a number that is not finite.
    """
    if is_reference(value):
        return value
    if isinstance(value, str):
        return template(value)
    if isinstance(value, Mapping):
        members = _members(cast("Mapping[object, object]", value), where)
        return {template(key): normalise(item, f"{where}.{key}") for key, item in members.items()}
    if isinstance(value, list | tuple):
        elements = cast("list[object] | tuple[object, ...]", value)
        return [normalise(item, f"{where}[{index}]") for index, item in enumerate(elements)]
    return _scalar(value, where)


def is_reference(value: object) -> bool:
    """Tell whether a value is a token of the CDK that is not text: a list, a map, a number, an object."""
    if isinstance(value, float):
        return value < _NUMBER_TOKENS_BELOW and math.isfinite(value)
    if isinstance(value, list):
        return any(isinstance(v, str) and v.startswith(_LIST_TOKEN) for v in cast("list[object]", value))
    if isinstance(value, Mapping):
        keys = cast("Mapping[object, object]", value)
        return any(isinstance(k, str) and k.startswith(_MAP_TOKEN) for k in keys)
    return hasattr(value, "__jsii_ref__")


@attrs.frozen(kw_only=True)
class _JsonWriter:
    """Writes JSON text; how literal text is escaped depends on whether there are tokens beside it."""

    literal: Callable[[str], str]
    reference: Callable[[object], str]

    def write(self, value: object, where: str) -> str:
        if is_reference(value):
            return self.reference(value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            members = _members(cast("Mapping[object, object]", value), where)
            pairs = (f"{self._text(k)}:{self.write(v, f'{where}.{k}')}" for k, v in sorted(members.items()))
            return "{" + ",".join(pairs) + "}"
        if isinstance(value, list | tuple):
            elements = cast("list[object] | tuple[object, ...]", value)
            return "[" + ",".join(self.write(v, f"{where}[{i}]") for i, v in enumerate(elements)) + "]"
        return json.dumps(_scalar(value, where))

    def _text(self, text: str) -> str:
        """Write text as a JSON string; one with tokens is encoded by Terraform, which knows their values."""
        if not has_token(text):
            return self.literal(json.dumps(text, ensure_ascii=False))
        parts = [part if is_token else _quote(part) for is_token, part in _split(text)]
        joined = parts[0] if len(parts) == 1 else f'join("", [{", ".join(parts)}])'
        return f"${{jsonencode({joined})}}"


def _split(text: str) -> list[tuple[bool, str]]:
    """Cut a text into its parts: is it a token, and the part itself."""
    parts: list[tuple[bool, str]] = []
    position = 0
    for match in _TOKEN.finditer(text):
        parts += [(False, text[position : match.start()]), (True, match.group())]
        position = match.end()
    parts.append((False, text[position:]))
    return [(is_token, part) for is_token, part in parts if part]


def _holds_token(value: object) -> bool:
    if is_reference(value):
        return True
    if isinstance(value, str):
        return has_token(value)
    if isinstance(value, Mapping):
        mapping = cast("Mapping[object, object]", value)
        return any(_holds_token(key) or _holds_token(item) for key, item in mapping.items())
    if isinstance(value, list | tuple):
        return any(_holds_token(item) for item in cast("list[object] | tuple[object, ...]", value))
    return False


def _beside_tokens(text: str) -> str:
    # In a text with tokens the CDK takes any "${" for the start of an expression, also an escaped one, and
    # then writes the tokens after it without braces. A complete expression is the form that it understands.
    text = _DOLLARS.sub(lambda match: f'${{"{match.group()}"}}', text)
    return text.replace("%{", "%%{")


def _quote(text: str) -> str:
    """Write text as a string inside an expression, without a brace that the CDK would count."""
    return json.dumps(text, ensure_ascii=False).translate(_SPECIAL_IN_EXPRESSION)


def _members(mapping: Mapping[object, object], where: str) -> dict[str, object]:
    strange = [key for key in mapping if not isinstance(key, str)]
    if strange:
        raise TypeError(f"{where}: the key {strange[0]!r} is not text")
    return {str(key): value for key, value in mapping.items()}


def _scalar(value: object, where: str) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: {value} is no number that JSON knows")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{where}: a value of type {type(value).__name__} has no form in JSON; convert it first")
