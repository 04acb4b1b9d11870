"""Terraform is run to its end, and ended properly when we are interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from cdktf_stacks.review.terraform import Stack, TerraformFailed, binary, find_stacks, make_plan, run
from gatepair.errors import InvalidInput, LocalFileError


def manifest(folder: Path, stacks: dict[str, list[str]]) -> None:
    entries = {
        name: {"name": name, "workingDirectory": f"stacks/{name}", "dependencies": needs}
        for name, needs in stacks.items()
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "0.21.0", "stacks": entries}))


def test_stacks_come_after_those_that_they_depend_on(tmp_path: Path) -> None:
    manifest(tmp_path, {"a": ["c"], "b": [], "c": ["b"]})
    assert [stack.name for stack in find_stacks(tmp_path)] == ["b", "c", "a"]
    assert find_stacks(tmp_path, ["a"]) == [Stack("a", tmp_path / "stacks" / "a")]


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(LocalFileError, match="holds no synthesized stacks"):
        find_stacks(tmp_path)
    manifest(tmp_path, {"a": []})
    with pytest.raises(InvalidInput, match=r"no stack or file b.*\n?.*Stacks are: a"):
        find_stacks(tmp_path, ["b"])


def test_a_missing_terraform_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    with pytest.raises(LocalFileError, match="no-such-terraform is not installed"):
        binary()


def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    done = run((sys.executable, "-c", "print('said'); raise SystemExit(4)"), tmp_path)
    assert (done.code, done.text) == (4, "said\n")


CHILD = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print("ready", flush=True)
signal.sigwait({signal.SIGINT})
open("saved", "a").write("x" * (1 + (signal.SIGINT in signal.sigpending())))
"""
PARENT = """
import sys
from pathlib import Path
from cdktf_stacks.review.terraform import Stack, TerraformFailed, binary, find_stacks, make_plan, run
from gatepair.cli.choice import unwinding
with unwinding():
    run((sys.executable, "-c", Path("child.py").read_text()), Path(), show=True)
"""


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return a process and its children, if it still runs."""
    if process.poll() is not None:
        return []
    found = psutil.Process(process.pid)
    return [*found.children(recursive=True), found]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_is_handed_on_and_what_was_begun_is_finished(tmp_path: Path, number: int) -> None:
    (tmp_path / "child.py").write_text(textwrap.dedent(CHILD))
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, number)
        process.communicate(timeout=60)
    finally:
        for one in family(process):
            one.kill()
    assert process.returncode in {130, -signal.SIGINT, 143}
    assert (tmp_path / "saved").read_text() == "x"


FAILING = """#!/bin/sh
echo "Error: the provider says $GATEPAIR_PASSWORD"
exit 1
"""


def test_a_failure_of_terraform_is_repeated_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "fake-terraform"
    fake.write_text(FAILING)
    fake.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(fake))
    monkeypatch.setenv("GATEPAIR_PASSWORD", "canary-5511")
    with pytest.raises(TerraformFailed, match=r"terraform init of office ended with 1") as failure:
        make_plan(Stack("office", tmp_path), tmp_path / "plan")
    assert "the provider says ***" in str(failure.value)
    assert "canary" not in str(failure.value)
