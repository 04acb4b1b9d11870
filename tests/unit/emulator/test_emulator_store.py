"""The configuration on disk: whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair_emulator.store import Configuration, SavedConfiguration, as_json, from_json

if TYPE_CHECKING:
    from pathlib import Path

VALUES = st.text(max_size=8) | st.integers() | st.booleans() | st.lists(st.text(max_size=4), max_size=3)
ROWS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
TABLES = st.dictionaries(
    st.text(max_size=8), st.dictionaries(st.text(max_size=8), ROWS, max_size=3), max_size=3
)


@given(TABLES, st.integers())
def test_a_configuration_reads_back(
    tables: dict[str, dict[str, dict[str, object]]], incarnation: int
) -> None:
    configuration = Configuration(tables, incarnation)
    again = from_json(json.loads(json.dumps(as_json(configuration))))
    assert again.tables() == configuration.tables()
    assert again.incarnation == incarnation


def test_only_what_was_saved_is_read_back(tmp_path: Path) -> None:
    saved = SavedConfiguration(tmp_path / "saved.json")
    assert saved.load() is None
    running = Configuration({"nsip": {"1": {"ipaddress": "192.0.2.1"}}})
    saved.write(running)
    running.put("nsip", "2", {"ipaddress": "192.0.2.2"})
    fresh = SavedConfiguration(tmp_path / "saved.json").load()
    assert fresh is not None
    assert [row["ipaddress"] for row in fresh.rows("nsip")] == ["192.0.2.1"]
    assert not saved.holds(running)
    running.remove("nsip", "2")
    assert saved.holds(running)


def test_what_is_read_does_not_change_what_is_saved(tmp_path: Path) -> None:
    saved = SavedConfiguration(tmp_path / "saved.json")
    saved.write(Configuration({"nsip": {"1": {"type": "VIP"}}}))
    loaded = saved.load()
    assert loaded is not None
    row = loaded.get("nsip", "1")
    assert row is not None
    row["type"] = "SNIP"
    again = saved.load()
    assert again is not None
    assert again.get("nsip", "1") == {"type": "VIP"}


def test_a_write_that_breaks_off_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = SavedConfiguration(tmp_path / "saved.json")
    saved.write(Configuration({"nsip": {"1": {"type": "VIP"}}}))

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("gatepair_emulator.store.os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        saved.write(Configuration({}))
    again = SavedConfiguration(tmp_path / "saved.json").load()
    assert again is not None
    assert again.get("nsip", "1") == {"type": "VIP"}


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    saved = SavedConfiguration(tmp_path / "saved.json")
    saved.write(Configuration({}))
    assert (tmp_path / "saved.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [{}, {"incarnation": 1, "tables": []}, {"incarnation": 1, "tables": {"nsip": 3}}]
)
def test_what_is_no_configuration_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="saved"):
        from_json(content)
