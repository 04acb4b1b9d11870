"""Two appliances are not as a pair should be, or not ready to become one."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from gatepair.errors.base import GatepairError, sentence


class CheckLike(Protocol):
    """What `PreflightFailed` needs to know of a check."""

    @property
    def node(self) -> str:
        """The appliance, empty for the pair as a whole."""
        ...

    @property
    def evidence(self) -> str:
        """What was seen."""
        ...

    @property
    def remedy(self) -> str:
        """What to do."""
        ...

    def to_dict(self) -> Mapping[str, object]:
        """Return the check as JSON-ready words."""
        ...


class PreflightFailed(GatepairError):
    """Checks before a change failed; nothing was changed.

    Args:
        checks: The checks that failed.
        key: The key of the declaration to blame, if there is one.
    """

    slug = "preflight-failed"
    title = "The pair is not ready; nothing was changed"

    def __init__(self, checks: Iterable[CheckLike], *, key: str | None = None) -> None:
        self.checks = tuple(checks)
        nodes = {check.node for check in self.checks}
        node = nodes.pop() if len(nodes) == 1 else ""
        found = (_found(check, named=bool(node)) for check in self.checks)
        super().__init__(
            f"Nothing was changed: {'; '.join(found)}",
            node=node,
            step="preflight",
            key=key,
            remedy=" ".join(dict.fromkeys(sentence(check.remedy) for check in self.checks if check.remedy)),
        )

    def _more(self) -> dict[str, object]:
        return {"checks": [dict(check.to_dict()) for check in self.checks]}


def _found(check: CheckLike, *, named: bool) -> str:
    where = "" if named or not check.node else f"{check.node}: "
    return where + check.evidence.rstrip(".")


class PairError(GatepairError):
    """The two appliances are not as a pair should be."""

    slug = "pair"
    title = "The pair is not in order"


class NotAPair(PairError):
    """The two appliances are no failover pair."""

    slug = "not-a-pair"
    title = "The appliances are no failover pair"
    default_remedy = "Form the pair first."


class InAnotherPair(PairError):
    """One of the appliances belongs to a pair with another node."""

    slug = "in-another-pair"
    title = "An appliance belongs to another pair"
    default_remedy = "Dissolve the other pair first, or declare the appliance that is really meant."


class SplitBrain(PairError):
    """Both appliances are primary: they do not hear each other."""

    slug = "split-brain"
    title = "Both appliances are primary"
    default_remedy = "Mend the network between them (UDP 3003); one of them steps down by itself."


class NoPrimary(PairError):
    """Neither appliance is primary, so nobody serves."""

    slug = "no-primary"
    title = "Neither appliance is primary"
    default_remedy = "Mend what makes the appliances unhealthy, or switch fail_safe on."
    retryable = True


class WriteToSecondaryRefused(PairError):
    """A pair-wide change was about to go to the secondary, where the next synchronization would undo it."""

    slug = "write-to-secondary"
    title = "A pair-wide change belongs on the primary"
    default_remedy = "Send the change to the primary."


class AmbiguousVirtualIp(PairError):
    """Several addresses on the appliance could be the virtual IP that is to be replaced."""

    slug = "ambiguous-virtual-ip"
    title = "Several addresses could be the virtual IP"
    default_remedy = "Name the old one as replaces_external."


class SyncFailed(PairError):
    """The secondary did not take over the primary's configuration."""

    slug = "sync-failed"
    title = "Synchronization failed"
    default_remedy = "Check that both appliances have the same shared key, password and firmware."


class UsersNotServed(PairError):
    """Users were not served for longer than allowed while something was done to the pair."""

    slug = "users-not-served"
    title = "Users are not served"
    default_remedy = "See with gatepair status who is primary, and why the gateway does not answer there."


class HealthCheckFailed(PairError):
    """An appliance is not as it has to be before the next step is taken; the step was not taken.

    Args:
        checks: The checks that failed.
    """

    slug = "health-check-failed"
    title = "A health check failed; the next step was not taken"

    def __init__(self, checks: Iterable[CheckLike]) -> None:
        self.checks = tuple(checks)
        nodes = {check.node for check in self.checks}
        node = nodes.pop() if len(nodes) == 1 else ""
        super().__init__(
            "; ".join(_found(check, named=bool(node)) for check in self.checks),
            node=node,
            remedy=" ".join(dict.fromkeys(sentence(check.remedy) for check in self.checks if check.remedy)),
        )

    def _more(self) -> dict[str, object]:
        return {"checks": [dict(check.to_dict()) for check in self.checks]}


class ConcurrentChange(PairError):
    """Somebody else changed the pair meanwhile."""

    slug = "concurrent-change"
    title = "Somebody else changed the pair meanwhile"
    default_remedy = "Look at the pair and run it again."
    retryable = True
