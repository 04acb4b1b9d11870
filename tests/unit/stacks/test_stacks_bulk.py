"""Large batches, which Python writes itself: the same JSON as Node would have written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from synth_models import BARE, FULL, many

from cdktf_stacks import FailoverPair, FailoverPairs, RestapiObject, RestapiProvider, batch, declare_provider
from cdktf_stacks._cdktf import cdk
from gatepair import launcher

Build = Callable[[cdk.TerraformStack], None]


def written(build: Build, outdir: Path, *, bulk: int, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    monkeypatch.setattr(batch, "BULK", bulk)
    app = cdk.App(outdir=str(outdir))
    stack = cdk.TerraformStack(app, "stack")
    cdk.LocalBackend(stack, path="state")
    build(stack)
    app.synth()
    return json.loads((outdir / "stacks" / "stack" / "cdk.tf.json").read_text(encoding="utf-8"))


def plain(stack: cdk.TerraformStack) -> None:
    declare_provider(stack)
    for name, pair in many(4).items():
        FailoverPair(stack, name, pair)


def pairs_first(stack: cdk.TerraformStack) -> None:
    FailoverPairs(stack, "pairs", many(4))
    declare_provider(stack)


def registry(stack: cdk.TerraformStack) -> None:
    RestapiProvider(stack, "restapi", uri="https://bridge.example.net")
    FailoverPairs(stack, "pairs", {"é": FULL, "b": BARE})


def beside_others(stack: cdk.TerraformStack) -> None:
    declare_provider(stack)
    lab = RestapiProvider(stack, "lab", alias="lab")
    fleet = FailoverPairs(stack, "pairs", many(5), provider=lab, adopt=["pair-0"])
    RestapiObject(stack, "other", path="/things", data={"parent": fleet["pair-1"].resource.id})
    cdk.TerraformOutput(stack, "id", value=fleet["pair-2"].resource.id, static_id=True)


def with_overrides(stack: cdk.TerraformStack) -> None:
    plain(stack)
    stack.add_override("resource.restapi_object.pair-1.lifecycle.prevent_destroy", True)
    stack.add_override("resource.restapi_object.pair-2.query_string", None)


def all_taken_out(stack: cdk.TerraformStack) -> None:
    declare_provider(stack)
    fleet = FailoverPairs(stack, "pairs", {"bare": BARE})
    assert fleet["bare"].resource.id


@pytest.mark.parametrize(
    "build",
    [plain, pairs_first, registry, beside_others, with_overrides, all_taken_out],
    ids=lambda f: f.__name__,
)
def test_bulk_writes_what_node_writes(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk, node = (
        written(build, tmp_path / str(size), bulk=size, monkeypatch=monkeypatch) for size in (1, 10**6)
    )
    assert bulk == node


def test_overrides_count_in_bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = written(with_overrides, tmp_path, bulk=1, monkeypatch=monkeypatch)["resource"]["restapi_object"]
    assert objects["pair-1"]["lifecycle"] == {"prevent_destroy": True}
    assert objects["pair-1"]["path"] == "/v1/pairs"
    assert "query_string" not in objects["pair-2"]


def test_the_provider_is_there_however_large_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for build in (plain, pairs_first):
        outdir = tmp_path / build.__name__
        written(build, outdir, bulk=1, monkeypatch=monkeypatch)
        assert launcher.SOURCE in (outdir / "stacks" / "stack" / launcher.LOCK_FILE).read_text()


def test_one_object_stands_on_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(plain, tmp_path, bulk=1, monkeypatch=monkeypatch)
    lines = (tmp_path / "stacks" / "stack" / "cdk.tf.json").read_text().splitlines()
    assert sum(line.strip().startswith('"pair-') for line in lines) == 12


def test_small_batches_are_left_to_node() -> None:
    assert batch.BULK > 3
