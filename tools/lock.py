"""Resolve the development requirements again, with hashes and without the addresses they came from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("all", "stacks-cdktn")


def main() -> int:
    """Write ``requirements/dev.txt`` for all supported Pythons and platforms at once."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    extras = [part for extra in EXTRAS for part in ("--extra", extra)]
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
        *("--group", "dev", *extras, "--generate-hashes", "--no-header", "--no-annotate"),
        *("--output-file", "requirements/dev.txt", "pyproject.toml"),
    ]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
