"""The process that works on a pair is killed; the next one makes the pair as declared."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from emulator_talk import until, who_serves
from sdk_lab import connections, declared

from gatepair import PairSession
from gatepair_emulator.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

# The child dies by its own SIGKILL at the n-th changing request: no clean-up, no logout.
CHILD = """
import os, signal, sys
sys.path[:0] = {paths!r}
from pathlib import Path
from sdk_lab import connections, declared
from gatepair import PairSession
from gatepair.models import VirtualIp
from gatepair.nitro.transport import Transport
from gatepair_emulator.lab import Lab

left = int(sys.argv[2])
send = Transport.send

def dying(self, request):
    global left
    if request.method != "GET" and "login" not in request.target:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return send(self, request)

Transport.send = dying
lab = Lab.open(Path(sys.argv[1]))
with PairSession(declared(lab), connections(lab)) as session:
    getattr(session, sys.argv[3])()
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab.start(tmp_path / "pair", clock=10) as lab:
        yield lab


def dies(lab: Lab, at: int, doing: str) -> bool:
    """Run a process that is killed at a changing request; tell whether it came that far."""
    paths = [path for path in sys.path if path.endswith(("tests/emulator", "tests/support"))]
    script = CHILD.format(paths=paths)
    done = subprocess.run(
        [sys.executable, "-c", script, str(lab.state_dir), str(at), doing], check=False, timeout=120
    )
    assert done.returncode in {0, -9}
    return done.returncode == -9


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 6, 8, 9, 10, 11])
def test_forming_is_finished_by_the_next_run(lab: Lab, at: int) -> None:
    assert dies(lab, at, "converge")
    assert who_serves(lab) == lab.a.host
    with PairSession(declared(lab), connections(lab)) as session:
        session.converge()
        assert session.status().healthy, session.status().problems
        assert session.plan().steps == ()
    assert who_serves(lab) == lab.a.host
    history = [str(entry["role"]).lower() for entry in lab.a.status()["history"]]  # type: ignore[index,union-attr]
    assert "primary" in history
    assert "secondary" not in history
    assert lab.a.status()["conflicts"] == lab.b.status()["conflicts"] == {}


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 5, 6])
def test_dissolving_is_finished_by_the_next_run(lab: Lab, at: int) -> None:
    with PairSession(declared(lab), connections(lab)) as session:
        session.converge()
    assert dies(lab, at, "dissolve")
    assert who_serves(lab) == lab.a.host
    with PairSession(declared(lab), connections(lab)) as session:
        session.dissolve()
        assert [node.role for node in session.status().nodes] == ["standalone", "standalone"]
    until(lambda: lab.b.status()["addresses"] == [], "the freed node holds nothing")
    assert who_serves(lab) == lab.a.host
