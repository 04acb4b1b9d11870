from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import pytest
from bridge_fakes import PAIR_PATH

from gatepair.documents import WRITE_ONLY_KEYS, pair_from_document
from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.report import Check
from gatepair.workflows.result import FailoverResult, NodeStatus, PairStatus
from gatepair_bridge.api import schemas
from gatepair_bridge.api.openapi import example_of, openapi_document
from gatepair_bridge.api.page import docs_page
from gatepair_bridge.api.routes import ROUTES

if TYPE_CHECKING:
    from bridge_fakes import Client


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
    known = document["components"]["schemas"]
    assert {reference.rpartition("/")[2] for reference in references(document)} <= set(known)
    assert json.loads(json.dumps(document)) == document


def test_the_declared_document_is_the_one_that_is_answered(
    client: Client, declaration: dict[str, object]
) -> None:
    client("POST", "/v1/pairs", declaration)
    answered = client("GET", PAIR_PATH).json
    fields = [field.name for field in attrs.fields(schemas.Pair)]
    assert set(answered) == set(fields)
    assert set(WRITE_ONLY_KEYS) == {field.name for field in attrs.fields(schemas.PairDeclaration)} - set(
        fields
    )


def test_the_example_of_a_declaration_is_valid() -> None:
    assert pair_from_document(example_of(schemas.PairDeclaration)).id == schemas.PAIR_ID


@pytest.mark.parametrize(
    ("document", "model"),
    [
        (schemas.NodeStatus, NodeStatus),
        (schemas.FailoverResult, FailoverResult),
        (schemas.PlannedStep, PlannedStep),
        (schemas.Check, Check),
    ],
)
def test_documents_have_the_members_of_the_models(document: type, model: type) -> None:
    names = {field.name for field in attrs.fields(model)}
    assert {field.name for field in attrs.fields(document)} == names


def test_words_are_those_of_the_sdk() -> None:
    known = openapi_document()["components"]["schemas"]
    assert known["PlannedStep"]["properties"]["impact"]["enum"] == [str(impact) for impact in Impact]
    status = PairStatus(id="x", failover_pair="formed", healthy=True, nodes=())
    assert set(known["PairStatus"]["required"]) == set(status.to_dict())


def test_the_page_shows_every_route_and_loads_nothing() -> None:
    page = docs_page()
    for route in ROUTES:
        assert route.summary.replace("'", "&#x27;") in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="https?:', page)
