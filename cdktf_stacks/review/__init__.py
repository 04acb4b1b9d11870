"""Reviews of Terraform plans in words of the pair.

Nothing here starts Node: plans are read as `terraform show -json` prints them.

Example:
    ```python
    from pathlib import Path
    from cdktf_stacks.review import read_plan_file, review, to_markdown

    print(to_markdown(review([read_plan_file(Path("plan.json"))])))
    ```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdktf_stacks.review.build import review
    from cdktf_stacks.review.identity import fingerprint
    from cdktf_stacks.review.markdown import to_markdown
    from cdktf_stacks.review.masks import Masks
    from cdktf_stacks.review.model import PairReview, Review
    from cdktf_stacks.review.page import to_html
    from cdktf_stacks.review.plans import Plan, read_plan, read_plan_file
    from cdktf_stacks.review.policy import violations
    from cdktf_stacks.review.terminal import to_terminal

__all__ = [
    "Masks",
    "PairReview",
    "Plan",
    "Review",
    "fingerprint",
    "read_plan",
    "read_plan_file",
    "review",
    "to_html",
    "to_markdown",
    "to_terminal",
    "violations",
]

_MODULE_OF = {
    "Masks": "masks",
    "PairReview": "model",
    "Plan": "plans",
    "Review": "model",
    "fingerprint": "identity",
    "read_plan": "plans",
    "read_plan_file": "plans",
    "review": "build",
    "to_html": "page",
    "to_markdown": "markdown",
    "to_terminal": "terminal",
    "violations": "policy",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line must start quickly."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
