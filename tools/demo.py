"""``make demo``: an emulated pair from nothing to a proven failover, told as it happens.

Works in a folder of its own (``.demo``) with the repository's stack program and a pair on free loopback
addresses, so that it disturbs nobody's pair and nobody's state. Ends with exit code 0 only if every claim it
makes was seen to hold.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from processes import adopt_orphans, end_descendants, end_on_signals, run

from gatepair.config import load_config
from gatepair_emulator.probe import Users

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FOLDER = ROOT / ".demo"
EMULATOR = FOLDER / ".emulator"
PAIR = "office"
PROJECT_FILES = ("main.py", "cdktf.json", "pairs.toml")
DEFAULT_NETWORK = "127.0.10."
MARGIN_S = 1.0
HEALTHY_WITHIN_S = 90.0
GRACE_EXIT = 130


class DemoError(Exception):
    """A claim of the demo did not hold."""


def say(text: str = "") -> None:
    """Print a line at once, also when the output is a pipe."""
    print(text, flush=True)


def heading(number: int, text: str) -> None:
    """Print the heading of one act."""
    say(f"\n\033[1m{number}. {text}\033[0m\n" if sys.stdout.isatty() else f"\n{number}. {text}\n")


def indented(line: str) -> None:
    """Print a line of a command's output."""
    say(f"   {line}" if line.strip() else "")


class Demo:
    """One run: the emulated pair, the commands, and the verdict that grows."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.environment["PATH"] = os.pathsep.join(
            (str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")),
        )
        # No telemetry, no spinner frames, and no warning about a CLI configuration that is not there.
        self.environment |= {"CHECKPOINT_DISABLE": "1", "CI": "1", "FORCE_COLOR": "0"}
        # Plugins in the home directory are links into the stack that came last, and shared without locks.
        self.environment["CDKTF_DISABLE_PLUGIN_CACHE_ENV"] = "1"
        configuration = self.environment.get("TF_CLI_CONFIG_FILE")
        if configuration and not Path(configuration).exists():
            del self.environment["TF_CLI_CONFIG_FILE"]
        if not shutil.which("terraform"):
            self.environment.setdefault("TERRAFORM_BINARY_NAME", "tofu")
        self.claims: list[tuple[bool, str]] = []

    def claim(self, holds: bool, text: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
        """Note what was seen; the verdict lists it."""
        self.claims.append((holds, text))
        say(f"   {'yes' if holds else 'NO '}  {text}")

    def command(
        self, *words: str, show: Callable[[str], None] | None = indented, allowed: tuple[int, ...] = (0,)
    ) -> str:
        """Run a command as a user would type it, and show it."""
        if show is not None:
            say(f"   $ {' '.join(words)}")
        lines: list[str] = []

        def each_line(line: str) -> None:
            lines.append(line)
            if show is not None:
                show(line)

        code = run(words, environment=self.environment, folder=FOLDER, each_line=each_line)
        text = "\n".join(lines)
        if code not in allowed:
            if show is None:
                say(text)
            message = f"'{' '.join(words)}' ended with exit code {code}"
            raise DemoError(message)
        return text

    def prepare(self) -> None:
        """Make the folder, end what an earlier run may have left, start the emulated pair."""
        if (EMULATOR / "emulator.json").exists():
            self.command("gatepair", "emulator", "down", "--state", str(EMULATOR), show=None, allowed=(0, 1))
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        self.command("gatepair", "emulator", "up", "--state", str(EMULATOR), "--network", "free", show=None)
        self.lab = json.loads((EMULATOR / "emulator.json").read_text())
        for name in PROJECT_FILES:
            text = (ROOT / name).read_text()
            (FOLDER / name).write_text(text.replace(DEFAULT_NETWORK, self.lab["network"] + "."))

    def status(self) -> dict[str, object]:
        """The pair's status as a program reads it."""
        text = self.command("gatepair", "status", PAIR, "--json", show=None, allowed=(0, 3))
        return json.loads(text)

    def no_changes(self, occasion: str) -> None:
        """Ask for a plan and expect an empty one."""
        plan = self.command("cdktf", "diff", PAIR, show=None)
        self.claim("No changes." in plan, f"the plan is empty {occasion}")
        if "No changes." not in plan:
            say(plan)

    def until_healthy(self, occasion: str) -> None:
        """Wait until the pair calls itself healthy."""
        deadline = time.monotonic() + HEALTHY_WITHIN_S
        while not (healthy := bool(self.status()["healthy"])) and time.monotonic() < deadline:
            pass  # each look is a process of its own and takes its time
        self.claim(healthy, f"the pair is healthy {occasion}")

    def play(self) -> None:
        """The acts, in order."""
        heading(1, "Two appliances, as they are found")
        self.prepare()
        self.command("gatepair", "status", PAIR, allowed=(3,))

        heading(2, "The plan")
        self.command("cdktf", "diff", PAIR)

        heading(3, "The apply")
        begun = time.monotonic()
        self.command("cdktf", "deploy", PAIR, "--auto-approve")
        say(f"   one apply, {time.monotonic() - begun:.0f} s")

        heading(4, "The pair")
        self.until_healthy("after one apply")
        self.command("gatepair", "status", PAIR)
        self.no_changes("right after the apply")

        heading(5, "The primary dies (kill -9) while users log on")
        self.lose_the_primary()

        heading(6, "The lost node comes back")
        self.command("gatepair", "emulator", "power", "a", "on", "--state", str(EMULATOR))
        self.until_healthy("with the lost node back as secondary")
        self.command("gatepair", "status", PAIR)
        self.no_changes("after the failover")

    def lose_the_primary(self) -> None:
        """Kill the primary's process and watch who serves the external virtual IP, second by second."""
        with Users(self.lab["external"], Path(self.lab["ca_file"])) as users:
            users.served_by(self.lab["a"]["host_name"])
            say("   $ gatepair emulator power a off")
            users.mark()
            self.command("gatepair", "emulator", "power", "a", "off", "--state", str(EMULATOR), show=None)
            outage = users.watch_takeover(away_from=self.lab["a"]["host_name"], tell=indented)
        heartbeat = load_config(FOLDER / "pairs.toml").pairs[PAIR].failover.heartbeat
        promised = heartbeat.dead_interval_s + MARGIN_S
        seen = f"{outage:.1f} s (promised: dead interval + 1 s = {promised:.0f} s)"
        self.claim(outage <= promised, f"users were served again after {seen}")

    def verdict(self) -> int:
        """Say how it went; the exit code."""
        heading(7, "Verdict")
        for holds, text in self.claims:
            say(f"   {'yes' if holds else 'NO '}  {text}")
        good = bool(self.claims) and all(holds for holds, _ in self.claims)
        held = sum(holds for holds, _ in self.claims)
        say(f"\n   {'PASSED' if good else 'FAILED'}: {held} of {len(self.claims)} claims hold")
        return 0 if good else 1


def main() -> int:
    """Play the demo and leave nothing behind."""
    adopt_orphans()
    end_on_signals()
    demo = Demo()
    try:
        demo.play()
        code = demo.verdict()
        shutil.rmtree(FOLDER, ignore_errors=True)
    except KeyboardInterrupt:
        say("\nInterrupted: ending what was started.")
        code = GRACE_EXIT
    except DemoError as failure:
        say(f"\nFAILED: {failure}\n{FOLDER.name}/ is kept for a look; the nodes' logs are in its .emulator/.")
        code = 1
    finally:
        end_descendants()
    return code


if __name__ == "__main__":
    sys.exit(main())
