"""`gatepair provider`: installed, found, examined, removed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from terraform_lab import TerraformLab

from gatepair import launcher
from gatepair_bridge.provider.cli import provider
from gatepair_bridge.provider.doctor import Finding, Machine, examine

if TYPE_CHECKING:
    from rest_server import RestServer

pytest_plugins = ["provider_fixtures"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    return home


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(provider, words)
    return done.exit_code, done.output


def test_installed_for_hand_written_hcl_used_and_removed(home: Path, tmp_path: Path, api: RestServer) -> None:
    assert run("path") == (1, "")
    code, text = run("install")
    assert code == 0
    assert f'version = "{launcher.VERSION}"' in text
    _, text = run("path")
    assert text.strip() == str(home / ".terraform.d/plugins" / launcher.SOURCE / launcher.VERSION)
    work = tmp_path / "work"
    work.mkdir()
    tf = TerraformLab(work, "", api.uri, HOME=str(home))
    tf.object()
    assert tf.run("init").code == 0
    tf.applied()
    assert run("install")[0] == 0  # again, as after an upgrade of the package
    assert tf.run("init").code == 0
    assert tf.plan().code == 0
    code, text = run("uninstall")
    assert code == 0
    assert "Removed" in text
    assert run("uninstall") == (0, "There was nothing to remove.\n")


Look = Callable[..., list[Finding]]


@pytest.fixture
def look(home: Path, tmp_path: Path) -> Look:
    folder = tmp_path / "project"
    folder.mkdir()

    def examined(**environment: str) -> list[Finding]:
        return list(examine(Machine({**os.environ, **environment}, home, folder)))

    return examined


def trouble(findings: list[Finding]) -> dict[str, str]:
    return {one.check: f"{one.evidence} {one.remedy}" for one in findings if one.verdict == "fail"}


def test_a_sound_machine(home: Path, look: Look) -> None:
    launcher.install(home / ".terraform.d" / "plugins", python=sys.executable)
    findings = look()
    assert trouble(findings) == {}
    assert {"Terraform", "provider", "installation"} <= {
        one.check for one in findings if one.verdict == "pass"
    }


def test_without_terraform(look: Look) -> None:
    assert "neither terraform nor tofu is on PATH" in trouble(look(PATH="/nowhere"))["Terraform"]
    assert "TERRAFORM_BINARY_NAME=/no is not there" in trouble(look(TERRAFORM_BINARY_NAME="/no"))["Terraform"]


def test_a_configuration_file_that_hides_the_provider(home: Path, look: Look) -> None:
    file = home / ".terraformrc"
    file.write_text("provider_installation {\n  direct {}\n}\n")
    found = trouble(look())["provider"]
    assert f"The provider_installation block in {file}" in found
    assert "filesystem_mirror" in found


def test_an_installation_that_rotted(home: Path, look: Look) -> None:
    mirror = home / ".terraform.d" / "plugins"
    launcher.install(mirror, python="/gone/python")
    assert "/gone/python, is not there any more" in trouble(look())["installation"]
    launcher.install(mirror, python=sys.executable)
    for script in mirror.rglob(launcher.EXECUTABLE):
        script.write_text("#!/bin/sh\n")
    assert "differs from what belongs there" in trouble(look())["installation"]


def test_what_earlier_runs_left(tmp_path: Path, home: Path, look: Look) -> None:
    stack = tmp_path / "project" / "cdktf.out" / "stacks" / "office"
    stack.mkdir(parents=True)
    (stack / launcher.LOCK_FILE).write_text(launcher.lock_entry().replace("h1:", "h1:x"))
    (tmp_path / "project" / "terraform.office.tfstate").touch()
    (stack / "cdk.tf").touch()
    (stack / "cdk.tf.json").touch()
    (stack / ".terraform.tfstate.lock.info").write_text("{}")
    cached = home / ".terraform.d/plugin-cache" / launcher.SOURCE / launcher.VERSION
    cached.mkdir(parents=True)
    (cached / "linux_amd64").symlink_to("/gone")
    findings = look()
    assert set(trouble(findings)) == {"lock file", "state", "stack"}
    noted = {one.check for one in findings if one.verdict == "warn"}
    assert {"state lock", "plugin cache"} <= noted


def test_variables_that_do_not_do_what_they_seem_to(look: Look) -> None:
    findings = look(
        TF_CLI_CONFIG_FILE="/gone", CDKTF_SKIP_PROVIDER_LOCK="1", TF_REATTACH_PROVIDERS=launcher.SOURCE
    )
    noted = " ".join(one.evidence for one in findings if one.check == "environment")
    assert "TF_CLI_CONFIG_FILE names /gone" in noted
    assert "CDKTF_SKIP_PROVIDER_LOCK=1 counts as false" in noted
    assert "TF_REATTACH_PROVIDERS" in noted


def test_nodes_native_module(tmp_path: Path, look: Look) -> None:
    modules = tmp_path / "project" / "node_modules"
    (modules / "cdktf-cli").mkdir(parents=True)
    module = modules / "@cdktf" / "node-pty-prebuilt-multiarch"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"name": "@lydell/node-pty", "main": "index.js"}')
    (module / "index.js").write_text("throw new Error('no binary for this Node')")
    found = trouble(look())
    if "Node" in {one.check for one in look() if one.verdict == "pass"}:
        assert "overrides" in found["cdktf's native module"]
    assert "does not start" in trouble(look(JSII_NODE="/gone/node"))["Node"]


def test_the_doctors_report(home: Path, tmp_path: Path) -> None:
    assert home.is_dir()
    code, text = run("doctor", str(tmp_path))
    assert code == 0, text
    assert text.startswith("ok    Terraform: ")
    (tmp_path / "terraform.x.tfstate").touch()
    code, text = run("doctor", "--json", str(tmp_path))
    assert code == 1
    assert {"check", "verdict", "evidence", "remedy"} == set(json.loads(text)[0])
