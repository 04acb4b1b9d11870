"""What rows of several route tables have in common."""

from __future__ import annotations

from gatepair_bridge.api.routing import QueryParameter

PAIR = "/v1/pairs/{pair}"
DRY_RUN = QueryParameter(
    name="dry_run",
    description="Answer with the steps and their impact, and change nothing.",
    choices=("true", "false"),
    example="true",
)
