"""The script in the README does what it says."""

from __future__ import annotations

import re
import sys

from project import ROOT, Project


def test_the_script_prints_who_is_primary(formed: Project) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (formed.folder / "who.py").write_text(script)
    assert formed.must(sys.executable, "who.py").strip() == formed.lab.a.address
