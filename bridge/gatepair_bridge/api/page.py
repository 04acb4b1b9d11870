"""The OpenAPI document as one page for people: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape

from gatepair_bridge.api.openapi import METHODS, Node, openapi_document

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h2{margin-top:2.5rem;border-bottom:1px solid #ccd3dc}
details{border:1px solid #ccd3dc;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary code{font-weight:600}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;vertical-align:top}
tr:nth-child(even){background:#f4f6f9}pre{background:#f4f6f9;padding:.6rem;overflow:auto}
@media(prefers-color-scheme:dark){body{background:#14181f;color:#dde3ea}tr:nth-child(even),pre{background:#1e242e}}
"""


def docs_page() -> str:
    """Write the page."""
    document = openapi_document()
    info = document["info"]
    parts = [
        f"<title>{escape(info['title'])}</title>",
        f"<style>{STYLE}</style>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['summary'])} The same as a document for programs: ",
        '<a href="/openapi.json">/openapi.json</a>.</p>',
        *(part for tag in document["tags"] for part in _section(tag["name"], document["paths"])),
        "<h2>Documents</h2>",
        *(_schema(name, schema) for name, schema in document["components"]["schemas"].items()),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">' + "".join(parts)
    )


def _section(tag: str, paths: Node) -> Iterable[str]:
    yield f"<h2>{escape(tag)}</h2>"
    for path, methods in paths.items():
        for method in METHODS:
            operation = methods.get(method)
            if operation and tag in operation["tags"]:
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Node) -> str:
    scope = operation.get("x-scope")
    needs = f"<p>Needs a token with the scope <code>{escape(scope)}</code>.</p>" if scope else ""
    rows = [
        (parameter["name"], f"{parameter['in']}: {parameter['description']}")
        for parameter in operation["parameters"]
    ]
    body = ""
    if content := operation.get("requestBody", {}).get("content", {}):
        kind, media = next(iter(content.items()))
        body = f"<h4>Body ({escape(kind)})</h4>{_link(media['schema'])}{_example(media.get('example'))}"
    answers = [(status, _answer(answer)) for status, answer in operation["responses"].items()]
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
        f"{escape(operation['summary'])}</summary>{needs}"
        f"{_table(rows)}{body}<h4>Answers</h4>{_table(answers, marked=True)}</details>"
    )


def _answer(answer: Node) -> str:
    links = "".join(_link(media.get("schema", {})) for media in answer.get("content", {}).values())
    return f"{escape(answer['description'])} {links}"


def _schema(name: str, schema: Node) -> str:
    required = schema["required"]
    rows = [(key, _member(member, required=key in required)) for key, member in schema["properties"].items()]
    return (
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code> {escape(schema["description"])}'
        f"</summary>{_table(rows, marked=True)}</details>"
    )


def _member(member: Node, *, required: bool) -> str:
    kind = f"<em>{_type(member)}</em>" + ("" if required else ", may be absent")
    return f"{kind}. {escape(member.get('description', ''))} {_link(member)}"


def _type(member: Node) -> str:
    if choices := member.get("enum"):
        return " | ".join(escape(json.dumps(choice)) for choice in choices)
    return escape(member.get("type", "object"))


def _link(schema: Node) -> str:
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#{name}">{name}</a> '
    return "".join(_link(part) for part in (*schema.get("anyOf", ()), schema.get("items", {})) if part)


def _example(example: object) -> str:
    return f"<pre>{escape(json.dumps(example, indent=2))}</pre>" if example else ""


def _table(rows: Iterable[tuple[str, str]], *, marked: bool = False) -> str:
    cells = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{text if marked else escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table>{cells}</table>" if cells else ""
