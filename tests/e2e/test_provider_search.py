"""Finding objects in collections: experiments S1 to S11."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_server import RestServer, reply
from terraform_lab import BASE, TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
SEARCH = {"search_key": "name", "search_value": "n1"}
LIST = [{"id": "a2", "name": "n2"}, {"id": "a1", "name": "n1", "n": 1}, {"id": "a3", "name": "n1"}]


@pytest.mark.experiment("S1")
def test_s1_create_refresh_and_destroy(tf: TerraformLab, api: RestServer) -> None:
    tf.object(read_search=SEARCH)
    tf.applied()
    assert api.lines() == [f"POST {PATH}", f"GET {PATH}"]
    assert tf.state()["api_response"] == '{"id":"a1","n":1,"name":"n1"}'
    assert tf.plan().code == 0
    assert api.lines() == [f"GET {PATH}"]
    assert tf.destroy().code == 0
    assert api.lines() == [f"GET {PATH}", f"DELETE {PATH}/a1"]


@pytest.mark.experiment("S2", "S3", "S4", "S5", "S6")
def test_s2_to_s6_ways_to_search(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", ".*", reply(201, {}), forever=True)
    api.on("GET", "/nested.*", reply(200, [{"id": "x", "meta": {}}, {"id": "a1", "meta": {"name": 7}}]))
    api.on("GET", "/byid.*", reply(200, LIST))
    api.on("GET", "/deep.*", reply(200, {"data": {"items": LIST}}))
    tf.write(
        {
            "nested": {
                "path": "/nested",
                "data": {"id": "a1", "meta": {"name": 7}},
                "query_string": "o=1",
                "read_path": "/never/{id}",
                "read_search": {
                    "search_key": "meta/name",
                    "search_value": "7",
                    "query_string": "q=2",
                    "search_data": '{"a":1}',
                },
            },
            "byid": {
                "path": "/byid",
                "data": {"id": "a3"},
                "read_search": {"search_key": "id", "search_value": "{id}"},
            },
            "deep": {
                "path": "/deep",
                "data": {"id": "a1"},
                "read_search": SEARCH | {"results_key": "data/items"},
            },
        }
    )
    tf.applied()
    seen = {request.line: request.body for request in api.take()}
    assert seen["GET /nested?q=2&o=1"] == '{"a":1}'  # the original sends it as a JSON string
    assert tf.state("byid")["api_data"] == {"id": "a3", "name": "n1"}
    assert tf.state("deep")["api_data"] == {"id": "a1", "name": "n1", "n": "1"}  # the first match


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"read_search": SEARCH | {"search_patch": json.dumps(operations)}}


@pytest.mark.experiment("S7")
def test_s7_a_patch_for_what_was_found(tf: TerraformLab) -> None:
    tf.object(BASE, **patch({"op": "remove", "path": "/n"}, {"op": "add", "path": "/m", "value": 2}))
    tf.applied()
    assert tf.state()["api_data"] == {"id": "a1", "name": "n1", "m": "2"}
    assert json.loads(tf.changes()["o"]["before"]["data"]) == {"id": "a1", "name": "n1", "m": 2}


@pytest.mark.experiment("S7")
def test_s7_a_patch_that_does_not_apply_loses_no_object(tf: TerraformLab) -> None:
    tf.object(BASE, **patch({"op": "remove", "path": "/nope"}))
    done = tf.apply()
    assert done.code == 1
    assert "failed to apply search_patch: operation 1 (remove): there is no 'nope'" in done.flat
    assert tf.is_tainted()
    assert tf.state()["id"] == "a1"


@pytest.mark.experiment("S7")
def test_s7_what_is_no_patch_is_found_by_validate(tf: TerraformLab) -> None:
    tf.object(BASE, read_search=SEARCH | {"search_patch": '{"op":"remove"}'})
    done = tf.run("validate")
    assert done.code == 1
    assert "search_patch is not a JSON patch (RFC 6902)" in done.flat


@pytest.mark.experiment("S8")
def test_s8_only_a_clear_answer_counts_as_gone(tf: TerraformLab, api: RestServer) -> None:
    tf.object(read_search=SEARCH)
    tf.applied()
    for answer, words in (
        (reply(500, {"e": 1}), "unexpected response code '500'"),
        (reply(200, {"items": []}), "Perhaps you meant to add a results_key?"),
        (reply(200, "<html>"), "are not JSON"),
    ):
        api.on("GET", PATH, answer)
        done = tf.plan()
        assert done.code == 1
        assert words in done.flat
    for gone in ([], [{"id": "a1"}], [{"id": "a1", "name": "other"}]):
        api.on("GET", PATH, reply(200, gone), reply(200, gone))
        assert tf.action() == "create"
        api.calm()


@pytest.mark.experiment("S8")
def test_s8_a_create_that_the_search_does_not_find_is_saved(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", PATH, reply(200, []))
    tf.object(read_search=SEARCH)
    done = tf.apply()
    assert done.code == 1
    assert "reading a1 back finds nothing" in done.flat
    assert tf.is_tainted()


def find(**arguments: Any) -> dict[str, Any]:
    given = {"path": PATH, **SEARCH, **arguments}
    found = "${data.restapi_object.f"
    return {
        "data": {"restapi_object": {"f": given}},
        "output": {
            "id": {"value": f"{found}.id}}"},
            "data": {"value": f"{found}.api_data}}"},
            "response": {"value": f"{found}.api_response}}"},
        },
    }


def outputs(tf: TerraformLab) -> dict[str, Any]:
    document = json.loads((tf.folder / "terraform.tfstate").read_text())
    return {name: one["value"] for name, one in document["outputs"].items()}


@pytest.mark.experiment("S9")
def test_s9_the_data_source(tf: TerraformLab, api: RestServer) -> None:
    api.objects = {f"{PATH}/{item['id']}": item for item in LIST}
    tf.write({}, **find())
    tf.applied()
    assert api.lines() == [f"GET {PATH}", f"GET {PATH}/a1"]
    assert outputs(tf) == {
        "id": "a1",
        "data": {"id": "a1", "name": "n1", "n": "1"},
        "response": json.dumps(LIST[1]),
    }
    api.on("GET", "/find.*", reply(200, {"r": LIST}), forever=True)
    tf.write({}, **find(search_path="/find", results_key="r", query_string="q=1", search_data='{"s":1}'))
    tf.applied()
    search, read = api.take()
    assert (search.line, search.body, read.line) == ("GET /find?q=1", '{"s":1}', f"GET {PATH}/a1?q=1")
    tf.write({}, **find(search_path="/find", results_key="r", query_string="q=1", read_query_string=""))
    tf.applied()
    assert api.lines() == ["GET /find?q=1", f"GET {PATH}/a1"]
    tf.write({}, **find(search_path="/find", results_key="r", results_contains_object=True))
    tf.applied()
    assert api.lines() == ["GET /find"]
    assert outputs(tf)["response"] == '{"id":"a1","n":1,"name":"n1"}'


@pytest.mark.experiment("S10")
def test_s10_errors_of_the_data_source(tf: TerraformLab, api: RestServer) -> None:
    cases = [
        ({"search_value": "zz"}, reply(200, LIST), "an object with the 'name' key = 'zz' at /api/objects"),
        ({}, reply(200, {"r": []}), "did not return an array. It is an object."),
        ({"results_key": "nope"}, reply(200, {"r": []}), "do not have key 'nope'. Available: r"),
        ({"results_key": "r"}, reply(200, {"r": {}}), "results_key location 'r' is not an array"),
        ({}, reply(200, [{"name": "n1"}]), "failed to find id_attribute 'id' in the record"),
        ({}, reply(404, {"e": 1}), "unexpected response code '404': {\"e\": 1}"),
    ]
    for arguments, answer, words in cases:
        api.on("GET", PATH, answer)
        tf.write({}, **find(**arguments))
        done = tf.plan()
        assert done.code == 1
        assert "Error Finding API Object" in done.text
        assert "Could not find API object: " in done.flat
        assert words in done.flat


@pytest.mark.experiment("S11")
def test_s11_found_but_not_there_is_an_error(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", PATH, reply(200, LIST))
    tf.write({}, **find())
    done = tf.plan()
    assert done.code == 1
    assert "unexpected response code '404'" in done.flat
