"""The command line over appliances in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from fake_pair import KEY, FakePair
from fake_runner import Runner

from gatepair.models import Secret
from gatepair.sessions.plain import PairSession

if TYPE_CHECKING:
    import pytest

    from gatepair.models import ManagementAddress, SecretReference
    from gatepair.nitro.channel import Channel

PAIRS = """\
[defaults]
password = "env:GATEPAIR_PASSWORD"
heartbeat = "access-gateway-5"

[pairs.office]
appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]
# the key is in the environment
shared_key = "env:GATEPAIR_SHARED_KEY"
external = { address = "192.0.2.20" }
internal = { address = "192.0.2.21", netmask = "255.255.255.0" }

[pairs.lab]
appliances = [{ address = "198.51.100.11" }, { address = "198.51.100.12" }]
"""


def fake_sessions(monkeypatch: pytest.MonkeyPatch, pair: FakePair) -> None:
    """Let every session talk to appliances in memory, which take one request at a time."""
    lock = threading.Lock()
    answer = FakePair.answer

    def one_at_a_time(self: FakePair, *request: Any) -> Any:
        with lock:
            return answer(self, *request)

    def channel(self: PairSession, node: ManagementAddress) -> Channel:
        runner = Runner(pair)
        self._clock = runner.clock
        return runner.channel(node)

    def resolve(self: object, reference: SecretReference) -> Secret:
        del self, reference
        return Secret(KEY)

    monkeypatch.setattr(FakePair, "answer", one_at_a_time)
    monkeypatch.setattr(PairSession, "_channel", channel)
    monkeypatch.setattr("gatepair.config.connections.Connections.resolve", resolve)
