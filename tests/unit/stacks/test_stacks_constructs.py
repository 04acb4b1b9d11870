from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdktf_stacks import Appliance, Declaration, FailoverPair, FailoverPairs, VirtualIp, declare_provider
from cdktf_stacks._cdktf import Construct, cdk
from cdktf_stacks.pair_objects import terraform_name
from gatepair import models
from gatepair.documents import WRITE_ONLY_KEYS, pair_to_document
from gatepair.errors import InvalidInput

Synthesize = Callable[[cdk.App], dict[str, dict[str, Any]]]


def objects(stack: cdk.TerraformStack) -> dict[str, Any]:
    return json.loads(cdk.Testing.synth(stack)).get("resource", {}).get("restapi_object", {})


def test_a_pair_is_its_networks_and_then_the_pair(stack: cdk.TerraformStack, declared: Declaration) -> None:
    pair = declared.config.pairs["office"]
    FailoverPair(stack, "office", pair)
    found = objects(stack)
    networks = ["office_127_0_10_11_8443", "office_127_0_10_12_8443"]
    assert sorted(found) == ["office", *networks]
    assert found["office"]["depends_on"] == [f"restapi_object.{name}" for name in networks]
    assert json.loads(found["office"]["data"]) == pair_to_document(pair, write_only=True)
    assert found["office"]["ignore_changes_to"] == list(WRITE_ONLY_KEYS)
    assert json.loads(found[networks[0]]["data"]) == {"id": "127.0.10.11:8443", "host_name": "gw-a"}


def test_what_both_nodes_share_stands_with_the_preferred_primary(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    office = declared.config.pairs["office"]
    first, second = office.appliances
    shared = attrs.evolve(first, network=models.Network(host_name="gw-a", dns_servers=["192.0.2.53"]))
    pair = attrs.evolve(office, appliances=(shared, second), preferred_primary=second.address)
    FailoverPair(stack, "office", pair)
    found = objects(stack)
    one, other = found["office_127_0_10_11_8443"], found["office_127_0_10_12_8443"]
    assert json.loads(one["data"]) == {"id": "127.0.10.11:8443", "host_name": "gw-a"}
    assert one["query_string"] == "keys=host_name"
    assert json.loads(other["data"])["dns_servers"] == ["192.0.2.53"]
    assert other["query_string"].startswith("keys=host_name,")
    assert "dns_servers" in other["query_string"]


def test_appliances_without_a_declared_network_have_no_object(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    lab = FailoverPair(stack, "lab", declared.config.pairs["lab"])
    assert sorted(objects(stack)) == ["lab"]
    assert lab.network("127.0.11.11") is None


def test_only_the_preferred_primary_tells_the_order_of_appliances(
    app: cdk.App, declared: Declaration
) -> None:
    pair = declared.config.pairs["office"]
    swapped = attrs.evolve(pair, appliances=pair.appliances[::-1], preferred_primary=pair.addresses[1])
    documents: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for name, each in (("one", pair), ("two", swapped)):
        stack = cdk.TerraformStack(app, name)
        FailoverPair(stack, "office", each)
        found = objects(stack)
        documents.append(json.loads(found["office"].pop("data")))
        rest.append(json.loads(json.dumps(found).replace(f"{name}/office", "office")))
    assert rest[0] == rest[1]
    assert documents[0].pop("preferred_primary") != documents[1].pop("preferred_primary")
    assert documents[0] == documents[1]


def test_an_object_made_a_construct_is_written_alike(
    app: cdk.App, declared: Declaration, synthesize: Synthesize
) -> None:
    batched, touched = (cdk.TerraformStack(app, name) for name in ("batched", "touched"))
    for stack in (batched, touched):
        declare_provider(stack)
        office = FailoverPair(stack, "office", declared.config.pairs["office"])
    assert office.resource is office.resource
    assert office.network("127.0.10.12:8443") is not None
    stacks = synthesize(app)
    text = json.dumps(stacks["touched"]).replace("touched", "batched")
    assert json.loads(text)["resource"] == stacks["batched"]["resource"]


def test_one_among_many_has_the_address_of_a_single_one(
    app: cdk.App, declared: Declaration, synthesize: Synthesize
) -> None:
    one, many = (cdk.TerraformStack(app, name) for name in ("one", "many"))
    for name, pair in declared.config.pairs.items():
        FailoverPair(one, name, pair)
    fleet = FailoverPairs(many, "pairs", declared.config.pairs)
    assert sorted(fleet) == ["lab", "office"]
    assert len(fleet) == 2
    assert fleet["office"].fqn == "restapi_object.office"
    assert fleet["office"].resource.node.path == "many/pairs/office/pair"
    stacks = synthesize(app)
    text = json.dumps(stacks["many"]["resource"]).replace("many/pairs/", "one/")
    assert json.loads(text) == stacks["one"]["resource"]


def test_the_escape_hatch_of_the_stack_reaches_batched_objects(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    stack.add_override("resource.restapi_object.office.lifecycle.prevent_destroy", True)
    FailoverPair(stack, "office", declared.config.pairs["office"])
    assert objects(stack)["office"]["lifecycle"] == {"prevent_destroy": True}
    assert objects(stack)["office"]["path"] == "/v1/pairs"


def test_two_objects_cannot_have_one_address(stack: cdk.TerraformStack, declared: Declaration) -> None:
    FailoverPair(stack, "a.b", declared.config.pairs["lab"])
    with pytest.raises(InvalidInput, match=r"stack/a:b/pair and stack/a\.b/pair would both have"):
        FailoverPair(stack, "a:b", declared.config.pairs["lab"])


def test_an_appliance_by_itself(stack: cdk.TerraformStack, declared: Declaration) -> None:
    appliance = declared.config.pairs["office"].appliances[0]
    single = Appliance(Construct(stack, "europe"), "gw", appliance)
    (name,) = objects(stack)
    assert name.startswith("europe_gw_")
    assert name.endswith("_127_0_10_11_8443")
    assert single.network is not None


EXTERNAL = models.VirtualIp(address="127.0.10.30")
INTERNAL = models.InternalVirtualIp(address="127.0.10.31", netmask="255.255.255.0", management_access=False)


def test_a_virtual_ip_apart_from_its_pair(stack: cdk.TerraformStack, declared: Declaration) -> None:
    lab = FailoverPair(stack, "lab", declared.config.pairs["lab"])
    users = VirtualIp(stack, "users", lab, EXTERNAL)
    VirtualIp(stack, "inner", lab, INTERNAL, depends_on=[users])
    found = objects(stack)
    assert found["users"]["path"] == "/v1/pairs/127.0.11.11,127.0.11.12/virtual-ips/{id}"
    assert found["users"]["depends_on"] == ["restapi_object.lab"]
    assert json.loads(found["users"]["data"]) == {
        "address": "127.0.10.30",
        "management_access": "",
        "netmask": "255.255.255.255",
        "role": "external",
    }
    assert json.loads(found["inner"]["data"])["management_access"] == "disabled"
    assert sorted(found["inner"]["depends_on"]) == ["restapi_object.lab", "restapi_object.users"]
    assert users.fqn == "restapi_object.users"
    assert users.role == "external"


def test_a_virtual_ip_has_one_owner(stack: cdk.TerraformStack, declared: Declaration) -> None:
    office = FailoverPair(stack, "office", declared.config.pairs["office"])
    with pytest.raises(
        InvalidInput, match=r"the pair declares its external virtual IP 127\.0\.10\.20 itself"
    ):
        VirtualIp(stack, "users", office, EXTERNAL)
    with pytest.raises(InvalidInput, match="declares its internal virtual IP"):
        VirtualIp(stack, "inner", office, INTERNAL)


def test_a_virtual_ip_of_a_pair_that_is_declared_elsewhere(stack: cdk.TerraformStack) -> None:
    VirtualIp(stack, "one", "127.0.11.12,127.0.11.11:443", INTERNAL, both=True)
    one = objects(stack)["one"]
    assert one["path"].startswith("/v1/pairs/127.0.11.11,127.0.11.12/")
    assert one["query_string"] == "external=127.0.10.31&internal=127.0.10.31"
    assert json.loads(one["data"])["role"] == "both"
    with pytest.raises(InvalidInput, match="is not two management addresses"):
        VirtualIp(stack, "two", "office", EXTERNAL)
    with pytest.raises(InvalidInput, match="has to be an InternalVirtualIp"):
        VirtualIp(stack, "three", "127.0.11.12,127.0.11.11", EXTERNAL, both=True)


VOICE = models.FurtherVirtualIp(address="127.0.10.40")
BACK = models.FurtherVirtualIp(address="127.0.10.41", role="internal", management_access=True)


@pytest.mark.parametrize("touched", [False, True], ids=["batched", "a construct already"])
def test_a_further_virtual_ip_is_written_as_if_the_pair_declared_it(
    app: cdk.App, declared: Declaration, *, touched: bool
) -> None:
    office = declared.config.pairs["office"]
    stacks = [cdk.TerraformStack(app, name) for name in ("one", "two")]
    FailoverPair(stacks[0], "office", attrs.evolve(office, further=[VOICE, BACK]), adopt=True)
    pair = FailoverPair(stacks[1], "office", office, adopt=True)
    if touched:
        assert pair.resource.arguments["path"] == "/v1/pairs"
    back = VirtualIp(stacks[1], "back", pair, BACK)
    VirtualIp(Construct(stacks[1], "europe"), "voice", pair, VOICE)
    one, two = (json.loads(cdk.Testing.synth(stack).replace("two/", "one/")) for stack in stacks)
    assert two["resource"] == one["resource"]
    assert {each["to"]: each["id"] for each in two["import"]} == {
        each["to"]: each["id"] for each in one["import"]
    }
    data = json.loads(objects(stacks[1])["office"]["data"])
    assert [each["address"] for each in data["further_virtual_ips"]] == ["127.0.10.40", "127.0.10.41"]
    assert "further=127.0.10.40,127.0.10.41" in objects(stacks[1])["office"]["query_string"]
    assert (back.role, back.fqn) == ("further", pair.fqn)
    assert back.resource is pair.resource
    assert pair.pair.further == (VOICE, BACK)


def test_what_is_no_further_virtual_ip_is_refused_before_there_is_a_construct(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    office = FailoverPair(stack, "office", declared.config.pairs["office"])
    taken = models.FurtherVirtualIp(address="127.0.10.20")
    with pytest.raises(InvalidInput, match=r"VirtualIp voice: 127\.0\.10\.20 is the external virtual IP"):
        VirtualIp(stack, "voice", office, taken)
    with pytest.raises(InvalidInput, match="the pair is declared elsewhere"):
        VirtualIp(stack, "voice", office.pair.id, VOICE)
    own: dict[str, Any] = {"adopt": True, "both": True, "moved_from": "old", "depends_on": [office]}
    for word, value in own.items():
        with pytest.raises(InvalidInput, match=f"has no {word}"):
            VirtualIp(stack, "voice", office, VOICE, **{word: value})
    VirtualIp(stack, "voice", office, VOICE)
    with pytest.raises(InvalidInput, match=r"127\.0\.10\.40 is there twice"):
        VirtualIp(stack, "again", office, VOICE)


def test_a_shared_key_itself_is_refused_where_it_is_given(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    secret = attrs.evolve(declared.config.pairs["office"], shared_key=models.Secret("canary-7f3a"))
    with pytest.raises(InvalidInput, match="only a reference") as caught:
        FailoverPair(stack, "office", secret)
    assert "canary" not in str(caught.value)


def test_what_a_pair_does_not_declare_is_not_asked_for(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    pair = declared.config.pairs["lab"]
    FailoverPair(stack, "lab", pair)
    FailoverPair(stack, "hall", attrs.evolve(pair, external=EXTERNAL))
    found = objects(stack)
    assert found["lab"]["query_string"] == "external=&internal="
    assert found["hall"]["query_string"] == "internal=&external=127.0.10.30"


def test_a_renamed_pair_moves_to_its_new_address(stack: cdk.TerraformStack, declared: Declaration) -> None:
    FailoverPair(stack, "head-office", declared.config.pairs["office"], moved_from="office")
    moved = json.loads(cdk.Testing.synth(stack))["moved"]
    assert {move["from"]: move["to"] for move in moved} == {
        f"restapi_object.office{suffix}": f"restapi_object.head-office{suffix}"
        for suffix in ("", "_127_0_10_11_8443", "_127_0_10_12_8443")
    }


def test_an_adopted_pair_is_imported_with_all_arguments(
    stack: cdk.TerraformStack, declared: Declaration
) -> None:
    FailoverPair(stack, "office", declared.config.pairs["office"], adopt=True)
    document = json.loads(cdk.Testing.synth(stack))
    objects = document["resource"]["restapi_object"]
    imports = {block["to"]: json.loads(block["id"]) for block in document["import"]}
    assert sorted(imports) == [f"restapi_object.{name}" for name in sorted(objects)]
    for address, arguments in imports.items():
        body = objects[address.removeprefix("restapi_object.")]
        identity = arguments.pop("id")
        assert identity == json.loads(body["data"])["id"]
        assert arguments == {key: body[key] for key in body.keys() - {"depends_on"}}


@given(st.text(min_size=1))
def test_terraform_accepts_every_name(text: str) -> None:
    name = terraform_name(text)
    assert name.isascii()
    assert name[0].isalpha() or name[0] == "_"
    assert all(character.isalnum() or character in "_-" for character in name)


@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_pairs_and_appliances_does_not_matter(
    data: st.DataObject, declared: Declaration, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pairs = declared.config.pairs
    order = data.draw(st.permutations(sorted(pairs)))
    shuffled = {
        name: attrs.evolve(pairs[name], appliances=tuple(data.draw(st.permutations(pairs[name].appliances))))
        for name in order
    }
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("out")))
    texts: list[str] = []
    for each in (pairs, shuffled):
        stack = cdk.TerraformStack(app, f"stack{len(texts)}")
        FailoverPairs(stack, "pairs", each)
        texts.append(cdk.Testing.synth(stack).replace(f"stack{len(texts)}", "stack"))
    assert texts[0] == texts[1]
