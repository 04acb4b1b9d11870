"""At synth, each stack gets the bundled provider into its own directory, where Terraform looks first."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cdktf_stacks._cdktf import cdk, jsii
from cdktf_stacks._crossing import remembered
from gatepair import launcher
from gatepair.terraform_config import explain, hidden_by

if TYPE_CHECKING:
    _Synthesizer = cdk.IStackSynthesizer
else:
    _Synthesizer = object


@jsii.implements(cdk.IStackSynthesizer)
class VendoringSynthesizer(_Synthesizer):
    """Writes a stack's files, and then launcher, mirror entry and lock entry of the provider beside them.

    Args:
        stack: The stack.
        inner: What writes the stack's own files.
    """

    def __init__(self, stack: cdk.TerraformStack, inner: cdk.IStackSynthesizer) -> None:
        self._stack = stack
        self._inner = inner
        self.config_file: Path | None = None

    def synthesize(self, session: cdk.ISynthesisSession) -> None:
        """Write everything; called by the CDK for each stack."""
        outdir = Path(session.outdir)
        with remembered():
            if outdir not in _prepared:
                _prepared.add(outdir)
                _warn_if_hidden(self._stack)
                _vendor_into_project(outdir, self.config_file)
            self._inner.synthesize(session)
            directory = outdir / session.manifest.for_stack(self._stack).working_directory
            launcher.vendor(directory, self.config_file)


_synthesizers: dict[cdk.TerraformStack, VendoringSynthesizer] = {}
_prepared: set[Path] = set()


def vendor_at_synth(stack: cdk.TerraformStack, config_file: Path | None = None) -> None:
    """Have the provider written into a stack's directory whenever the stack is synthesized.

    Args:
        stack: The stack; it may come here several times.
        config_file: The `pairs.toml` that names credentials and trust for the embedded bridge.
    """
    synthesizer = _synthesizers.get(stack)
    if synthesizer is None:
        synthesizer = VendoringSynthesizer(stack, stack.synthesizer)
        stack.synthesizer = synthesizer
        _synthesizers[stack] = synthesizer
    if config_file is not None:
        synthesizer.config_file = config_file


def _warn_if_hidden(stack: cdk.TerraformStack) -> None:
    home = Path.home()
    path = hidden_by(os.environ, home)
    if path is None:
        return
    cdk.Annotations.of(stack).add_warning(explain(path, home))
    if "CDKTF_OUTDIR" not in os.environ:  # without the CLI nobody shows annotations
        print(f"Warning: {explain(path, home)}", file=sys.stderr)  # noqa: T201 - for the person at the terminal


def _vendor_into_project(outdir: Path, config_file: Path | None) -> None:
    """Let `terraform -chdir=cdktf.out/stacks/NAME init` work in the directory of the project as well.

    Terraform decides which providers are local before it changes into the stack's directory, and then takes
    them from there; so the directory that it is started in has to have the mirror too.
    """
    project = outdir.absolute().parent
    if project != Path.cwd():
        return
    mirror = project / "terraform.d"
    launcher.install(mirror / "plugins", config_path=config_file)
    ignore = mirror / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
