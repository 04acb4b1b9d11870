"""The page about the models is what the models say."""

from __future__ import annotations

import re
import runpy

import attrs
from project import ROOT

from gatepair import models

MADE = runpy.run_path(str(ROOT / "tools" / "models_page.py"))
PAGE = ROOT / "docs" / "reference" / "models.md"


def test_the_page_is_what_the_models_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == MADE["page"](), "run: python tools/models_page.py"


def test_every_model_is_on_the_page() -> None:
    kinds = [getattr(models, name) for name in models.__all__]
    named = {kind.__name__ for kind in kinds if isinstance(kind, type) and attrs.has(kind)}
    page = PAGE.read_text(encoding="utf-8")
    assert {*re.findall(r"^### `(\w+)`", page, re.MULTILINE)} >= named - {"SecretReference"}


def test_every_attribute_is_explained() -> None:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            assert not line.endswith("|  |"), line
