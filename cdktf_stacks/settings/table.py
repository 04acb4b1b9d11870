"""The table `[stacks]` of pairs.toml, read with every problem in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar, cast

import attrs

from cdktf_stacks.settings.backend import BackendKind, BackendSettings, BackendValue
from cdktf_stacks.settings.provider import ProviderKind, ProviderSettings
from gatepair.errors import InvalidInput

Report = Callable[[str, str], None]
"""Takes the key of a problem, with dots, and what is wrong with it."""

_Kind = TypeVar("_Kind", bound=StrEnum)
_PROVIDER_KEYS = {"bridge_url": str, "bridge_ca_file": str, "timeout_s": int}
_KEYS = ("provider", *_PROVIDER_KEYS, "backend", "gateway_names", "adopt")
_WORDS = {str: "a text", int: "a whole number", dict: "a table"}
# Mastercard/restapi 3 knows no query and no arguments at an import, and plans a change after it.
_NO_IMPORT = (
    'works with the bundled provider alone; with provider = "mastercard" apply as usual: a pair that is as '
    "declared is found so and not changed"
)
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")


def _frozen(value: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(value))


@attrs.frozen(kw_only=True)
class StackSettings:
    """How the stacks of a file are made.

    Attributes:
        provider: The provider they use.
        backend: Where their state is kept.
        gateway_names: The name that users type, for each pair that has one; it makes the output with the
            line for a hosts file.
        adopt: Pairs that exist already: their stacks import them, so that the first plan changes nothing
            that is as declared. Names may stay there when that is done.
    """

    provider: ProviderSettings = attrs.Factory(ProviderSettings)
    backend: BackendSettings = attrs.Factory(BackendSettings)
    gateway_names: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_frozen, hash=False)
    adopt: frozenset[str] = frozenset()


def read_stack_settings(table: object, pairs: Collection[str], report: Report) -> StackSettings:
    """Read the table; each problem is reported and its value left at the default.

    Args:
        table: The table as it was parsed, absent or empty for all defaults.
        pairs: Names of the pairs that the file declares.
        report: Takes key and message of each problem.
    """
    content = _table(table, "stacks", report)
    for key in content:
        if key not in _KEYS:
            report(f"stacks.{key}", _unknown(key, _KEYS))
    provider = _provider(content, report)
    adopt = _adopt(content.get("adopt"), pairs, report)
    if adopt and provider.kind is ProviderKind.MASTERCARD:
        report("stacks.adopt", _NO_IMPORT)
    return StackSettings(
        provider=provider,
        backend=_backend(_table(content.get("backend"), "stacks.backend", report), report),
        gateway_names=_gateway_names(content.get("gateway_names"), pairs, report),
        adopt=adopt,
    )


def _provider(content: Mapping[str, object], report: Report) -> ProviderSettings:
    kind = _kind(ProviderKind, content.get("provider", "bundled"), "stacks.provider", report)
    given: dict[str, object] = {}
    for key, expected in _PROVIDER_KEYS.items():
        if key not in content:
            continue
        if type(content[key]) is not expected:
            report(f"stacks.{key}", f"must be {_WORDS[expected]}")
            return ProviderSettings()
        given[key] = content[key]
    if kind is None:
        return ProviderSettings()
    try:
        return ProviderSettings(
            kind=kind,
            bridge_url=cast("str | None", given.get("bridge_url")),
            bridge_ca_file=cast("str | None", given.get("bridge_ca_file")),
            timeout_s=cast("int", given.get("timeout_s", ProviderSettings().timeout_s)),
        )
    except InvalidInput as error:
        report(f"stacks.{error.key}", error.message)
        return ProviderSettings()


def _backend(content: Mapping[str, object], report: Report) -> BackendSettings:
    kind = _kind(BackendKind, content.get("type", "local"), "stacks.backend.type", report)
    if kind is None:
        return BackendSettings()
    options = {key: cast("BackendValue", value) for key, value in content.items() if key != "type"}
    try:
        return BackendSettings(kind=kind, options=options)
    except InvalidInput as error:
        report(f"stacks.backend.{error.key}", error.message)
        return BackendSettings()


def _gateway_names(value: object, pairs: Collection[str], report: Report) -> dict[str, str]:
    names: dict[str, str] = {}
    for pair, name in _table(value, "stacks.gateway_names", report).items():
        key = f"stacks.gateway_names.{pair}"
        if pair not in pairs:
            report(key, f"there is no such pair; {_closest(pair, pairs)}")
        elif not isinstance(name, str) or not _HOST_NAME.fullmatch(name):
            report(key, "must be a host name such as gateway.example.net")
        else:
            names[pair] = name
    return names


def _adopt(value: object, pairs: Collection[str], report: Report) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list):
        report("stacks.adopt", "must be a list of names of pairs")
        return frozenset()
    names = cast("list[object]", value)
    for name in names:
        if name not in pairs:
            report("stacks.adopt", f"there is no pair {name!r}; {_closest(str(name), pairs)}")
    return frozenset(str(name) for name in names if name in pairs)


def _kind(kinds: type[_Kind], value: object, key: str, report: Report) -> _Kind | None:
    try:
        return kinds(value)
    except ValueError:
        known = ", ".join(f'"{kind}"' for kind in kinds)
        report(key, f"must be one of {known}")
        return None


def _table(value: object, key: str, report: Report) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        report(key, "must be a table")
        return {}
    return cast("dict[str, object]", value)


def _unknown(key: str, known: Collection[str]) -> str:
    return f"is not known here; {_closest(key, known)}"


def _closest(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(known)}"
