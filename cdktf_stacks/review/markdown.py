"""A review as Markdown, for a comment on a pull request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.headline import glance, headline
from cdktf_stacks.review.text import code, markdown, visible
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.model import PairReview, Raw, Review

GITHUB_LIMIT: Final = 65_536
"""Characters that GitHub takes in one comment."""

DEFAULT_MARKER: Final = "default"
FINGERPRINT_KEY: Final = "gatepair-fingerprint:"
_MARKER: Final = re.compile(r"[^A-Za-z0-9._/-]")
_RAW_LIMIT: Final = 12_000
_FULL, _NO_RAW, _NO_PICTURE, _BRIEF, _LINE = range(5)


def marker(name: str = DEFAULT_MARKER) -> str:
    """Return the hidden line by which a comment is found again.

    Args:
        name: Tells several reviews of one pull request apart.
    """
    return f"<!-- gatepair-review:{_MARKER.sub('_', name)} -->"


def to_markdown(review: Review, *, limit: int = GITHUB_LIMIT, name: str = DEFAULT_MARKER) -> str:
    """Return a review as Markdown that is not longer than a limit.

    What matters least goes first: raw details, pictures, then all but the essence of pairs in which
    nobody notices anything, then these pairs altogether, with their count. A pair that is risky keeps
    at least a line of its own.

    Args:
        review: The review.
        limit: Characters that fit.
        name: See `marker`.
    """
    levels = [_FULL] * len(review.pairs)
    sections = [_section(pair, _FULL) for pair in review.pairs]
    head, tail = _head(review, name), _tail(review)
    room = limit - len(head) - len(tail) - 400
    total = sum(map(len, sections))
    for number, level in _cuts(review.pairs):
        if total <= room:
            break
        total -= len(sections[number])
        sections[number] = _section(review.pairs[number], level)
        levels[number] = level
        total += len(sections[number])
    kept = list(range(len(sections)))
    while total > room and kept and not review.pairs[kept[-1]].is_risky:
        total -= len(sections[kept.pop()])
    notice = _cut_notice(levels, len(kept))
    text = "".join((head, notice, *(sections[number] for number in kept), tail))
    return text if len(text) <= limit else _hard_cut(text, limit)


def _cuts(pairs: tuple[PairReview, ...]) -> Iterator[tuple[int, int]]:
    """Yield what to shorten next: harmless pairs before risky ones, details before the essence."""
    order = list(reversed(range(len(pairs))))
    for level in (_NO_RAW, _NO_PICTURE, _BRIEF, _LINE):
        yield from ((number, level) for number in order if not pairs[number].is_risky)
        if level is _NO_RAW:
            yield from ((number, level) for number in order if pairs[number].is_risky)
    for level in (_NO_PICTURE, _BRIEF, _LINE):
        yield from ((number, level) for number in order if pairs[number].is_risky)


def _cut_notice(levels: list[int], kept: int) -> str:
    shortened = sum(level != _FULL for level in levels[:kept])
    dropped = len(levels) - kept
    parts: list[str] = []
    if shortened:
        parts.append(f"{shortened} pair{'s are' if shortened > 1 else ' is'} shown without all details")
    if dropped:
        parts.append(f"{dropped} pair{'s' * (dropped > 1)} in which users notice nothing left out")
    if not parts:
        return ""
    return (
        "> [!NOTE]\n> This review is cut to fit into a comment: "
        f"{' and '.join(parts)}. Everything risky is here; the whole review is in the JSON and HTML output."
        "\n\n"
    )


def _hard_cut(text: str, limit: int) -> str:
    notice = "\n\n**This review is cut: there is more than fits. Read the JSON or HTML output.**\n"
    return f"{text[: limit - len(notice)]}{notice}"


def _head(review: Review, name: str) -> str:
    lines = [marker(name), f"<!-- {FINGERPRINT_KEY}{review.fingerprint} -->"]
    lines += [f"## {markdown(headline(review))}", ""]
    lines += [f"> [!WARNING]\n> {markdown(warning)}\n" for warning in review.warnings]
    risky = [pair for pair in review.pairs if pair.is_risky]
    if len(review.pairs) > 1 and risky:
        names = ", ".join(f"{code(pair.name)} ({pair.impact})" for pair in risky[:30])
        more = f" and {len(risky) - 30} more" if len(risky) > 30 else ""  # noqa: PLR2004 - as above
        lines += [f"**Look at these first:** {names}{more}", ""]
    if review.is_empty:
        lines += ["The appliances are as declared; a deploy does nothing.", ""]
    return "\n".join(lines) + "\n"


def _tail(review: Review) -> str:
    lines: list[str] = []
    if review.others:
        lines += ["### Objects of no pair", "", "| Object | What happens |", "|---|---|"]
        shown = review.others[:50]
        lines += [f"| {code(raw.address)} | {markdown(', '.join(raw.actions))} |" for raw in shown]
        if len(review.others) > len(shown):
            lines.append(f"| and {len(review.others) - len(shown)} more | |")
        lines.append("")
    if review.unchanged:
        names = ", ".join(map(code, review.unchanged[:20]))
        more = len(review.unchanged) - 20
        lines += [f"Nothing happens in: {names}{f' and {more} more' if more > 0 else ''}", ""]
    use = "<code>gatepair deploy --reviewed</code> with it applies exactly this, or stops."
    lines += [f"<sub>Fingerprint {code(review.fingerprint)}: {use}</sub>", ""]
    return "\n".join(lines)


def _section(pair: PairReview, level: int) -> str:
    if level == _LINE:
        first = pair.risks[0] if pair.risks else pair.users
        return f"- {_title(pair)}: {markdown(first)}\n"
    lines = [f"### {_title(pair)}", ""]
    lines += [f"> [!CAUTION]\n> {markdown(risk)}\n" for risk in pair.risks]
    lines += ["| Question | Answer |", "|---|---|"]
    lines += [f"| **{question}** | {_answer(answers)} |" for question, answers in glance(pair)]
    lines.append("")
    lines += _changes(pair)
    if level < _BRIEF:
        lines += _steps(pair)
        lines += _checks(pair)
    if level < _NO_PICTURE:
        lines += _pictures(pair)
    if level < _NO_RAW:
        lines += _raw(pair.raw)
    return "\n".join(lines) + "\n"


def _title(pair: PairReview) -> str:
    return f"{_SIGNS[pair.impact]} {code(pair.name)}: {markdown(pair.action)} (impact: {pair.impact})"


_SIGNS: Final = {
    Impact.NONE: "⚪",
    Impact.RESYNC: "🔵",
    Impact.RECONNECT: "🟡",
    Impact.FAILOVER: "🟠",
    Impact.RESTART: "🟠",
    Impact.OUTAGE: "🔴",
    Impact.DISSOLVED: "🔴",
}


def _answer(answers: tuple[str, ...]) -> str:
    return "<br>".join(map(markdown, answers))


def _changes(pair: PairReview) -> list[str]:
    if not pair.changes:
        return []
    lines = ["| What changes | Now | Then |", "|---|---|---|"]
    for change in pair.changes:
        by_hand = " (changed by hand, put back)" if change.origin == "drift" else ""
        lines.append(f"| {markdown(change.label)}{by_hand} | {code(change.before)} | {code(change.after)} |")
    return [*lines, ""]


def _steps(pair: PairReview) -> list[str]:
    lines = ["**Steps, in this order**", ""]
    for number, step in enumerate(pair.steps, 1):
        where = f"{code(step.node)} " if step.node else ""
        impact = "" if step.impact is Impact.NONE else f" **({step.impact})**"
        notice = f" {markdown(step.notice)}" if step.notice else ""
        lines.append(f"{number}. {where}{markdown(step.title)}{impact}{notice}")
    if not pair.steps:
        lines.append("No step on any appliance.")
    return [*lines, ""]


def _checks(pair: PairReview) -> list[str]:
    if not pair.asked:
        return []
    lines = [f"**Preflight**: {markdown(pair.asked)}", ""]
    for check in pair.checks:
        if check.verdict != "pass":
            where = f" {code(check.node)}" if check.node else ""
            text = f"{check.title}: {check.evidence} {check.remedy}"
            lines.append(f"- **{check.verdict}**{where} {markdown(text)}")
    return [*lines, ""]


def _pictures(pair: PairReview) -> list[str]:
    drawn = [(title, shown.mermaid) for title, shown in (("Now", pair.before), ("Then", pair.after)) if shown]
    if not drawn:
        return []
    if pair.before == pair.after:
        drawn = [("Now and then", drawn[0][1])]
    lines = ["<details><summary>Picture of the pair</summary>", ""]
    for title, text in drawn:
        lines += [f"{title}:", "", "```mermaid", text, "```", ""]
    return [*lines, "</details>", ""]


def _raw(objects: tuple[Raw, ...]) -> list[str]:
    if not objects:
        return []
    lines = ["<details><summary>Raw details</summary>", ""]
    for each in objects:
        lines += [f"{code(each.address)}: {markdown(', '.join(each.actions))}", ""]
        lines += _block("before", each.before) + _block("after", each.after)
    return [*lines, "</details>", ""]


def _block(title: str, value: object) -> list[str]:
    if value is None:
        return []
    text = "\n".join(
        map(_one_line, json.dumps(value, indent=1, sort_keys=True).replace("<", "\\u003c").splitlines())
    )
    if len(text) > _RAW_LIMIT:
        text = f"{text[:_RAW_LIMIT]}\n(cut: {len(text) - _RAW_LIMIT} more characters)"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{title}:", "", f"{fence}json", text, fence, ""]


def _one_line(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + visible(line[indent:])
