from __future__ import annotations

import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatepair import launcher
from gatepair.errors import LocalFileError, Unsupported

PACKAGE = Path(launcher.SOURCE) / launcher.VERSION
# What the launcher starts instead of an interpreter: it shows how it was started.
SHOW = """#!/bin/sh
echo "$0 $@ config=${GATEPAIR_CONFIG-unset}"
"""


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def executables(plugins: Path) -> list[Path]:
    return [plugins / PACKAGE / name / launcher.EXECUTABLE for name in launcher.PLATFORMS]


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    path = tmp_path / "a venv" / "python"
    path.parent.mkdir()
    path.write_text(SHOW)
    path.chmod(0o755)
    return path


def start(executable: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEPAIR_")}
    return subprocess.run(
        [executable, "one", "two words"],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_stack_gets_launcher_sidecars_and_lock_entry(tmp_path: Path) -> None:
    stack = tmp_path / "stacks" / "office"
    launcher.vendor(stack, "pairs.toml")
    assert set(tree(stack)) == {
        ".terraform.lock.hcl",
        "terraform.d/gatepair.config",
        "terraform.d/gatepair.python",
        *(str(path.relative_to(stack)) for path in executables(stack / "terraform.d" / "plugins")),
    }
    for path in executables(stack / "terraform.d" / "plugins"):
        assert path.read_text() == launcher.LAUNCHER
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert (stack / "terraform.d/gatepair.python").read_text() == f"{sys.executable}\n"
    assert (stack / "terraform.d/gatepair.config").read_text() == f"{Path.cwd() / 'pairs.toml'}\n"
    assert (stack / ".terraform.lock.hcl").read_text() == launcher.lock_entry()


def test_no_machine_path_is_in_what_terraform_keeps_a_checksum_of(tmp_path: Path) -> None:
    launcher.vendor(tmp_path, "/somewhere/pairs.toml", python="/somewhere/python")
    kept = launcher.LAUNCHER + (tmp_path / ".terraform.lock.hcl").read_text()
    for path in (str(tmp_path), "/somewhere", str(Path.home()), sys.executable, sys.prefix):
        assert path not in kept


def test_the_launcher_of_a_version_never_changes() -> None:
    """Terraform refuses a changed launcher under a locked version: raise VERSION when this changes."""
    assert (launcher.VERSION, launcher.h1({launcher.EXECUTABLE: launcher.LAUNCHER.encode()})) == (
        "0.1.0",
        "h1:tYJ0aqPWHlwkccoBw/4GKFrCUaaigafdD6v6pDSATZ8=",
    )


def test_the_checksum_does_not_depend_on_the_order_of_files() -> None:
    files = {"b": b"2", "a": b"1"}
    assert launcher.h1(files) == launcher.h1(dict(reversed(files.items())))
    assert launcher.h1(files) != launcher.h1({"a": b"1", "b": b"3"})


def test_what_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    launcher.vendor(tmp_path, "pairs.toml")
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    launcher.vendor(tmp_path, "pairs.toml")
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == before


def test_what_was_changed_is_put_right(tmp_path: Path) -> None:
    launcher.vendor(tmp_path, "pairs.toml")
    content = tree(tmp_path)
    first, second, *_ = executables(tmp_path / "terraform.d" / "plugins")
    first.write_text("#!/bin/sh\n")
    second.chmod(0o644)
    (tmp_path / ".terraform.lock.hcl").unlink()
    launcher.vendor(tmp_path, "pairs.toml")
    assert tree(tmp_path) == content
    assert stat.S_IMODE(second.stat().st_mode) == 0o755
    launcher.vendor(tmp_path)
    assert not (tmp_path / "terraform.d" / "gatepair.config").exists()


OTHER = """\
# This file is maintained automatically by "terraform init".

provider "registry.terraform.io/hashicorp/random" {
  version     = "3.6.0"
  constraints = "~> 3.0"
  hashes = [
    "h1:abc=",
  ]
}
"""


def test_only_our_lock_entry_is_replaced() -> None:
    ours = launcher.lock_entry()
    old = ours.replace("0.1.0", "0.0.9").replace("h1:", "h1:x")
    last = OTHER.split("\n\n")[1].replace("random", "tls")
    assert launcher.with_lock_entry("") == ours
    assert launcher.with_lock_entry(OTHER) == f"{OTHER}\n{ours}"
    assert launcher.with_lock_entry(f"{OTHER}\n{old}\n{last}") == f"{OTHER}\n{ours}\n{last}"
    assert launcher.with_lock_entry(f"{OTHER}\n{ours}\n{last}") == f"{OTHER}\n{ours}\n{last}"


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalFileError, match="file"):
        launcher.vendor(tmp_path / "file")
    (tmp_path / ".terraform.lock.hcl").mkdir()
    with pytest.raises(LocalFileError, match=r"lock\.hcl: Is a directory"):
        launcher.vendor(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher.vendor(tmp_path)
    before = tree(tmp_path)

    def full(_self: Path, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LocalFileError, match="No space left on device"):
        launcher.vendor(tmp_path, "other.toml")
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux_amd64"),
        ("linux", "aarch64", "linux_arm64"),
        ("darwin", "arm64", "darwin_arm64"),
        ("darwin", "x86_64", "darwin_amd64"),
    ],
)
def test_platforms_have_terraforms_names(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert launcher.os_arch() == name
    assert name in launcher.PLATFORMS


@pytest.mark.parametrize(("system", "machine"), [("win32", "AMD64"), ("linux", "riscv64")])
def test_other_platforms_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    for refused in (lambda: launcher.vendor(tmp_path), lambda: launcher.install(tmp_path / "plugins")):
        with pytest.raises(Unsupported, match=system):
            refused()
    assert not list(tmp_path.iterdir())


def test_a_stack_starts_its_own_interpreter_and_file(tmp_path: Path, interpreter: Path) -> None:
    stack = tmp_path / "stack"
    launcher.vendor(stack, tmp_path / "pairs.toml", python=str(interpreter))
    found = start(executables(stack / "terraform.d/plugins")[0], stack)
    assert found.stdout == (
        f"{interpreter} -P -m gatepair_bridge.provider one two words config={tmp_path}/pairs.toml\n"
    )


def test_the_environment_comes_before_the_sidecars(tmp_path: Path, interpreter: Path) -> None:
    launcher.vendor(tmp_path, "pairs.toml", python="/nowhere/python")
    executable = executables(tmp_path / "terraform.d/plugins")[0]
    found = start(executable, tmp_path, GATEPAIR_PYTHON=str(interpreter), GATEPAIR_CONFIG="own.toml")
    assert found.stdout == f"{interpreter} -P -m gatepair_bridge.provider one two words config=own.toml\n"


def test_a_link_from_another_project_does_not_lead_astray(tmp_path: Path, interpreter: Path) -> None:
    """As with Terraform's plugin cache, whose one link leads to the project that came last."""
    one, two = tmp_path / "one", tmp_path / "two"
    launcher.vendor(one, "one.toml", python=str(interpreter))
    launcher.vendor(two, "two.toml", python="/nowhere/python")
    link = one / "link"
    link.symlink_to(executables(two / "terraform.d/plugins")[0].parent)
    found = start(link / launcher.EXECUTABLE, one)
    assert found.stdout.startswith(f"{interpreter} ")
    assert found.stdout.endswith("/one.toml\n")


def test_an_installed_provider_finds_its_sidecars_through_links(tmp_path: Path, interpreter: Path) -> None:
    plugins, project = tmp_path / "home" / ".terraform.d" / "plugins", tmp_path / "project"
    launcher.install(plugins, config_path=tmp_path / "pairs.toml", python=str(interpreter))
    link = project / ".terraform" / "providers" / "os_arch"
    link.parent.mkdir(parents=True)
    link.symlink_to(executables(plugins)[0].parent)
    found = start(Path(".terraform/providers/os_arch") / launcher.EXECUTABLE, project)
    assert found.stdout.startswith(f"{interpreter} ")
    assert found.stdout.endswith(f"config={tmp_path}/pairs.toml\n")


def test_without_a_file_to_read_nothing_is_exported(tmp_path: Path, interpreter: Path) -> None:
    launcher.vendor(tmp_path / "stack", python=str(interpreter))
    found = start(executables(tmp_path / "stack/terraform.d/plugins")[0], tmp_path / "stack")
    assert found.stdout.endswith("config=unset\n")


def test_a_missing_interpreter_is_told_on_standard_output(tmp_path: Path) -> None:
    """Terraform shows what a provider writes there instead of its handshake."""
    launcher.vendor(tmp_path, python="/nowhere/bin/python")
    found = start(executables(tmp_path / "terraform.d/plugins")[0], tmp_path)
    assert found.returncode == 1
    assert found.stdout.startswith("gatepair: there is no Python at /nowhere/bin/python. ")
    assert found.stdout.count("\n") == 1


def test_modules_in_terraforms_directory_are_not_imported(tmp_path: Path) -> None:
    launcher.vendor(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the directory of the stack')")
    (tmp_path / "gatepair_bridge.py").write_text(
        "raise SystemExit('imported from the directory of the stack')"
    )
    found = start(executables(tmp_path / "terraform.d/plugins")[0], tmp_path)
    assert "imported from the directory" not in found.stdout + found.stderr


def test_a_mirror_is_filled_listed_and_emptied(tmp_path: Path) -> None:
    plugins = tmp_path / ".terraform.d" / "plugins"
    assert launcher.installed(plugins) == ()
    assert launcher.uninstall(plugins) == ()
    other = plugins / "registry.terraform.io" / "x"
    other.mkdir(parents=True)
    done = launcher.install(plugins, config_path="pairs.toml", python="/usr/bin/python3")
    assert launcher.installed(plugins) == (done,)
    assert done == launcher.Installation(
        version="0.1.0",
        path=plugins / PACKAGE,
        platforms=launcher.PLATFORMS,
        python="/usr/bin/python3",
        current=True,
    )
    executables(plugins)[0].write_text("old")
    (plugins / launcher.SOURCE / "0.0.9" / "linux_amd64").mkdir(parents=True)
    assert [(found.version, found.current) for found in launcher.installed(plugins)] == [
        ("0.0.9", False),
        ("0.1.0", False),
    ]
    assert set(launcher.uninstall(plugins)) == {
        plugins / launcher.SOURCE,
        plugins.parent / "gatepair.python",
        plugins.parent / "gatepair.config",
    }
    assert list(plugins.rglob("*")) == [other.parent, other]


def test_the_mirror_is_the_home_directorys_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert launcher.install().path == tmp_path / ".terraform.d" / "plugins" / PACKAGE
    assert launcher.installed()
    assert launcher.uninstall()
    assert launcher.installed() == ()


def test_only_the_standard_library_is_imported() -> None:
    code = "import sys, gatepair.launcher; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.split()) & {"attr", "attrs", "cattrs", "click", "httpx", "rich"} == set()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs Terraform")
def test_terraform_finds_and_keeps_what_was_vendored(tmp_path: Path) -> None:
    stack = tmp_path / "stack"
    launcher.vendor(stack, "pairs.toml")
    required = {"restapi": {"source": launcher.SOURCE, "version": launcher.VERSION}}
    main = {"terraform": {"required_providers": required}, "provider": {"restapi": {}}}
    (stack / "main.tf.json").write_text(json.dumps(main))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    environment |= {"HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}
    for command in (["init", "-input=false"], ["init", "-input=false"]):
        subprocess.run(
            ["terraform", *command, "-no-color"],
            cwd=stack,
            env=environment,
            stdout=subprocess.PIPE,
            timeout=120,
            check=True,
        )
        assert (stack / ".terraform.lock.hcl").read_text() == launcher.lock_entry()
