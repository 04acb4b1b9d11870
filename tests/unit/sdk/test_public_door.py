from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gatepair

HEAVY = {"attr", "attrs", "cattrs", "click", "httpx", "ipaddress", "rich", "ssl", "tomllib"}


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_gatepair_costs_next_to_nothing() -> None:
    loaded = modules_after("import gatepair; gatepair.__version__")
    assert not loaded & HEAVY
    assert {name for name in loaded if name.startswith("gatepair.")} == {"gatepair._version"}


def test_loading_a_file_needs_no_http_and_no_terminal() -> None:
    loaded = modules_after("from gatepair import load_config, Pair, Secret\nimport gatepair.documents")
    assert not loaded & {"cattrs", "click", "httpx", "rich", "ssl", "gatepair.config.schema"}


def test_public_names_are_sorted_and_there() -> None:
    assert gatepair.__all__ == sorted(gatepair.__all__)
    for name in gatepair.__all__:
        assert getattr(gatepair, name) is getattr(gatepair, name)
    assert set(gatepair.__all__) <= set(dir(gatepair))


def test_type_checkers_see_the_same_names() -> None:
    module = ast.parse(Path(gatepair.__file__).read_text(encoding="utf-8"))
    seen = {
        (node.module, alias.name)
        for outer in module.body
        if isinstance(outer, ast.If)
        for node in ast.walk(outer)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {(home, name) for name, home in gatepair._HOME_OF.items()}
    assert seen == homes
    assert {name for _, name in homes} | {"__version__"} == set(gatepair.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Pairs'"):
        gatepair.Pairs  # noqa: B018 - looking it up is the test
