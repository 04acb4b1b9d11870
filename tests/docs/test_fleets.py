"""The page about fleets: its CI files do what they say, with two emulated pairs and one state store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import state_server
import workflows
from project import ROOT, quiet_environment

from gatepair_emulator.lab import Lab

PAGE = ROOT / "docs" / "how-to" / "fleets.md"
FILES = ROOT / "docs" / "how-to" / "fleets"
NAMES = ("lab", "office")
DEFAULTS = '[defaults]\nusername = "nsroot"\nheartbeat = { hello_interval_ms = 200, dead_interval_s = 3 }\n'
PAIR = """
[pairs.{name}]
appliances = [
  {{ address = "{a}", host_name = "{name}-a" }},
  {{ address = "{b}", host_name = "{name}-b" }},
]
password = "file:{password}"
ca_file = "{ca_file}"
shared_key = "env:GATEPAIR_SHARED_KEY"
external = {{ address = "{external}" }}
internal = {{ address = "{internal}", netmask = "255.255.255.0" }}
"""
CANARY = "canary-2290"


class Fleet:
    """Two pairs, a state store, and a repository that is cloned for each job."""

    def __init__(self, root: Path, labs: dict[str, Lab], store: state_server.StateServer) -> None:
        self.root = root
        self.store = store
        self.jobs = 0
        self.repository = root / "repository"
        self.repository.mkdir()
        shutil.copy(ROOT / "main.py", self.repository)
        (self.repository / "pairs.toml").write_text(
            DEFAULTS + "".join(map(self._pair, labs, labs.values())) + self._backend
        )
        self.environment = quiet_environment() | {
            "TF_HTTP_USERNAME": state_server.USER,
            "TF_HTTP_PASSWORD": CANARY,
            "GATEPAIR_SHARED_KEY": CANARY,
        }
        self.secrets = {
            "secrets.GATEWAY_PASSWORD": "unused here",
            "secrets.GATEPAIR_SHARED_KEY": CANARY,
            "secrets.PG_CONN_STR": "unused here",
        }

    @property
    def _backend(self) -> str:
        address = f"{self.store.url}/{{stack}}"
        lines = (f'{key} = "{address}"' for key in ("address", "lock_address", "unlock_address"))
        return "\n".join(("\n[stacks.backend]", 'type = "http"', *lines, ""))

    def _pair(self, name: str, lab: Lab) -> str:
        return PAIR.format(
            name=name, a=lab.a.address, b=lab.b.address, password=lab.state_dir / "password",
            ca_file=lab.ca_file, external=lab.external, internal=lab.internal,
        )  # fmt: skip

    def runner(self, **context: str) -> workflows.Runner:
        """Return a fresh machine with a fresh clone."""
        self.jobs += 1
        clone = self.root / f"job-{self.jobs}"
        shutil.copytree(self.repository, clone)
        filled = {name.replace("_", ".", 1): value for name, value in context.items()}
        return workflows.Runner(clone, self.environment, self.secrets | filled)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    labs: dict[str, Lab] = {}
    try:
        for name in NAMES:
            labs[name] = Lab.start(tmp_path / f"emulator-{name}", clock=5.0)
        with state_server.running(CANARY) as store:
            yield Fleet(tmp_path, labs, store)
    finally:
        for lab in labs.values():
            lab.down()


def resources(fleet: Fleet) -> dict[str, int]:
    return {path: len(json.loads(state)["resources"]) for path, state in fleet.store.states.items()}


@pytest.mark.slow
def test_the_github_workflow_plans_and_deploys_every_pair(fleet: Fleet) -> None:
    workflow = workflows.load(FILES / "github-actions.yml")
    outputs = fleet.runner().run_job(workflow, "stacks")
    assert {name: json.loads(value) for name, value in outputs.items()} == {
        "all": ["lab", "office"],
        "canary": ["lab"],
        "others": ["office"],
    }
    for stack in json.loads(outputs["all"]):
        runner = fleet.runner(matrix_stack=stack)
        runner.run_job(workflow, "plan")
        assert (runner.folder / "cdktf.out" / "stacks" / stack / "plan").exists()
    assert fleet.store.states == {}
    fleet.runner(matrix_stack="lab").run_job(workflow, "canary")
    assert resources(fleet) == {"/lab": 3}
    fleet.runner(matrix_stack="office").run_job(workflow, "deploy")
    assert resources(fleet) == {"/lab": 3, "/office": 3}
    assert fleet.store.locks == {}
    assert not any(CANARY.encode() in state for state in fleet.store.states.values())


@pytest.mark.slow
def test_the_atlantis_workflow_does_the_same(fleet: Fleet) -> None:
    config = workflows.load(FILES / "atlantis.yaml")
    assert [project["name"] for project in config["projects"]] == list(NAMES)
    for project in config["projects"]:
        workflow = config["workflows"][project["workflow"]]
        runner = fleet.runner()
        given = {"PROJECT_NAME": project["name"], "PLANFILE": str(runner.folder / "planfile")}
        runner.run_steps(workflow["plan"]["steps"], given)
        assert f"/{project['name']}" not in fleet.store.states
        runner.run_steps(workflow["apply"]["steps"], given)
    assert resources(fleet) == {"/lab": 3, "/office": 3}


def steps(path: Path) -> list[str]:
    config: dict[str, Any] = workflows.load(path)
    if "jobs" in config:
        return [step["run"] for job in config["jobs"].values() for step in job["steps"] if "run" in step]
    stages = [stage for workflow in config["workflows"].values() for stage in workflow.values()]
    return [step["run"] for stage in stages for step in stage["steps"]]


def test_both_services_run_the_same_commands() -> None:
    def commands(name: str) -> set[str]:
        words = {line.split()[0] for run in steps(FILES / name) for line in run.splitlines()[:1]}
        return words - {"pip"}

    assert commands("github-actions.yml") == commands("atlantis.yaml") == {"python", "terraform", "gatepair"}


def test_no_deploy_is_cut_off_and_no_two_meet() -> None:
    jobs = workflows.load(FILES / "github-actions.yml")["jobs"]
    for name in ("plan", "deploy"):
        assert jobs[name]["strategy"]["fail-fast"] is False
    for name in ("canary", "deploy"):
        assert jobs[name]["concurrency"] == "pair-${{ matrix.stack }}"
        assert "-lock-timeout" in str(jobs[name]["steps"])
    assert "canary" in jobs["deploy"]["needs"]


def test_the_page_names_the_files() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path in FILES.iterdir():
        assert f"(fleets/{path.name})" in text
