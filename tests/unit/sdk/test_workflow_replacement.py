"""A fresh appliance in the place of a dead one, over appliances in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from fake_pair import EXTERNAL, A, B, FakePair, declared, no_reference
from fake_runner import Runner
from fake_upkeep import Maintained, MaintainedPair, Served, formed_pair, version

from gatepair import errors
from gatepair.models import Appliance, ManagementAddress
from gatepair.private_files import keep_in
from gatepair.workflows.replacement import Exchange, plan_replace_node, replace_node

if TYPE_CHECKING:
    from pathlib import Path

C = ManagementAddress.parse("192.0.2.13")


@attrs.define(slots=False)
class Three(MaintainedPair):
    """A pair and what is left of the appliance that was its second one."""

    dead: Any = None

    def of(self, address: ManagementAddress) -> Any:
        return self.dead if address == B else super().of(address)


@pytest.fixture
def pair() -> Three:
    """A survivor whose peer has died, and a fresh appliance at an address of its own."""
    before = formed_pair()
    found = Three()
    found.a, found.dead = before.a, before.b
    found.dead.up = False
    found.b = Maintained(nsip="192.0.2.13", build=before.a.build)
    found.b.save()
    found.settle()
    found.after.append(Served(EXTERNAL))
    return found


def exchange(fresh: ManagementAddress = C, **changes: Any) -> Exchange:
    return Exchange(before=declared(**changes), dead=B, fresh=Appliance(address=fresh))


def replace(pair: FakePair, what: Exchange | None = None, keep: Any = None) -> Any:
    return Runner(pair).run(replace_node(what or exchange(), no_reference, keep))


def test_the_fresh_one_joins_and_users_notice_nothing(pair: Three) -> None:
    done = replace(pair)
    assert (done.changed, done.survivor, done.removed, done.joined) == (True, str(A), str(B), str(C))
    assert done.id == f"{A},{C}"
    assert pair.a.peer["ipaddress"] == "192.0.2.13"
    assert pair.tied()
    assert pair.b.config == pair.a.config
    assert pair.b.sync == "SUCCESS"
    assert pair.a.role == "Primary"
    assert replace(pair).changed is False, "the same once more changes nothing"


def test_the_plan_tells_that_the_dead_one_must_stay_off(pair: Three) -> None:
    plan = Runner(pair).run(plan_replace_node(exchange(), no_reference, backups=True))
    ids = [step.id for step in plan.steps]
    assert ids[:2] == ["backup", "forget"]
    assert "form" in ids
    (forget,) = (step for step in plan.steps if step.id == "forget")
    assert "switched on" in forget.notice
    assert not [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]


def test_the_survivor_is_backed_up_first(pair: Three, tmp_path: Path) -> None:
    done = replace(pair, keep=lambda *what: keep_in(tmp_path, *what))
    assert [backup.node for backup in done.backups] == [str(A)]


def test_a_fresh_one_with_a_configuration_of_its_own_is_backed_up_and_overwritten_only_if_declared(
    pair: Three, tmp_path: Path
) -> None:
    pair.b.config["lbvserver"]["own"] = {"name": "own", "ipv46": "0.0.0.0"}
    with pytest.raises(errors.PreflightFailed, match="lbvserver own"):
        replace(pair)
    assert pair.a.peer["ipaddress"] == "192.0.2.12", "nothing was changed"
    done = replace(pair, exchange(overwrite_joining_node=True), lambda *what: keep_in(tmp_path, *what))
    assert [backup.node for backup in done.backups] == [str(A), str(C)]
    assert "own" not in pair.b.config["lbvserver"]


def test_one_that_lives_is_not_replaced(pair: Three) -> None:
    pair.dead.up = True
    with pytest.raises(errors.PairError, match="not dead"):
        replace(pair)
    pair.dead.password = "other"
    with pytest.raises(errors.PairError, match="not dead"):
        replace(pair)
    assert pair.a.peer["ipaddress"] == "192.0.2.12"


def test_one_whose_heartbeats_are_heard_is_not_replaced(pair: Three) -> None:
    before = formed_pair()
    pair.a, pair.b = before.a, before.b
    fresh, silent = (
        Maintained(nsip="192.0.2.13", build=before.a.build),
        Maintained(nsip="192.0.2.12", up=False),
    )
    pair.of = lambda address: {A: pair.a, B: silent, C: fresh}[address]  # type: ignore[method-assign]
    with pytest.raises(errors.PairError, match="heartbeats"):
        replace(pair)


def test_a_survivor_that_does_not_serve_is_no_survivor(pair: Three) -> None:
    pair.after.clear()
    pair.a.hastatus = "STAYSECONDARY"
    pair.settle()
    with pytest.raises(errors.NoPrimary):
        replace(pair)


def test_a_fresh_one_with_another_build_cannot_join(pair: Three) -> None:
    pair.b.build = version("NS14.1: Build 51.80.nc")
    with pytest.raises(errors.PreflightFailed, match="different firmware"):
        replace(pair)


def test_a_fresh_one_that_does_not_answer_is_named(pair: Three) -> None:
    pair.b.up = False
    with pytest.raises(errors.Unreachable) as caught:
        replace(pair)
    assert caught.value.node == str(C)


def test_a_fresh_one_at_the_same_address_joins_too() -> None:
    found = formed_pair()
    found.b = Maintained(nsip="192.0.2.12", build=found.a.build)
    found.b.save()
    found.settle()
    found.after.append(Served(EXTERNAL))
    done = replace(found, exchange(fresh=B))
    assert (done.changed, done.joined) == (True, str(B))
    assert found.tied()
    assert found.b.config == found.a.config


def test_the_survivor_does_not_take_its_own_place() -> None:
    with pytest.raises(errors.InvalidInput):
        exchange(fresh=A)
    with pytest.raises(errors.InvalidInput):
        _ = Exchange(before=declared(), dead=C, fresh=Appliance(address=A)).survivor
