"""Importing objects that exist: experiments I1 to I8, and import ids of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rest_server import RestServer, reply
from terraform_lab import BASE, TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"
ADDRESS = "restapi_object.o"


@pytest.mark.parametrize("import_id", ["/api/objects/a1", "api/objects/a1/"])
@pytest.mark.experiment("I1", "I2", "I3")
def test_i1_to_i3_an_import_leaves_nothing_to_do(tf: TerraformLab, api: RestServer, import_id: str) -> None:
    api.objects[ITEM] = BASE
    tf.object()
    assert tf.run("import", ADDRESS, import_id).code == 0
    assert api.lines() == [f"GET {ITEM}", f"GET {ITEM}"]
    state = tf.state()
    assert (state["path"], state["id"], state["data"]) == (PATH, "a1", json.dumps(BASE))
    assert state["api_data"] == {"id": "a1", "name": "n1", "n": "1"}
    assert (state["create_response"], state["object_id"], state["debug"]) == (None, None, None)
    assert tf.plan().code == 0


@pytest.mark.experiment("I4")
def test_i4_an_import_block_and_the_configuration_it_generates(tf: TerraformLab, api: RestServer) -> None:
    api.objects[ITEM] = BASE
    tf.write({}, **{"import": [{"to": ADDRESS, "id": ITEM}]})
    done = tf.run("plan", "-input=false", "-generate-config-out=generated.tf")
    assert done.code == 0, done.text
    assert "1 to import, 0 to add, 0 to change" in done.text
    generated = (tf.folder / "generated.tf").read_text()
    assert '"n1"' in generated.replace("\\", "")  # as jsonencode(...), before Terraform 1.6 as text
    tf.applied()
    assert tf.plan().code == 0


@pytest.mark.experiment("I5", "I6")
def test_i5_and_i6_ids_that_name_nothing(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    done = tf.run("import", ADDRESS, "a1")
    assert "Invalid Import ID" in done.text
    assert "must be /<full path from server root>/<object id>" in done.flat
    done = tf.run("import", ADDRESS, ITEM)
    assert "there is no object a1 at /api/objects" in done.flat
    api.on("GET", ITEM, reply(500, {"why": "no"}))
    done = tf.run("import", ADDRESS, ITEM)
    assert 'unexpected response code \'500\': {"why": "no"}' in done.flat
    assert tf.instance() is None


@pytest.mark.experiment("I7")
def test_i7_a_query_belongs_to_the_requests(tf: TerraformLab, api: RestServer) -> None:
    api.objects[ITEM] = BASE
    tf.object(query_string="x=1&y=2")
    assert tf.run("import", ADDRESS, f"{ITEM}?x=1&y=2").code == 0
    assert api.lines()[0] == f"GET {ITEM}?x=1&y=2"
    assert (tf.state()["id"], tf.state()["query_string"]) == ("a1", "x=1&y=2")
    assert tf.plan().code == 0


def test_an_id_in_the_middle_of_its_path_stands_in_braces(tf: TerraformLab, api: RestServer) -> None:
    network = {"id": "127.0.0.1:8443", "host_name": "gw-a"}
    api.objects["/v1/appliances/127.0.0.1:8443/network"] = network
    tf.object(network, path="/v1/appliances/{id}/network", query_string="keys=host_name", create_method="PUT")
    import_id = "/v1/appliances/{127.0.0.1:8443}/network?keys=host_name"
    assert tf.run("import", ADDRESS, import_id).code == 0
    assert tf.state()["path"] == "/v1/appliances/{id}/network"
    assert tf.state()["id"] == "127.0.0.1:8443"
    assert tf.changes()["o"]["after"]["create_method"] == "PUT"


def test_ids_with_commas_and_escapes(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", ".*", reply(200, BASE), forever=True)
    tf.object()
    assert tf.run("import", ADDRESS, "/v1/pairs/10.0.0.1,10.0.0.2:8443").code == 0
    assert api.lines()[0] == "GET /v1/pairs/10.0.0.1,10.0.0.2:8443"
    (tf.folder / "terraform.tfstate").unlink()
    assert tf.run("import", ADDRESS, "/api/objects/with%20space%2Fslash").code == 0
    assert tf.state()["id"] == "with space/slash"
    assert api.lines()[0] == "GET /api/objects/with%20space%2Fslash"


@pytest.mark.experiment("I8")
def test_i8_a_json_import_id_carries_whatever_the_read_needs(tf: TerraformLab, api: RestServer) -> None:
    arguments = {
        "path": "/v1/pairs",
        "query_string": "external=10.0.0.9",
        "ignore_changes_to": ["shared_key"],
        "ignore_server_additions": True,
        "read_search": {"search_key": "id", "search_value": "{id}", "results_key": "items"},
    }
    wanted = {"id": "a,b", "shared_key": "env:KEY"}
    api.on("GET", "/v1/pairs.*", reply(200, {"items": [{"id": "a,b", "more": 1}]}), forever=True)
    tf.object(wanted, **arguments)
    import_id = json.dumps({"id": "a,b", "data": wanted, **arguments})
    assert tf.run("import", ADDRESS, import_id).code == 0
    assert tf.plan().code == 0
    tf.object(wanted | {"shared_key": "env:OTHER"}, **arguments)
    assert tf.action() == "update"


def test_the_import_block_of_the_reference_page_changes_nothing(tf: TerraformLab, api: RestServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "provider.md").read_text()
    block = "import {" + page.partition("```hcl\nimport {")[2].partition("```")[0]
    pair = "192.0.2.11,192.0.2.12"
    server = {"id": pair, "failover_pair": "formed"}
    api.on("GET", f"/v1/pairs/{pair}.*", reply(200, server), forever=True)
    (tf.folder / "import.tf").write_text(block)
    arguments = {"query_string": "external=198.51.100.20", "ignore_changes_to": ["shared_key"]}
    wanted = server | {"shared_key": "env:SHARED_KEY"}
    tf.write({"pair": {"path": "/v1/pairs", "data": wanted, **arguments}})
    done = tf.applied()
    assert "1 imported, 0 added, 0 changed, 0 destroyed" in done.text, done.text
    assert tf.plan().code == 0


@pytest.mark.parametrize(
    ("import_id", "words"),
    [
        ('{"path": "/x"}', "needs 'path' and 'id'"),
        ('{"path": "/x", "id": "a", "colour": 1}', "'colour', which is no argument"),
        ('{"path": "/x", "id": "a", "debug": "yes"}', "'debug' is a string"),
        ('{"path": "/x", "id": "a", "read_search": {"key": "a"}}', "'read_search' may have"),
    ],
)
def test_json_import_ids_that_are_wrong_say_how(tf: TerraformLab, import_id: str, words: str) -> None:
    tf.object()
    done = tf.run("import", ADDRESS, import_id)
    assert done.code == 1
    assert words in done.flat
