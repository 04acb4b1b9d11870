from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
from pathlib import Path

import pytest

from gatepair import errors
from gatepair.errors import (
    DeadlineExceeded,
    GatepairError,
    InvalidInput,
    LoginRefused,
    NitroError,
    NotFound,
    PairsFileError,
    PreflightFailed,
    Problem,
)
from gatepair.errors.base import URN
from gatepair.models import ManagementAddress
from gatepair.workflows.report import Check, Verdict

ROOT = Path(__file__).parents[3]


def tree(kind: type[GatepairError] = GatepairError) -> list[type[GatepairError]]:
    own = [child for child in kind.__subclasses__() if child.__module__.startswith("gatepair.errors")]
    return [kind, *(found for child in own for found in tree(child))]


ALL = tree()


def test_the_public_names_are_the_tree() -> None:
    names = {kind.__name__ for kind in ALL}
    assert names <= set(errors.__all__)
    assert set(errors.__all__) - names == {"CheckLike", "ErrorFacts", "Problem"}


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_ours_and_says_what_it_is(kind: type[GatepairError]) -> None:
    assert kind.__mro__[-3:] == (Exception, BaseException, object)
    assert all(base.__module__.startswith("gatepair.errors") for base in kind.__mro__[:-3])
    assert inspect.getdoc(kind)
    assert kind.title
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
    assert not kind.default_remedy or kind.default_remedy.endswith(".")


def test_every_error_has_a_slug_of_its_own() -> None:
    slugs = [kind.slug for kind in ALL]
    assert len(set(slugs)) == len(slugs)


def test_slugs_never_change() -> None:
    """Programs match on them: a new error adds a line here, an old line stays as it is."""
    assert {kind.__name__: kind.slug for kind in ALL} == {
        "GatepairError": "error",
        "InvalidInput": "invalid-input",
        "PairsFileError": "pairs-file",
        "SecretUnavailable": "secret-unavailable",
        "LocalFileError": "local-file",
        "Unreachable": "unreachable",
        "TlsUntrusted": "tls-untrusted",
        "NotReady": "not-ready",
        "AuthenticationRefused": "authentication-refused",
        "LoginRefused": "login-refused",
        "PasswordChangeRequired": "password-change-required",
        "DefaultPasswordRefused": "default-password",
        "LoginChallenged": "login-challenged",
        "SessionEnded": "session-ended",
        "SessionLimitReached": "session-limit",
        "NotAuthorized": "not-authorized",
        "NitroError": "nitro",
        "NotFound": "not-found",
        "AlreadyExists": "already-exists",
        "Busy": "busy",
        "InvalidArgument": "invalid-argument",
        "NotPrimary": "not-primary",
        "NotLicensed": "not-licensed",
        "PropagationFailed": "propagation-failed",
        "FailoverRefused": "failover-refused",
        "UnexpectedReply": "unexpected-reply",
        "PreflightFailed": "preflight-failed",
        "PairError": "pair",
        "NotAPair": "not-a-pair",
        "InAnotherPair": "in-another-pair",
        "SplitBrain": "split-brain",
        "NoPrimary": "no-primary",
        "WriteToSecondaryRefused": "write-to-secondary",
        "AmbiguousVirtualIp": "ambiguous-virtual-ip",
        "SyncFailed": "sync-failed",
        "UsersNotServed": "users-not-served",
        "HealthCheckFailed": "health-check-failed",
        "ConcurrentChange": "concurrent-change",
        "DeadlineExceeded": "deadline-exceeded",
        "Unsupported": "unsupported",
    }


def test_the_drawn_tree_is_the_tree() -> None:
    drawn: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    (?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)(?:\s{2,}|$)", line)
        if match:
            drawn.append((len(match["indent"]) // 4, match["name"]))

    def depth(kind: type[GatepairError]) -> int:
        return len(kind.__mro__) - len(GatepairError.__mro__)

    assert sorted(drawn) == sorted((depth(kind), kind.__name__) for kind in ALL)
    parents: dict[int, str] = {}
    for level, name in drawn:
        parents[level] = name
        if level:
            assert getattr(errors, name).__bases__[0].__name__ == parents[level - 1]


def test_an_error_is_one_line_with_its_remedy() -> None:
    error = LoginRefused(
        "Invalid username\n or password",
        node=ManagementAddress.parse("192.0.2.11:8443"),
        errorcode=354,
        remedy="Do it.",
    )
    assert str(error) == "192.0.2.11:8443: Invalid username or password (NITRO error 354). Do it."
    assert str(InvalidInput("is wrong.")) == "is wrong."
    assert str(InvalidInput("is it?")) == "is it?"


def test_a_class_has_a_remedy_of_its_own() -> None:
    assert LoginRefused("no").remedy == LoginRefused.default_remedy
    assert LoginRefused("no", remedy="Other.").remedy == "Other."
    assert InvalidInput("no").remedy == ""


def test_where_it_happened_is_added_once() -> None:
    error = NotFound("No such resource", node="192.0.2.11")
    assert error.at(node="192.0.2.12", step="observe", key="external") is error
    assert (error.node, error.step, error.key) == ("192.0.2.11", "observe", "external")
    assert error.at(step="join").step == "observe"
    assert NotFound("x").at(node=ManagementAddress.parse("192.0.2.12")).node == "192.0.2.12"


def test_a_problem_document_has_what_is_known() -> None:
    error = NotFound("No such resource", node="192.0.2.11", step="observe", errorcode=258, key="external")
    assert error.to_problem() == {
        "type": f"{URN}not-found",
        "title": "Not found on the appliance",
        "detail": "No such resource",
        "node": "192.0.2.11",
        "step": "observe",
        "errorcode": 258,
        "key": "external",
    }
    assert set(GatepairError("x").to_problem()) == {"type", "title", "detail"}


def problem(line: int, pair: str = "office", key: str = "max_flips") -> Problem:
    return Problem(file="pairs.toml", line=line, pair=pair, key=key, message="is wrong")


def test_every_problem_of_a_file_is_told() -> None:
    error = PairsFileError([problem(3), problem(0, pair="", key="")])
    assert str(error) == (
        "2 problems: pairs.toml:3: pair office, max_flips: is wrong; pairs.toml: is wrong. "
        "Correct the file; nothing was changed."
    )
    assert error.key == "max_flips"
    assert PairsFileError([problem(3)]).message == "pairs.toml:3: pair office, max_flips: is wrong"
    assert json.loads(json.dumps(error.to_problem()["problems"]))[0]["line"] == 3


def check(node: str = "192.0.2.12", evidence: str = "it is older.", remedy: str = "Update it") -> Check:
    return Check(
        id="same-version",
        title="Same firmware",
        verdict=Verdict.FAIL,
        node=node,
        evidence=evidence,
        remedy=remedy,
    )


def test_failed_checks_are_told_with_node_evidence_and_remedy() -> None:
    one = PreflightFailed([check(), check(evidence="its clock is wrong")])
    assert str(one) == "192.0.2.12: Nothing was changed: it is older; its clock is wrong. Update it."
    assert (one.node, one.step) == ("192.0.2.12", "preflight")
    both = PreflightFailed([check(), check(node="192.0.2.11"), check(node="", remedy="")], key="external")
    assert str(both) == (
        "Nothing was changed: 192.0.2.12: it is older; 192.0.2.11: it is older; it is older. Update it."
    )
    assert both.key == "external"
    assert both.to_problem()["checks"] == [found.to_dict() for found in both.checks]


def test_a_deadline_says_what_was_still_missing() -> None:
    error = DeadlineExceeded(
        "waiting for synchronization", reason="it is IN PROGRESS", waited_s=61.2, node="192.0.2.12"
    )
    assert error.message == "waiting for synchronization after 61 s: it is IN PROGRESS"
    assert error.to_problem()["reason"] == "it is IN PROGRESS"
    assert "reason" not in DeadlineExceeded("x").to_problem()


@pytest.mark.parametrize(
    "error",
    [
        NitroError("busy", status=599, errorcode=293, node="192.0.2.11"),
        PairsFileError([problem(1)]),
        PreflightFailed([check()]),
        DeadlineExceeded("x", reason="y", waited_s=1),
    ],
)
def test_errors_travel_between_processes(error: GatepairError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.to_problem() == error.to_problem()


def test_every_error_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `([\w-]+)` \|", page, flags=re.MULTILINE))
    assert rows == {kind.__name__: kind.slug for kind in ALL}
    for kind in ALL:
        assert kind.default_remedy in page, kind


def test_every_error_has_a_test_of_its_own() -> None:
    """A behaviour in which it is met; that it exists is shown above for all of them."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    leaves = [kind for kind in ALL if not any(kind in other.__bases__ for other in ALL)]
    assert not [
        kind.__name__ for kind in leaves if not re.search(rf"\b{kind.__name__}\b|{URN}{kind.slug}\b", text)
    ]
