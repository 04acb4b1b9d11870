from __future__ import annotations

from pathlib import Path

import pytest

from gatepair import launcher
from gatepair.terraform_config import explain, hidden_by

NAMESPACE = launcher.SOURCE.rpartition("/")[0]


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    directory = tmp_path / "mirror"
    (directory / launcher.SOURCE).mkdir(parents=True)
    return directory


def hidden(tmp_path: Path, text: str) -> bool:
    (tmp_path / ".terraformrc").write_text(text)
    return hidden_by({}, tmp_path) == tmp_path / ".terraformrc"


def test_nothing_is_hidden_without_a_file(tmp_path: Path) -> None:
    assert hidden_by({}, tmp_path) is None
    assert hidden_by({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}, tmp_path) is None


def test_other_settings_hide_nothing(tmp_path: Path) -> None:
    assert not hidden(
        tmp_path,
        """
        # provider_installation { direct {} }
        plugin_cache_dir = "/cache"
        credentials "app.terraform.io" { token = "provider_installation { }" }
        /* provider_installation { direct {} } */
        """,
    )


@pytest.mark.parametrize(
    "block",
    [
        "direct {}",
        'direct { exclude = ["example.com/*/*"] }',
        'network_mirror { url = "https://mirror.example.net/" }',
        'filesystem_mirror { path = "/nowhere" }',
        f'dev_overrides {{ "{launcher.SOURCE}" = "/dev" }} direct {{}}',
    ],
)
def test_a_block_without_a_place_for_ours_hides_it(tmp_path: Path, block: str) -> None:
    assert hidden(tmp_path, f"provider_installation {{ {block} }}")


def test_a_mirror_that_holds_ours_does_not_hide_it(tmp_path: Path, mirror: Path) -> None:
    for rest in ("", f'include = ["{NAMESPACE}/*"]', f'include = ["a/b", "{launcher.SOURCE}",]'):
        block = f'filesystem_mirror {{ path = "{mirror}"\n {rest} }} direct {{}}'
        assert not hidden(tmp_path, f"provider_installation {{ {block} }}")
    named = f'network_mirror {{ url = "https://m.example.net/" include = ["{NAMESPACE}/*"] }}'
    assert not hidden(tmp_path, f"provider_installation {{ {named} }}")


def test_a_mirror_that_leaves_ours_out_hides_it(tmp_path: Path, mirror: Path) -> None:
    for rest in (f'exclude = ["{NAMESPACE}/*"]', 'include = ["hashicorp/*"]', 'include = ["*/*"]'):
        block = f'filesystem_mirror {{ path = "{mirror}"\n {rest} }}'
        assert hidden(tmp_path, f"provider_installation {{ {block} }}")


def test_the_named_file_wins_and_files_of_the_directory_count(tmp_path: Path) -> None:
    block = "provider_installation { direct {} }"
    (tmp_path / ".terraformrc").write_text(block)
    other = tmp_path / "other.tfrc"
    other.write_text("")
    assert hidden_by({"TF_CLI_CONFIG_FILE": str(other)}, tmp_path) is None
    (tmp_path / ".terraformrc").unlink()
    (tmp_path / ".terraform.d").mkdir()
    (tmp_path / ".terraform.d" / "x.tfrc").write_text(block)
    assert hidden_by({}, tmp_path) == tmp_path / ".terraform.d" / "x.tfrc"


@pytest.mark.parametrize("text", ["provider_installation {", "}}}", '= "', "provider_installation {]=["])
def test_broken_files_are_left_to_terraform(tmp_path: Path, text: str) -> None:
    hidden(tmp_path, text)


def test_the_explanation_says_what_to_do(tmp_path: Path) -> None:
    text = explain(tmp_path / ".terraformrc", tmp_path)
    for part in (launcher.SOURCE, str(tmp_path / ".terraformrc"), "gatepair provider install", NAMESPACE):
        assert part in text
