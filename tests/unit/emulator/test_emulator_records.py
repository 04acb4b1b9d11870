"""What the emulator reads from its own files and command lines, and how it refuses what it cannot use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from gatepair_emulator.faults import Effect, Fault
from gatepair_emulator.lifetime import orders
from gatepair_emulator.records import record_of
from gatepair_emulator.settings import (
    Durations,
    Ports,
    Settings,
    SettingsError,
    read_settings,
    write_settings,
)

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = Settings(name="a", address="127.0.10.11")
PORT = st.integers(1, 65535)


@given(
    interfaces=st.lists(st.text(), max_size=3).map(tuple),
    factory=st.booleans(),
    clock=st.floats(0.1, 1000),
    ports=st.builds(Ports, management=PORT, admin=PORT),
    durations=st.builds(Durations, sync=st.floats(0, 60)),
)
def test_settings_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, **changes: Any
) -> None:
    path = tmp_path_factory.mktemp("node") / "settings.json"
    settings = evolve(SETTINGS, **changes)
    write_settings(path, settings)
    assert read_settings(path) == settings
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "it is no object"),
        ("{", "Expecting property name"),
        ('{"name": "a"}', "missing: address"),
        ('{"name": "a", "address": "x", "colour": "red"}', "unknown: colour"),
        ('{"name": 7, "address": "x"}', "name has to be text, not 7"),
        ('{"name": "a", "address": "x", "clock": "fast"}', "clock has to be a number, not 'fast'"),
        ('{"name": "a", "address": "x", "system_id": true}', "system_id has to be a whole number, not True"),
        ('{"name": "a", "address": "x", "factory": 1}', "factory has to be true or false, not 1"),
        ('{"name": "a", "address": "x", "ports": {"managment": 1}}', "unknown: managment"),
    ],
)
def test_settings_that_cannot_be_used_say_where_and_why(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_fault_from_an_order() -> None:
    fault = record_of(Fault, {"effect": "latency", "seconds": 2, "times": 0})
    assert (fault.effect, fault.seconds, fault.times) == (Effect.LATENCY, 2.0, 0)
    with pytest.raises(ValueError, match="nonsense"):
        record_of(Fault, {"effect": "nonsense"})
    with pytest.raises(ValueError, match="unknown: sekonds"):
        record_of(Fault, json.loads('{"effect": "latency", "sekonds": 1}'))


def test_what_a_process_is_told(tmp_path: Path) -> None:
    assert orders(["appliance", str(tmp_path)]) == (tmp_path, False)
    assert orders(["appliance", str(tmp_path), "--watch-input"]) == (tmp_path, True)


@pytest.mark.parametrize("words", [[], ["--help"], ["one", "two"], ["--watch-input"]])
def test_a_process_that_is_told_something_else_says_how_it_is_used(words: list[str]) -> None:
    with pytest.raises(SystemExit, match=r"^usage: appliance \[--watch-input\] DIRECTORY$"):
        orders(["appliance", *words])
