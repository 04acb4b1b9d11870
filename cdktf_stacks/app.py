"""From pairs.toml to an app, and what a person sees when the file has problems. Node starts late."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cdktf_stacks._crossing import original
from cdktf_stacks.declaration import Declaration
from gatepair.errors import GatepairError, PairsFileError

if TYPE_CHECKING:
    from cdktf_stacks._cdktf import cdk

# How the CDK's own messages about what a validation found begin; the rest of it is for a person to read.
_VALIDATION = ("Validation failed with the following errors", "App level validation failed")


def app_from(pairs: Declaration | Path | str, *, outdir: Path | None = None) -> cdk.App:
    """Make an app with a stack for each pair that a file declares.

    The file is read, and every problem in it found, before Node is started.

    Example:
        ```python
        with problems_reported():
            app_from("pairs.toml").synth()
        ```

    Args:
        pairs: The file, `pairs.toml`, or what was read from it.
        outdir: Directory to write to; if not given, what the CLI says, or `cdktf.out`.

    Raises:
        gatepair.errors.PairsFileError: The file cannot be used; it lists every problem.
        gatepair.errors.Unsupported: There is no Node.
    """
    declared = pairs if isinstance(pairs, Declaration) else Declaration.read(pairs)
    from cdktf_stacks._cdktf import cdk  # noqa: PLC0415 - starts Node
    from cdktf_stacks.stacks import stacks_from  # noqa: PLC0415 - starts Node

    app = cdk.App(outdir=str(outdir)) if outdir else cdk.App()
    stacks_from(declared, app=app)
    return app


@contextmanager
def problems_reported() -> Generator[None]:
    """End the program with exit code 1 and a plain message when the declaration has problems.

    Covers everything that gatepair refuses and what validations of the CDK find. Anything else is a defect
    and keeps its traceback.

    Example:
        ```python
        with problems_reported():
            app_from("pairs.toml").synth()
        ```
    """
    try:
        yield
    except PairsFileError as error:
        lines = [str(problem) for problem in error.problems]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        _stop("\n".join([*lines, f"{count}. {error.remedy}"]))
    except GatepairError as error:
        _stop(str(error))
    except RuntimeError as error:
        if original(error) is None and not str(error).startswith(_VALIDATION):
            raise
        _stop(str(error))


def _stop(message: str) -> None:
    sys.stdout.flush()
    print(message, file=sys.stderr)  # noqa: T201 - for the person at the terminal
    raise SystemExit(1) from None
