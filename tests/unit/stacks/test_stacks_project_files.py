"""The files at the root that make `cdktf` run in the repository."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from cdktf_stacks import Declaration

ROOT = Path(__file__).resolve().parents[3]


def test_the_lock_file_names_no_registry_and_has_every_checksum() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert not [name for name, package in packages.items() if "resolved" in package]
    own = {name: package for name, package in packages.items() if not package.get("inBundle")}
    assert not [name for name, package in own.items() if "integrity" not in package]


def test_the_cli_is_pinned_to_the_release_of_the_library() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert package["dependencies"] == {"cdktf-cli": "0.21.0"}
    assert extras["stacks"] == ["cdktf>=0.21,<0.22"]


def test_the_terminal_module_is_one_that_does_not_depend_on_the_node_version() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    module = lock["packages"]["node_modules/@cdktf/node-pty-prebuilt-multiarch"]
    assert module["name"] == "@lydell/node-pty"


def test_the_cli_neither_reports_crashes_nor_has_an_identity() -> None:
    config = json.loads((ROOT / "cdktf.json").read_text())
    assert config["sendCrashReports"] == "false"
    assert "projectId" not in config


def test_the_pairs_of_the_repository_can_be_used() -> None:
    assert list(Declaration.read(ROOT / "pairs.toml").config.pairs) == ["office"]
