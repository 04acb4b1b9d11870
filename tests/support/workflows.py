"""Runs the shell steps of CI files on this machine, as the services would."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

LIMIT_S = 240
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<name>[\w.-]+)\s*\}\}")
# What prepares a runner; here everything is there already.
_PREPARATION = ("pip install",)


def load(path: Path) -> dict[str, Any]:
    """Read a YAML file; GitHub's key `on` is not read as a truth value."""
    text = re.sub(r"^on:", '"on":', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return yaml.safe_load(text)


@attrs.frozen
class Runner:
    """A machine that runs steps in a folder.

    Attributes:
        folder: A fresh clone.
        environment: What every step sees.
        context: Values of the expressions that GitHub fills in, such as `secrets.PG_CONN_STR`.
    """

    folder: Path
    environment: Mapping[str, str]
    context: Mapping[str, str] = attrs.field(factory=dict)

    def fill(self, text: str) -> str:
        """Fill in GitHub's expressions; one that nobody knows is an error."""
        return _EXPRESSION.sub(lambda match: self.context[match["name"]], text)

    def run_job(self, workflow: Mapping[str, Any], name: str) -> dict[str, str]:
        """Run the shell steps of a job of a GitHub workflow; return what its last step put out."""
        job = workflow["jobs"][name]
        given = {**workflow.get("env", {}), **job.get("env", {})}
        filled = {key: self.fill(str(value)) for key, value in given.items()}
        outputs: dict[str, str] = {}
        for step in job["steps"]:
            if "run" in step and not step["run"].startswith(_PREPARATION):
                assert "${{" not in step["run"], "an expression in a script is an open door"
                file = self.folder / ".outputs"
                file.write_text("")
                self.run(step["run"], filled | {"GITHUB_OUTPUT": str(file)})
                outputs |= dict(line.split("=", 1) for line in file.read_text().splitlines())
        return outputs

    def run_steps(self, steps: list[Mapping[str, str]], given: Mapping[str, str]) -> None:
        """Run the `run` steps of an Atlantis workflow."""
        for step in steps:
            self.run(step["run"], given)

    def run(self, script: str, given: Mapping[str, str]) -> None:
        """Run a script as GitHub's default shell does; it has to succeed."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environment, **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, f"$ {script}\n{done.stdout}"
