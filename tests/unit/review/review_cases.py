"""Plans for the tests: the fixtures that real Terraform made, and changes of them."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdktf_stacks.review.build import review
from cdktf_stacks.review.masks import Masks
from cdktf_stacks.review.plans import Plan, read_plan

if TYPE_CHECKING:
    from cdktf_stacks.review.model import Review

PLANS = Path(__file__).parent / "plans"
KINDS = tuple(sorted(path.stem for path in PLANS.glob("*.json")))


@cache
def _text(kind: str) -> str:
    return (PLANS / f"{kind}.json").read_text(encoding="utf-8")


def document(kind: str) -> dict[str, Any]:
    """Return a fixture as a document of its own, to change."""
    return json.loads(_text(kind))


def plan(kind: str, name: str = "office") -> Plan:
    """Return a fixture as it is read."""
    return read_plan(_text(kind), name)


def plan_of(changed: dict[str, Any], name: str = "office") -> Plan:
    """Return a changed fixture as it is read."""
    return read_plan(json.dumps(changed), name)


def reviewed(kind: str) -> Review:
    """Return the review of a fixture."""
    return review([plan(kind)])


def row(changed: dict[str, Any], address: str = "restapi_object.office") -> dict[str, Any]:
    """Return an object of a fixture."""
    return next(row for row in changed["resource_changes"] if row["address"] == address)


def with_data(changed: dict[str, Any], side: str, **values: Any) -> dict[str, Any]:
    """Return a fixture with other values in the pair's document on one side."""
    result = copy.deepcopy(changed)
    arguments = row(result)["change"][side]
    arguments["data"] = json.dumps(json.loads(arguments["data"]) | values)
    return result


def fleet(count: int, kind: str = "heartbeat", risky: int = 0) -> list[Plan]:
    """Return many plans: the risky ones dissolve a pair."""
    plans: list[Plan] = []
    for number in range(count):
        text = _text("dissolve" if number < risky else kind)
        text = text.replace("192.0.2.", f"10.{number // 250}.{number % 250}.")
        text = text.replace('"name": "office"', f'"name": "pair-{number:04}"')
        plans.append(read_plan(text, f"pair-{number:04}"))
    return plans


def review_of(*plans: Plan, secrets: tuple[str, ...] = ()) -> Review:
    """Return the review of plans."""
    return review(plans, Masks.of(secrets))
