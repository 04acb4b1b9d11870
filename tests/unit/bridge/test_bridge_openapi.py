from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from bridge_fakes import PAIR_PATH

from gatepair.documents import OPTIONAL_KEYS, WRITE_ONLY_KEYS, pair_from_document
from gatepair.models import NETWORK_KEYS
from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.report import Check
from gatepair.workflows.result import FailoverResult, NodeStatus, PairStatus
from gatepair.workflows.upkeep_result import KeyRotation, RestartResult, SyncResult
from gatepair_bridge.api import reports, schemas, upkeep_reports
from gatepair_bridge.api.links import LINKS
from gatepair_bridge.api.markup import inline
from gatepair_bridge.api.mishaps import kinds
from gatepair_bridge.api.openapi import example_of, openapi_document
from gatepair_bridge.api.operating import FAILOVER
from gatepair_bridge.api.page import docs_page
from gatepair_bridge.api.problems import status_of_kind
from gatepair_bridge.api.routes import ROUTES
from gatepair_bridge.api.schema_parts import PAIR_ID
from gatepair_bridge.api.upkeep import KEY, RESTART, SYNC, UPGRADE, VERIFY

if TYPE_CHECKING:
    from bridge_fakes import Client

    from gatepair_bridge.api.asked import Kind


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_every_route_is_in_the_document_and_every_reference_leads_somewhere() -> None:
    document = openapi_document()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)
    assert {route.name for route in ROUTES} <= {
        re.sub("(Get|Put|Post|Delete|Patch|Head)$", "", n) for n in names
    } | set(names)
    known = {f"#/components/{kind}/{name}" for kind, of in document["components"].items() for name in of}
    assert set(references(document)) <= known
    assert json.loads(json.dumps(document)) == document


def test_the_declared_document_is_the_one_that_is_answered(
    client: Client, declaration: dict[str, object]
) -> None:
    client("POST", "/v1/pairs", declaration)
    answered = client("GET", PAIR_PATH).json
    fields = [field.name for field in attrs.fields(schemas.Pair)]
    assert set(answered) == set(fields) - set(OPTIONAL_KEYS)
    assert set(WRITE_ONLY_KEYS) == {field.name for field in attrs.fields(schemas.PairDeclaration)} - set(
        fields
    )


def test_the_example_of_a_declaration_is_valid() -> None:
    assert pair_from_document(example_of(schemas.PairDeclaration)).id == PAIR_ID


@pytest.mark.parametrize(
    ("document", "model"),
    [
        (reports.NodeStatus, NodeStatus),
        (reports.FailoverResult, FailoverResult),
        (reports.PlannedStep, PlannedStep),
        (reports.Check, Check),
        (upkeep_reports.SyncResult, SyncResult),
        (upkeep_reports.RestartResult, RestartResult),
        (upkeep_reports.KeyRotation, KeyRotation),
    ],
)
def test_documents_have_the_members_of_the_models(document: type, model: type) -> None:
    names = {field.name for field in attrs.fields(model)}
    assert {field.name for field in attrs.fields(document)} == names


@pytest.mark.parametrize(
    ("schema", "asked"),
    [
        ("VerifyRequest", VERIFY),
        ("SyncRequest", SYNC),
        ("RestartRequest", RESTART),
        ("KeyRequest", KEY),
        ("UpgradeRequest", UPGRADE),
        ("FailoverRequest", FAILOVER),
    ],
)
def test_what_may_be_asked_for_is_what_is_read(schema: str, asked: dict[str, Kind]) -> None:
    told = openapi_document()["components"]["schemas"][schema]["properties"]
    assert set(told) == set(asked)
    for name, kind in asked.items():
        assert told[name]["type"] == {bool: "boolean", str: "string", list: "array"}[kind.type]
        if kind.pattern:
            assert told[name]["pattern"] == f"^{kind.pattern}$"


def test_the_documents_that_are_told_of_networks_are_those_of_the_sdk() -> None:
    told = {field.name for field in attrs.fields(schemas.Network)} - {"id"}
    assert told == set(NETWORK_KEYS)


def test_words_are_those_of_the_sdk() -> None:
    known = openapi_document()["components"]["schemas"]
    assert known["PlannedStep"]["properties"]["impact"]["enum"] == [str(impact) for impact in Impact]
    status = PairStatus(id="x", failover_pair="formed", healthy=True, nodes=())
    assert set(known["PairStatus"]["required"]) == set(status.to_dict())


def operations() -> dict[str, dict[str, Any]]:
    paths = openapi_document()["paths"].values()
    return {operation["operationId"]: operation for path in paths for operation in path.values()}


def test_every_link_leads_to_an_operation_and_fills_its_path() -> None:
    known = operations()
    linked: set[str] = set()
    for name, operation in known.items():
        for status, response in operation["responses"].items():
            for target, link in response.get("links", {}).items():
                wanted = {f"path.{p['name']}" for p in known[target]["parameters"] if p["in"] == "path"}
                assert wanted <= set(link["parameters"]), (name, status, target)
                linked.add(target)
    assert {(name, str(status)) for name, status in LINKS} <= {
        (name, status) for name, operation in known.items() for status in operation["responses"]
    }
    # Whatever has a path parameter can be reached by following links, but for the open path.
    with_parameter = {
        name for name, found in known.items() if any(p["in"] == "path" for p in found["parameters"])
    }
    assert {name for name in with_parameter - linked if "rimaryNitro" not in name} == set()


def test_every_kind_of_problem_is_told_where_it_may_come() -> None:
    shared = openapi_document()["components"]["responses"]
    for kind in kinds():
        (media,) = shared[f"Problem{status_of_kind(kind)}"]["content"].values()
        example = media["examples"][kind.slug]["value"]
        assert example["type"] == f"urn:gatepair:error:{kind.slug}"
        assert example.get("remedy") or not kind.default_remedy
        assert set(openapi_document()["components"]["schemas"]["Problem"]["required"]) <= set(example)


def test_everything_has_an_example() -> None:
    for name, operation in operations().items():
        for parameter in operation["parameters"]:
            assert parameter["example"], (name, parameter["name"])
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            assert "rimaryNitro" in name or media["example"], (name, kind)


def test_the_page_has_every_place_it_points_to() -> None:
    page = docs_page()
    places = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= places


def test_the_page_shows_every_route_and_loads_nothing() -> None:
    page = docs_page()
    for route in ROUTES:
        assert inline(route.summary) in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="https?:', page)
