"""What a change means for people, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.model import DRIFT, Change, Step
from cdktf_stacks.review.values import member
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cdktf_stacks.review.groups import Part
    from cdktf_stacks.review.plans import Json

TAKEOVER_MARGIN_S: Final = 1
"""From the end of the dead interval until the other node answers on the virtual IPs."""

SUMMARIES: Final[Mapping[str, str]] = {
    "form": "A failover pair is formed of two appliances.",
    "change": "A pair that exists is changed.",
    "mend": "A pair is put back to what is declared.",
    "dissolve": "The pair is dissolved: two standalone appliances remain.",
    "replace": "An appliance of the pair is another one now.",
    "rebuild": "The pair is dissolved and formed anew.",
    "adopt": "Terraform takes note of what exists; the appliances are not touched.",
    "forget": "Terraform forgets it; the appliances are not touched.",
    "none": "Nothing happens.",
}

_USERS: Final[Mapping[Impact, str]] = {
    Impact.NONE: "nothing",
    Impact.RESYNC: "nothing; but nobody could take over while the secondary is brought up to date",
    Impact.RECONNECT: "all users reconnect, once",
    Impact.FAILOVER: "all users reconnect, once, when the other appliance takes over",
    Impact.RESTART: "all users reconnect when an appliance restarts",
    Impact.OUTAGE: "nobody can work until it is over",
    Impact.DISSOLVED: "nothing at that moment; from then on nobody takes over if the appliance fails",
}
_LASTS: Final[Mapping[Impact, str]] = {
    Impact.NONE: "none",
    Impact.RESYNC: "none",
    Impact.RECONNECT: "the seconds that a client needs to reconnect",
    Impact.RESTART: "minutes, if the other appliance cannot take over",
    Impact.OUTAGE: "not known; plan a maintenance window",
    Impact.DISSOLVED: "none",
}


def users(
    impact: Impact, action: str, steps: tuple[Step, ...], before: Json | None, after: Json | None
) -> str:
    """Return what users notice."""
    if action == "rebuild":
        return "nothing while all goes well; nobody could take over between the two, and " + (
            "all users reconnect" if impact is Impact.RECONNECT else "the primary keeps serving"
        )
    old, new = (str(member(side, "external_virtual_ip.address")) for side in (before, after))
    if impact is Impact.RECONNECT and old and new and old != new:
        return "all users reconnect, and reach the gateway only where its name leads to the new address"
    if impact is Impact.RECONNECT and not any("external" in step.title for step in steps):
        return "sessions that use what is changed are cut and reconnect; others notice nothing"
    return _USERS[impact]


def interruption(impact: Impact, before: Json | None, after: Json | None) -> str:
    """Return how long users are interrupted."""
    if impact is Impact.FAILOVER:
        longest = max(_takeover_s(before), _takeover_s(after))
        return f"about {longest} s" if longest else "seconds"
    old, new = (str(member(side, "external_virtual_ip.address")) for side in (before, after))
    if impact is Impact.RECONNECT and old and new and old != new:
        return "seconds for users who get the new address; for the others until DNS and NAT lead there"
    return _LASTS[impact]


def takeover(before: Json | None, after: Json | None) -> str:
    """Return how long users wait if the primary fails, before and after."""
    old, new = _takeover_s(before), _takeover_s(after)
    if before is not None and not old and not new:
        return ""
    if old and new:
        now = f"about {old} s, as before" if old == new else f"about {old} s -> about {new} s"
        return f"users wait {now}"
    if new:
        return f"users wait about {new} s (until now: nobody takes over)"
    return f"nobody takes over any more (until now: after about {old} s)" if old else ""


def moves(steps: tuple[Step, ...], action: str) -> str:
    """Return which appliances restart or fail over."""
    found = [step.title for step in steps if step.impact in {Impact.FAILOVER, Impact.RESTART}]
    if found:
        return "; ".join(found)
    if action == "form":
        return "no restart; the joining appliance becomes the secondary"
    return "no restart, no failover"


def rebuilt(pair: Part | None, action: str) -> str:
    """Return whether something is made anew or removed, and why."""
    if action == "dissolve":
        return "the pair is removed, because it is no longer declared or was asked to go"
    if action == "replace":
        return "the earlier pair, which is none any more"
    if action != "rebuild" or pair is None:
        return "nothing is removed or made anew"
    causes = [_cause(".".join(path)) for path in pair.change.replace_paths]
    if pair.before and pair.after and pair.before.get("id") != pair.after.get("id"):
        causes = ["its appliances are others"]
    if not causes:
        causes = [_REASONS.get(pair.change.reason, "Terraform says so")]
    return f"the pair is made anew, because {' and '.join(causes)}"


_REASONS: Final[Mapping[str, str]] = {
    "replace_because_tainted": "it was not finished the last time (tainted)",
    "replace_by_request": "somebody asked for it (-replace)",
    "replace_by_triggers": "something that it follows changed (replace_triggered_by)",
    "replace_because_cannot_update": "this change cannot be made in place",
}


def undo(action: str, changes: tuple[Change, ...], *, anew: bool) -> str:
    """Return how to go back.

    Args:
        action: What happens to the pair.
        changes: What changes of it.
        anew: Something is declared that was not declared before.
    """
    match action:
        case "form":
            return (
                "destroy the stack: the pair is dissolved; the joining appliance's old configuration is gone"
            )
        case "dissolve":
            return "declare the pair again: it is formed anew"
        case "replace" | "rebuild":
            return "declare the earlier pair again: it is made anew once more"
        case "mend":
            return "what is put back now would have to be done by hand again"
        case "adopt" | "forget":
            return "nothing to undo on the appliances"
        case _:
            drift = any(change.origin == DRIFT for change in changes)
            return (
                "revert this change and deploy"
                + ("; what was done by hand stays undone" if drift else "")
                + ("; what is declared here for the first time then stays as it is" if anew else "")
            )


def _takeover_s(document: Json | None) -> int:
    seconds = member(document, "heartbeat.dead_interval_s")
    is_pair = member(document, "failover_pair") == "formed"
    return seconds + TAKEOVER_MARGIN_S if isinstance(seconds, int) and seconds > 0 and is_pair else 0


def _cause(path: str) -> str:
    return "its appliances or another key of its identity change" if path == "data" else f"{path} changes"
