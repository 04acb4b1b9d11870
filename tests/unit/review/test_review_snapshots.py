"""Reviews of every kind of change, against files; GATEPAIR_UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from review_cases import KINDS, reviewed

from cdktf_stacks.review.markdown import to_markdown
from cdktf_stacks.review.terminal import to_terminal

SNAPSHOTS = Path(__file__).parent / "snapshots"
# Read now: tests see nothing of the person's settings.
UPDATE = bool(os.environ.get("GATEPAIR_UPDATE_SNAPSHOTS"))
EXPECTED = {
    "create", "nothing", "dissolve", "rebuild", "several", "failover-happened", "drift-internal",
    "drift-dissolved", "external-moves", "internal-moves", "heartbeat", "fail-safe", "flips", "further",
    "synchronization-off", "propagation-off", "sync-vlan", "key-version", "preferred-primary", "host-name",
    "replace-node", "failover-interface", "vlan-new", "route-new", "shared-network",
}  # fmt: skip


def test_every_kind_of_change_has_a_plan_made_by_terraform() -> None:
    assert set(KINDS) == EXPECTED


@pytest.mark.parametrize("suffix", ["md", "txt", "json"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_review_reads_as_stored(kind: str, suffix: str) -> None:
    review = reviewed(kind)
    text = {
        "md": lambda: to_markdown(review),
        "txt": lambda: to_terminal(review),
        "json": lambda: json.dumps(review.to_dict(), indent=1) + "\n",
    }[suffix]()
    file = SNAPSHOTS / f"{kind}.{suffix}"
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_fixtures_hold_nothing_of_the_machine_they_were_made_on(kind: str) -> None:
    text = (Path(__file__).parent / "plans" / f"{kind}.json").read_text(encoding="utf-8")
    for word in ("127.", "127_", "terraform_version", "timestamp"):
        assert word not in text
    assert not re.search(r"/(tmp|home|root|work|usr|var)/", text)
