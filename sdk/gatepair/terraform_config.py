"""Terraform's own configuration file, as far as it can hide the provider that stacks bring along.

A `provider_installation` block switches off the places where Terraform looks by itself, the stack's own
directory among them: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import attrs

from gatepair import launcher

_WORD = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
      | "(?P<text>(?:[^"\\]|\\.)*)"
      | (?P<word>[\w.-]+)
      | (?P<sign>[{}\[\]=,])""",
    re.VERBOSE | re.DOTALL,
)
_DEFAULT_HOST = "registry.terraform.io/"

Value: TypeAlias = str | list[str]


@attrs.define
class _Block:
    kind: str
    values: dict[str, Value] = attrs.field(factory=dict[str, "Value"])
    blocks: list[_Block] = attrs.field(factory=list["_Block"])


def hidden_by(environment: Mapping[str, str], home: Path) -> Path | None:
    """Find the configuration file, if any, that keeps Terraform from finding the bundled provider.

    Args:
        environment: Environment variables; `TF_CLI_CONFIG_FILE` names the file.
        home: Home directory, where the file is otherwise.

    Returns:
        The file with the `provider_installation` block, None if nothing is in the way.
    """
    for path in _config_files(environment, home):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # Terraform itself says what is wrong with it
        for block in _parse(_words(text), "").blocks:
            if block.kind == "provider_installation" and not _offers_provider(block):
                return path
    return None


def explain(path: Path, home: Path) -> str:
    """Say what hides the provider and what to do about it.

    Args:
        path: The file that `hidden_by` found.
        home: Home directory of the user.
    """
    namespace = launcher.SOURCE.rpartition("/")[0]
    return (
        f"Terraform will not find the provider {launcher.SOURCE}: the provider_installation block in {path} "
        "switches off the stack's own mirror. Run 'gatepair provider install' once, and put into that block: "
        f'filesystem_mirror {{ path = "{home / ".terraform.d" / "plugins"}", include = ["{namespace}/*"] }}; '
        f'where it has a direct block, put there: exclude = ["{namespace}/*"]'
    )


def _config_files(environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    named = environment.get("TF_CLI_CONFIG_FILE") or environment.get("TERRAFORM_CONFIG")
    if named:
        yield Path(named)
        return
    yield home / ".terraformrc"
    yield home / ".tofurc"
    yield from sorted((home / ".terraform.d").glob("*.tfrc"))


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        if match["skip"] is None:
            yield match["sign"] or f'"{match["text"] or match["word"] or ""}'


def _parse(words: Iterator[str], kind: str) -> _Block:
    """Read the inside of a block up to its end; what is not understood is passed over."""
    block = _Block(kind)
    name = ""
    for word in words:
        if word == "}":
            break
        if word == "{":
            block.blocks.append(_parse(words, name))
        elif word == "=":
            value = next(words, "")
            block.values[name] = _list(words) if value == "[" else value.lstrip('"')
        elif word.startswith('"'):
            name = word[1:]
    return block


def _list(words: Iterator[str]) -> list[str]:
    items: list[str] = []
    for word in words:
        if word == "]":
            break
        if word.startswith('"'):
            items.append(word[1:])
    return items


def _offers_provider(installation: _Block) -> bool:
    return any(_method_offers(method) for method in installation.blocks)


def _method_offers(method: _Block) -> bool:
    if _matches(method.values.get("exclude", [])):
        return False
    include = method.values.get("include")
    if method.kind == "network_mirror":  # only a block made for it can be meant to hold it
        return include is not None and _matches(include)
    path = method.values.get("path")
    if method.kind != "filesystem_mirror" or not isinstance(path, str):
        return False
    return (include is None or _matches(include)) and (Path(path) / launcher.SOURCE).is_dir()


def _matches(patterns: Value) -> bool:
    """Tell whether one of the patterns covers the bundled provider's address."""
    wanted = patterns if isinstance(patterns, list) else [patterns]
    full = (p if p.count("/") > 1 else _DEFAULT_HOST + p for p in wanted)
    return any(fnmatch.fnmatchcase(launcher.SOURCE, pattern) for pattern in full)
