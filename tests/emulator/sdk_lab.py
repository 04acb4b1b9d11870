"""What the SDK's tests need to know about an emulated pair."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepair.config import Connections, Settings, Tls
from gatepair.models import Appliance, Failover, Heartbeat, InternalVirtualIp, Pair, Secret, VirtualIp

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

# The child dies by its own SIGKILL at the n-th changing request: no clean-up, no logout.
_CHILD = """
import os, signal, sys
sys.path[:0] = {paths!r}
from pathlib import Path
from sdk_lab import connections, declared
from gatepair import PairSession, UpgradeOptions
from gatepair.nitro.transport import Transport
from gatepair_emulator.lab import Lab

left = {at}
send = Transport.send

def dying(self, request):
    global left
    if request.method != "GET" and "login" not in request.target:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return send(self, request)

Transport.send = dying
lab = Lab.open(Path({directory!r}))
with PairSession(declared(lab), connections(lab)) as session:
    {doing}
"""
_CHILD_LIMIT_S = 120

QUICK = Failover(heartbeat=Heartbeat(hello_interval_ms=200, dead_interval_s=3))


def connections(lab: Lab, *, password: str | None = None) -> Connections:
    """Return how the SDK reaches both appliances."""
    tls = Tls(ca_file=Path(lab.ca_file))
    return Connections(common=Settings(password=Secret(password or lab.password), tls=tls))


def declared(lab: Lab, **changes: Any) -> Pair:
    """Return the usual declaration: both virtual IPs, quick heartbeats."""
    values: dict[str, Any] = {
        "appliances": (Appliance(address=lab.a.address), Appliance(address=lab.b.address)),
        "shared_key": Secret(lab.shared_key),
        "external": VirtualIp(address=lab.external),
        "internal": InternalVirtualIp(address=lab.internal, netmask="255.255.255.0"),
        "failover": QUICK,
    }
    return Pair(**(values | changes))


def dies_at(lab: Lab, at: int, doing: str) -> bool:
    """Let a process do something with ``session`` that is killed at a changing request.

    Args:
        lab: The appliances.
        at: Which changing request it does not send any more, from 0.
        doing: One statement.

    Returns:
        Whether it came that far.
    """
    paths = [path for path in sys.path if path.endswith(("tests/emulator", "tests/support"))]
    script = _CHILD.format(paths=paths, at=at, directory=str(lab.state_dir), doing=doing)
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=_CHILD_LIMIT_S)
    assert done.returncode in {0, -signal.SIGKILL}
    return done.returncode == -signal.SIGKILL
