"""What counts as drift: experiments D1 to D22 and E12 to E17."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from rest_server import RestServer, reply
from terraform_lab import BASE, TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"
DATA: dict[str, Any] = {
    "name": "n1",
    "n": 1,
    "nest": {"a": 1, "b": 2},
    "tags": ["x", "y"],
    "list": [{"k": 1}],
}


@attrs.frozen
class Case:
    """A change on the server, the options in force, and what the plan says."""

    action: str
    changed: Any = attrs.field(factory=dict[str, Any])
    removed: tuple[str, ...] = ()
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])
    raw: str = ""

    def answer(self, before: dict[str, Any]) -> str:
        if self.raw:
            return self.raw.replace("ID", before["id"])
        kept = {key: value for key, value in before.items() if key not in self.removed}
        return json.dumps(kept | self.changed)


ADDITIONS = {"ignore_server_additions": True}
ALL = {"ignore_all_server_changes": True}


def listed(*keys: str) -> dict[str, Any]:
    return {"ignore_changes_to": list(keys)}


RAW = '{ "tags":["x","y"], "nest":{"b":2,"a":1}, "n":NUMBER, "name":"n1", "list":[{"k":1}],\n "id":"ID" }'
CASES = {
    "d1_changed": Case("update", {"name": "other"}),
    "d2_added": Case("update", {"extra": 1}),
    "d2_added_nested": Case("update", {"nest": {"a": 1, "b": 2, "c": 3}}),
    "d3_missing": Case("update", removed=("name",)),
    "d4_added_null": Case("update", {"extra": None}),
    "d5_reordered": Case("update", {"tags": ["y", "x"]}),
    "d6_formatting": Case("no-op", raw=RAW.replace("NUMBER", "1")),
    "d7_number_text": Case("update", raw=RAW.replace("NUMBER", "1.0")),
    "d8_number_as_text": Case("update", {"n": "1"}),
    "d12_added": Case("no-op", {"extra": 1}, options=ADDITIONS),
    "d12_added_nested": Case("no-op", {"nest": {"a": 1, "b": 2, "c": 3}}, options=ADDITIONS),
    "d12_added_in_list": Case("no-op", {"list": [{"k": 1, "more": 2}]}, options=ADDITIONS),
    # The original ignores the next four as well.
    "d13_changed": Case("update", {"name": "other"}, options=ADDITIONS),
    "d13_removed": Case("update", removed=("name",), options=ADDITIONS),
    "d13_reordered": Case("update", {"tags": ["y", "x"]}, options=ADDITIONS),
    "d13_changed_and_added": Case("update", {"name": "other", "extra": 1}, options=ADDITIONS),
    "d14_anything": Case("no-op", {"name": "other", "extra": 1, "tags": []}, ("nest",), options=ALL),
    "d15_listed": Case("no-op", {"name": "other"}, options=listed("name")),
    "d16_listed_and_another": Case("update", {"name": "other", "extra": 1}, options=listed("name")),
    "d17_nested": Case("no-op", {"nest": {"a": 9, "b": 2}}, options=listed("nest.a")),
    "d17_parent": Case("no-op", {"nest": {"a": 9, "b": 2}}, options=listed("nest")),
    "d18_slash": Case("update", {"nest": {"a": 9, "b": 2}}, options=listed("nest/a")),
    "d18_wildcard": Case("update", {"nest": {"a": 9, "b": 2}}, options=listed("nest.*")),
    "d19_added": Case("no-op", {"extra": 1}, options=listed("extra")),
    "d20_missing": Case("no-op", removed=("name",), options=listed("name")),
    "d20_missing_nested": Case("no-op", {"nest": {"b": 2}}, options=listed("nest.a")),
    "d21_element": Case("update", {"tags": ["z", "y"]}, options=listed("tags.0")),
    "d21_list": Case("no-op", {"tags": ["z", "y"]}, options=listed("tags")),
    "d22_lifecycle": Case("no-op", {"name": "other"}, options={"lifecycle": {"ignore_changes": ["data"]}}),
}


@pytest.mark.experiment(*sorted({name.split("_")[0].upper() for name in CASES}))
def test_d1_to_d22(tf: TerraformLab, api: RestServer) -> None:
    data = {name: {"id": name, **DATA} for name in CASES}
    tf.write({name: {"path": PATH, "data": data[name], **case.options} for name, case in CASES.items()})
    tf.applied()
    assert tf.plan().code == 0
    for name, case in CASES.items():
        api.on("GET", f"{PATH}/{name}", reply(200, case.answer(data[name])), forever=True)
    changes = tf.changes()
    found = {name: "-".join(change["actions"]) for name, change in changes.items()}
    assert found == {name: case.action for name, case in CASES.items()}
    assert json.loads(changes["d1_changed"]["before"]["data"])["name"] == "other"
    # What was ignored shows as configured, so that the diff has the rest only.
    before = json.loads(changes["d16_listed_and_another"]["before"]["data"])
    assert (before["name"], before["extra"]) == ("n1", 1)
    before = json.loads(changes["d13_changed_and_added"]["before"]["data"])
    assert "extra" not in before
    assert changes["d15_listed"]["before"]["api_data"]["name"] == "other"


@pytest.mark.experiment("D1", "D16")
def test_d1_and_d16_the_apply_puts_the_configured_object_whole(tf: TerraformLab, api: RestServer) -> None:
    tf.object(ignore_changes_to=["name"])
    tf.applied()
    api.objects[ITEM] = BASE | {"name": "other", "extra": 1}
    api.lines()
    tf.applied()
    put = api.take()[1]
    assert put.line == f"PUT {ITEM}"
    assert json.loads(put.body) == BASE
    assert tf.plan().code == 0


@pytest.mark.experiment("D9", "D10", "D11")
def test_d9_d10_d11_answers_that_are_no_objects(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    for content, data in (("", "{}"), ("null", "null")):
        api.on("GET", ITEM, reply(200, content), forever=True)
        change = tf.changes()["o"]
        assert change["actions"] == ["update"]
        assert change["before"]["data"] == data
        api.calm()
    api.on("GET", ITEM, reply(200, [1]), forever=True)
    done = tf.plan()
    assert done.code == 1
    assert "Error Reading API Object" in done.text
    assert "the response is a list, not a JSON object" in done.flat


@pytest.mark.experiment("E12", "E13", "E14")
def test_e12_and_e13_changes_of_the_configuration_are_planned_whatever_is_ignored(
    tf: TerraformLab, api: RestServer
) -> None:
    options = {"e12": ADDITIONS, "e13": ALL, "e14": listed("name")}
    tf.write({n: {"path": PATH, "data": {"id": n, "name": "n1"}, **more} for n, more in options.items()})
    tf.applied()
    for name in options:
        api.objects[f"{PATH}/{name}"] |= {"extra": 1}
    tf.write({n: {"path": PATH, "data": {"id": n, "name": "n2"}, **more} for n, more in options.items()})
    tf.applied()
    assert all(api.objects[f"{PATH}/{name}"] == {"id": name, "name": "n2"} for name in options)


@pytest.mark.experiment("E15")
def test_e15_a_refresh_takes_the_servers_object_into_the_state(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    api.objects[ITEM] = BASE | {"name": "other"}
    tf.applied("-refresh-only")
    assert json.loads(tf.state()["data"])["name"] == "other"
    assert tf.action() == "update"


@pytest.mark.experiment("E16")
def test_e16_null_members(tf: TerraformLab, api: RestServer) -> None:
    cases = {
        "left_out": ({"gone": None}, {}, "no-op"),  # the original's next plan fails
        "other": ({"gone": None}, {"gone": "def"}, "update"),
        "nested": ({"nest": {"a": None, "b": 1}}, {"nest": {"b": 1}}, "no-op"),
        "kept": ({"nest": {"a": None}}, {"nest": {"a": None}}, "no-op"),
        "in_list": ({"list": [{"a": None, "b": 1}]}, {"list": [{"b": 1}]}, "no-op"),
    }
    tf.write({name: {"path": PATH, "data": {"id": name} | ours} for name, (ours, _, _) in cases.items()})
    tf.applied()
    for name, (_, theirs, _) in cases.items():
        api.objects[f"{PATH}/{name}"] = {"id": name} | theirs
    found = {name: change["actions"][0] for name, change in tf.changes().items()}
    assert found == {name: action for name, (_, _, action) in cases.items()}


@pytest.mark.experiment("E17")
def test_e17_after_a_failed_update_the_state_has_what_the_server_has(
    tf: TerraformLab, api: RestServer
) -> None:
    tf.object()
    tf.applied()
    api.lines()
    api.on("PUT", ITEM, reply(500, {"why": "no"}))
    tf.object(BASE | {"name": "n2"})
    done = tf.apply()
    assert done.code == 1
    assert "Error Updating API Object" in done.text
    assert 'Could not update API object: unexpected response code \'500\': {"why": "no"}' in done.flat
    assert api.lines() == [f"GET {ITEM}", f"PUT {ITEM}", f"GET {ITEM}"]
    assert json.loads(tf.state()["data"])["name"] == "n1"
    assert not tf.is_tainted()
    assert tf.action() == "update"


@pytest.mark.experiment("E25")
def test_e25_a_read_back_that_differs_is_no_error(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", ITEM, reply(200, BASE | {"name": "theirs"}), forever=True)
    tf.object()
    tf.applied()
    assert json.loads(tf.state()["data"])["name"] == "n1"
    assert tf.state()["api_data"]["name"] == "theirs"
    assert tf.action() == "update"
