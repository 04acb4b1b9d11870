"""Remote state for real: two deploys at the same moment, and no secret of the backend anywhere."""

from __future__ import annotations

import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import postgres
import pytest
import state_server
from project import PAIR, Project, terraform_binary

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair_emulator.lab import Lab

CANARY = "canary-6127"
LIMIT_S = 120


@attrs.frozen
class Store:
    """Where the state is kept.

    Attributes:
        table: The backend in pairs.toml.
        environment: What a runner has to know.
        states: Gives the states that are stored.
    """

    table: str
    environment: dict[str, str]
    states: Callable[[], list[str]]


@contextmanager
def pg() -> Iterator[Store]:
    if postgres.programs() is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres.running(CANARY) as server:
        yield Store(
            table='[stacks.backend]\ntype = "pg"\n',
            environment={"PG_CONN_STR": server.connection},
            states=lambda: [
                json.loads(row)
                for row in server.ask("select to_json(data) from :schema.states", schema=f"gatepair_{PAIR}")
            ],
        )


@contextmanager
def http() -> Iterator[Store]:
    with state_server.running(CANARY) as server:
        address = f"{server.url}/states/{{stack}}"
        yield Store(
            table=f'[stacks.backend]\ntype = "http"\naddress = "{address}"\n'
            f'lock_address = "{address}"\nunlock_address = "{address}"\n',
            environment={"TF_HTTP_USERNAME": state_server.USER, "TF_HTTP_PASSWORD": CANARY},
            states=lambda: [state.decode() for state in server.states.values()],
        )


@pytest.fixture(params=[pg, http], ids=["pg", "http"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with request.param() as running:
        yield running


@pytest.fixture
def runners(store: Store, tmp_path: Path, make_lab: Callable[..., Lab]) -> tuple[Project, Project]:
    """Two machines with the same project and the same appliances."""
    lab = make_lab()
    projects = Project(tmp_path / "one", lab), Project(tmp_path / "two", lab)
    for project in projects:
        project.declare(more=store.table)
        project.environment |= store.environment
        project.init()
    return projects


@contextmanager
def deploying(project: Project, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Have a deploy under way, with the pair being formed."""
    command = [terraform_binary(), "apply", "-auto-approve", "-input=false", "-no-color"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=project.stack, env=project.environment, stdout=output, stderr=output, text=True
        )
    try:
        deadline = time.monotonic() + LIMIT_S
        while "Creating..." not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        process.wait(LIMIT_S)


def test_a_second_deploy_fails_cleanly_while_the_first_goes_on(
    runners: tuple[Project, Project], store: Store, tmp_path: Path
) -> None:
    one, two = runners
    log = tmp_path / "log"
    # The first deploy cannot end before the second one has been refused.
    one.lab.b.admin("PUT", "/stuck", {"sync": True})
    with deploying(one, log) as first:
        try:
            refused = two.terraform("apply", "-auto-approve", "-input=false", "-no-color")
            assert first.poll() is None, "the first deploy was over too early to show anything"
        finally:
            one.lab.b.admin("PUT", "/stuck", {"sync": False})
    assert refused.code == 1
    assert "already locked" in refused.flat.lower()
    assert "Error acquiring the state lock" in refused.flat
    assert first.returncode == 0, log.read_text()
    assert "3 added" in log.read_text()
    assert two.plan().code == 0
    _assert_no_secret(runners, store, [refused.text, log.read_text()])


def test_a_second_deploy_may_wait_and_then_finds_nothing_to_do(
    runners: tuple[Project, Project], store: Store, tmp_path: Path
) -> None:
    one, two = runners
    log = tmp_path / "log"
    with deploying(one, log) as first:
        arguments = ("-auto-approve", "-input=false", "-no-color", f"-lock-timeout={LIMIT_S}s")
        waited = two.terraform("apply", *arguments)
    assert first.returncode == 0, log.read_text()
    assert waited.code == 0, waited.text
    assert "No changes." in waited.text
    assert len(store.states()) == 1


def _assert_no_secret(runners: tuple[Project, Project], store: Store, said: list[str]) -> None:
    states = store.states()
    assert json.loads(states[0])["resources"]
    # Everything that init, plan and apply leave behind, with what they remember of the backend.
    files = [path for project in runners for path in project.folder.rglob("*") if path.is_file()]
    assert any(path.name == "plan.bin" for path in files)
    written = [text for path in files for text in _texts(path)]
    lab = runners[0].lab
    for secret in (CANARY, lab.password, lab.shared_key):
        for text in [*states, *written, *said]:
            assert secret not in text


def _texts(path: Path) -> Iterator[str]:
    if not zipfile.is_zipfile(path):
        yield path.read_bytes().decode(errors="replace")
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield archive.read(name).decode(errors="replace")
