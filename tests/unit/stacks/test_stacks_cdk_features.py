"""What a CDKTF user expects of every resource, one by one: the bindings have it all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cdktf_stacks import (
    DataRestapiObject,
    Declaration,
    FailoverPair,
    FailoverPairs,
    RestapiObject,
    RestapiProvider,
)
from cdktf_stacks._cdktf import Construct, cdk

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def provided(stack: cdk.TerraformStack) -> cdk.TerraformStack:
    RestapiProvider(stack, "restapi")
    return stack


def document(stack: cdk.TerraformStack) -> dict[str, Any]:
    return json.loads(cdk.Testing.synth(stack, True))


def bodies(stack: cdk.TerraformStack) -> dict[str, Any]:
    return document(stack)["resource"]["restapi_object"]


def test_aliases_tell_providers_apart(provided: cdk.TerraformStack) -> None:
    lab = RestapiProvider(provided, "lab", alias="lab", uri="https://lab.example.net")
    RestapiObject(provided, "one", path="/x", data={})
    RestapiObject(provided, "two", path="/x", data={}, provider=lab)
    assert [block.get("alias") for block in document(provided)["provider"]["restapi"]] == [None, "lab"]
    assert "provider" not in bodies(provided)["one"]
    assert bodies(provided)["two"]["provider"] == "restapi.lab"


def test_a_pair_uses_the_provider_it_is_given(provided: cdk.TerraformStack, declared: Declaration) -> None:
    lab = RestapiProvider(provided, "lab", alias="lab")
    FailoverPair(provided, "office", declared.config.pairs["office"], provider=lab)
    assert {body["provider"] for body in bodies(provided).values()} == {"restapi.lab"}


def test_depends_on_takes_resources_pairs_and_data(
    provided: cdk.TerraformStack, declared: Declaration
) -> None:
    first = RestapiObject(provided, "first", path="/x", data={})
    found = DataRestapiObject(
        provided, "found", path="/x", search_key="a", search_value="b", depends_on=[first]
    )
    office = FailoverPair(provided, "office", declared.config.pairs["lab"], depends_on=(first, found))
    RestapiObject(provided, "after", path="/x", data={}, depends_on=(office,))
    assert bodies(provided)["after"]["depends_on"] == ["restapi_object.office"]
    expected = ["restapi_object.first", "data.restapi_object.found"]
    assert bodies(provided)["office"]["depends_on"] == expected
    assert document(provided)["data"]["restapi_object"]["found"]["depends_on"] == ["restapi_object.first"]


def test_lifecycle(provided: cdk.TerraformStack, declared: Declaration) -> None:
    RestapiObject(
        provided,
        "one",
        path="/x",
        data={},
        lifecycle=cdk.TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=["data"]),
    )
    fleet = FailoverPairs(provided, "pairs", declared.config.pairs)
    fleet["office"].resource.lifecycle = cdk.TerraformResourceLifecycle(prevent_destroy=True)
    assert bodies(provided)["one"]["lifecycle"] == {"prevent_destroy": True, "ignore_changes": ["data"]}
    assert bodies(provided)["office"]["lifecycle"] == {"prevent_destroy": True}


def test_outputs_and_references(provided: cdk.TerraformStack, declared: Declaration) -> None:
    office = FailoverPair(provided, "office", declared.config.pairs["office"])
    cdk.TerraformOutput(provided, "id", value=office.resource.id, static_id=True)
    RestapiObject(
        provided,
        "other",
        path="/x",
        data={"of": office.resource.api_data["id"], "all": office.resource.api_response},
    )
    assert document(provided)["output"]["id"]["value"] == "${restapi_object.office.id}"
    assert bodies(provided)["other"]["data"] == (
        '{"all":${jsonencode(restapi_object.office.api_response)},'
        '"of":${jsonencode(restapi_object.office.api_data["id"])}}'
    )


def test_variables_and_conditions(provided: cdk.TerraformStack) -> None:
    size = cdk.TerraformVariable(provided, "size", type="number")
    RestapiObject(provided, "one", path="/x", data={"size": size.number_value}, count=2)
    assert bodies(provided)["one"]["data"] == '{"size":${jsonencode(var.size)}}'
    assert bodies(provided)["one"]["count"] == 2


def test_for_each(provided: cdk.TerraformStack) -> None:
    each = cdk.TerraformIterator.from_map({"a": {"n": 1}})
    RestapiObject(provided, "many", path="/x", data={"id": each.key}, for_each=each)
    assert bodies(provided)["many"]["data"] == '{"id":${jsonencode(each.key)}}'
    assert bodies(provided)["many"]["for_each"]


def test_import_blocks(provided: cdk.TerraformStack) -> None:
    RestapiObject(provided, "one", path="/x", data={}).import_from("/x/1")
    assert document(provided)["import"] == [{"to": "restapi_object.one", "id": "/x/1"}]


def test_moved_blocks(provided: cdk.TerraformStack) -> None:
    RestapiObject(provided, "one", path="/x", data={}).move_from_id("restapi_object.old")
    target = RestapiObject(provided, "two", path="/x", data={})
    target.add_move_target("target")
    RestapiObject(provided, "three", path="/x", data={}).move_to("target")
    moves = {move["from"]: move["to"] for move in document(provided)["moved"]}
    assert moves == {
        "restapi_object.old": "restapi_object.one",
        "restapi_object.three": "restapi_object.two",
    }
    assert "three" not in bodies(provided)


def test_a_reference_to_a_pair_in_another_stack(
    app: cdk.App, declared: Declaration, synthesize: Callable[..., dict[str, Any]]
) -> None:
    one, two = (cdk.TerraformStack(app, name) for name in ("one", "two"))
    for stack in (one, two):
        RestapiProvider(stack, "restapi")
    office = FailoverPair(one, "office", declared.config.pairs["office"])
    RestapiObject(two, "reads", path="/x", data={"id": office.resource.id})
    assert "terraform_remote_state" in synthesize(app)["two"]["data"]


def test_validations_of_the_tree_are_asked(provided: cdk.TerraformStack, declared: Declaration) -> None:
    from cdktf_stacks._cdktf import jsii

    constructs = __import__("constructs")

    @jsii.implements(constructs.IValidation)
    class Never:
        def validate(self) -> list[str]:
            return ["no pairs on Fridays"]

    FailoverPair(Construct(provided, "inner"), "office", declared.config.pairs["office"]).node.add_validation(
        Never()
    )
    with pytest.raises(RuntimeError, match="no pairs on Fridays"):
        document(provided)
