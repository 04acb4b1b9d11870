"""What holds for every test: no settings from the person's environment, no judgement by the clock."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# How long an example takes depends on the machine; hypothesis' own deadline is a timing assertion.
settings.register_profile("gatepair", deadline=None)
settings.load_profile("gatepair")

# Tests start hundreds of processes; each would compile all of its modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What a shell runs in the background ignores Ctrl-C, and so would all that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("GATEPAIR_", "REST_API_", "TF_", "CDKTF_")):
            monkeypatch.delenv(name)
