"""What the appliances say to a change that is planned: preflight, and who is primary now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.documents import pair_from_document
from gatepair.errors import GatepairError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cdktf_stacks.review.groups import Group
    from cdktf_stacks.review.masks import Masks
    from cdktf_stacks.review.model import PairReview
    from gatepair.config import Config, Connections
    from gatepair.models import Pair
    from gatepair.workflows.report import Check, PreflightReport


def preflight_of(config_file: Path, masks: Masks) -> Callable[[Group, PairReview], PairReview]:
    """Return what asks the appliances of a pair and adds their answers to its review.

    Args:
        config_file: The file that says how they are reached; without it, the environment does.
        masks: Takes secrets out of what they say.
    """
    from gatepair.config import Connections, load_config  # noqa: PLC0415 - only where they are asked

    config = load_config(config_file) if config_file.exists() else None
    connections: Config | Connections = config or Connections.from_environment()
    declared = {pair.id: pair for pair in config.pairs.values()} if config else {}

    def ask(group: Group, review: PairReview) -> PairReview:
        if group.pair is None or group.pair.after is None:
            return review
        try:
            pair = declared.get(group.pair_id) or pair_from_document(group.pair.after)
            return _asked(review, pair, connections, masks)
        except GatepairError as error:
            sentence = masks.text(f"the appliances could not be asked: {error.message}")
            return attrs.evolve(review, asked=sentence)

    return ask


def _asked(review: PairReview, pair: Pair, connections: Config | Connections, masks: Masks) -> PairReview:
    from gatepair import PairSession  # noqa: PLC0415 - as above

    with PairSession(pair, connections) as session:
        report = session.preflight(pair)
        status = session.status()
    checks = tuple(_masked(check, masks) for check in report.checks)
    serving = f"; {status.primary} is primary now" if status.primary else ""
    risk = () if report.ok else ("The preflight fails: a deploy would be refused. See its results.",)
    return attrs.evolve(
        review, checks=checks, asked=f"{_counted(report)}{serving}", risks=(*risk, *review.risks)
    )


def _counted(report: PreflightReport) -> str:
    failed, warned = len(report.failures), len(report.warnings)
    passed = len(report.checks) - failed - warned
    return f"{passed} checks passed, {warned} warn, {failed} fail"


def _masked(check: Check, masks: Masks) -> Check:
    return attrs.evolve(check, evidence=masks.text(check.evidence), remedy=masks.text(check.remedy))
