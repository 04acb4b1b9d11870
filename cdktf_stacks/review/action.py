"""What the GitHub action runs: a review as files, a job summary, and outputs for the steps that follow."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from gatepair.cli.main import main as gatepair
from gatepair.cli.outcome import ExitCode

SUMMARY_LIMIT: Final = 1_000_000
"""Bytes that GitHub takes in one job summary are somewhat more than that."""

REVIEWED: Final = frozenset({ExitCode.FINE, ExitCode.UNHEALTHY})


def words_from(environ: Mapping[str, str], folder: Path) -> list[str]:
    """Return the words after ``gatepair`` for the inputs of the action.

    Args:
        environ: Environment with the ``INPUT_`` variables.
        folder: Where the files go.
    """
    words = ["review", "-o", str(folder / "review.md"), "-o", str(folder / "review.html")]
    words += ["-o", str(folder / "review.json"), "--marker", environ.get("INPUT_MARKER") or "default"]
    if fail_on := environ.get("INPUT_FAIL_ON", "").strip():
        words += ["--fail-on", fail_on.replace(" ", "")]
    if environ.get("INPUT_PREFLIGHT") == "true":
        words.append("--preflight")
    if environ.get("INPUT_SYNTH") == "false":
        words.append("--no-synth")
    return [*words, "--", *environ.get("INPUT_STACKS", "").split()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the review; a policy that is broken is told by an output, so that the comment is written first."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given != ["review"]:
        print("usage: python -m cdktf_stacks.review.action review", file=sys.stderr)  # noqa: T201 - a command
        return ExitCode.USAGE
    folder = Path(tempfile.mkdtemp(prefix="gatepair-", dir=os.environ.get("RUNNER_TEMP")))
    try:
        gatepair(words_from(os.environ, folder))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else ExitCode.FAILED
    else:
        code = ExitCode.FINE
    if code not in REVIEWED:
        return code
    review = cast("Mapping[str, object]", json.loads((folder / "review.json").read_text(encoding="utf-8")))
    outputs = {
        "fingerprint": review["fingerprint"],
        "impact": review["impact"],
        "markdown": folder / "review.md",
        "json": folder / "review.json",
        "html": folder / "review.html",
        "exit-code": int(code),
    }
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))
    _append("GITHUB_STEP_SUMMARY", (folder / "review.md").read_text(encoding="utf-8")[:SUMMARY_LIMIT])
    return ExitCode.FINE


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
