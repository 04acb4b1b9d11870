"""Large batches are written by Python itself, beside what Node writes of the stack.

A thousand pairs are some megabytes of JSON. Handing them to Node only to have it write them takes longer than
everything else at synth, so the stack's file gets a mark in their place, and the mark is then replaced.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cdktf_stacks._cdktf import cdk, jsii
from cdktf_stacks._crossing import remembered

if TYPE_CHECKING:
    _Synthesizer = cdk.IStackSynthesizer
else:
    _Synthesizer = object

# Terraform names never look like this, so it stands for nothing else in the file.
MARK = "gatepair:objects"
FILE = "cdk.tf.json"
Bodies = Mapping[str, Mapping[str, object]]


class Batch(Protocol):
    """What is written in bulk."""

    @property
    def bodies(self) -> Bodies:
        """The resource blocks by name."""
        ...

    @contextmanager
    def marked(self) -> Generator[None]:
        """Have a mark written instead of the bodies."""
        ...


@jsii.implements(cdk.IStackSynthesizer)
class BulkSynthesizer(_Synthesizer):
    """Has a stack written with a mark in it, and puts the batched objects in its place.

    Args:
        stack: The stack.
        inner: What writes the stack's own files.
        batch: The stack's batch.
    """

    def __init__(self, stack: cdk.TerraformStack, inner: cdk.IStackSynthesizer, batch: Batch) -> None:
        self._stack = stack
        self._inner = inner
        self._batch = batch

    def synthesize(self, session: cdk.ISynthesisSession) -> None:
        """Write everything; called by the CDK for each stack."""
        bodies = self._batch.bodies
        if not bodies:  # all of them became constructs of their own
            self._inner.synthesize(session)
            return
        with self._batch.marked():
            self._inner.synthesize(session)
        directory = session.manifest.for_stack(self._stack).working_directory
        path = Path(session.outdir) / directory / FILE
        with remembered():
            text = filled_in(path.read_text(encoding="utf-8"), bodies)
        if text is None:
            self._inner.synthesize(session)
            return
        _write(path, text)


def filled_in(text: str, bodies: Bodies) -> str | None:
    """Return the file of a stack with the objects in it, one on each line.

    Args:
        text: The file with the mark.
        bodies: The objects by name.

    Returns:
        The text, None if overrides of the stack reach into the objects, which the CDK alone understands.
    """
    document = json.loads(text)
    (kind,) = (kind for kind, named in document["resource"].items() if MARK in named)
    if bodies.keys() & document["resource"][kind].keys():
        return None
    lines = [f"{json.dumps(name)}: {json.dumps(body, ensure_ascii=False)}" for name, body in bodies.items()]
    before, after = (part for part in text.split(f'"{MARK}": true', 1))
    return before + ",\n      ".join(lines) + after


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105 - a half written file is never seen
