"""What the documents say is what the code does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from gatepair.documents import network_from_document, pair_from_document
from gatepair_bridge.api.faults import ApiError
from gatepair_bridge.api.routes import ROUTES
from gatepair_bridge.settings import READERS, read_settings

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "bridge-api.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "run-the-bridge.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)


def test_every_path_and_its_scope_stand_in_the_reference() -> None:
    table = [line for line in REFERENCE.splitlines() if line.startswith("| ") and "`" in line]
    for route in ROUTES:
        words = [part for part in route.template.split("/") if part and "{" not in part]
        lines = [line for line in table if all(word in line for word in words[-1:])]
        assert any((str(route.scope) if route.scope else "none") in line for line in lines), route.template


def test_the_documents_of_the_reference_are_valid() -> None:
    pair, network = (json.loads(block) for block in blocks(REFERENCE, "json")[:2])
    assert pair_from_document(pair).id == pair["id"]
    assert network_from_document(network).host_name == "gw-a"
    for block in blocks(REFERENCE, "json"):
        json.loads(block)


def test_the_configuration_of_the_how_to_is_valid(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text(blocks(HOW_TO, "toml")[0])
    settings = read_settings(tmp_path / "bridge.toml")
    assert settings.tokens == tmp_path / "tokens.toml"
    assert not settings.bind.is_loopback


@pytest.mark.parametrize("key", sorted(READERS))
def test_every_key_of_the_configuration_is_in_the_how_to(key: str) -> None:
    assert re.search(rf"(`{key}\b|^ *{key} =)", HOW_TO, flags=re.MULTILINE)


def test_the_limits_of_the_how_to_are_the_defaults() -> None:
    defaults = read_settings(None, {"appliance_networks": ["192.0.2.0/24"]})
    for key in ("max_body_bytes", "requests_per_second", "threads", "shutdown_grace_s"):
        row = re.search(rf"\| `{key}` \| (\d+) \|", HOW_TO)
        assert row
        assert float(row[1]) == getattr(defaults, key)


def test_every_status_of_an_error_is_in_the_reference() -> None:
    for fault in ApiError.__subclasses__():
        assert str(fault.status) in REFERENCE


def test_the_examples_are_toml() -> None:
    assert tomllib.loads(blocks(HOW_TO, "toml")[0])["bind"] == "192.0.2.5:8642"
