"""What the bridge does about an appliance that no pair is declared with any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatepair.config import Connections, Settings
from gatepair.errors import SecretUnavailable, Unreachable
from gatepair.models import Appliance, ManagementAddress, Pair, Secret
from gatepair_bridge.api.core import Bridge
from gatepair_bridge.api.embedded import CALLER, EmbeddedBridge
from gatepair_bridge.api.messages import Request
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.api.work import Work

if TYPE_CHECKING:
    from bridge_fakes import Appliances

NODE = "127.0.10.11:8443"
PATH = f"/v1/appliances/{NODE}/network"


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("embedded", [True, False])
def test_a_silent_appliance_that_nobody_declares_any_more_is_gone_for_its_own_operator_only(
    appliances: Appliances,
    named: bool,  # noqa: FBT001 - a parameter of the test
    embedded: bool,  # noqa: FBT001 - as above
) -> None:
    first, second = (
        ManagementAddress.parse(f"127.0.10.{number}:8443") for number in (11 if named else 13, 12)
    )
    pair = Pair(appliances=(Appliance(address=first), Appliance(address=second)))
    sessions = Sessions(
        Connections(common=Settings(password=Secret("unused"))),
        declared={"office": pair},
        open_session=appliances.open,
    )
    appliances.error = Unreachable("No answer", node=NODE)
    if embedded:
        with EmbeddedBridge(sessions) as bridge:
            status = bridge.request("GET", PATH)[0]
            deleted = bridge.request("DELETE", PATH)[0]
    else:
        bridge = Bridge(sessions)
        status, deleted = (
            bridge.handle(Request(method=method, path=PATH, caller=CALLER, work=Work())).status
            for method in ("GET", "DELETE")
        )
    assert status == (404 if embedded and not named else 504)
    assert deleted == 204


def test_one_that_is_declared_no_more_is_reached_as_the_other_one_of_its_pair_was(
    appliances: Appliances,
) -> None:
    kept, new, old = (ManagementAddress.parse(f"192.0.2.{number}") for number in (11, 13, 12))
    own = Connections(appliances={kept: Settings(username="own", password=Secret("own-password"))})
    pair = Pair(appliances=(Appliance(address=kept), Appliance(address=new)))
    seen: list[Any] = []

    def watched(pair: object, connections: Any, **more: Any) -> Any:
        seen.append(connections)
        return appliances.open(pair, connections, **more)

    for lends in (True, False):
        sessions = Sessions(own, declared={"office": pair}, open_session=watched, lends=lends)
        with EmbeddedBridge(sessions) as bridge:
            assert bridge.request("DELETE", f"/v1/pairs/{kept},{old}")[0] == 204
    lent, strict = seen
    assert lent.connection(old).credentials.username == "own"
    with pytest.raises(SecretUnavailable):
        strict.connection(old)
