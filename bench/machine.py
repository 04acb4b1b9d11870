"""What all benchmarks want of the machine they run on."""

from __future__ import annotations

import os


def as_installed() -> dict[str, str]:
    """Give the environment for what is measured: modules are compiled once, as pip leaves them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
