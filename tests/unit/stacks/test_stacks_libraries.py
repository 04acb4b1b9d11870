"""The same tests with the other library: `cdktn`, the maintained heir of `cdktf`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdktf_stacks._cdktf import CHOICE, cdk

HERE = Path(__file__).parent
# Read now: tests see nothing of the person's settings.
CHOSEN = os.environ.get(CHOICE)


@pytest.mark.skipif(CHOSEN is not None, reason="this is the run with the other library")
@pytest.mark.slow
def test_every_test_of_the_stacks_passes_with_the_other_library() -> None:
    both = HERE / "test_stacks_snapshots.py"  # runs with both of them anyway
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"--ignore={both}", str(HERE)],
        env=os.environ | {CHOICE: "cdktn"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_library_is_the_one_that_was_chosen() -> None:
    assert cdk.__name__ == (CHOSEN or "cdktf")


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(
    ("code", "environment", "library"),
    [
        ("", {}, "cdktf"),
        ("import cdktn; ", {}, "cdktn"),
        ("import cdktn, cdktf; ", {}, "cdktf"),
        ("import cdktf; ", {CHOICE: "cdktn"}, "cdktn"),
        ("import sys; sys.modules['cdktf'] = None; ", {}, "cdktn"),
    ],
)
def test_who_decides_on_the_library(code: str, environment: dict[str, str], library: str) -> None:
    prepare = "from cdktf_stacks._node import prepare_environment; prepare_environment(); "
    done = run_python(
        f"{prepare}{code}from cdktf_stacks._cdktf import cdk; print(cdk.__name__)", **environment
    )
    assert done.stdout == f"{library}\n", done.stderr


@pytest.mark.parametrize(
    ("code", "environment", "said"),
    [
        ("", {CHOICE: "pulumi"}, "GATEPAIR_CDK is 'pulumi'. Set it to one of: cdktf, cdktn."),
        (
            "import sys; sys.modules['cdktn'] = None; ",
            {CHOICE: "cdktn"},
            "cdktn is not installed. Install one",
        ),
        (
            "import sys; sys.modules['cdktf'] = sys.modules['cdktn'] = None; ",
            {},
            "cdktf or cdktn is not installed. Install one: pip install 'gatepair[stacks]'",
        ),
    ],
)
def test_no_library_is_said_with_a_remedy(code: str, environment: dict[str, str], said: str) -> None:
    done = run_python(
        f"{code}from cdktf_stacks import problems_reported\n"
        "with problems_reported():\n    from cdktf_stacks import FailoverPair\n",
        **environment,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
