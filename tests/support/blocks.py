"""The fenced blocks of a page, and a reader who does what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
from project import BIN, NO_PLUGIN_CACHE, ROOT

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LIMIT_S = 240
NETWORK = "127.0.10."
# A status or a check that finds something wrong is no mistake of the page.
FINE = {0, 3}


@attrs.frozen
class Block:
    """One fenced block.

    Attributes:
        language: What stands behind the fence.
        text: What is in it.
        line: Its first line on the page, from 1.
        why_not: Why it is not run, empty when it is.
    """

    language: str
    text: str
    line: int
    why_not: str = ""


def blocks(page: Path, *languages: str) -> list[Block]:
    """Return the blocks of a page in order, of some languages or of all."""
    text = page.read_text(encoding="utf-8")
    found = (
        Block(
            match["language"],
            match["text"],
            text.count("\n", 0, match.start("language")) + 1,
            match["why"] or "",
        )
        for match in _BLOCK.finditer(text)
    )
    return [block for block in found if not languages or block.language in languages]


class Reader:
    """Somebody who types what a page says, in a folder and on a loopback network of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = NETWORK
        path = os.pathsep.join((str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")))
        quiet = {"PATH": path, "CI": "1", "FORCE_COLOR": "0"}
        self.environment = dict(os.environ) | quiet | NO_PLUGIN_CACHE

    def type(self, commands: str) -> str:
        """Type the lines of a block and return all that is printed."""
        said: list[str] = []
        for line in commands.strip().splitlines():
            done = subprocess.run(
                ["bash", "-c", self._here(line)],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert done.returncode in FINE, f"$ {line}\n{done.stdout}"
            said.append(done.stdout)
            self._learn_network()
        return "".join(said).replace(self.network, NETWORK)

    def script(self, text: str) -> str:
        """Run a Python script and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, text: str) -> None:
        """Write a block into the file that its first line names."""
        name = text.partition("\n")[0].removeprefix("#").strip().partition(":")[0]
        (self.folder / name).write_text(text.replace(NETWORK, self.network), encoding="utf-8")

    def _here(self, line: str) -> str:
        # Several readers at once would get into each other's way on the page's own network.
        if line.startswith("gatepair emulator up"):
            return line.replace("emulator up", "emulator up --network free", 1)
        return line.replace(NETWORK, self.network)

    def _learn_network(self) -> None:
        state = self.folder / ".emulator" / "emulator.json"
        if state.exists():
            self.network = json.loads(state.read_text())["network"] + "."


def missing(expected: str, output: str) -> Iterator[str]:
    """Yield the lines that a page shows and a command did not print, in their order, blanks aside."""
    said = [" ".join(line.split()) for line in output.splitlines()]
    for line in filter(None, (" ".join(line.split()) for line in expected.splitlines())):
        place = next((place for place, found in enumerate(said) if line in found), None)
        if place is None:
            yield line
        else:
            said = said[place + 1 :]
