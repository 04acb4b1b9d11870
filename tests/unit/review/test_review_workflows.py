"""The workflows in the docs: they can be read, name real commands, and their words are known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdktf_stacks.review.cli.deploy import deploy
from cdktf_stacks.review.cli.review import review
from cdktf_stacks.review.policy import WORDS

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "how-to" / "review-in-pull-requests.md"
WORKFLOWS = sorted((ROOT / "docs" / "how-to" / "workflows").iterdir())
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [str(value)]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_its_commands_take_the_options_that_it_gives(file: Path) -> None:
    known = {
        "review": {option for parameter in review.params for option in parameter.opts},
        "deploy": {option for parameter in deploy.params for option in parameter.opts},
    }
    for text in texts(yaml.safe_load(file.read_text(encoding="utf-8"))):
        for verb, rest in re.findall(r"gatepair (review|deploy)((?: \S+)*)", text):
            used = {word for word in re.findall(r"(?<= )(--?[a-z-]+)", rest) if word != "-"}
            assert used <= known[verb], f"{file.name}: gatepair {verb}{rest}"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_it_gives_the_action_inputs_that_it_has(file: Path) -> None:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    steps = [step for job in document.get("jobs", {}).values() for step in job["steps"]]
    for step in steps:
        if str(step.get("uses", "")).startswith("gatepair/"):
            assert set(step["with"]) <= set(ACTION["inputs"])
            assert set(step["with"].get("fail-on", "change").split(",")) <= set(WORDS)


def test_nothing_of_an_event_is_written_into_a_script() -> None:
    for file in (ROOT / "action.yml", *WORKFLOWS):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"^\s*(- )?run:.*\$\{\{", line), f"{file.name}: {line}"


def test_the_guide_explains_every_word_and_links_every_workflow() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for word in WORDS:
        assert f"`{word}`" in text
    for file in WORKFLOWS:
        assert f"(workflows/{file.name})" in text
