from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cdktf_stacks import RestapiObject, RestapiProvider
from cdktf_stacks._cdktf import cdk

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary-5519"


def body(stack: cdk.TerraformStack, kind: str = "resource") -> dict[str, Any]:
    return json.loads(cdk.Testing.synth(stack))[kind]["restapi_object"]


def test_data_may_be_a_mapping_or_json_text(stack: cdk.TerraformStack) -> None:
    RestapiObject(stack, "mapping", path="/x", data={"b": 1, "a": ("${x}", None)})
    RestapiObject(stack, "text", path="/x", data='{"b": "${x}"}', update_data={"op": "merge"})
    objects = body(stack)
    assert objects["mapping"]["data"] == '{"a":["$${x}",null],"b":1}'
    assert objects["text"]["data"] == '{"b": "$${x}"}'
    assert objects["text"]["update_data"] == '{"op":"merge"}'


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": "/x"}, TypeError, "RestapiObject needs the argument 'data'"),
        ({"path": "/x", "data": {}, "dat": 1}, TypeError, "RestapiObject has no argument 'dat'"),
        ({"path": "/x", "data": "["}, ValueError, "data is not JSON"),
        ({"path": "/x", "data": "[]"}, ValueError, "data is JSON, but not an object"),
        ({"path": "/x", "data": 5}, TypeError, "data is a mapping or JSON text, not int"),
        ({"path": "/x", "data": {"a": {1}}}, TypeError, "data.a: a value of type set has no form"),
        ({"path": b"/x", "data": {}}, TypeError, "path: a value of type bytes"),
    ],
)
def test_wrong_arguments_are_told_where_they_are_given(
    stack: cdk.TerraformStack, arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        RestapiObject(stack, "x", **arguments)
    assert str(caught.value).startswith(message)


def test_arguments_that_are_none_stay_out(stack: cdk.TerraformStack) -> None:
    arguments: Any = {"path": "/x", "data": {}, "query_string": None}
    RestapiObject(stack, "x", **arguments)
    assert "query_string" not in body(stack)["x"]


def test_late_changes_count(stack: cdk.TerraformStack) -> None:
    thing = RestapiObject(stack, "x", path="/x", data={})
    thing.arguments["path"] = "/y"
    thing.add_override("debug", True)
    assert body(stack)["x"]["path"] == "/y"
    assert body(stack)["x"]["debug"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        {"password": CANARY},
        {"bearer_token": CANARY},
        {"key_string": CANARY},
        {"oauth_client_credentials": {"oauth_client_secret": CANARY}},
    ],
)
def test_literal_secrets_are_refused_and_not_repeated(stack: cdk.TerraformStack, arguments: Any) -> None:
    with pytest.raises(ValueError, match="would stand in the synthesized files; set REST_API_") as caught:
        RestapiProvider(stack, "restapi", **arguments)
    assert CANARY not in str(caught.value)


def test_unknown_provider_arguments_are_refused(stack: cdk.TerraformStack) -> None:
    arguments: Any = {"url": "https://x"}
    with pytest.raises(TypeError, match="RestapiProvider has no argument 'url'; it has: bearer_token"):
        RestapiProvider(stack, "restapi", **arguments)


def test_references_across_stacks(app: cdk.App, synthesize: Callable[..., dict[str, Any]]) -> None:
    one, two = (cdk.TerraformStack(app, name) for name in ("one", "two"))
    for stack in (one, two):
        RestapiProvider(stack, "restapi")
    first = RestapiObject(one, "first", path="/x", data={"id": "1"})
    RestapiObject(two, "second", path="/x", data={"parent": first.api_data["name"]})
    stacks = synthesize(app)
    data = stacks["two"]["resource"]["restapi_object"]["second"]["data"]
    assert data.startswith('{"parent":${jsonencode(data.terraform_remote_state.')
    (output,) = stacks["one"]["output"].values()
    assert output["value"] == '${restapi_object.first.api_data["name"]}'
