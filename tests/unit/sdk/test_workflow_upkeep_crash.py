"""A process that dies at any request of upkeep leaves users served, and the next run finishes its work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_pair import ADDRESSES, EXTERNAL, KEY, PASSWORD, A, B, declared, no_reference
from fake_runner import cut_everywhere
from fake_upkeep import NEW, OLD, OTHER_URL, URL, Maintained, MaintainedPair, Served, formed_pair, version

from gatepair.models import Appliance, ManagementAddress, Secret
from gatepair.workflows.replacement import Exchange, replace_node
from gatepair.workflows.restarting import RestartOrder, restart
from gatepair.workflows.rotation import rotate_key
from gatepair.workflows.upgrading.journal import Surroundings
from gatepair.workflows.upgrading.options import UpgradeOptions
from gatepair.workflows.upgrading.run import upgrade

if TYPE_CHECKING:
    from gatepair.workflows.core import Flow

NEW_KEY = Secret("canary-new-shared-key-1")


def guarded() -> MaintainedPair:
    pair = formed_pair()
    pair.after.append(Served(EXTERNAL))
    return pair


def test_a_rotation_ends_with_the_new_key_wherever_it_is_cut() -> None:
    def check(pair: MaintainedPair, result: Any) -> None:
        assert result.nodes
        assert set(pair.a.rpc.values()) == set(pair.b.rpc.values()) == {NEW_KEY.reveal()}
        assert pair.b.sync == "SUCCESS"
        assert not any(node.unsaved for node in pair.nodes)

    assert cut_everywhere(guarded, lambda: rotate_key(ADDRESSES, NEW_KEY, Secret(KEY)), check) > 6


def test_restarts_are_finished_wherever_they_are_cut() -> None:
    order = RestartOrder(nodes=ADDRESSES, unless_up_less_than_s=20)

    def check(pair: MaintainedPair, result: Any) -> None:
        del result
        assert all(node.starts >= 1 for node in pair.nodes)
        assert sorted(node.role for node in pair.nodes) == ["Primary", "Secondary"]
        assert {node.hastatus for node in pair.nodes} == {"ENABLED"}

    assert cut_everywhere(guarded, lambda: restart(ADDRESSES, order), check) > 4


def _upgrade(url: str) -> Flow[Any]:
    return upgrade(ADDRESSES, UpgradeOptions(url=url, primary=A), Surroundings(started_at="now"))


def _is_upgraded(pair: MaintainedPair, result: Any) -> None:
    assert result.verdict == "upgraded", result.lines()
    assert {node.hastatus for node in pair.nodes} == {"ENABLED"}
    assert pair.a.role == "Primary"
    assert pair.b.sync == "SUCCESS"
    assert pair.a.config == pair.b.config
    assert not any(node.unsaved for node in pair.nodes)


def test_an_upgrade_is_finished_wherever_it_is_cut() -> None:
    def check(pair: MaintainedPair, result: Any) -> None:
        _is_upgraded(pair, result)
        assert {node.build for node in pair.nodes} == {version(NEW)}
        assert [node.starts for node in pair.nodes] == [1, 1], "none restarts twice"

    assert cut_everywhere(guarded, lambda: _upgrade(URL), check) > 14


def test_an_upgrade_to_another_release_is_finished_wherever_it_is_cut() -> None:
    assert cut_everywhere(guarded, lambda: _upgrade(OTHER_URL), _is_upgraded) > 14


FRESH = ManagementAddress.parse("192.0.2.12")


def _with_a_fresh_one() -> MaintainedPair:
    """A pair whose second appliance was exchanged for a fresh one at the same address."""
    pair = formed_pair()
    pair.b = Maintained(nsip="192.0.2.12", build=version(OLD), password=PASSWORD)
    pair.b.save()
    pair.settle()
    pair.after.append(Served(EXTERNAL))
    return pair


def test_a_replacement_is_finished_wherever_it_is_cut() -> None:
    exchange = Exchange(before=declared(), dead=B, fresh=Appliance(address=FRESH))

    def check(pair: MaintainedPair, result: Any) -> None:
        assert result.joined == str(FRESH)
        assert pair.tied()
        assert pair.a.role == "Primary"
        assert pair.a.config == pair.b.config

    assert cut_everywhere(_with_a_fresh_one, lambda: replace_node(exchange, no_reference, None), check) > 6
