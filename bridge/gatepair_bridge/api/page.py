"""The OpenAPI document as one page for people: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Final

from gatepair_bridge.api.markup import anchor, inline, to_html
from gatepair_bridge.api.mishaps import kinds
from gatepair_bridge.api.openapi import METHODS, Node, openapi_document
from gatepair_bridge.api.problems import status_of_kind

STYLE: Final = """
:root{--ink:#1c2430;--soft:#5a6675;--line:#d5dbe3;--shade:#f4f6f9;--paper:#fff;--link:#0b5cad;
--get:#0b6b3a;--put:#8a5a00;--post:#0b5cad;--delete:#a3182b;--head:#5a6675}
@media(prefers-color-scheme:dark){:root{--ink:#dde3ea;--soft:#9aa7b6;--line:#333c48;--shade:#1d232c;
--paper:#14181f;--link:#7ab6f5;--get:#5fce93;--put:#e0b050;--post:#7ab6f5;--delete:#f08a97;--head:#9aa7b6}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--paper);
display:grid;grid-template-columns:17rem minmax(0,56rem);gap:2rem;padding:0 1.5rem}
a{color:var(--link);text-decoration:none}a:hover,a:focus{text-decoration:underline}
nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto;padding:1.5rem 0;font-size:.9rem}
nav strong{display:block;margin:1rem 0 .2rem;color:var(--soft);font-weight:600}
nav a{display:block;padding:.1rem 0}main{padding:1rem 0 6rem}
h1{margin:.5rem 0}h2{margin-top:3rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h4{margin:1.2rem 0 .3rem}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer;line-height:1.8}summary span.what{color:var(--soft);display:block;padding-left:1.1rem}
code{font:.88em ui-monospace,monospace;overflow-wrap:anywhere}
.method{display:inline-block;min-width:4.2rem;font:700 .8rem ui-monospace,monospace}
.get{color:var(--get)}.put{color:var(--put)}.post{color:var(--post)}.delete{color:var(--delete)}
.head{color:var(--head)}.scope{float:right;font-size:.8rem;color:var(--soft)}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;vertical-align:top;
font-weight:400;border-top:1px solid var(--line)}th{width:1%;white-space:nowrap;padding-left:0}
pre{background:var(--shade);padding:.7rem;overflow:auto;border-radius:6px;font-size:.85rem;margin:.4rem 0}
pre code{overflow-wrap:normal;font-size:1em}
.target{scroll-margin-top:6rem}
@media(max-width:60rem){body{display:block}nav{position:static;max-height:none}th{white-space:normal}}
@media print{nav{display:none}body{display:block}}
"""


def docs_page() -> str:
    """Write the page."""
    document = openapi_document()
    info = document["info"]
    tags = [tag["name"] for tag in document["tags"]]
    schemas = document["components"]["schemas"]
    parts = [
        f"<title>{escape(info['title'])}</title>",
        f"<style>{STYLE}</style></head><body>",
        _navigation(info["description"], tags, document["paths"]),
        f'<main><h1 id="top">{escape(info["title"])} {escape(info["version"])}</h1>',
        f"<p>{escape(info['summary'])} The same as a document for programs: ",
        '<a href="/openapi.json">/openapi.json</a>.</p>',
        to_html(info["description"]),
        *(part for tag in tags for part in _section(tag, document)),
        '<h2 id="bodies">Bodies</h2>',
        *(_schema(name, schema) for name, schema in schemas.items()),
        '<h2 id="kinds-of-problems">Kinds of problems</h2>',
        _problems(),
        "</main></body></html>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">' + "".join(parts)
    )


def _navigation(text: str, tags: list[str], paths: Node) -> str:
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    rows = ["<nav><strong>In general</strong>", *(_to(anchor(title), escape(title)) for title in titles)]
    for tag in tags:
        rows.append(f"<strong>{escape(tag)}</strong>")
        rows += [
            _to(operation["operationId"], f"{_method(method)} {escape(_short(path))}")
            for path, method, operation in _operations(tag, paths)
        ]
    rows += ["<strong>More</strong>", _to("bodies", "Bodies"), _to("kinds-of-problems", "Kinds of problems")]
    return "".join((*rows, "</nav>"))


def _to(name: str, text: str) -> str:
    return f'<a href="#{name}">{text}</a>'


def _target(name: str) -> str:
    # Inside the part that is folded: a browser unfolds what it is sent to.
    return f'<a class="target" id="{escape(name)}"></a>'


def _short(path: str) -> str:
    for part in ("/pairs/{pair}/", "/appliances/{appliance}/", "/operations/{operation}/"):
        path = path.replace(f"/v1{part}", "…/")
    return path.removeprefix("/v1")


def _method(method: str) -> str:
    return f'<span class="method {method}">{method.upper()}</span>'


def _operations(tag: str, paths: Node) -> Iterable[tuple[str, str, Node]]:
    for path, methods in paths.items():
        for method in METHODS:
            operation = methods.get(method)
            if operation and tag in operation["tags"]:
                yield path, method, operation


def _section(tag: str, document: Node) -> Iterable[str]:
    yield f'<h2 id="{anchor(tag)}">{escape(tag)}</h2>'
    for path, method, operation in _operations(tag, document["paths"]):
        yield _operation(path, method, operation, document["components"]["responses"])


def _operation(path: str, method: str, operation: Node, shared: Node) -> str:
    scope = operation.get("x-scope")
    needs = f'<span class="scope">scope {escape(scope)}</span>' if scope else ""
    rows = [
        (parameter["name"], f"{inline(parameter['description'])} <em>{parameter['in']}</em>")
        for parameter in operation["parameters"]
    ]
    parts = [
        f"<details><summary>{needs}{_method(method)} ",
        f'<code>{escape(path)}</code><span class="what">{inline(operation["summary"])}</span></summary>',
        _target(operation["operationId"]),
        f"<h4>Parameters</h4>{_table(rows)}" if rows else "",
        _body(operation.get("requestBody", {})),
        "<h4>Answers</h4>",
        _table((status, _answer(answer, shared)) for status, answer in operation["responses"].items()),
        "</details>",
    ]
    return "".join(parts)


def _body(body: Node) -> str:
    if not body.get("content"):
        return ""
    kind, media = next(iter(body["content"].items()))
    need = "" if body.get("required") else ", may be left out"
    return f"<h4>Body ({escape(kind)}{need})</h4>{_link(media['schema'])}{_example(media.get('example'))}"


def _answer(answer: Node, shared: Node) -> str:
    if reference := answer.get("$ref"):
        answer = shared[reference.rpartition("/")[2]]
    media = [content for kind, content in answer.get("content", {}).items() if kind != "*/*"]
    links = "".join(_link(content.get("schema", {})) for content in media)
    names = [name for content in media for name in content.get("examples", {})]
    which = " " + ", ".join(f'<a href="#{name}"><code>{name}</code></a>' for name in names) if names else ""
    examples = "".join(_folded(content.get("example")) for content in media)
    return f"{inline(answer['description'])} {'' if names else links}{which}{examples}"


def _schema(name: str, schema: Node) -> str:
    required = schema["required"]
    rows = [(key, _member(member, required=key in required)) for key, member in schema["properties"].items()]
    return (
        f"<details><summary><code>{escape(name)}</code> {inline(schema['description'])}</summary>"
        f"{_target(name)}{_table(rows)}</details>"
    )


def _member(member: Node, *, required: bool) -> str:
    kind = f"<em>{_type(member)}</em>" + ("" if required else ", may be absent")
    return f"{inline(member.get('description', ''))} {_link(member)}{kind}"


def _type(member: Node) -> str:
    if choices := member.get("enum"):
        return " | ".join(escape(json.dumps(choice)) for choice in choices)
    return escape(member.get("type", "object"))


def _link(schema: Node) -> str:
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#{name}">{name}</a> '
    several = filter(
        None, (_link(part) for part in (*schema.get("anyOf", ()), schema.get("items", {})) if part)
    )
    return " or ".join(several)


def _problems() -> str:
    rows = [
        f'<tr id="{kind.slug}"><th>{status_of_kind(kind)} <code>{kind.slug}</code></th>'
        f"<td>{inline(kind.title)}. {inline(kind.default_remedy)}</td></tr>"
        for kind in kinds()
    ]
    return f"<table>{''.join(rows)}</table>"


def _folded(example: object) -> str:
    return f"<details><summary>Example</summary>{_example(example)}</details>" if example else ""


def _example(example: object) -> str:
    return f"<pre><code>{escape(json.dumps(example, indent=2))}</code></pre>" if example else ""


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th><code>{escape(name)}</code></th><td>{text}</td></tr>" for name, text in rows)
    return f"<table>{cells}</table>" if cells else ""
