"""What is judged, and what a person is told to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify_series import (
    EXTERNAL,
    GOOD,
    NAMES,
    A,
    B,
    answers,
    any_timeline,
    facts,
    measures,
    part_report,
    report,
    timeline,
)

from gatepair.errors import FailoverRefused, InvalidInput
from gatepair.models import Credentials, Secret
from gatepair.probes import Probe
from gatepair.verify import Part, PowerCommands, VerifyOptions
from gatepair.verify.judging import After, Facts, judge
from gatepair.verify.measures import Promise
from gatepair.verify.sharing import Comparison
from gatepair.workflows.report import Check, Verdict

if TYPE_CHECKING:
    from gatepair.verify.timeline import Timeline

SLOW = Promise.of(hello_interval_ms=200, dead_interval_s=3, every_s=0.2, timeout_s=0.05, margin_s=0.0)


def check(known: Facts, name: str) -> Check:
    return next(one for one in judge(known) if one.id == name)


def verdicts(known: Facts) -> dict[str, str]:
    return {one.id: str(one.verdict) for one in judge(known)}


def seen(first: str, second: str, letters: str | dict[Probe, str], **changes: Any) -> Facts:
    return facts(timeline(first, second, letters), **changes)


def test_a_good_switch_passes_every_check() -> None:
    assert set(verdicts(facts()).values()) == {"pass"}
    assert set(verdicts(facts())) == {
        "switched",
        *(f"served-{probe}" for probe in Probe),
        "kept-connection",
        "session-kept",
        "sign-in",
        "one-primary",
        "roles-after",
        "sync-after",
        "configuration-inherited",
    }


def test_every_failed_check_says_what_to_do() -> None:
    bad = seen(
        "p" * 40,
        "s" * 20 + "p" * 20,
        "a" * 10 + "x" * 20 + "o" * 5 + "u" * 5,
        after=After(settled=False, roles=((A, "primary"), (B, "primary")), sync="FAILED", reason="no key"),
        comparison=Comparison(differences=("service s is only on 192.0.2.11",)),
        sign_in=answers(Probe.SESSION, "x")[0],
        undone="192.0.2.11 was to serve again",
    )
    failed = [one for one in judge(bad) if one.verdict is not Verdict.PASS]
    assert {one.id for one in failed} >= {
        "served-request",
        "web-interface",
        "session-kept",
        "sign-in",
        "one-primary",
        "roles-after",
        "sync-after",
        "configuration-inherited",
        "undone",
    }
    assert all(one.remedy and one.evidence for one in failed)


def test_a_node_that_does_not_take_over() -> None:
    known = seen("p" * 10 + "-" * 30, "s" * 40, "a" * 10 + "x" * 30)
    assert check(known, "switched").verdict is Verdict.FAIL
    assert "not seen as primary within 30 s" in check(known, "switched").evidence
    assert "not served any more" in check(known, "served-request").evidence


def test_later_than_the_timers_promise_fails_only_where_that_is_certain() -> None:
    late = seen("p" * 10 + "-" * 40, "s" * 40 + "p" * 10, "a" * 10 + "x" * 30 + "b" * 10, promise=SLOW)
    assert check(late, "switched").verdict is Verdict.FAIL
    assert check(late, "served-request").verdict is Verdict.FAIL
    assert check(facts(), "switched").verdict is Verdict.PASS


def test_a_refusal_is_all_there_is_to_say() -> None:
    error = FailoverRefused("the pair does not fail over: it settles", node=A, remedy="Wait.")
    (only,) = judge(facts(refusal=error))
    assert (only.verdict, only.node, only.remedy) == (Verdict.FAIL, A, "Wait.")
    assert "it settles" in only.evidence


@pytest.mark.parametrize(
    "letters", [{Probe.SESSION: "a" * 10 + "u" * 30}, {Probe.REQUEST: "a" * 10 + "u" * 9}]
)
def test_a_401_after_the_switch_points_at_the_hosts_entry(letters: dict[Probe, str]) -> None:
    found = check(seen("p" * 10 + "s" * 10, "s" * 10 + "p" * 10, letters), "web-interface")
    assert found.verdict is Verdict.FAIL
    assert f"external virtual IP {EXTERNAL}" in found.remedy
    assert "Web Interface or StoreFront" in found.remedy


@pytest.mark.parametrize("during", ["u" + "x" * 14, "x" * 7 + "u" * 8, "u" * 15])
def test_a_401_while_nobody_serves_is_part_of_the_outage(during: str) -> None:
    letters = {Probe.CONNECT: "a" * 10 + "x" * 15 + "b" * 15, Probe.SESSION: "a" * 10 + during + "b" * 15}
    known = seen("p" * 10 + "-" * 20 + "s" * 10, "s" * 24 + "p" * 16, letters)
    assert "web-interface" not in {one.id for one in judge(known)}
    assert check(known, "served-session").verdict is Verdict.PASS
    later = letters | {Probe.SESSION: letters[Probe.SESSION][:-2] + "ub"}
    again = seen("p" * 10 + "-" * 20 + "s" * 10, "s" * 24 + "p" * 16, later)
    assert check(again, "web-interface").evidence.startswith("users got 401 once although")


def test_a_401_for_who_signs_in_anew_is_enough() -> None:
    known = facts(sign_in=answers(Probe.SESSION, "u")[0])
    assert check(known, "web-interface").verdict is Verdict.FAIL
    assert "hosts entry" in check(known, "sign-in").remedy


def test_a_lost_session_is_a_warning_and_a_lost_connection_is_usual() -> None:
    letters = {Probe.KEPT: "aaxbb", Probe.SESSION: "aaobb"}
    known = seen("ppsss", "sspppp", letters)
    assert check(known, "session-kept").verdict is Verdict.WARN
    assert "anew once" in check(known, "kept-connection").evidence
    assert check(known, "kept-connection").verdict is Verdict.PASS
    unbroken = seen("ppsss", "sspppp", {Probe.KEPT: "aabbb", Probe.SESSION: "aabbb"})
    assert check(unbroken, "kept-connection").evidence == "it lived on"


@pytest.mark.parametrize(
    ("sync", "verdict"),
    [("SUCCESS", "pass"), ("DISABLED", "warn"), ("AUTO DISABLED", "warn"), ("FAILED", "fail"), ("", "fail")],
)
def test_the_secondary_after(sync: str, verdict: str) -> None:
    after = After(settled=True, roles=((A, "secondary"), (B, "primary")), sync=sync)
    assert verdicts(facts(after=after))["sync-after"] == verdict


def test_roles_that_change_more_than_once() -> None:
    known = seen("ppsspp" * 3, "ssppss" * 3, "a" * 18)
    assert "roles changed" in check(known, "one-primary").evidence
    both = seen("p" * 20, "s" * 8 + "p" * 12, "a" * 20)
    assert "both were primary" in check(both, "one-primary").evidence


def test_configurations_that_differ_or_cannot_be_read() -> None:
    differing = Comparison(
        checksums=((A, "a" * 64), (B, "b" * 64)), differences=("nsip 192.0.2.20 is only on A",)
    )
    assert "only on A" in check(facts(comparison=differing), "configuration-inherited").evidence
    unread = Comparison(error="192.0.2.12: no connection")
    assert check(facts(comparison=unread), "configuration-inherited").verdict is Verdict.FAIL
    assert "configuration-inherited" not in verdicts(facts(comparison=None))


@given(any_timeline(), st.sampled_from(list(Part)))
def test_every_timeline_can_be_judged(seen: Timeline, part: Part) -> None:
    known = facts(seen, part)
    checks = judge(known)
    assert len({one.id for one in checks}) == len(checks)
    for one in checks:
        assert one.evidence
        assert (one.verdict is Verdict.PASS) == (not one.remedy)


def test_a_report_is_negative_if_one_part_is() -> None:
    good = report()
    assert (good.verdict, good.ok) == ("passed", True)
    bad_part = part_report(facts(after=After(settled=False, roles=((A, "unknown"), (B, "primary")))))
    bad = report([part_report(), bad_part])
    assert [part.verdict for part in bad.parts] == ["passed", "failed"]
    assert (bad.verdict, bad.ok) == ("failed", False)
    assert bad_part.stands
    assert not part_report(facts(undone="it was undone")).stands


# -- what is asked for ----------------------------------------------------------------------------


def test_what_is_done_in_order() -> None:
    power = PowerCommands.parse("off", "on")
    options = VerifyOptions(kinds=("hard", "forced", "hard"), power=power)
    assert options.parts == (Part.HARD, Part.FAIL_BACK, Part.FORCED, Part.FAIL_BACK)
    assert VerifyOptions(kinds=("graceful",), fail_back=False).parts == (Part.GRACEFUL,)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kinds": ()}, "at least one"),
        ({"kinds": ("soft",)}, "soft is no kind"),
        ({"kinds": ("fail-back",)}, "no kind"),
        ({"kinds": ("hard",)}, "cut the power"),
        ({"interval_s": 0.0}, "between"),
        ({"timeout_s": 61}, "between"),
        ({"margin_s": -1}, "between"),
        ({"patience_s": 0.5}, "between"),
    ],
)
def test_options_that_cannot_be_meant(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        VerifyOptions(**values)


def test_options_show_no_password() -> None:
    user = Credentials(username="alice", password=Secret("canary-user-password-77aa"))
    assert "canary" not in repr(VerifyOptions(user=user))


def test_the_usual_things_of_this_module_are_what_they_say() -> None:
    assert measures(GOOD, Part.HARD).served
    assert GOOD.title(A) == f"{NAMES[0]} ({A})"
