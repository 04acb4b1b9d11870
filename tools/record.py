"""``make record``: record the cassettes again, from an emulated pair or from real appliances.

``make record APPLIANCES=192.0.2.11,192.0.2.12`` records from two real ones. They are formed into a pair,
changed and parted again, so they must not be in use. How they are reached stands in ``GATEPAIR_USERNAME``,
``GATEPAIR_PASSWORD`` or ``GATEPAIR_PASSWORD_FILE``, ``GATEPAIR_CA_FILE``; two addresses that nobody uses in
``GATEPAIR_LIVE_EXTERNAL`` and ``GATEPAIR_LIVE_INTERNAL``. What can only be prepared on the emulator is
recorded from there in any case.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = ("GATEPAIR_LIVE_EXTERNAL", "GATEPAIR_LIVE_INTERNAL")


def environment(appliances: str) -> dict[str, str]:
    """Return the environment for the recording, without appliances nobody asked for."""
    found = {name: value for name, value in os.environ.items() if name != "GATEPAIR_LIVE"}
    if not appliances:
        return {name: value for name, value in found.items() if not name.startswith("GATEPAIR_")}
    missing = [name for name in ADDRESSES if not found.get(name)]
    if len(appliances.split(",")) != 2 or missing:  # noqa: PLR2004 - a pair is two
        sys.exit(f"Name two appliances as APPLIANCES=a,b and set {' and '.join(missing or ADDRESSES)}.")
    return found | {"GATEPAIR_LIVE": appliances}


def main() -> None:
    """Record, then play what was recorded."""
    parser = argparse.ArgumentParser(description="Record the cassettes of tests/replay again.")
    parser.add_argument("--appliances", default=os.environ.get("APPLIANCES", ""), help="two real ones: a,b")
    parser.add_argument("tests", nargs="*", default=["tests/replay"], help="only these tests")
    asked = parser.parse_args()
    pytest = [sys.executable, "-m", "pytest", "-q", "-m", "vcr", *asked.tests]
    recording = environment(asked.appliances)
    recorded = subprocess.run([*pytest, "--record-mode=rewrite"], cwd=ROOT, env=recording, check=False)
    if recorded.returncode:
        sys.exit("Not everything could be recorded; see above.")
    played = subprocess.run([*pytest, "tests/replay/test_cassettes.py"], cwd=ROOT, check=False)
    if played.returncode:
        sys.exit("What was recorded cannot be played; do not commit it.")
    print("Look at `git diff cassettes` before you commit: names of things on real appliances are kept.")


if __name__ == "__main__":
    main()
