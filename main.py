"""The CDKTF app of this repository: a stack for each pair in pairs.toml."""

from __future__ import annotations

from cdktf_stacks import app_from, problems_reported

if __name__ == "__main__":
    with problems_reported():
        app_from("pairs.toml").synth()
