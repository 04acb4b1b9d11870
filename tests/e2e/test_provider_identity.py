"""Where the id of an object comes from: experiments E11a to E11j."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from rest_server import RestServer, Seen, reply

if TYPE_CHECKING:
    from terraform_lab import TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
HUGE = "123456789012345678901234"


@pytest.mark.experiment("E11a", "E11b", "E11c", "E11h", "E11i")
def test_e11_ids_in_data(tf: TerraformLab, api: RestServer) -> None:
    cases = {
        "string": ('{"id":"s1"}', {}, "s1"),
        "integer": ('{"id":12345678901}', {}, "12345678901"),
        "huge": (f'{{"id":{HUGE}}}', {}, HUGE),  # the original rounds it
        "fraction": ('{"id":1.5}', {}, "1.5"),
        "flag": ('{"id":true}', {}, "true"),
        "own": ('{"id":"d1"}', {"object_id": "o1"}, "o1"),
        "nested": ('{"attributes":{"id":"n1"}}', {"id_attribute": "attributes/id"}, "n1"),
        "listed": ('{"list":[{"id":"l1"}]}', {"id_attribute": "list/0/id"}, "l1"),
    }
    api.on("*", ".*", lambda _request: reply(200, {"id": "of the server"}), forever=True)
    tf.write({name: {"path": PATH, "data": data, **more} for name, (data, more, _) in cases.items()})
    tf.applied()
    for name, (_, _, wanted) in cases.items():
        assert tf.state(name)["id"] == wanted
    seen = api.take()
    assert sorted(request.target for request in seen if request.method == "GET") == sorted(
        f"{PATH}/{wanted}" for _, _, wanted in cases.values()
    )
    assert f'{{"id":{HUGE}}}' in [request.body for request in seen]


@pytest.mark.experiment("E11d", "E11j")
def test_e11d_without_an_id_nothing_is_sent(tf: TerraformLab, api: RestServer) -> None:
    for data in ('{"name":"n1"}', '{"id":""}', '{"id":null}', '{"id":{}}'):
        tf.object(data)
        done = tf.apply()
        assert done.code == 1
        assert "Error Creating API Object" in done.text
        assert "provided object does not have an id set" in done.flat
        assert "please set write_returns_object to true" in done.flat
    search = {"search_key": "name", "search_value": "n1"}
    tf.object('{"name":"n1"}', read_search=search)  # E11j: a search does not help
    assert tf.apply().code == 1
    assert api.lines() == []


@pytest.mark.experiment("E11e")
def test_e11e_the_id_comes_from_the_response(tf: TerraformLab, api: RestServer) -> None:
    def make(request: Seen) -> tuple[int, dict[str, str], bytes]:
        made = json.loads(request.body) | {"id": "s7"}
        api.objects[f"{PATH}/s7"] = made
        return reply(201, made)

    api.on("POST", PATH, make, forever=True)
    for flag in ("write_returns_object", "create_returns_object"):
        tf.provider = {flag: True}
        tf.object({"name": "n1"})
        tf.applied()
        assert api.lines() == [f"POST {PATH}"]
        assert tf.state()["id"] == "s7"
        assert json.loads(tf.state()["data"]) == {"name": "n1"}
        assert tf.action() == "update"  # the plan removes the server's id from data
        for option in ({"ignore_changes_to": ["id"]}, {"ignore_server_additions": True}):
            tf.object({"name": "n1"}, **option)
            tf.applied()
            assert tf.plan().code == 0
        tf.destroy()
        api.lines()


@pytest.mark.experiment("E11f")
def test_e11f_no_id_anywhere_is_an_error_that_says_what_to_do(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"write_returns_object": True}
    api.on("POST", PATH, reply(201, {"uuid": "u1", "name": "n1"}))
    tf.object({"name": "n1"})
    done = tf.apply()
    assert done.code == 1
    assert "object ID is not set, but *may* have been created" in done.flat
    assert "its keys: name, uuid" in done.flat
    assert tf.instance() is None


def test_an_id_in_location_is_good_enough(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"create_returns_object": True}
    api.on("POST", PATH, reply(201, {"name": "n1"}, Location=f"{PATH}/from%20location"))
    tf.object({"name": "n1"})
    tf.applied()
    assert tf.state()["id"] == "from location"


@pytest.mark.experiment("E11g")
def test_e11g_the_id_in_data_wins(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"write_returns_object": True}
    api.on("POST", PATH, reply(201, {"id": "other"}))
    tf.object({"id": "mine"})
    tf.applied()
    assert tf.state()["id"] == "mine"
