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
from gatepair_bridge.provider.doctor import check_environment, examine
from gatepair_bridge.provider.findings import Finding, Machine

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


def fake(folder: Path, name: str, says: str) -> str:
    """Put a program that says one thing into a directory, for PATH or JSII_NODE."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("says", "fails"),
    [
        ("Terraform v1.4.7", True),
        ("Terraform v1.5.0", False),
        ("OpenTofu v1.7.3", True),
        ("OpenTofu v1.8.0-rc1", False),
        ("something else", True),
    ],
)
def test_versions_that_are_too_old(tmp_path: Path, look: Look, says: str, *, fails: bool) -> None:
    program = fake(tmp_path / "bin", "terraform", says)
    found = [one for one in look(TERRAFORM_BINARY_NAME=program) if one.check == "Terraform"]
    assert [one.verdict for one in found] == ["fail" if fails else "pass"]
    assert not fails or "or later" in found[0].remedy or "Reinstall" in found[0].remedy


@pytest.mark.parametrize(
    "method",
    [
        "direct {}",
        f'dev_overrides {{ "{launcher.SOURCE}" = "/x" }}\n direct {{}}',
        'filesystem_mirror { path = "/x" }',
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_a_configuration_file_that_hides_the_provider(
    home: Path, look: Look, method: str, *, named: bool
) -> None:
    file = home / ("own.tfrc" if named else ".terraformrc")
    file.write_text(f"provider_installation {{\n  {method}\n}}\n")
    found = trouble(look(**({"TF_CLI_CONFIG_FILE": str(file)} if named else {})))["provider"]
    assert f"the provider_installation block in {file}" in found
    assert "filesystem_mirror" in found


def test_what_the_remedy_for_a_hidden_provider_says_helps(home: Path, look: Look) -> None:
    mirror = home / ".terraform.d" / "plugins"
    namespace = launcher.SOURCE.rpartition("/")[0]
    launcher.install(mirror, python=sys.executable)
    (home / ".terraformrc").write_text(
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path = "{mirror}"\n    include = ["{namespace}/*"]\n  }}\n'
        f'  direct {{\n    exclude = ["{namespace}/*"]\n  }}\n}}\n'
    )
    assert trouble(look()) == {}


def test_an_installation_that_rotted(home: Path, look: Look) -> None:
    mirror = home / ".terraform.d" / "plugins"
    launcher.install(mirror, python="/gone/python")
    assert "/gone/python, is not there any more" in trouble(look())["installation"]
    launcher.install(mirror, python=sys.executable)
    for script in mirror.rglob(launcher.EXECUTABLE):
        script.write_text("#!/bin/sh\n")
    assert "differs from what belongs there" in trouble(look())["installation"]


def test_a_stacks_copy_that_rotted(tmp_path: Path, look: Look) -> None:
    stack = tmp_path / "project" / "cdktf.out" / "stacks" / "office"
    stack.mkdir(parents=True)
    launcher.vendor(stack, python="/gone/python")
    assert "/gone/python, is not there any more" in trouble(look())["provider of office"]


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


def test_a_log_directory_that_is_not_there(tmp_path: Path, look: Look) -> None:
    findings = look(CDKTF_LOG_FILE_DIRECTORY=str(tmp_path / "gone"))
    assert any("cdktf writes no log" in one.evidence for one in findings)


@pytest.mark.parametrize(("value", "noted"), [("1", True), ("true", True), ("20", False), ("18,20", False)])
def test_the_silence_about_old_nodes(look: Look, value: str, *, noted: bool) -> None:
    findings = look(JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=value)
    assert any("silences nothing" in one.evidence for one in findings) is noted


def test_a_home_directory_that_cannot_be_written(tmp_path: Path) -> None:
    quiet = {"JSII_RUNTIME_PACKAGE_CACHE": "disabled", "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1"}
    for known, verdict in ((False, "warn"), (True, "pass")):
        machine = Machine({**os.environ, **(quiet if known else {})}, Path("/proc/nowhere"), tmp_path)
        (found,) = (one for one in check_environment(machine) if one.check == "home directory")
        assert found.verdict == verdict
        assert known or "JSII_RUNTIME_PACKAGE_CACHE=disabled" in found.remedy


def test_stacks_that_cdktf_cannot_deploy(tmp_path: Path, look: Look) -> None:
    stack = tmp_path / "project" / "cdktf.out" / "stacks" / "office"
    stack.mkdir(parents=True)
    required = {
        "restapi": {"source": launcher.SOURCE},
        "random": {"source": "hashicorp/random", "version": "3.6.0"},
    }
    (stack / "cdk.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    (tmp_path / "project" / "cdktf.json").write_text('{"output": "gone/cdktf.out"}')
    findings = look()
    assert "the provider restapi in" in trouble(findings)["stack"]
    assert "has no parent" in trouble(findings)["cdktf.json"]
    noted = [one.evidence for one in findings if one.check == "lock file"]
    assert len(noted) == 1
    assert "does not name hashicorp/random yet" in noted[0]
    assert [one for one in look(CDKTF_SKIP_PROVIDER_LOCK="true") if one.check == "lock file"] == []


@pytest.mark.parametrize(
    ("says", "package", "verdict"),
    [
        ("v18.20.0", "cdktf-cli", "fail"),
        ("v20.20.0", "cdktf-cli", "pass"),
        ("v20.20.0", "cdktn-cli", "fail"),
        ("v24.1.0", "cdktn-cli", "pass"),
        ("broken", "cdktn-cli", "fail"),
    ],
)
def test_nodes_of_all_ages(tmp_path: Path, look: Look, says: str, package: str, verdict: str) -> None:
    (tmp_path / "project" / "node_modules" / package).mkdir(parents=True)
    node = fake(tmp_path / "bin", "node", says)
    assert [one.verdict for one in look(JSII_NODE=node) if one.check == "Node"] == [verdict]


def test_without_node_only_a_note(look: Look, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "terraform", "Terraform v1.11.4")
    (found,) = (one for one in look(PATH=str(tmp_path / "bin"), JSII_NODE="") if one.check == "Node")
    assert (found.verdict, "only cdktf needs it" in found.evidence) == ("warn", True)


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
