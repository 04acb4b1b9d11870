"""The page on reviews: somebody types its commands in a project, and its tables say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blocks import blocks
from click import Context
from project import PAIR, ROOT, Project, terraform_binary

from cdktf_stacks.review.policy import WORDS
from gatepair.cli.main import gatepair
from gatepair_emulator.lab import Lab

PAGE = ROOT / "docs" / "how-to" / "review-in-pull-requests.md"
FINGERPRINT = re.compile(r"gp1-[0-9a-f]{40}")
REFUSED = 3


def commands() -> list[str]:
    """Return the commands of the page's only block."""
    (block,) = blocks(PAGE)
    assert block.language == "console"
    lines = block.text.splitlines()
    assert all(line.startswith("$ ") for line in lines), "commands only: nothing is shown of what they print"
    return [line.removeprefix("$ ") for line in lines]


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table in a section."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.slow
def test_the_commands_review_and_deploy_a_pair(tmp_path: Path) -> None:
    everything, into_files, of_a_plan, with_a_policy, deploy = commands()
    with Lab.start(tmp_path / "emulator", clock=20.0) as lab:
        project = Project(tmp_path / "project", lab)

        def typed(line: str, folder: Path | None = None) -> str:
            return project.must("bash", "-o", "pipefail", "-c", line, folder=folder)

        assert f"{PAIR}: form (resync)" in typed(everything)
        typed(into_files)
        for name in ("review.md", "review.html"):
            assert FINGERPRINT.search((project.folder / name).read_text(encoding="utf-8")), name
        project.must(terraform_binary(), "plan", "-input=false", "-out=plan", folder=project.stack)
        assert f"{PAIR}: form (resync)" in typed(
            of_a_plan.replace("terraform", terraform_binary(), 1), project.stack
        )
        typed(with_a_policy)
        assert project.run("bash", "-c", f"{with_a_policy.split('#')[0].rstrip()},resync").code == REFUSED

        assert project.run("bash", "-c", deploy).code == REFUSED, "the page's plan is not this one"
        found = FINGERPRINT.search((project.folder / "review.md").read_text(encoding="utf-8"))
        assert found
        assert "Apply complete!" in typed(FINGERPRINT.sub(found[0], deploy))
        assert "Gateway pairs: nothing changes" in typed(everything)


def test_its_commands_have_the_options_that_it_gives() -> None:
    for line in commands():
        for verb, rest in re.findall(r"gatepair (\w+)([^#|]*)", line):
            command = gatepair.get_command(Context(gatepair), verb)
            assert command is not None, line
            known = {option for parameter in command.params for option in parameter.opts}
            assert set(re.findall(r" (--?[a-z][a-z-]*)", rest)) <= known, line


def test_the_tables_name_every_word_and_every_exit_code() -> None:
    told = {word for first, _ in rows("Words for `--fail-on`") for word in re.findall(r"`([a-z]+)`", first)}
    assert told == set(WORDS)
    codes = {code for first, *_ in rows("Exit codes") for code in first.split(", ")}
    assert codes == {"0", "1", "2", "3", "130", "143"}
