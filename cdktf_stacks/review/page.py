"""A review as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.drawing import STYLE, differing, draw, in_words
from cdktf_stacks.review.headline import glance, headline
from cdktf_stacks.review.text import html_text
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.model import PairReview, Raw, Review

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--soft); width: 14rem; }
thead th { width: auto; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .8rem; overflow: auto; }
.impact { border-radius: 1rem; padding: .1rem .7rem; font-size: .8em; color: #fff; background: #57606a; }
.reconnect { background: #9a6700; } .failover, .restart { background: #bc4c00; }
.outage, .dissolved { background: #cf222e; } .resync { background: #0969da; }
.risk { border-left: .3rem solid #cf222e; background: #cf222e18; padding: .4rem .8rem; margin: .4rem 0; }
.warning { border-left: .3rem solid #9a6700; background: #9a670018; padding: .4rem .8rem; margin: .4rem 0; }
"""


def to_html(review: Review) -> str:
    """Return a review as an HTML document."""
    return "\n".join(_document(review)) + "\n"


def _document(review: Review) -> Iterator[str]:
    title = html_text(headline(review))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    # Nothing in a review may load or run anything.
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>{title}</title>\n<style>{_STYLE}{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield from (f'<p class="warning">{html_text(warning)}</p>' for warning in review.warnings)
    for pair in review.pairs:
        yield from _pair(pair)
    if review.others:
        yield "<h2>Objects of no pair</h2>"
        yield from _raw(review.others)
    if review.unchanged:
        yield f"<p>Nothing happens in: {', '.join(map(_code, review.unchanged))}</p>"
    yield f"<p>Fingerprint {_code(review.fingerprint)}</p>\n</body>\n</html>"


def _pair(pair: PairReview) -> Iterator[str]:
    badge = f'<span class="impact {pair.impact}">{pair.impact}</span>'
    yield f"<section>\n<h2>{_code(pair.name)}: {html_text(pair.action)} {badge}</h2>"
    yield from (f'<p class="risk">{html_text(risk)}</p>' for risk in pair.risks)
    yield "<table>"
    for question, answers in glance(pair):
        yield f"<tr><th>{question}</th><td>{'<br>'.join(map(html_text, answers))}</td></tr>"
    yield "</table>"
    yield from _pictures(pair)
    if pair.changes:
        yield "<table><thead><tr><th>What changes</th><th>Now</th><th>Then</th></tr></thead>"
        for change in pair.changes:
            by_hand = " (changed by hand, put back)" if change.origin == "drift" else ""
            label = f"{html_text(change.label)}{by_hand}"
            yield f"<tr><td>{label}</td><td>{_code(change.before)}</td><td>{_code(change.after)}</td></tr>"
        yield "</table>"
    yield from _steps(pair)
    yield from _checks(pair)
    yield "<details><summary>Raw details</summary>"
    yield from _raw(pair.raw)
    yield "</details>\n</section>"


def _pictures(pair: PairReview) -> Iterator[str]:
    now, then = pair.before, pair.after
    if now == then:
        sides = ((now, None, "", "Now and then", ""),)
    else:
        sides = (
            (now, then, "gone", "Now", "framed or written in red: goes or becomes another"),
            (then, now, "new", "Then", "framed or written in green: new"),
        )
    for shown, other, mark, title, legend in sides:
        if shown:
            drawing = draw(shown, other, mark, f"{pair.name}, {title.lower()}: {in_words(shown)}")
            meaning = f" <span>{legend}</span>" if differing(shown, other) else ""
            yield f"<figure><figcaption>{title}{meaning}</figcaption>{drawing}</figure>"


def _steps(pair: PairReview) -> Iterator[str]:
    yield "<h3>Steps, in this order</h3>\n<ol>"
    for step in pair.steps:
        where = f"{_code(step.node)} " if step.node else ""
        impact = "" if step.impact is Impact.NONE else f" <strong>({step.impact})</strong>"
        notice = f"<br><small>{html_text(step.notice)}</small>" if step.notice else ""
        yield f"<li>{where}{html_text(step.title)}{impact}{notice}</li>"
    yield "</ol>" if pair.steps else "</ol><p>No step on any appliance.</p>"


def _checks(pair: PairReview) -> Iterator[str]:
    if not pair.asked:
        return
    yield f"<h3>Preflight</h3><p>{html_text(pair.asked)}</p><ul>"
    for check in pair.checks:
        text = f"{check.verdict} {check.node} {check.title}: {check.evidence} {check.remedy}"
        yield f"<li>{html_text(text)}</li>"
    yield "</ul>"


def _raw(objects: tuple[Raw, ...]) -> Iterator[str]:
    for each in objects:
        yield f"<p>{_code(each.address)}: {html_text(', '.join(each.actions))}</p>"
        for side, value in (("before", each.before), ("after", each.after)):
            if value is not None:
                yield f"<p>{side}</p><pre>{_lines(json.dumps(value, indent=1, sort_keys=True))}</pre>"


def _lines(text: str) -> str:
    return "\n".join(html_text(line) for line in text.split("\n"))


def _code(text: str) -> str:
    return f"<code>{html_text(text)}</code>"
