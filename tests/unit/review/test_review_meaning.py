"""What a review says of a change, and that it is what the change does."""

from __future__ import annotations

import json

import pytest
from review_cases import KINDS, document, plan_of, review_of, reviewed, row, with_data

from cdktf_stacks.review.policy import WORDS, violations
from cdktf_stacks.review.steps import UNKNOWN
from gatepair.workflows.plan import Impact

IMPACTS = {
    "create": "resync",
    "nothing": "none",
    "failover-happened": "none",
    "heartbeat": "none",
    "external-moves": "reconnect",
    "several": "reconnect",
    "key-version": "resync",
    "drift-dissolved": "resync",
    "dissolve": "dissolved",
    "rebuild": "dissolved",
    "replace-node": "resync",
    "failover-interface": "none",
    "vlan-new": "reconnect",
    "route-new": "none",
    "shared-network": "reconnect",
}
ACTIONS = {
    "create": "form",
    "heartbeat": "change",
    "drift-dissolved": "mend",
    "drift-internal": "mend",
    "dissolve": "dissolve",
    "rebuild": "rebuild",
    "replace-node": "replace",
    "host-name": "change",
}


@pytest.mark.parametrize(("kind", "impact"), IMPACTS.items())
def test_the_impact_is_that_of_the_steps(kind: str, impact: str) -> None:
    assert str(reviewed(kind).impact) == impact


@pytest.mark.parametrize(("kind", "action"), ACTIONS.items())
def test_the_action_is_named(kind: str, action: str) -> None:
    assert [pair.action for pair in reviewed(kind).pairs] == [action]


@pytest.mark.parametrize("kind", ["nothing", "failover-happened"])
def test_a_failover_is_no_change(kind: str) -> None:
    review = reviewed(kind)
    assert review.is_empty
    assert review.unchanged == ("office",)


@pytest.mark.parametrize("kind", ["further", "failover-interface", "vlan-new", "route-new"])
def test_what_is_declared_for_the_first_time_is_not_undone_by_taking_it_back(kind: str) -> None:
    (pair,) = reviewed(kind).pairs
    assert "what is declared here for the first time then stays as it is" in pair.undo


@pytest.mark.parametrize("kind", ["shared-network", "external-moves", "host-name", "heartbeat", "several"])
def test_what_was_declared_before_is_undone_by_taking_it_back(kind: str) -> None:
    (pair,) = reviewed(kind).pairs
    assert pair.undo == "revert this change and deploy"


def test_an_interface_that_is_named_for_the_first_time_counts_too() -> None:
    changed = document("host-name")
    address = "restapi_object.office_192_0_2_11_8443"
    after = row(changed, address)["change"]["after"]
    data = json.loads(after["data"])
    data["interfaces"]["1/3"] = data["interfaces"]["1/2"]
    after["data"] = json.dumps(data)
    (pair,) = review_of(plan_of(changed)).pairs
    assert "for the first time" in pair.undo


def test_what_was_done_by_hand_is_told_apart_from_what_is_declared() -> None:
    changed = with_data(document("drift-internal"), "after", fail_safe="on")
    (pair,) = review_of(plan_of(changed)).pairs
    origins = {change.label: change.origin for change in pair.changes}
    assert origins["internal virtual IP"] == "drift"
    assert origins["fail-safe"] == "declared"
    assert pair.action == "change"
    assert pair.undo == "revert this change and deploy; what was done by hand stays undone"


def test_what_is_put_back_needs_nothing_elsewhere() -> None:
    assert reviewed("drift-internal").pairs[0].touch == ()


def test_an_appliance_that_is_replaced_is_named_with_the_cause() -> None:
    new = {"id": "192.0.2.11:8443,198.51.100.12:8443"}
    (pair,) = review_of(plan_of(with_data(document("rebuild"), "after", **new))).pairs
    assert pair.action == "rebuild"
    assert "its appliances are others" in pair.rebuilt
    assert any("192.0.2.11:8443 and 198.51.100.12:8443" in line for line in pair.touch)
    assert any("198.51.100.12:8443" in appliance for appliance in pair.appliances)


def test_the_cause_of_a_replacement_is_terraforms() -> None:
    changed = document("rebuild")
    row(changed)["action_reason"] = "replace_because_tainted"
    (pair,) = review_of(plan_of(changed)).pairs
    assert "tainted" in pair.rebuilt


def test_keys_that_are_not_known_are_shown_and_count_as_an_outage() -> None:
    changed = with_data(document("heartbeat"), "after", quantum_link={"mode": "strong", "lanes": [1, 2]})
    (pair,) = review_of(plan_of(changed)).pairs
    labels = {change.label: change.after for change in pair.changes}
    assert labels["quantum link mode"] == "strong"
    assert labels["quantum link lanes"] == "1, 2"
    assert UNKNOWN in pair.steps
    assert pair.impact is Impact.OUTAGE
    assert pair.risks


def test_data_that_terraform_hides_is_not_shown_but_told() -> None:
    changed = document("external-moves")
    change = row(changed)["change"]
    change["before_sensitive"] = change["after_sensitive"] = {"data": True}
    review = review_of(plan_of(changed))
    assert not review.pairs
    (hidden,) = review.others
    assert "external_virtual_ip" not in str(hidden.to_dict())
    assert review.warnings


def test_objects_of_no_pair_are_counted_and_listed() -> None:
    changed = document("nothing")
    other = {"address": "random_pet.x", "type": "random_pet", "name": "x", "change": {"actions": ["delete"]}}
    other["change"] |= {"before": {"id": "a"}, "after": None}
    changed["resource_changes"].append(other)
    review = review_of(plan_of(changed))
    assert [raw.address for raw in review.others] == ["random_pet.x"]
    assert list(violations(review, ["unknown"]))


def test_a_node_that_was_replaced_on_the_appliances_is_no_dissolution() -> None:
    (pair,) = reviewed("replace-node").pairs
    assert not [step for step in pair.steps if step.impact is Impact.DISSOLVED]
    assert "as far as the two are tied" in pair.steps[2].title
    assert pair.rebuilt == "the earlier pair, which is none any more"
    whole = with_data(document("replace-node"), "before", failover_pair="formed")
    (dissolved,) = review_of(plan_of(whole)).pairs
    assert (dissolved.action, dissolved.impact) == ("rebuild", Impact.DISSOLVED)


@pytest.mark.parametrize(("version", "writes"), [(1, False), (2, True)])
def test_another_key_file_is_written_only_above_the_first_version(version: int, writes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    changed = document("key-version")
    for side, key in (("before", "file:old"), ("after", "file:new")):
        changed = with_data(changed, side, shared_key=key, shared_key_version=version)
    (pair,) = review_of(plan_of(changed)).pairs
    assert any(step.title.startswith("Write the new shared key") for step in pair.steps) is writes
    assert any("stays" in step.title or "as it is" in step.title for step in pair.steps) is not writes


def test_the_preferred_primary_alone_does_nothing_now() -> None:
    (pair,) = reviewed("preferred-primary").pairs
    assert pair.steps == ()
    assert pair.impact is Impact.NONE


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_stops_what_it_names_and_nothing_else(kind: str) -> None:
    review = reviewed(kind)
    order = list(Impact)
    for word in ("resync", "reconnect", "failover", "restart", "outage"):
        assert bool(list(violations(review, [word]))) == (
            not review.is_empty and order.index(review.impact) >= order.index(Impact(word))
        )
    assert bool(list(violations(review, ["dissolve"]))) == (kind in {"dissolve", "rebuild"})
    assert bool(list(violations(review, ["replace"]))) == (kind in {"rebuild", "replace-node"})
    assert bool(list(violations(review, ["drift"]))) == kind.startswith("drift")
    assert bool(list(violations(review, ["change"]))) == (not review.is_empty)
    assert set(WORDS) >= {"outage", "restart", "dissolve", "preflight", "risk", "unknown"}


def test_risky_pairs_come_first() -> None:
    from review_cases import fleet

    review = review_of(*reversed(fleet(6, risky=2)))
    assert [pair.is_risky for pair in review.pairs] == [True, True, False, False, False, False]


def test_on_stock_mastercard_the_review_is_the_same() -> None:
    # Its plan says the same in the same arguments; only the provider's name differs.
    changed = document("external-moves")
    for each in changed["resource_changes"]:
        each["provider_name"] = "registry.terraform.io/mastercard/restapi"
    ours, theirs = reviewed("external-moves"), review_of(plan_of(changed))
    assert theirs.to_dict() == ours.to_dict()
