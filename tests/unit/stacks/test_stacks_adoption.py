from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cdktf_stacks.adoption import with_adopted
from gatepair.cli.main import gatepair
from gatepair.errors import LocalFileError

PAIRS = '[defaults]\nusername = "nsroot" # who\n\n[pairs.office]\nadopt = "no key of ours"\n'


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", '\n\n[stacks]\nadopt = ["office"]\n'),
        ("[stacks]\n", '[stacks]\nadopt = ["office"]\n'),
        ("[stacks] # ours\ntimeout_s = 5\n", '[stacks] # ours\nadopt = ["office"]\ntimeout_s = 5\n'),
        ("[stacks]\nadopt = []\n", '[stacks]\nadopt = ["office"]\n'),
        (
            '[stacks]\ntimeout_s = 5\nadopt = [\n  "lab", # first\n]\n[stacks.backend]\ntype = "pg"\n',
            '[stacks]\ntimeout_s = 5\nadopt = ["lab", "office"]\n[stacks.backend]\ntype = "pg"\n',
        ),
        ('[stacks]\nadopt = ["office", "lab"]\n', '[stacks]\nadopt = ["office", "lab"]\n'),
        ('[stacks.backend]\ntype = "pg"', '[stacks.backend]\ntype = "pg"\n\n[stacks]\nadopt = ["office"]\n'),
    ],
)
def test_the_list_is_changed_and_nothing_else(table: str, expected: str) -> None:
    changed = with_adopted(f"{PAIRS}\n{table}", "office")
    assert changed == (f"{PAIRS.rstrip()}{expected}" if not table else f"{PAIRS}\n{expected}")


@pytest.mark.parametrize(
    "table",
    [
        "stacks = { timeout_s = 5 }\n",
        'stacks.adopt = ["lab"]\n',
        "stacks = 5\n",
        '[stacks]\nadopt = "lab"\n',
        '[stacks]\n"adopt" = ["lab"]\n',
    ],
)
def test_what_is_not_understood_is_not_changed(table: str) -> None:
    with pytest.raises(LocalFileError, match=r'Add the pair to its list yourself: adopt = \["office"\]'):
        with_adopted(table + PAIRS if not table.startswith("[") else f"{PAIRS}\n{table}", "office")


@given(
    names=st.lists(
        st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), unique=True, min_size=1, max_size=6
    ),
    table=st.sampled_from(
        ["", "[stacks]\n", '[stacks]\nprovider = "bundled"\n', '[stacks.backend]\ntype = "pg"\n']
    ),
)
def test_one_after_the_other(names: list[str], table: str) -> None:
    text = f"{PAIRS}\n{table}"
    for name in names:
        text = with_adopted(text, name)
    before, after = tomllib.loads(f"{PAIRS}\n{table}"), tomllib.loads(text)
    assert after["stacks"].pop("adopt") == names
    assert after == before | {"stacks": before.get("stacks", {})}
    assert "# who" in text


def refused(folder: Path, *words: str) -> str:
    result = CliRunner().invoke(gatepair, ["adopt", *words, "--config", str(folder / "pairs.toml")])
    assert result.exit_code == 2
    return " ".join(result.output.split())


def test_what_cannot_be_meant_is_told_with_a_way_out(tmp_path: Path, pairs_file: Path) -> None:
    assert "does not exist: name the two management addresses with --from" in refused(
        tmp_path / "x", "office"
    )
    assert "declares no pair 'hall': name its two management" in refused(tmp_path, "hall")
    assert "declares 'office' already: leave --from out" in refused(tmp_path, "office", "--from", "a,b")
    words = ("hall", "--from", "a,b", "--username", "me")
    assert "its [defaults] say how appliances are reached" in refused(tmp_path, *words)
    assert "use letters, digits" in refused(tmp_path, "a b")
    assert "adopt" not in pairs_file.read_text()
