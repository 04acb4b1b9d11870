"""What is worth another try, and what a failure is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair import errors
from gatepair.models import Secret
from gatepair.nitro import calls
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import Reply
from gatepair.nitro.codec import NOT_NITRO
from gatepair.nitro.codes import MESSAGES
from gatepair.nitro.faults import Trouble, error_from, trouble_of
from gatepair.nitro.retry import POLICY, next_pause_s

NODE = "192.0.2.11"


def reply(code: int, status: int = 599, severity: str = "ERROR") -> Reply:
    return Reply(status=status, errorcode=code, message=MESSAGES.get(code, "m"), severity=severity)


class TestDecision:
    @pytest.mark.parametrize("trouble", [Trouble.BROKEN, Trouble.TIMED_OUT])
    def test_what_may_have_been_done_is_repeated_only_if_that_is_harmless(self, trouble: Trouble) -> None:
        assert next_pause_s(trouble, replayable=True, attempt=0, elapsed_s=0) is not None
        assert next_pause_s(trouble, replayable=False, attempt=0, elapsed_s=0) is None

    @pytest.mark.parametrize("trouble", [Trouble.BUSY, Trouble.LIMIT, Trouble.STARTING])
    def test_what_was_not_done_is_repeated_whatever_it_does(self, trouble: Trouble) -> None:
        assert next_pause_s(trouble, replayable=False, attempt=0, elapsed_s=0) is not None

    @pytest.mark.parametrize("trouble", [Trouble.FINAL, Trouble.NOT_SENT, Trouble.SESSION_ENDED])
    def test_the_rest_is_final(self, trouble: Trouble) -> None:
        assert next_pause_s(trouble, replayable=True, attempt=0, elapsed_s=0) is None

    def test_the_appliance_may_ask_for_more_time(self) -> None:
        assert next_pause_s(Trouble.BUSY, replayable=False, attempt=0, elapsed_s=0, asked_s=9) == 9
        assert next_pause_s(Trouble.BUSY, replayable=False, attempt=0, elapsed_s=0, asked_s=9000) is None

    @given(
        trouble=st.sampled_from(list(POLICY)),
        replayable=st.booleans(),
        attempt=st.integers(0, 100),
        elapsed_s=st.floats(0, 1000),
        asked_s=st.none() | st.floats(0, 100),
        jitter=st.floats(0, 1),
    )
    def test_never_beyond_the_budget_and_never_in_a_hurry(
        self,
        *,
        trouble: Trouble,
        replayable: bool,
        attempt: int,
        elapsed_s: float,
        asked_s: float | None,
        jitter: float,
    ) -> None:
        pause = next_pause_s(
            trouble,
            replayable=replayable,
            attempt=attempt,
            elapsed_s=elapsed_s,
            asked_s=asked_s,
            jitter=jitter,
        )
        if pause is not None:
            rule = POLICY[trouble]
            assert pause >= rule.first_s
            assert elapsed_s + pause <= rule.budget_s
            assert attempt < rule.attempts
            assert asked_s is None or pause >= asked_s


class TestTrouble:
    @pytest.mark.parametrize("code", [293, 603, 1461, 272, 291, 292])
    def test_busy(self, code: int) -> None:
        assert trouble_of(reply(code)) is Trouble.BUSY

    @pytest.mark.parametrize(
        "answer",
        [reply(444, 401), reply(1027, 401), reply(444, 200), reply(0, 401), reply(NOT_NITRO, 401)],
    )
    def test_an_ended_session(self, answer: Reply) -> None:
        assert trouble_of(answer) is Trouble.SESSION_ENDED

    @pytest.mark.parametrize("answer", [reply(NOT_NITRO, 503), reply(256), reply(389), reply(0, 503)])
    def test_starting_is_not_up(self, answer: Reply) -> None:
        assert trouble_of(answer) is Trouble.STARTING
        assert isinstance(error_from(calls.save(), answer, NODE), errors.NotReady)

    def test_a_refused_password_is_final(self) -> None:
        assert trouble_of(reply(354, 401)) is Trouble.FINAL

    def test_success_and_warnings_are_no_trouble(self) -> None:
        assert trouble_of(Reply(status=200)) is None
        assert trouble_of(reply(1028, 209, "WARNING")) is None


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            (258, 404, errors.NotFound),
            (344, 404, errors.NotFound),
            (273, 409, errors.AlreadyExists),
            (293, 599, errors.Busy),
            (278, 599, errors.InvalidArgument),
            (414, 599, errors.InvalidArgument),
            (354, 401, errors.LoginRefused),
            (355, 401, errors.LoginRefused),
            (444, 401, errors.SessionEnded),
            (446, 599, errors.SessionLimitReached),
            (1046, 401, errors.PasswordChangeRequired),
            (1047, 401, errors.DefaultPasswordRefused),
            (1034, 401, errors.LoginChallenged),
            (2138, 403, errors.NotAuthorized),
            (1067, 400, errors.NotLicensed),
            (368, 599, errors.NotPrimary),
            (349, 599, errors.PropagationFailed),
            (358, 599, errors.PropagationFailed),
            (257, 599, errors.NitroError),
            (99999, 404, errors.NotFound),
            (99999, 403, errors.NotAuthorized),
            (99999, 599, errors.NitroError),
        ],
    )
    def test_codes(self, code: int, status: int, kind: type[errors.GatepairError]) -> None:
        error = error_from(calls.save(), reply(code, status), NODE)
        assert type(error) is kind
        assert (error.node, error.errorcode) == (NODE, code)
        assert str(error).startswith("192.0.2.11: POST config/nsconfig?action=save: ")

    def test_something_else_on_that_port(self) -> None:
        error = error_from(calls.save(), reply(NOT_NITRO, 200), NODE)
        assert isinstance(error, errors.UnexpectedReply)

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (BreakdownKind.NOT_SENT, errors.Unreachable),
            (BreakdownKind.BROKEN, errors.Unreachable),
            (BreakdownKind.TIMED_OUT, errors.Unreachable),
            (BreakdownKind.UNTRUSTED, errors.TlsUntrusted),
        ],
    )
    def test_breakdowns(self, kind: BreakdownKind, expected: type[errors.GatepairError]) -> None:
        error = error_from(calls.save(), Breakdown(kind=kind, detail="connection refused"), NODE)
        assert type(error) is expected
        assert "connection refused" in str(error)

    def test_a_secret_the_appliance_repeats_is_not_handed_on(self) -> None:
        call = calls.set_shared_key("192.0.2.1", Secret("canary-key"))
        said = Reply(
            status=400, errorcode=1074, message="Invalid value [password, canary-key]", severity="ERROR"
        )
        error = error_from(call, said, NODE)
        assert "canary" not in str(error)
        assert "[password, ***]" in str(error)
