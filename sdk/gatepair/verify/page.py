"""The report as one HTML file: nothing in it comes from elsewhere, so it can be sent and kept."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from gatepair._version import __version__
from gatepair.verify.drawing import draw
from gatepair.verify.words import direction, figures, headline, method, promise, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatepair.verify.report import PartReport, VerifyReport
    from gatepair.workflows.report import Check

_NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"
_LEGEND = (
    ("r-primary", "primary"),
    ("r-secondary", "secondary"),
    ("r-unknown", "does not answer"),
    ("n-a", "served by the first node"),
    ("n-b", "served by the second node"),
    ("n-nobody", "nobody serves"),
    ("o-served", "attempt served"),
    ("o-no-answer", "attempt failed"),
    ("promised", "time the timers allow"),
)


def page(report: VerifyReport) -> str:
    """Return a report as one self-contained HTML page."""
    title = f"Failover of {_pair_name(report)}: {report.verdict}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # Nothing may be fetched, whatever stands in the page.
        f'<meta http-equiv="Content-Security-Policy" content="{_NOTHING_ELSE}">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body><main>"
        f"{''.join(_body(report))}</main></body></html>\n"
    )


def _style() -> str:
    return (resources.files("gatepair.verify") / "page.css").read_text(encoding="utf-8")


def _pair_name(report: VerifyReport) -> str:
    named = [name or address for name, address in zip(report.names, report.nodes, strict=True)]
    return " and ".join(named)


def _body(report: VerifyReport) -> Iterator[str]:
    yield f'<header class="{report.verdict}"><p class="badge">{report.verdict}</p>'
    yield f"<h1>{escape(headline(report))}</h1>"
    facts = (escape(_pair_name(report)), _when(report), f"took {seconds(report.seconds)}")
    yield f'<p class="sub">{" · ".join(facts)}</p>'
    yield f"<p>{escape(promise(report))}</p></header>"
    if len(report.parts) > 1:
        yield _overview(report)
    for number, part in enumerate(report.parts, 1):
        yield _part(part, number, report)
    if report.parts:
        yield _legend()
    yield f"<section><h2>Before anything was done</h2>{_checks(report.before)}</section>"
    yield f"<section><h2>How it was measured</h2><p>{escape(method(report))}</p>{_facts(report)}</section>"
    yield f"<footer>gatepair {escape(__version__)}</footer>"


def _when(report: VerifyReport) -> str:
    return escape(report.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"))


def _overview(report: VerifyReport) -> str:
    rows = "".join(
        f'<tr><td><a href="#part-{number}">{escape(part.title)}</a></td><td>{escape(direction(part))}</td>'
        f'<td class="number">{seconds(part.measures.detect_s)}</td>'
        f'<td class="number">{seconds(part.measures.serve_s)}</td>'
        f'<td class="number">{part.measures.failed}</td>'
        f'<td><span class="mark {part.verdict}">{part.verdict}</span></td></tr>'
        for number, part in enumerate(report.parts, 1)
    )
    heads = ("", "roles", "other node primary", "without service", "failed attempts", "verdict")
    return (
        '<section><table class="overview"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _part(part: PartReport, number: int, report: VerifyReport) -> str:
    cards = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value in figures(part)
    )
    return (
        f'<section id="part-{number}"><h2>{escape(part.title)} '
        f'<span class="mark {part.verdict}">{part.verdict}</span></h2>'
        f'<p class="sub">{escape(direction(part))}</p><div class="cards">{cards}</div>'
        f'<div class="drawing">{draw(part, report.promise)}</div>{_checks(part.checks)}</section>'
    )


def _checks(checks: Iterable[Check]) -> str:
    rows = "".join(
        f'<tr><td><span class="mark {check.verdict}">{check.verdict}</span></td>'
        f"<td>{escape(check.title)}</td><td>{escape(check.evidence)}"
        f"{_remedy(check)}</td></tr>"
        for check in checks
    )
    return f'<table class="checks"><tbody>{rows}</tbody></table>'


def _remedy(check: Check) -> str:
    return f'<p class="remedy">{escape(check.remedy)}</p>' if check.remedy else ""


def _legend() -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 22 12" aria-hidden="true">'
        f'<rect class="{kind}" width="22" height="12" rx="2"/></svg>{escape(words)}</li>'
        for kind, words in _LEGEND
    )
    return f'<section><ul class="legend">{items}</ul></section>'


def _facts(report: VerifyReport) -> str:
    facts = [
        (f"Node {number}", f"{name or '(no host name)'} at {address}, {version}")
        for number, (name, address, version) in enumerate(
            zip(report.names, report.nodes, report.versions, strict=True), 1
        )
    ]
    if report.target is not None:
        target = report.target
        facts.append(("Users went to", f"{target.address}, port {target.port}, as {target.name}"))
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl>{items}</dl>"
