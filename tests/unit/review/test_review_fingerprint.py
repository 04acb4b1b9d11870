"""The fingerprint ignores noise, and nothing else."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from review_cases import KINDS, document, fleet, plan, plan_of, row

from cdktf_stacks.review.identity import PREFIX, digests, fingerprint

kinds = st.sampled_from(KINDS)
numbers = st.integers(0, 2**32)


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return a document with the keys of every mapping in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(each, chance)) for key, each in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return [shuffled(each, chance) for each in value]
    return value


@given(kinds, numbers, st.text(max_size=20), st.datetimes())
def test_order_times_and_versions_do_not_count(kind: str, seed: int, version: str, time: Any) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    noisy = document(kind)
    chance.shuffle(noisy["resource_changes"])
    noisy |= {
        "terraform_version": version,
        "timestamp": time.isoformat(),
        "variables": {"x": {"value": seed}},
    }
    for each in noisy["resource_changes"]:
        each["provider_name"] = f"example.net/{version}"
        for side in ("before", "after"):
            arguments = each["change"][side]
            if arguments:
                data = shuffled(json.loads(arguments["data"]), chance)
                arguments["data"] = json.dumps(data, indent=chance.choice([None, 1, 2]))
                arguments["api_response"] = str(seed)
                arguments["api_data"] = {"anything": version}
    assert fingerprint([plan_of(shuffled(noisy, chance))]) == fingerprint([plan(kind)])


@given(kinds, st.data())
def test_any_other_value_is_another_fingerprint(kind: str, data: st.DataObject) -> None:
    changed = document(kind)
    rows = [each for each in changed["resource_changes"] if each["change"]["actions"] != ["no-op"]]
    assume(rows)
    target = data.draw(st.sampled_from(rows))
    side = data.draw(st.sampled_from([side for side in ("before", "after") if target["change"][side]]))
    arguments = target["change"][side]
    body = json.loads(arguments["data"])
    path = data.draw(st.sampled_from(sorted(leaves(body))))
    value = data.draw(st.text(max_size=8) | st.integers(-5, 5000))
    inner: Any = body
    for key in path[:-1]:
        inner = inner[key]
    assume(inner[path[-1]] != value)
    inner[path[-1]] = value
    arguments["data"] = json.dumps(body)
    assert fingerprint([plan_of(changed)]) != fingerprint([plan(kind)])


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[Any, ...]]:
    if isinstance(value, dict):
        return {leaf for key, each in value.items() for leaf in leaves(each, (*path, key))}
    return {path}


def test_other_actions_addresses_and_arguments_count() -> None:
    seen = {fingerprint([plan("external-moves")])}
    for change in (
        lambda each: each["change"].update(actions=["delete", "create"]),
        lambda each: each["change"].update(importing={"id": "x"}),
        lambda each: each.update(address="restapi_object.other"),
        lambda each: each.update(previous_address="restapi_object.old"),
        lambda each: each["change"]["after"].update(path="/v1/elsewhere"),
        lambda each: each["change"]["after"].update(query_string="external=x"),
        lambda each: each["change"]["after"].update(ignore_all_server_changes=True),
    ):
        changed = document("external-moves")
        change(row(changed))
        seen.add(fingerprint([plan_of(changed)]))
    assert len(seen) == 8


def test_the_kinds_of_change_differ_from_each_other() -> None:
    found = {kind: fingerprint([plan(kind)]) for kind in KINDS}
    assert found.pop("nothing") == found.pop("failover-happened") == fingerprint([])
    assert len(set(found.values())) == len(found)


@given(st.permutations(range(5)), st.integers(0, 3))
def test_the_order_of_stacks_and_those_without_changes_do_not_count(order: list[int], idle: int) -> None:
    plans = fleet(5)
    mixed = [plans[number] for number in order] + [plan("nothing", f"idle{n}") for n in range(idle)]
    assert fingerprint(mixed) == fingerprint(plans)
    assert fingerprint(plans[:-1]) != fingerprint(plans)


def test_a_sensitive_value_counts_without_being_guessable_at_speed() -> None:
    changed = document("external-moves")
    row(changed)["change"]["after_sensitive"] = {"data": True}
    other = copy.deepcopy(changed)
    row(other)["change"]["after"]["data"] = "{}"
    assert fingerprint([plan_of(changed)]) != fingerprint([plan_of(other)])
    assert fingerprint([plan_of(changed)]) == fingerprint([plan_of(copy.deepcopy(changed))])


def test_the_digests_name_what_changes() -> None:
    assert set(digests(plan("external-moves"))) == {"restapi_object.office", "output.external_virtual_ip"}
    assert fingerprint([]).startswith(PREFIX)
