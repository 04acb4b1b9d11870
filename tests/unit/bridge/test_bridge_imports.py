from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_embedded_bridge_loads_no_server_and_nothing_that_only_people_ask_for() -> None:
    unwanted = (
        *("uvicorn", "litestar", "click", "rich", "httpx", "gatepair_bridge.api.schemas"),
        "gatepair.workflows.upgrading",
    )
    code = f"import sys, gatepair_bridge.api.embedded; print([m for m in {unwanted!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
