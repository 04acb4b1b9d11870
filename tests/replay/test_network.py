from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepair import Interface, Network
from gatepair.errors import GatepairError

if TYPE_CHECKING:
    from stage import Stage

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_reading_all_or_a_part(stage: Stage) -> None:
    with stage.open() as pair:
        whole = pair.read_network(stage.a)
        assert whole.declared == ("host_name", "interfaces")
        assert whole.interfaces is not None
        assert set(whole.interfaces) >= {"1/1"}
        part = pair.read_network(stage.a, ["interfaces"], ["1/1"])
        assert (part.host_name, list(part.interfaces or {})) == (None, ["1/1"])


@ARRANGED
def test_a_host_name_and_an_interface(stage: Stage) -> None:
    wanted = Network(host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False, monitor=False)})
    with stage.open() as pair:
        assert [step.id for step in pair.plan_network(stage.b, wanted).steps][-1] == "save"
        assert pair.converge_network(stage.b, wanted) == wanted
        assert pair.plan_network(stage.b, wanted).steps == ()
        assert pair.read_network(stage.a).host_name == "gw-a", "never through the peer"


@ARRANGED
def test_an_interface_that_is_not_there(stage: Stage) -> None:
    wanted = Network(interfaces={"9/9": Interface(heartbeat=False)})
    with stage.open() as pair, pytest.raises(GatepairError) as refused:
        pair.converge_network(stage.a, wanted)
    assert "9/9" in str(refused.value)
    assert refused.value.node == stage.a
