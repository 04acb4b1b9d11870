from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path
from typing import cast

import pytest

import gatepair
from gatepair.config import json_schema, load_config
from gatepair.config.keys import FOREIGN_TABLES
from gatepair.models import HEARTBEAT_PRESETS

PAGES = Path(__file__).parents[3] / "docs" / "reference"
PAIRS_TOML = PAGES / "pairs-toml.md"
ROW = re.compile(r"^\| `(?P<key>\w+)` \| (?P<value>.*?) \| (?P<default>.*?) \|", re.MULTILINE)
Schema = dict[str, object]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the page's own example in it."""
    example = re.search(r"```toml\n(.*?)```", PAIRS_TOML.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    (tmp_path / "pairs.toml").write_text(example[1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["errors.md", "pairs-toml.md"])
@pytest.mark.usefixtures("project")
def test_every_example_of_a_page_runs(page: str) -> None:
    result = doctest.testfile(str(PAGES / page), module_relative=False)
    assert result.attempted
    assert not result.failed


ROOM = Path(gatepair.__file__).parent
MODULES = [
    ".".join(path.relative_to(ROOM.parent).with_suffix("").parts)
    for place in ("models", "errors", "documents", "config", "launcher.py", "_kinds.py", "_reading.py")
    for path in sorted((ROOM / place).rglob("*.py") if (ROOM / place).is_dir() else [ROOM / place])
]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_of_a_docstring_runs(name: str) -> None:
    assert not doctest.testmod(importlib.import_module(name)).failed


def test_the_example_is_a_declaration(project: Path) -> None:
    assert load_config(project / "pairs.toml").pairs["office"].internal


def keys_of(schema: Schema) -> dict[str, Schema]:
    """Every key anywhere in the schema."""
    found: dict[str, Schema] = {}
    inner = [cast("Schema", schema[key]) for key in ("items",) if key in schema]
    more = schema.get("additionalProperties")
    inner += [cast("Schema", more)] if isinstance(more, dict) else []
    inner += cast("list[Schema]", schema.get("anyOf", []))
    for key, child in cast("dict[str, Schema]", schema.get("properties", {})).items():
        found |= keys_of(child) | {key: child}
    for child in inner:
        found |= keys_of(child)
    return found


def test_every_key_is_on_the_page_with_its_default() -> None:
    page = PAIRS_TOML.read_text(encoding="utf-8")
    rows = {match["key"]: match for match in ROW.finditer(page)}
    elsewhere = {"defaults", "pairs", *FOREIGN_TABLES}
    known = {key: schema for key, schema in keys_of(json_schema()).items() if key not in elsewhere}
    assert set(rows) == set(known)
    for key, schema in known.items():
        default = schema.get("default")
        if isinstance(default, str) and key not in {"heartbeat", "username", "netmask"}:
            assert rows[key]["default"] == f'`"{default}"`'
        elif isinstance(default, int) and not isinstance(default, bool):
            assert rows[key]["default"] == f"`{default}`"


def test_every_preset_is_on_the_page() -> None:
    page = PAIRS_TOML.read_text(encoding="utf-8")
    for name, preset in HEARTBEAT_PRESETS.items():
        assert f'| `"{name}"` | {preset.hello_interval_ms} ms | {preset.dead_interval_s} s' in page
