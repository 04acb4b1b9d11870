"""Sessions with an appliance and what it may answer instead of letting somebody in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import pytest
from stage import OTHER_PASSWORD, PASSWORD, Stage

from gatepair import Network, Secret
from gatepair.errors import (
    GatepairError,
    LoginRefused,
    NotAuthorized,
    NotReady,
    PasswordChangeRequired,
    SessionLimitReached,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from gatepair.workflows.core import ProgressEvent

ARRANGED = pytest.mark.backends("cassette", "emulator")
READ_VERSION = "nsversion"


def fault(**settings: object) -> Callable[[object], object]:
    return lambda lab: lab.a.add_fault(**settings)  # type: ignore[attr-defined]


def error_of(stage: Stage) -> GatepairError:
    with stage.open() as pair, pytest.raises(GatepairError) as refused:
        pair.appliance_status(stage.a)
    assert refused.value.node == stage.a
    for secret in (PASSWORD, OTHER_PASSWORD):
        assert secret not in str(refused.value)
    return refused.value


@ARRANGED
def test_a_refused_password_is_sent_once(stage: Stage) -> None:
    with stage.with_password("wrong").open() as pair:
        for _ in range(2):
            with pytest.raises(LoginRefused) as refused:
                pair.appliance_status(stage.a)
    assert refused.value.errorcode == 354


@ARRANGED
def test_a_session_that_the_appliance_ends_is_renewed(stage: Stage) -> None:
    def end_it(event: ProgressEvent) -> None:
        # Before a change, which is sent alone: reads go at once, and chance would say which meet the end.
        if event.step == "host-name":
            stage.by_hand("a", "POST", "systemsession?action=kill", {"systemsession": {"all": True}})

    with stage.open(progress=end_it) as pair:
        assert pair.converge_network(stage.a, Network(host_name="gw-x")).host_name == "gw-x"


@ARRANGED
def test_no_session_is_free(stage: Stage) -> None:
    user = {"username": "nsroot", "maxsession": 1}
    stage.by_hand("a", "PUT", "systemuser", {"systemuser": user})
    with stage.open() as first:
        assert first.appliance_status(stage.a).reachable
        error = error_of(stage)
    assert isinstance(error, SessionLimitReached)


@ARRANGED
def test_a_user_who_may_only_read(stage: Stage) -> None:
    reader = {"username": "reader", "password": OTHER_PASSWORD}
    stage.by_hand("a", "POST", "systemuser", {"systemuser": reader})
    bound = {"username": "reader", "policyname": "read-only", "priority": 10}
    binding = "systemuser_systemcmdpolicy_binding"
    stage.by_hand("a", "PUT", binding, {binding: bound})
    common = attrs.evolve(stage.connections.common, username="reader", password=Secret(OTHER_PASSWORD))
    stage.connections = attrs.evolve(stage.connections, common=common)
    with stage.open() as pair:
        assert pair.appliance_status(stage.a).reachable
        with pytest.raises(NotAuthorized):
            pair.converge_network(stage.a, Network(host_name="gw-x"))


@pytest.mark.scenario({"[b]\n": "[b]\nfactory = true\n"})
def test_an_appliance_fresh_from_the_factory(stage: Stage) -> None:
    with stage.with_password("nsroot").open() as pair, pytest.raises(PasswordChangeRequired) as refused:
        pair.appliance_status(stage.b)
    assert refused.value.remedy


@ARRANGED
def test_an_engine_that_is_not_up_yet_is_asked_again(stage: Stage) -> None:
    stage.arrange(fault(effect="error", status=503, path=READ_VERSION, times=1))
    with stage.open() as pair:
        assert pair.appliance_status(stage.a).reachable


@ARRANGED
def test_an_engine_that_does_not_come_up(stage: Stage) -> None:
    stage.arrange(fault(effect="error", status=503, path=READ_VERSION, times=0))
    assert isinstance(error_of(stage), NotReady)


@ARRANGED
def test_an_answer_that_is_not_nitro(stage: Stage) -> None:
    stage.arrange(fault(effect="error", status=500, path=READ_VERSION, times=0))
    assert isinstance(error_of(stage), UnexpectedReply)


@pytest.mark.backends("emulator")
@pytest.mark.parametrize("effect", ["reset-before", "reset-after", "truncate"])
def test_a_connection_that_breaks_once(stage: Stage, effect: str) -> None:
    stage.arrange(fault(effect=effect, path=READ_VERSION, times=1))
    with stage.open() as pair:
        assert pair.appliance_status(stage.a).reachable
