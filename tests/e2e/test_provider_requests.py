"""Which requests the provider sends: experiments E1 to E10, E27, E28, E30 and E31."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from rest_server import RestServer, Seen, reply
from terraform_lab import BASE, TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"


@pytest.mark.experiment("E1")
def test_e1_create_read_update_delete_with_defaults(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    create, read = api.take()
    assert (create.line, create.body) == (f"POST {PATH}", '{"id":"a1","n":1,"name":"n1"}')
    assert (read.line, read.body) == (f"GET {ITEM}", "")
    state = tf.state()
    assert state["id"] == "a1"
    assert state["api_data"] == {"id": "a1", "n": "1", "name": "n1"}
    assert state["api_response"] == state["create_response"] == '{"id": "a1", "n": 1, "name": "n1"}'
    assert state["data"] == json.dumps(BASE)
    assert state["query_string"] is None
    assert tf.plan().code == 0
    assert api.lines() == [f"GET {ITEM}"]
    tf.object(BASE | {"name": "n2"})
    tf.applied()
    before, update, after = api.take()
    assert [before.line, update.line, after.line] == [f"GET {ITEM}", f"PUT {ITEM}", f"GET {ITEM}"]
    assert update.body == '{"id":"a1","n":1,"name":"n2"}'
    assert json.loads(tf.state()["create_response"])["name"] == "n1"
    assert tf.destroy().code == 0
    before, delete = api.take()
    assert (before.line, delete.line, delete.body) == (f"GET {ITEM}", f"DELETE {ITEM}", "")
    assert tf.instance() is None
    assert api.objects == {}


@pytest.mark.parametrize(
    ("flag", "create", "update"),
    [("write_returns_object", 1, 2), ("create_returns_object", 1, 3)],
)
def test_fewer_requests_if_writes_return_the_object(
    tf: TerraformLab, api: RestServer, flag: str, create: int, update: int
) -> None:
    tf.provider = {flag: True}
    tf.object()
    tf.applied()
    assert len(api.lines()) == create
    tf.object(BASE | {"name": "n2"})
    tf.applied()
    assert len(api.lines()) == update
    assert tf.state()["api_data"]["name"] == "n2"


def test_validate_and_the_plan_of_a_new_object_ask_nothing(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    assert tf.run("validate").code == 0
    change = tf.changes()["o"]
    assert change["actions"] == ["create"]
    unknown = {"id": True, "api_data": True, "api_response": True, "create_response": True}
    assert change["after_unknown"] == unknown
    assert api.lines() == []


@pytest.mark.experiment("E2")
def test_e2_headers(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    create, read = api.take()
    assert create.headers["User-Agent"].startswith("gatepair/")
    assert create.headers["Accept-Encoding"] == "gzip"
    assert create.headers["Content-Type"] == "application/json"
    assert "Content-Type" not in read.headers
    assert "Accept" not in read.headers
    tf.provider = {"headers": {"Content-Type": "application/vnd.x", "User-Agent": "mine", "X-Own": "1"}}
    tf.object()
    tf.plan()
    (read,) = api.take()
    assert (read.headers["Content-Type"], read.headers["User-Agent"]) == ("application/vnd.x", "mine")
    assert read.headers["X-Own"] == "1"


@pytest.mark.experiment("E3")
def test_e3_overrides(tf: TerraformLab, api: RestServer) -> None:
    own = {
        "create_path": "/make/{id}",
        "read_path": "/get/{id}/full",
        "update_path": "/chg/{id}",
        "destroy_path": "/rm/{id}",
        "create_method": "PUT",
        "read_method": "POST",
        "update_method": "PATCH",
        "destroy_method": "POST",
        "read_data": {"q": 1},
        "update_data": {"op": "merge"},
        "destroy_data": {"force": True},
        "query_string": "v=1&w=2",
    }
    api.on("*", ".*", lambda _request: reply(200, BASE), forever=True)
    tf.object(**own)
    tf.applied()
    create, read = api.take()
    assert (create.line, create.body) == ("PUT /make/a1?v=1&w=2", '{"id":"a1","n":1,"name":"n1"}')
    assert (read.line, read.body) == ("POST /get/a1/full?v=1&w=2", '{"q":1}')
    assert tf.state()["read_path"] == "/get/{id}/full"
    tf.object(BASE | {"name": "n2"}, **own | {"query_string": "v=9"})
    tf.applied()
    before, update, after = api.take()
    assert before.line == "POST /get/a1/full?v=1&w=2"  # a refresh uses what the state has
    assert (update.line, update.body) == ("PATCH /chg/a1?v=9", '{"op":"merge"}')
    assert after.line == "POST /get/a1/full?v=9"
    assert tf.destroy().code == 0
    delete = api.take()[-1]
    assert (delete.line, delete.body) == ("POST /rm/a1?v=9", '{"force":true}')


@pytest.mark.experiment("E4")
def test_e4_paths_of_all_shapes_in_one_configuration(tf: TerraformLab, api: RestServer) -> None:
    tf.uri += "/"
    tf.write(
        {
            "slash": {"path": "/api/objects/", "data": BASE},
            "query": {"path": "/api/query?x=1", "data": BASE},
            "both": {"path": "/api/both?x=1", "data": BASE, "query_string": "y=2"},
            "placed": {"path": "/api/{id}/thing", "data": BASE},
            "root": {"path": "", "data": BASE},
        }
    )
    api.on("GET", ".*", lambda _request: reply(200, BASE), forever=True)
    tf.applied()
    assert sorted(api.lines()) == sorted(
        [
            "POST /api/objects/",
            "GET /api/objects//a1",
            "POST /api/query?x=1",
            "GET /api/query/a1?x=1",
            "POST /api/both?x=1&y=2",  # the original appends a second question mark
            "GET /api/both/a1?x=1&y=2",
            "POST /api/a1/thing",
            "GET /api/a1/thing",
            "POST /",
            "GET /a1",
        ]
    )


@pytest.mark.experiment("E4")
def test_e4_a_path_without_a_slash_is_found_by_validate(tf: TerraformLab) -> None:
    tf.object(path="api/objects")
    done = tf.run("validate")
    assert done.code == 1
    assert "must begin with '/'" in done.flat


@pytest.mark.experiment("E5")
def test_e5_ids_are_escaped(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", ".*", lambda _request: reply(200, {"id": "with space/slash?q#f%"}), forever=True)
    tf.object({"id": "with space/slash?q#f%"})
    tf.applied()
    assert api.lines()[1] == f"GET {PATH}/with%20space%2Fslash%3Fq%23f%25"
    assert tf.state()["id"] == "with space/slash?q#f%"


@pytest.mark.experiment("E6")
def test_e6_redirects(tf: TerraformLab, api: RestServer) -> None:
    api.objects["/moved"] = BASE
    api.on("GET", ITEM, reply(302, Location="/moved"), forever=True)
    api.on("POST", PATH, reply(307, Location="/elsewhere"))
    tf.object()
    tf.applied()
    create, again, read, moved = api.take()
    assert [create.line, again.line] == [f"POST {PATH}", "POST /elsewhere"]
    assert create.body == again.body
    assert [read.line, moved.line] == [f"GET {ITEM}", "GET /moved"]
    api.on("PUT", ITEM, reply(301, Location="/moved"))
    tf.object(BASE | {"name": "n2"})
    tf.applied()
    assert api.lines()[2:4] == [f"PUT {ITEM}", "GET /moved"]
    api.calm()
    api.on("POST", PATH, reply(301, Location="/moved"))
    (tf.folder / "terraform.tfstate").unlink()
    tf.object()
    assert tf.apply().code == 1  # the POST became a GET, so nothing was made
    assert api.lines() == [f"POST {PATH}", "GET /moved", f"GET {ITEM}"]


CHANGES = {
    "query_string": "q=1",
    "debug": True,
    "update_method": "PATCH",
    "ignore_changes_to": ["x"],
    "id_attribute": "name",
    "read_path": "/api/objects/{id}",
    "destroy_data": {"a": 1},
}


@pytest.mark.experiment("E7")
def test_e7_changes_of_other_arguments_update_in_place(tf: TerraformLab, api: RestServer) -> None:
    items = {name: {"path": PATH, "data": BASE | {"id": name}} for name in CHANGES}
    tf.write(items)
    tf.applied()
    api.lines()
    tf.write({name: items[name] | {name: value} for name, value in CHANGES.items()})
    assert all(change["actions"] == ["update"] for change in tf.changes().values())
    api.lines()
    tf.applied()
    writes = sorted(line.partition("?")[0] for line in api.lines() if not line.startswith("GET"))
    wanted = [f"{'PATCH' if name == 'update_method' else 'PUT'} {PATH}/{name}" for name in CHANGES]
    assert writes == sorted(wanted)


@pytest.mark.experiment("E7")
def test_e7_a_change_of_path_goes_to_the_new_place(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    tf.object(path="/api/other")
    tf.applied()
    assert api.lines()[3] == "PUT /api/other/a1"
    assert ITEM in api.objects


@pytest.mark.experiment("E7")
def test_e7_formatting_of_data_is_no_change(tf: TerraformLab, api: RestServer) -> None:
    tf.object('{"id": "a1", "name": "n1"}')
    tf.applied()
    tf.object('{ "name":"n1",\n "id":"a1" }')
    assert tf.plan().code == 0
    assert api.lines()[-1] == f"GET {ITEM}"


@pytest.mark.experiment("E8")
def test_e8_the_id_in_data_changes_but_not_the_object(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    tf.object(BASE | {"id": "b1"})
    tf.applied()
    update = api.take()[3]
    assert update.line == f"PUT {ITEM}"
    assert json.loads(update.body)["id"] == "b1"
    assert tf.state()["id"] == "a1"


@pytest.mark.experiment("E8")
def test_e8_a_new_object_id_is_followed(tf: TerraformLab, api: RestServer) -> None:
    tf.object(object_id="a1")
    tf.applied()
    api.lines()
    tf.object(object_id="b1")
    tf.applied()
    assert api.lines() == [f"GET {ITEM}", f"PUT {PATH}/b1", f"GET {PATH}/b1"]
    assert tf.state()["id"] == "b1"


@pytest.mark.experiment("E9")
def test_e9_bodies_of_writes_do_not_matter(tf: TerraformLab, api: RestServer) -> None:
    def created(_request: object) -> tuple[int, dict[str, str], bytes]:
        api.objects[ITEM] = BASE
        return reply(202, "OK created")

    api.on("POST", PATH, created)
    tf.object()
    tf.applied()
    api.objects[ITEM] = BASE | {"name": "n2"}
    api.on("PUT", ITEM, reply(204))
    tf.object(BASE | {"name": "n2", "n": 1})
    tf.applied()
    api.on("DELETE", ITEM, reply(200))
    assert tf.destroy().code == 0


@pytest.mark.experiment("E10")
def test_e10_objects_are_worked_on_side_by_side_over_kept_connections(
    tf: TerraformLab, api: RestServer
) -> None:
    def answer(request: Seen) -> tuple[int, Mapping[str, str], bytes]:
        return reply(200, {"id": request.target.rpartition("/")[2]})

    api.on("*", ".*", api.together(5, answer), forever=True)
    tf.write({f"o{n}": {"path": PATH, "data": {"id": f"o{n}"}} for n in range(30)})
    tf.applied()
    seen = api.take()
    assert len(seen) == 60
    assert len({request.connection for request in seen}) <= 10


@pytest.mark.experiment("E27")
def test_e27_copy_keys_changes_nothing(tf: TerraformLab, api: RestServer) -> None:
    for returned in (False, True):
        tf.provider = {"copy_keys": ["rev"], "write_returns_object": returned}
        for wanted in (BASE | {"name": "n2"}, BASE | {"name": "n3", "rev": 3}):
            tf.object()
            tf.applied()
            api.take()
            api.objects[ITEM] = BASE | {"rev": 7}
            tf.object(wanted)
            tf.applied()
            assert [json.loads(request.body) for request in api.take() if request.method == "PUT"] == [wanted]


@pytest.mark.experiment("E28")
def test_e28_force_new(tf: TerraformLab, api: RestServer) -> None:
    data = {"id": "a1", "name": "n1", "other": 1, "a": {"b": 1}}
    tf.object(data, force_new=["name", "a.b"])
    tf.applied()
    api.lines()
    tf.object(data | {"other": 2}, force_new=["name", "a.b"])
    assert tf.action() == "update"
    tf.object(data | {"a": {"b": 2}}, force_new=["name", "a.b"])
    change = tf.changes()["o"]
    assert change["actions"] == ["delete", "create"]
    assert change["replace_paths"] == [["data"]]
    api.lines()
    tf.applied()
    assert api.lines() == [f"GET {ITEM}", f"DELETE {ITEM}", f"POST {PATH}", f"GET {ITEM}"]
    api.objects[ITEM] = data | {"name": "changed"}
    assert tf.action() == "delete-create"
    tf.object(data | {"a": {"b": 3}}, force_new=["a/b"])
    assert tf.action() == "update"


@pytest.mark.experiment("E31")
def test_e31_numbers_and_text_arrive_exactly(tf: TerraformLab, api: RestServer) -> None:
    written = (
        '{"id":"a1","big":12345678901234567890,"odd":9007199254740993,"exp":1e3,"one":1.0,"tenth":0.1,'
        '"text":"ä<&>","dup":1,"dup":2,"list":[1,"a",null,{"k":1}],"flag":true,"none":null}'
    )
    tf.object(written)
    tf.applied()
    create = api.take()[0]
    assert create.body == (
        '{"big":12345678901234567890,"dup":2,"exp":1e3,"flag":true,"id":"a1","list":[1,"a",null,{"k":1}],'
        '"none":null,"odd":9007199254740993,"one":1.0,"tenth":0.1,"text":"ä\\u003c\\u0026\\u003e"}'
    )
    assert tf.state()["data"] == written


@pytest.mark.experiment("E30")
def test_e30_members_as_text(tf: TerraformLab, api: RestServer) -> None:
    shown = {
        "5": "5", "1.5": "1.5", "12345678901": "1.2345678901e+10", "1000000": "1e+06", "21000000": "2.1e+07",
        "0.000001": "1e-06", "999999": "999999", "1234567": "1.234567e+06", "1234567.5": "1.2345675e+06",
        "123456.789": "123456.789", "0.0001": "0.0001", "0.00001": "1e-05", "1.0": "1", "true": "true",
        "null": "<nil>", '""': "", '[1,"a",null,{"k":1}]': "[1 a <nil> map[k:1]]",
        '{"z":1,"a":[true]}': "map[a:[true] z:1]",
    }  # fmt: skip
    members = ",".join(f'"m{number}":{literal}' for number, literal in enumerate(shown))
    api.on("GET", ITEM, reply(200, f'{{"id":"a1",{members}}}'), forever=True)
    tf.object()
    tf.applied()
    found = tf.state()["api_data"]
    assert [found[f"m{number}"] for number in range(len(shown))] == list(shown.values())


def test_the_example_of_the_reference_page(tf: TerraformLab, api: RestServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "provider.md").read_text()
    example = page.partition("<!-- example: tried by the tests -->")[2].partition("```hcl\n")[2]
    (tf.folder / "main.tf").write_text(example.partition("```")[0])
    tf.environment["TF_VAR_api"] = api.uri
    done = tf.applied()
    assert 'id = "a1"' in done.text
    assert tf.plan().code == 0
