"""What preflight found: checks with verdict, evidence and remedy."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Verdict(StrEnum):
    """Outcome of one check; only ``fail`` stops a change."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"


@attrs.frozen(kw_only=True)
class Check:
    """One question asked before a change.

    Attributes:
        id: Stable name, such as ``same-version``.
        title: The question in words.
        node: The appliance to look at as ``host[:port]``, empty for the pair as a whole.
        verdict: ``pass``, ``warn`` or ``fail``.
        evidence: What was seen.
        remedy: What to do, empty when the check passed.
    """

    id: str
    title: str
    verdict: Verdict
    node: str = ""
    evidence: str = ""
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the check as JSON-ready words."""
        return {
            "id": self.id,
            "title": self.title,
            "node": self.node,
            "verdict": str(self.verdict),
            "evidence": self.evidence,
            "remedy": self.remedy,
        }


@attrs.frozen(kw_only=True)
class PreflightReport:
    """All checks.

    Attributes:
        checks: The checks in the order they were made.
    """

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed; warnings do not count."""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.verdict is Verdict.FAIL)

    @property
    def warnings(self) -> tuple[Check, ...]:
        """The checks that warn."""
        return tuple(check for check in self.checks if check.verdict is Verdict.WARN)

    def to_dict(self) -> dict[str, object]:
        """Return the report as a JSON-ready mapping with ``ok`` and ``checks``."""
        return {"ok": self.ok, "checks": [check.to_dict() for check in self.checks]}
