"""A user's project folder: pairs.toml, the stack program, and the commands a user types in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PAIR = "office"
NETWORK = 'interfaces = { "1/2" = { heartbeat = "off" } }'
COMMAND_LIMIT_S = 240
# cdktf has Terraform keep plugins in the home directory, as links into the stack that came last. Tests at
# the same time must not share that: it knows no locks.
NO_PLUGIN_CACHE = {"CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1"}

PAIRS_TOML = """\
[defaults]
username = "nsroot"
password = "file:{password_file}"
ca_file = "{ca_file}"
heartbeat = {{ hello_interval_ms = 200, dead_interval_s = 3 }}

[pairs.office]
appliances = [
  {{ address = "{a}", host_name = "gw-a", {network_a} }},
  {{ address = "{b}", host_name = "gw-b", {network_b} }},
]
shared_key = "file:{shared_key_file}"
external = {{ address = "{external}" }}
internal = {{ address = "{internal}", netmask = "255.255.255.0", management_access = "enabled" }}
{more}
"""


@attrs.frozen
class Outcome:
    """How a command ended."""

    code: int
    text: str

    @property
    def flat(self) -> str:
        """The output without Terraform's frame and line breaks, for looking up sentences."""
        return " ".join(self.text.replace("│", " ").split())


def quiet_environment() -> dict[str, str]:
    """Return an environment for Terraform and cdktf without telemetry, colours and foreign settings."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GATEPAIR_"))
    }
    path = (str(BIN), str(ROOT / "node_modules" / ".bin"), environment.get("PATH", ""))
    quiet = {"CHECKPOINT_DISABLE": "1", "CI": "1", "FORCE_COLOR": "0", "DISABLE_VERSION_CHECK": "1"}
    return environment | quiet | NO_PLUGIN_CACHE | {"PATH": os.pathsep.join(path)}


def terraform_binary() -> str:
    """Return the Terraform (or OpenTofu) that the tests run."""
    return os.environ.get("TERRAFORM_BINARY_NAME") or ("terraform" if shutil.which("terraform") else "tofu")


class Project:
    """A folder with the repository's stack program and a pairs.toml of its own.

    Args:
        folder: Where to make it.
        lab: The emulated pair that it declares.
    """

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder = folder
        self.lab = lab
        self.environment = quiet_environment()
        self._synthesized: object = None
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("main.py", "cdktf.json"):
            shutil.copy(ROOT / name, folder / name)
        self.values = {
            "password_file": str(lab.state_dir / "password"),
            "shared_key_file": str(lab.state_dir / "shared-key"),
            "ca_file": str(lab.ca_file),
            "a": lab.a.address,
            "b": lab.b.address,
            "external": lab.external,
            "internal": lab.internal,
            "network_a": NETWORK,
            "network_b": NETWORK,
            "more": "",
        }
        self.declare()

    @property
    def stack(self) -> Path:
        """The synthesized stack's directory."""
        return self.folder / "cdktf.out" / "stacks" / PAIR

    def declare(self, **changes: str) -> None:
        """Write pairs.toml, with some of its values changed; changes stay for the next call."""
        self.values |= changes
        (self.folder / "pairs.toml").write_text(PAIRS_TOML.format(**self.values))

    def run(self, *command: str, folder: Path | None = None) -> Outcome:
        """Run a command in the project and return how it ended."""
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_LIMIT_S,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def must(self, *command: str, folder: Path | None = None) -> str:
        """Run a command that has to succeed and return its output."""
        outcome = self.run(*command, folder=folder)
        assert outcome.code == 0, f"{' '.join(command)} ended with {outcome.code}:\n{outcome.text}"
        return outcome.text

    def synth(self) -> None:
        """Synthesize without the CLI, as a pipeline may do."""
        self.must(sys.executable, "main.py")
        self._synthesized = self._inputs()

    def _inputs(self) -> object:
        """Return all that a synthesis depends on; the same inputs give the same stacks, as a test shows."""
        files = [self.folder / name for name in ("main.py", "cdktf.json", "pairs.toml")]
        return self.environment.copy(), [file.read_bytes() if file.exists() else b"" for file in files]

    def terraform(self, *arguments: str) -> Outcome:
        """Run Terraform on the synthesized stack."""
        return self.run(terraform_binary(), *arguments, folder=self.stack)

    def init(self) -> None:
        """Synthesize and initialise, unless that was done and nothing has changed since."""
        if (self.stack / ".terraform").is_dir() and self._synthesized == self._inputs():
            return
        self.synth()
        self.must(terraform_binary(), "init", "-input=false", "-no-color", folder=self.stack)

    def apply(self) -> Outcome:
        """Synthesize if need be, then apply with plain Terraform."""
        self.init()
        return self.terraform("apply", "-auto-approve", "-input=false", "-no-color")

    def deploy(self) -> str:
        """Apply, which has to succeed, as cdktf deploys but without starting Node for it."""
        outcome = self.apply()
        assert outcome.code == 0, outcome.text
        return outcome.text

    def plan(self) -> Outcome:
        """Synthesize if need be, then plan with plain Terraform; exit code 0 says no changes, 2 changes."""
        self.init()
        return self.terraform("plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=plan.bin")

    def planned(self) -> dict[str, Any]:
        """Return the last plan as Terraform's JSON."""
        return json.loads(self.must(terraform_binary(), "show", "-json", "plan.bin", folder=self.stack))
