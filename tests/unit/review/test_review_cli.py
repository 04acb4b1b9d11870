"""`gatepair review` on files and standard input, and what it says of wrong ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from review_cases import PLANS, document

from cdktf_stacks.review.cli.review import review
from gatepair.errors import GatepairError


def run(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(review, words, input=text, standalone_mode=False)


def path(kind: str) -> str:
    return str(PLANS / f"{kind}.json")


def test_standard_input_is_a_source() -> None:
    done = run("-", text=json.dumps(document("heartbeat")))
    assert "dead interval (s): 3 -> 10" in done.output


def test_many_plans_make_one_review() -> None:
    done = run(path("heartbeat"), path("dissolve"), "--json")
    assert [pair["action"] for pair in json.loads(done.output)["pairs"]] == ["dissolve", "change"]


@pytest.mark.parametrize(("word", "code"), [("outage", 3), ("dissolve,risk", 3), ("drift", 0)])
def test_a_policy_makes_the_exit_code(word: str, code: int) -> None:
    assert run(path("dissolve"), "--fail-on", word).return_value == code


def test_files_are_written_by_their_endings(tmp_path: Path) -> None:
    names = [tmp_path / f"r{suffix}" for suffix in (".md", ".html", ".json", ".txt")]
    run(path("heartbeat"), *(word for name in names for word in ("-o", str(name))))
    starts = [name.read_text()[:15] for name in names]
    assert starts == ["<!-- gatepair-r", "<!doctype html>", '{\n  "format": "', "Gateway pairs: "]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not the JSON of a Terraform plan"),
        ('{"format_version": "9.0"}', "a format that is not known"),
        ('{"format_version": "1.0", "values": {}}', "is a state, not a plan"),
        ('{"format_version": "1.2", "resource_changes": [{"address": "canary-77"}]}', "not a complete plan"),
        ('{"format_version": "1.2", "resource_changes": 5}', "not a complete plan"),
    ],
)
def test_what_is_no_plan_is_told_without_repeating_it(text: str, message: str) -> None:
    done = run("-", text=text)
    assert isinstance(done.exception, GatepairError)
    assert message in str(done.exception)
    assert "canary" not in str(done.exception)


@pytest.mark.parametrize("words", [("--fail-on", "disaster"), ("-o", "review.pdf"), ("--limit", "5")])
def test_wrong_usage_is_told(words: tuple[str, ...]) -> None:
    assert type(run(path("heartbeat"), *words).exception).__name__ == "BadParameter"
