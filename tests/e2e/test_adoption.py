"""A pair that exists comes under its stack: nothing is changed, and the first plan is empty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project import PAIR, Project

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

OTHERS = """\
# Kept as it is.
[defaults]
username = "nsroot"
password = "file:{password}"
ca_file = "{ca_file}"
fail_safe = "off"

[pairs.lab]
appliances = [{{ address = "192.0.2.11" }}, {{ address = "192.0.2.12" }}]

[stacks]
timeout_s = 900 # seconds
"""


@pytest.fixture
def existing(project: Project) -> Project:
    """A project whose pair was formed without Terraform, by the command line."""
    project.must("gatepair", "apply", PAIR, "--yes")
    return project


def assert_first_plan_only_imports(project: Project) -> None:
    first = project.plan()
    assert "3 to import, 0 to add, 0 to change, 0 to destroy" in first.flat, first.text
    changes = project.planned()["resource_changes"]
    assert [change["change"]["actions"] for change in changes] == [["no-op"]] * 3
    applied = project.terraform("apply", "-input=false", "-no-color", "plan.bin")
    assert "3 imported, 0 added, 0 changed, 0 destroyed" in applied.flat, applied.text
    again = project.plan()
    assert again.code == 0, again.text


def assert_no_secret(project: Project) -> None:
    lab = project.lab
    texts = [path.read_bytes() for path in project.folder.rglob("*") if path.is_file()]
    for secret in (lab.password, lab.shared_key):
        assert not any(secret.encode() in text for text in texts)


def in_new_folder(existing: Project, path: Path) -> Project:
    """Somebody else's folder, with the stack program and no declaration."""
    project = Project(path, existing.lab)
    (path / "pairs.toml").unlink()
    return project


def from_appliances(lab: Lab) -> tuple[str, ...]:
    key = Path(lab.state_dir) / "shared-key"
    return ("adopt", PAIR, "--from", f"{lab.a.address},{lab.b.address}", "--shared-key", f"file:{key}")


def test_a_declared_pair_is_imported(existing: Project) -> None:
    said = existing.must("gatepair", "adopt", PAIR)
    assert "The next plan is empty: the pair is as declared." in said
    assert "Next: cdktf diff office" in said
    assert_first_plan_only_imports(existing)
    existing.must("gatepair", "adopt", PAIR)
    assert (existing.folder / "pairs.toml").read_text().count('adopt = ["office"]') == 1
    assert_no_secret(existing)


def test_a_pair_that_no_file_declares_is_read_and_imported(existing: Project, tmp_path: Path) -> None:
    project = in_new_folder(existing, tmp_path / "new")
    lab = existing.lab
    password = Path(lab.state_dir) / "password"
    words = from_appliances(lab)
    said = project.must("gatepair", *words, "--password", f"file:{password}", "--ca-file", str(lab.ca_file))
    assert "The next plan is empty" in said
    assert_first_plan_only_imports(project)
    assert_no_secret(project)


def test_a_pair_is_added_to_a_file_that_has_others(existing: Project, tmp_path: Path) -> None:
    project = in_new_folder(existing, tmp_path / "new")
    lab = existing.lab
    text = OTHERS.format(password=Path(lab.state_dir) / "password", ca_file=lab.ca_file)
    (project.folder / "pairs.toml").write_text(text)
    shown = project.must("gatepair", *from_appliances(lab), "--dry-run")
    assert (project.folder / "pairs.toml").read_text() == text
    said = project.must("gatepair", *from_appliances(lab))
    assert "The next plan is empty" in said
    written = (project.folder / "pairs.toml").read_text()
    assert written in shown
    assert written.startswith(text.partition("[stacks]")[0])
    assert 'adopt = ["office"]\ntimeout_s = 900 # seconds' in written
    assert_first_plan_only_imports(project)


def test_the_first_deploy_with_cdktf_imports_as_well(existing: Project) -> None:
    existing.must("gatepair", "adopt", PAIR)
    deployed = existing.must("cdktf", "deploy", PAIR, "--auto-approve")
    assert "3 imported, 0 added, 0 changed" in deployed
    assert "No changes." in existing.must("cdktf", "diff", PAIR)
