from __future__ import annotations

from pathlib import Path

import pytest

from cdktf_stacks import Declaration, ProviderKind
from gatepair.errors import PairsFileError


def test_pairs_and_stack_settings_come_from_one_file(pairs_file: Path) -> None:
    pairs_file.write_text(
        pairs_file.read_text()
        + '[stacks]\nprovider = "mastercard"\nbridge_url = "https://bridge.example.net"\n'
        + '[stacks.gateway_names]\noffice = "gateway.example.net"\n'
    )
    declared = Declaration.read(pairs_file)
    assert sorted(declared.config.pairs) == ["lab", "office"]
    assert declared.stacks.provider.kind is ProviderKind.MASTERCARD
    assert declared.stacks.gateway_names == {"office": "gateway.example.net"}
    assert declared.path == pairs_file


def test_every_problem_comes_at_once_in_the_order_of_lines(pairs_file: Path) -> None:
    text = '[stacks]\nprovider = "other"\nbackend = { type = "s3" }\n' + pairs_file.read_text()
    text = text.replace('host_name = "gw-b"', 'host_name = "gw b"').replace("127.0.10.20", "127.0.10.12")
    pairs_file.write_text(text)
    with pytest.raises(PairsFileError) as caught:
        Declaration.read(pairs_file)
    problems = caught.value.problems
    assert [(problem.line, problem.pair, problem.key) for problem in problems] == [
        (2, "", "stacks.provider"),
        (3, "", "stacks.backend.bucket"),
        (12, "office", "appliances[1].host_name"),
        (14, "office", "external.address"),
    ]
    assert {problem.file for problem in problems} == {str(pairs_file)}


@pytest.mark.parametrize("text", ["[pairs", "\xff", None])
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "pairs.toml"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(PairsFileError) as caught:
        Declaration.read(path)
    assert len(caught.value.problems) == 1
