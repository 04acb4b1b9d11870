"""The command line over appliances in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_pair import KEY
from fake_runner import Runner

from gatepair.models import Secret
from gatepair.sessions.plain import PairSession

if TYPE_CHECKING:
    import pytest
    from fake_pair import FakePair

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
    """Let every session talk to appliances in memory."""

    def channel(self: PairSession, node: ManagementAddress) -> Channel:
        runner = Runner(pair)
        self._clock = runner.clock
        return runner.channel(node)

    def resolve(self: object, reference: SecretReference) -> Secret:
        del self, reference
        return Secret(KEY)

    monkeypatch.setattr(PairSession, "_channel", channel)
    monkeypatch.setattr("gatepair.config.connections.Connections.resolve", resolve)
