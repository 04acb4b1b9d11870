"""What can go wrong, as the OpenAPI document tells it: each kind of problem with an example."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gatepair import errors
from gatepair.errors.base import URN
from gatepair_bridge.api.faults import ApiError
from gatepair_bridge.api.messages import PROBLEM_TYPE
from gatepair_bridge.api.problems import CORRECT_IT, status_of_kind
from gatepair_bridge.api.schema_parts import INSTANT, NODE
from gatepair_bridge.api.work import Cancelled

if TYPE_CHECKING:
    from gatepair.errors import GatepairError

Node: TypeAlias = dict[str, Any]

STATUS_TEXT: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "No token, or none that is known.",
    403: "The token, the operator's allow-list, the place of the caller or the appliance forbids it.",
    404: "There is nothing under this name.",
    405: "The path is there, the method is not; `Allow` lists those that are.",
    409: "Another change is under way, or the appliances are in no state for this one.",
    412: "The pair is no longer what the caller last saw.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The document is not valid; `detail` names everything that is wrong.",
    429: "The caller has had its share; `Retry-After` says when to come back.",
    500: "The bridge, or a file of its operator, is at fault.",
    502: "An appliance failed or refused.",
    503: "The bridge or an appliance is not ready; the same request works later.",
    504: "An appliance does not answer, or it took too long.",
}
PROBLEM_STATUSES: Final = tuple(STATUS_TEXT)
# Members that only some kinds of problem have.
MORE: Final[Mapping[str, Node]] = {
    "change-under-way": {"holder": {"who": "ci-runner", "what": "POST /v1/pairs", "since": INSTANT}},
    "preflight-failed": {
        "checks": [
            {
                "id": "same-version",
                "title": "Same firmware on both",
                "node": "",
                "verdict": "fail",
                "evidence": "NS14.1: Build 25.53.nc and NS14.1: Build 21.57.nc",
                "remedy": "Bring both to the same build first.",
            }
        ]
    },
    "login-refused": {"node": NODE, "errorcode": 354},
    "unreachable": {"node": NODE},
    "invalid-input": {"key": "heartbeat.dead_interval_s"},
}


def kinds() -> tuple[type[GatepairError], ...]:
    """Give every kind of problem that has a name of its own, by status and name."""
    named = (getattr(errors, name) for name in errors.__all__)
    ours = (kind for kind in named if isinstance(kind, type) and issubclass(kind, errors.GatepairError))
    found = {kind.slug: kind for kind in (*ours, *ApiError.__subclasses__(), Cancelled)}
    return tuple(sorted(found.values(), key=lambda kind: (status_of_kind(kind), kind.slug)))


def problem_response(status: int, *, open_too: bool = False) -> Node:
    """Write the response object for one status, with an example of each kind of problem that has it."""
    examples = {
        kind.slug: {"summary": kind.title, "value": example_of_kind(kind)}
        for kind in kinds()
        if status_of_kind(kind) == status
    }
    content: Node = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if examples:
        content[PROBLEM_TYPE]["examples"] = examples
    content |= {"*/*": {}} if open_too else {}
    return {"description": STATUS_TEXT[status], "content": content}


def example_of_kind(kind: type[GatepairError]) -> Node:
    """Make the document that a problem of one kind looks like."""
    first = (inspect.getdoc(kind) or kind.title).partition("\n")[0]
    remedy = CORRECT_IT if issubclass(kind, errors.InvalidInput) else ""
    document: Node = {
        "type": URN + kind.slug,
        "title": kind.title,
        "status": status_of_kind(kind),
        "detail": first,
        **MORE.get(kind.slug, {}),
    }
    told = kind.default_remedy or remedy
    return document | ({"remedy": told} if told else {})
