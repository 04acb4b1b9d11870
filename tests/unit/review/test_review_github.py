"""The action's own steps, run as they stand in action.yml, against a GitHub API that records calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from github_server import FakeGitHub, fake_github
from review_cases import PLANS, plan

from cdktf_stacks.review.identity import fingerprint
from cdktf_stacks.review.markdown import marker

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "canary-token-4711"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as fake:
        yield fake


@attrs.define
class Runner:
    """Runs the steps of action.yml in a folder, as a GitHub runner does."""

    folder: Path
    github: FakeGitHub
    inputs: dict[str, str] = attrs.field(factory=dict)
    outputs: dict[str, str] = attrs.field(factory=dict)

    def step(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        output = self.folder / "output"
        event = self.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 7}}))
        output.write_text("")
        own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.folder)}
        own |= {
            "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_REPOSITORY": "example/gateways", "GITHUB_API_URL": self.github.url,
            "GITHUB_EVENT_PATH": str(event), "RUNNER_TEMP": str(self.folder), "GITHUB_SHA": "a" * 40,
        }  # fmt: skip
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", command], cwd=self.folder, env=own | variables, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert TOKEN not in done.stdout + done.stderr
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done

    def review(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        values = {"STACKS": "", "FAIL_ON": "", "PREFLIGHT": "false", "SYNTH": "false", "MARKER": "default"}
        given = {f"INPUT_{name}": value for name, value in (values | inputs).items()}
        return self.step(steps()["Review"], **given)

    def comment(self) -> subprocess.CompletedProcess[str]:
        return self.step(
            steps()["Comment"],
            GITHUB_TOKEN=TOKEN, INPUT_MARKER="default", REVIEW=self.outputs["markdown"],
        )  # fmt: skip

    def policy(self) -> int:
        return self.step(steps()["Policy"], CODE=self.outputs["exit-code"]).returncode


def steps() -> dict[str, str]:
    """Return the commands of action.yml by the names of the steps."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    found = re.findall(r"name: (\w+)\n(?:.*\n)*?\s+run: (.+)", text.partition("runs:")[2])
    return dict(found)


@pytest.fixture
def runner(tmp_path: Path, github: FakeGitHub) -> Runner:
    for kind in ("several", "heartbeat", "dissolve"):
        shutil.copy(PLANS / f"{kind}.json", tmp_path / f"{kind}.json")
    return Runner(tmp_path, github)


def test_a_review_becomes_one_comment_which_is_updated(runner: Runner, github: FakeGitHub) -> None:
    assert runner.review(STACKS="several.json").returncode == 0
    assert runner.outputs["fingerprint"] == fingerprint([plan("several")])
    assert runner.outputs["impact"] == "reconnect"
    assert runner.comment().stdout == "created the review\n"
    assert runner.review(STACKS="heartbeat.json").returncode == 0
    assert runner.comment().stdout == "updated the review\n"
    (comment,) = github.comments
    assert comment["body"].startswith(marker())
    assert "hello interval" in comment["body"]
    assert [method for method, _ in github.calls] == ["GET", "POST", "GET", "PATCH"]
    assert github.tokens == {f"Bearer {TOKEN}"}
    assert "Gateway pairs" in (runner.folder / "summary.md").read_text()


def test_the_comment_is_found_behind_many_others_and_not_taken_from_others(
    runner: Runner, github: FakeGitHub
) -> None:
    github.add(f"{marker()}\nnot ours", login="mallory")
    for number in range(230):
        github.add(f"remark {number} {marker()}")
    ours = github.add(f"{marker()}\nours")
    runner.review(STACKS="several.json")
    assert runner.comment().stdout == "updated the review\n"
    assert "virtual IP" in ours["body"]
    assert github.comments[0]["body"].endswith("not ours")
    pages = [path for method, path in github.calls if method == "GET"]
    assert [path.rpartition("=")[2] for path in pages] == ["1", "2", "3"]


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_a_refusal_is_told_with_what_to_do(runner: Runner, github: FakeGitHub, status: int) -> None:
    runner.review(STACKS="several.json")
    github.refuse = {"POST": status}
    done = runner.comment()
    assert done.returncode == 1
    assert f"with {status}" in done.stderr
    assert ("pull-requests: write" in done.stderr) == (status == 403)


def test_a_broken_policy_fails_the_job_after_the_comment_is_written(runner: Runner) -> None:
    done = runner.review(STACKS="dissolve.json", FAIL_ON="outage, dissolve")
    assert done.returncode == 0
    assert "Not allowed: dissolve: office is dissolved" in done.stderr
    assert runner.comment().returncode == 0
    assert runner.policy() == 3


def test_a_plan_that_cannot_be_read_fails_at_once(runner: Runner) -> None:
    (runner.folder / "broken.json").write_text("{}")
    done = runner.review(STACKS="broken.json")
    assert done.returncode == 1
    assert "is not the JSON of a Terraform plan" in done.stderr
    assert not runner.outputs


def test_inputs_are_data(runner: Runner) -> None:
    done = runner.review(STACKS="$(touch${IFS}gone)", FAIL_ON="")
    assert done.returncode == 1
    assert not (runner.folder / "gone").exists()


REVIEWED = "python -m cdktf_stacks.review.github reviewed"


def test_the_reviewed_fingerprint_is_read_back_from_our_own_comment(
    runner: Runner, github: FakeGitHub
) -> None:
    forged = f"{marker()}\n<!-- gatepair-fingerprint:gp1-{'0' * 40} -->"
    github.add(forged, login="mallory")
    runner.review(STACKS="several.json")
    runner.comment()
    done = runner.step(REVIEWED, GITHUB_TOKEN=TOKEN)
    assert done.stdout.strip() == fingerprint([plan("several")])


def test_without_a_review_nothing_is_deployed(runner: Runner, github: FakeGitHub) -> None:
    done = runner.step(REVIEWED, GITHUB_TOKEN=TOKEN)
    assert done.returncode == 1
    assert done.stdout == ""
    github.pulls = []
    done = runner.step(REVIEWED, GITHUB_TOKEN=TOKEN)
    assert "0 merged pull requests" in done.stderr


def test_a_token_is_not_sent_in_clear(runner: Runner) -> None:
    done = runner.step(REVIEWED, GITHUB_TOKEN=TOKEN, GITHUB_API_URL="http://api.example.net")
    assert done.returncode == 1
    assert "not https" in done.stderr


def test_what_the_action_declares_is_what_its_steps_set(runner: Runner) -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    runner.review(STACKS="several.json")
    used: set[Any] = set(re.findall(r"steps\.review\.outputs\.([a-z-]+)", text))
    assert used <= set(runner.outputs)
