"""Where plans come from: files, standard input, or stacks that are planned now."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.masks import Masks, environment_secrets, references_in
from cdktf_stacks.review.plans import Plan, read_plan, read_plan_file
from cdktf_stacks.review.terraform import Stack, find_stacks, make_plan, synthesize
from gatepair.errors import GatepairError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STANDARD_INPUT: Final = "-"


def plans_of(sources: Sequence[str], directory: Path, *, synth: bool) -> list[Plan]:
    """Return the plans of sources: JSON files, ``-`` for standard input, stacks by name or directory.

    Args:
        sources: What to read; nothing means all stacks.
        directory: Where the synthesized stacks are.
        synth: Synthesize before stacks are looked for by their names.

    Raises:
        GatepairError: Something is no plan, no stack, or Terraform refuses.
    """
    plans: list[Plan] = []
    names: list[str] = []
    stacks: list[Stack] = []
    for source in sources:
        path = Path(source)
        if source == STANDARD_INPUT:
            plans.append(read_plan(sys.stdin.read(), "standard input"))
        elif path.is_file():
            plans.append(read_plan_file(path))
        elif path.is_dir():
            stacks.append(Stack(path.resolve().name, path))
        else:
            names.append(source)
    if names or not sources:
        stacks += synthesized(directory, names, synth=synth)
    with tempfile.TemporaryDirectory(prefix="gatepair-") as folder:
        plans += [make_plan(stack, Path(folder) / str(number)) for number, stack in enumerate(stacks)]
    return plans


def synthesized(directory: Path, names: Sequence[str], *, synth: bool) -> list[Stack]:
    """Return stacks by their names, all if none is named, synthesized first if that is wanted."""
    if synth:
        synthesize(Path.cwd())
    return find_stacks(directory, names)


def known_masks(plans: Iterable[Plan], config_file: Path) -> Masks:
    """Return masks for every secret that this process could know.

    Args:
        plans: Plans whose documents may refer to secrets.
        config_file: The file whose references count too; it need not be there.
    """
    folder = config_file.absolute().parent
    references = [
        text
        for plan in plans
        for change in plan.changes
        for side in ("before", "after")
        for text in references_in(change.document(side))
    ]
    return Masks.of(environment_secrets(references=(*references, *_declared(config_file)), folder=folder))


def _declared(config_file: Path) -> Iterable[str]:
    from gatepair.config import load_config  # noqa: PLC0415 - slow to import
    from gatepair.models import SecretReference  # noqa: PLC0415 - as above

    if not config_file.exists():
        return
    try:
        config = load_config(config_file)
        for pair in config.pairs.values():
            if isinstance(pair.shared_key, SecretReference):
                yield str(pair.shared_key)
            for address in pair.addresses:
                password = config.connection(address).credentials.password
                if isinstance(password, SecretReference):
                    yield str(password)
    except GatepairError:
        # A file that is wrong is reported by those who need it; a plan can be reviewed without it.
        return
