"""The README's promises: its file is valid, its script runs, its session on the emulator works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import Reader, blocks, missing
from project import ROOT, Project

from gatepair import load_config
from gatepair_emulator.lab import Lab

README = ROOT / "README.md"
# Pages with blocks that are run, and what runs them.
READERS = {
    "README.md": "tests/docs/test_readme.py",
    "docs/tutorial/first-pair.md": "tests/docs/test_tutorial.py",
    "docs/how-to/run-the-bridge.md": "tests/unit/bridge/test_bridge_docs.py",
    "docs/how-to/verify-in-a-maintenance-window.md": "tests/docs/test_verify_page.py",
    "docs/how-to/practise-on-the-emulator.md": "tests/docs/test_emulator_pages.py",
    "docs/how-to/test-your-own-code-against-the-pair.md": "tests/docs/test_emulator_pages.py",
    "docs/reference/emulator.md": "tests/docs/test_emulator_pages.py",
    "docs/how-to/adopt-an-existing-pair.md": "tests/docs/test_network_pages.py",
    "docs/how-to/nodes-in-different-networks.md": "tests/docs/test_network_pages.py",
    "docs/how-to/replace-a-node.md": "tests/docs/test_upkeep_pages.py",
    "docs/how-to/review-in-pull-requests.md": "tests/docs/test_review_page.py",
    "docs/how-to/rotate-the-shared-key.md": "tests/docs/test_upkeep_pages.py",
    "docs/how-to/upgrade-a-pair.md": "tests/docs/test_upkeep_pages.py",
    "docs/reference/cli.md": "tests/docs/test_cli_reference.py",
    "docs/reference/errors.md": "tests/unit/sdk/test_reference_pages.py",
    "docs/reference/pairs-toml.md": "tests/unit/sdk/test_reference_pages.py",
    "docs/how-to/adopt-with-stacks.md": "tests/docs/test_stacks_pages.py",
    "docs/how-to/fleets.md": "tests/docs/test_stacks_pages.py",
    "docs/how-to/state-backends.md": "tests/docs/test_stacks_pages.py",
    "docs/how-to/use-cdk-terrain.md": "tests/docs/test_stacks_pages.py",
    "docs/reference/stacks.md": "tests/docs/test_stacks_pages.py",
}


def test_the_declaration_is_valid(tmp_path: Path) -> None:
    (declaration,) = blocks(README, "toml")
    Reader(tmp_path).write(declaration.text)
    pair = load_config(tmp_path / "pairs.toml").pairs["office"]
    assert pair.external is not None
    assert pair.internal is not None


@pytest.mark.slow
def test_the_script_runs_as_it_stands(tmp_path: Path) -> None:
    (script,) = blocks(README, "python")
    assert len(script.text.strip().splitlines()) <= 6
    with Lab.start(tmp_path / "emulator", clock=20.0) as lab:
        project = Project(tmp_path / "project", lab)
        project.must("gatepair", "apply", "office", "--yes")
        assert project.must(sys.executable, "-c", script.text).strip() == lab.a.address


@pytest.mark.slow
def test_practising_on_the_emulator(reader: Reader) -> None:
    for name in ("pairs.toml", "main.py", "cdktf.json"):
        shutil.copy(ROOT / name, reader.folder / name)
    (practice,) = (block for block in blocks(README, "sh") if "emulator up" in block.text)
    # The environment is set up already, and nobody is there to approve.
    lines = [line for line in practice.text.splitlines() if not line.startswith("make setup")]
    lines = [f"{line} --auto-approve" if line.startswith("cdktf deploy") else line for line in lines]
    # The usual margin is for real appliances and a machine that does nothing else.
    lines = [line.replace(" --yes", " --margin 30 --yes") for line in lines]
    switched_on, *rest = lines
    said = [reader.type(switched_on)]
    declared = (reader.folder / "pairs.toml").read_text()
    (reader.folder / "pairs.toml").write_text(declared.replace("127.0.10.", reader.network))
    said += [reader.type(line) for line in rest]
    text = "\n".join(said)
    expected = (
        "Apply complete!\nfailover pair formed\nhealthy\nFailover works\n"
        "unreachable\nnot healthy\nboth appliances are off"
    )
    assert not list(missing(expected, text)), text


def test_somebody_reads_every_page() -> None:
    pages = [README, *(ROOT / "docs").rglob("*.md")]
    with_commands = {
        str(page.relative_to(ROOT)) for page in pages if blocks(page, "sh", "python", "toml", "console")
    }
    assert with_commands == set(READERS)
    for page, reader in READERS.items():
        assert Path(page).name in (ROOT / reader).read_text() or "glob" in (ROOT / reader).read_text()


def test_the_verbs_of_the_repository_exist() -> None:
    named = {
        line.split()[1]
        for page in (README, ROOT / "CONTRIBUTING.md")
        for block in blocks(page, "sh")
        for line in block.text.splitlines()
        if line.startswith("make ")
    }
    assert named
    for verb in named:
        subprocess.run(["make", "--dry-run", verb], cwd=ROOT, check=True, capture_output=True)
