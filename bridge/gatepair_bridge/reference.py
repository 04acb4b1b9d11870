"""The reference page of the API, as Markdown: ``python -m gatepair_bridge.reference``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gatepair_bridge.api.documents import DOCUMENTS
from gatepair_bridge.api.guide import OVERVIEW, SECTIONS
from gatepair_bridge.api.mishaps import kinds
from gatepair_bridge.api.openapi import METHODS, Node, example_of, openapi_document
from gatepair_bridge.api.problems import status_of_kind

HEAD = """\
# Bridge API

<!-- Made by: python -m gatepair_bridge.reference > docs/reference/bridge-api.md -->
"""
LOOK = """\
`/openapi.json` is all of this as an OpenAPI 3.1 document, `/docs` as a page that works offline.
`gatepair bridge openapi` prints the document without a server.
"""


def reference() -> str:
    """Write the page."""
    document = openapi_document()
    return "\n".join(
        (
            HEAD,
            OVERVIEW,
            LOOK,
            "## Paths\n",
            *_paths(document),
            *(f"## {title}\n\n{text}" for title, text in SECTIONS),
            "## Operations\n",
            *_operations(document),
            "## Bodies\n",
            *_bodies(document["components"]["schemas"]),
            "## Kinds of problems\n",
            *_problems(),
        )
    )


def _each(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                yield method.upper(), path, operation


def _paths(document: Node) -> Iterator[str]:
    yield from _table(
        ("method and path", "scope", "what it does"),
        (
            (f"`{_word(method, operation)} {path}`", operation.get("x-scope", "none"), operation["summary"])
            for method, path, operation in _each(document)
            if not _is_one_of_many(method, operation)
        ),
    )


def _is_one_of_many(method: str, operation: Node) -> bool:
    """Whether it is a way that all methods go, and not the first of them."""
    return "default" in operation["responses"] and method != "GET"


def _word(method: str, operation: Node) -> str:
    return "any" if "default" in operation["responses"] else method


def _operations(document: Node) -> Iterator[str]:
    for method, path, operation in _each(document):
        if _is_one_of_many(method, operation):
            continue
        yield f"### {_word(method, operation)} {path}\n"
        yield f"{operation['summary']} Operation `{operation['operationId']}`.\n"
        rows = [
            (f"`{parameter['name']}`", parameter["in"], parameter["description"])
            for parameter in operation["parameters"]
        ]
        if rows:
            yield from _table(("parameter", "in", "meaning"), rows)
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if names := _names(media["schema"]):
                need = "" if operation["requestBody"].get("required") else " It may be left out."
                yield f"Body: {names}.{need}\n"
        yield f"Answers: {', '.join(_answers(operation))}.\n"


def _answers(operation: Node) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        names = ""
        for media in answer.get("content", {}).values():
            names = names or _names(media.get("schema", {}))
        yield f"{status} {names}".strip() if not names.endswith("Problem`") else status


def _names(schema: Node) -> str:
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"`{name}`"
    if "items" in schema:
        inner = _names(schema["items"])
        return f"list of {inner}" if inner else ""
    return " or ".join(filter(None, (_names(part) for part in schema.get("anyOf", ()))))


def _bodies(schemas: Node) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f"### {name}\n\n{schema['description']}\n"
        yield from _table(
            ("member", "type", "meaning"),
            (
                (f"`{key}`", _type(member, absent=key not in schema["required"]), _meaning(member))
                for key, member in schema["properties"].items()
            ),
        )
        if name in DOCUMENTS:
            yield f"```json\n{json.dumps(example_of(DOCUMENTS[name]), indent=2)}\n```\n"


def _type(member: Node, *, absent: bool) -> str:
    words = _names(member)
    if choices := member.get("enum"):
        words = ", ".join(f"`{choice}`" if choice else "empty" for choice in choices)
    elif not words:
        words = member.get("type", "object")
    return words + (", may be absent" if absent else "")


def _meaning(member: Node) -> str:
    limits = [
        f"{word} {member[key]}"
        for key, word in (("minimum", "at least"), ("maximum", "at most"), ("multipleOf", "in steps of"))
        if key in member
    ]
    told = member.get("description", "")
    return f"{told} {', '.join(limits).capitalize()}." if limits else told


def _problems() -> Iterator[str]:
    yield from _table(
        ("status", "type", "meaning", "what to do"),
        (
            (str(status_of_kind(kind)), f"`urn:gatepair:error:{kind.slug}`", kind.title, kind.default_remedy)
            for kind in kinds()
        ),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', '&#124;') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - the page goes to standard output
