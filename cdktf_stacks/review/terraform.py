"""Plain Terraform on synthesized stacks, ended properly whatever happens to us."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Final, cast

import attrs

from cdktf_stacks.review.masks import Masks, environment_secrets
from cdktf_stacks.review.plans import Json, Plan, read_plan
from gatepair.errors import GatepairError, InvalidInput, LocalFileError
from gatepair.workflows.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

DEFAULT_DIRECTORY: Final = "cdktf.out"
_PATIENCE: Final = 2
"""Interrupts that Terraform gets before it is killed; it saves its state after the first."""


@attrs.frozen
class Stack:
    """A synthesized stack.

    Attributes:
        name: Its name.
        directory: Where its files are.
    """

    name: str
    directory: Path


def find_stacks(directory: Path, names: Sequence[str] = ()) -> list[Stack]:
    """Return synthesized stacks, each after those that it depends on.

    Args:
        directory: What the CDK wrote, such as ``cdktf.out``.
        names: Names of stacks; none for all.

    Raises:
        LocalFileError: There is nothing synthesized.
        InvalidInput: There is no stack of that name.
    """
    manifest = directory / "manifest.json"
    try:
        found = cast("Json", json.loads(manifest.read_text(encoding="utf-8")))
        stacks = cast("Mapping[str, Json]", found["stacks"])
        ordered = _ordered(stacks)
        known = {name: directory / str(stacks[name]["workingDirectory"]) for name in ordered}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise LocalFileError(
            f"{directory} holds no synthesized stacks",
            remedy="Run cdktf synth first, or leave out --no-synth.",
        ) from None
    if strange := [name for name in names if name not in known]:
        raise InvalidInput(
            f"there is no stack or file {', '.join(strange)}",
            remedy=f"Stacks are: {', '.join(ordered) or 'none'}.",
        )
    return [Stack(name, known[name]) for name in ordered if not names or name in names]


def synthesize(project: Path) -> None:
    """Run the CDK's own command for it, where the project is one of the CDK.

    Raises:
        LocalFileError: It fails; the message is its output.
    """
    if not (project / "cdktf.json").exists():
        return
    local = project / "node_modules" / ".bin" / "cdktf"
    command = str(local) if local.exists() else shutil.which("cdktf")
    if command is None:
        raise LocalFileError(
            "cdktf is not installed here",
            remedy="Install its CLI (npm ci), or run the app yourself and add --no-synth.",
        )
    # CI=1 keeps the spinner out, the other two keep it from asking the network.
    quiet = {"CI": "1", "CHECKPOINT_DISABLE": "1", "DISABLE_VERSION_CHECK": "1", "FORCE_COLOR": "0"}
    done = run((command, "synth"), project, environment=os.environ | quiet)
    if done.code:
        raise LocalFileError(f"cdktf synth ended with {done.code}:\n{done.text.strip()}")


@attrs.frozen
class Done:
    """How a command ended."""

    code: int
    text: str = attrs.field(repr=False)


def run(
    command: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    show: bool = False,
    apart: bool = False,
) -> Done:
    """Run a command to its end, also if we are interrupted meanwhile.

    It gets a process group of its own and one interrupt from us: Terraform then finishes what it has begun
    and saves its state. Ctrl-C would reach it twice otherwise, and the second one makes it give up.

    Args:
        command: The words.
        folder: Where to run it.
        environment: Absent, Terraform's without prompts and colours.
        show: Let its output through instead of returning it.
        apart: Return standard output only.
    """
    error: int | None = None if show else subprocess.PIPE if apart else subprocess.STDOUT
    interrupts = Interrupts()
    with interrupts.held():  # whoever starts a process has to know of it before it can be interrupted
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment or _quiet()),
                stdin=subprocess.DEVNULL,
                stdout=None if show else subprocess.PIPE,
                stderr=error,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as cause:
            raise LocalFileError(f"{command[0]} cannot be started: {cause.strerror}") from cause
        text, errors = _to_its_end(process, interrupts)
    return Done(process.returncode, text or errors if apart and process.returncode else text)


def binary() -> str:
    """Return the Terraform (or OpenTofu) to run.

    Raises:
        LocalFileError: There is none.
    """
    named = os.environ.get("TERRAFORM_BINARY_NAME")
    for candidate in (named,) if named else ("terraform", "tofu"):
        if found := shutil.which(candidate):
            return found
    raise LocalFileError(
        f"{named or 'terraform'} is not installed here",
        remedy="Install Terraform or OpenTofu, or name it in TERRAFORM_BINARY_NAME.",
    )


def make_plan(stack: Stack, plan_file: Path) -> Plan:
    """Plan a stack into a file and return what the plan says.

    Args:
        stack: The stack.
        plan_file: Where the plan goes; it may hold secrets.

    Raises:
        TerraformFailed: Terraform refused; the message is its output.
    """
    terraform = binary()
    target = str(plan_file.absolute())
    for words in (
        ("init", "-input=false", "-no-color"),
        ("plan", "-input=false", "-no-color", f"-out={target}"),
    ):
        done = run((terraform, *words), stack.directory)
        if done.code:
            raise _failure(words[0], stack, done)
    shown = run((terraform, "show", "-json", target), stack.directory, apart=True)
    if shown.code:
        raise _failure("show", stack, shown)
    return read_plan(shown.text, stack.name)


def apply_plan(stack: Stack, plan_file: Path) -> int:
    """Apply exactly what is in a plan file, with Terraform's output let through; return its exit code."""
    words = ("apply", "-input=false", "-no-color", str(plan_file.absolute()))
    return run((binary(), *words), stack.directory, show=True).code


class TerraformFailed(GatepairError):  # noqa: N818 - named for what happened, as all errors here
    """Terraform ended with an error, which is the message."""


def _failure(verb: str, stack: Stack, done: Done) -> TerraformFailed:
    # A provider may repeat in an error what it was given.
    said = Masks.of(environment_secrets()).text(done.text)
    return TerraformFailed(f"terraform {verb} of {stack.name} ended with {done.code}:\n{said}")


def _quiet() -> dict[str, str]:
    return {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}


def _to_its_end(process: subprocess.Popen[str], interrupts: Interrupts) -> tuple[str, str]:
    came = 0
    interrupted: BaseException | None = None
    while True:
        try:
            with interrupts.let_through():
                text, errors = process.communicate()
        except (KeyboardInterrupt, SystemExit) as signalled:
            interrupted = interrupted or signalled
            came += 1
            _send(process, signal.SIGINT if came <= _PATIENCE else signal.SIGKILL)
            continue
        if interrupted is not None:
            raise interrupted
        return text or "", errors or ""


def _send(process: subprocess.Popen[str], number: signal.Signals) -> None:
    if process.poll() is None:
        os.kill(process.pid, number)


def _ordered(stacks: Mapping[str, Json]) -> list[str]:
    """Sort stacks so that each comes after those that it depends on, else by name."""
    ordered: list[str] = []

    def add(name: str, waiting: Iterable[str] = ()) -> None:
        if name in ordered or name in waiting or name not in stacks:
            return
        for other in sorted(map(str, cast("list[object]", stacks[name].get("dependencies") or []))):
            add(other, (*waiting, name))
        ordered.append(name)

    for name in sorted(stacks):
        add(name)
    return ordered
