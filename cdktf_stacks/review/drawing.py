"""Draws a pair as SVG for the page: users, virtual IPs, both nodes, back ends, and what differs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import attrs

from cdktf_stacks.review.picture import counted, some
from cdktf_stacks.review.text import html_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.picture import Picture

WIDTH: Final = 960
HEIGHT: Final = 224
_PLAIN_HEIGHT: Final = 204
_HEAD: Final = 8
_HEAD_HALF: Final = 4
_LINE: Final = 18
_SMALL_LINE: Final = 15
_PADDING: Final = 12
# Characters that fit into the widest boxes.
_LONGEST: Final = 26
_LONGEST_SMALL: Final = 34

STYLE: Final = """
figure { margin: 1rem 0; }
figcaption { font-weight: 600; }
figcaption span { font-weight: 400; opacity: .75; }
.pair { --new: #1a7f37; --gone: #cf222e; --flow: #57606a; --box: #8881; --ip: #0969da; --ip-fill: #0969da1c;
  width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  .pair { --new: #3fb950; --gone: #f85149; --flow: #9198a1; --ip: #4493f8; --ip-fill: #4493f826; }
}
.pair rect { fill: var(--box); stroke: var(--flow); stroke-width: 1.2; }
.pair .ip rect { fill: var(--ip-fill); stroke: var(--ip); }
.pair text { fill: currentColor; font: 13px system-ui, sans-serif; text-anchor: middle; }
.pair .small { font-size: 11px; opacity: .8; } .pair .strong { font-weight: 600; }
.pair .start { text-anchor: start; } .pair .end { text-anchor: end; }
.pair line { stroke: var(--flow); stroke-width: 1.5; } .pair polygon { fill: var(--flow); }
.pair .standby line { stroke-dasharray: 5 4; }
.pair .new rect { stroke: var(--new); stroke-width: 3; }
.pair .gone rect { stroke: var(--gone); stroke-width: 3; stroke-dasharray: 7 4; }
.pair text.new { fill: var(--new); font-weight: 600; opacity: 1; }
.pair text.gone { fill: var(--gone); font-weight: 600; opacity: 1; }
.pair .new line { stroke: var(--new); } .pair .new polygon { fill: var(--new); }
.pair .gone line { stroke: var(--gone); } .pair .gone polygon { fill: var(--gone); }
"""


@attrs.frozen
class _Box:
    """Something with a frame and lines of text in the middle."""

    x: int
    y: int
    width: int
    height: int
    radius: int

    @property
    def left(self) -> tuple[float, float]:
        return self.x, self.y + self.height / 2

    @property
    def right(self) -> tuple[float, float]:
        return self.x + self.width, self.y + self.height / 2


_USERS: Final = _Box(14, 74, 84, 48, 24)
_EXTERNAL: Final = _Box(146, 70, 206, 56, 12)
_FURTHER_EXTERNAL: Final = _Box(146, 134, 206, 84, 12)
_FIRST: Final = _Box(440, 16, 216, 56, 6)
_SECOND: Final = _Box(440, 124, 216, 56, 6)
_INTERNAL: Final = _Box(712, 70, 140, 56, 12)
_FURTHER_INTERNAL: Final = _Box(712, 134, 140, 84, 12)
_BACK_ENDS: Final = _Box(884, 70, 70, 56, 6)


def draw(shown: Picture, other: Picture | None, mark: str, label: str) -> str:
    """Return a pair as an ``svg`` element without outside references.

    Args:
        shown: What is drawn.
        other: What it is compared with, ``None`` for nothing.
        mark: Class of what differs: ``new`` or ``gone``.
        label: What the drawing is, for those who cannot see it.
    """
    marks = dict.fromkeys(differing(shown, other), mark)
    inner = (*_ways(shown, marks), *_boxes(shown, marks), *_words(shown, marks))
    height = HEIGHT if shown.further_external or shown.further_internal else _PLAIN_HEIGHT
    return (
        f'<svg class="pair" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html_text(label)}">'
        f"{''.join(inner)}</svg>"
    )


def in_words(shown: Picture) -> str:
    """Return what a drawing shows as a sentence."""
    nodes = " and ".join(name or address for name, address in (shown.first, shown.second))
    parts = [f"{nodes} are a failover pair" if shown.formed else f"{nodes} stand alone"]
    if shown.heartbeat:
        parts.append(f"heartbeat {shown.heartbeat}")
    if shown.interface:
        parts.append(f"carried by interface {shown.interface} alone")
    parts += [
        f"{name} virtual IP {address}"
        for name, addresses in (
            ("external", (shown.external,)),
            ("internal", (shown.internal,)),
            ("further", shown.further_external),
            ("further internal", shown.further_internal),
        )
        for address in addresses
        if address
    ]
    return ", ".join(parts)


def differing(shown: Picture, other: Picture | None) -> tuple[str, ...]:
    """Return the members that are there and are not the same in the other picture."""
    if other is None:
        return ()
    members: dict[str, object] = attrs.asdict(shown, recurse=False)
    return tuple(name for name, value in members.items() if value and value != getattr(other, name))


def _outer(shown: Picture) -> Iterator[tuple[_Box, str, str, tuple[str, ...]]]:
    """Go through what users connect to: place, what it is called, member of the picture, addresses."""
    if shown.external:
        name = "external and internal virtual IP" if shown.one_address else "external virtual IP"
        yield _EXTERNAL, name, "external", (shown.external,)
    if shown.further_external:
        place = _fitting(_FURTHER_EXTERNAL, shown.further_external)
        name = counted("further virtual IP", shown.further_external)
        yield place, name, "further_external", shown.further_external


def _inner(shown: Picture) -> Iterator[tuple[_Box, str, str, tuple[str, ...]]]:
    """Go through what the pair talks to back ends from, in the same way."""
    if shown.internal and not shown.one_address:
        yield _INTERNAL, "internal virtual IP", "internal", (shown.internal,)
    if shown.further_internal:
        place = _fitting(_FURTHER_INTERNAL, shown.further_internal)
        name = counted("further internal IP", shown.further_internal)
        yield place, name, "further_internal", shown.further_internal


def _fitting(place: _Box, addresses: tuple[str, ...]) -> _Box:
    return attrs.evolve(place, height=_LINE * (1 + len(some(addresses))) + _PADDING)


def _boxes(shown: Picture, marks: dict[str, str]) -> Iterator[str]:
    if shown.has_users:
        yield _box(_USERS, "", ("strong", "Users"))
    for place, name, key, addresses in (*_outer(shown), *_inner(shown)):
        lines = [("strong", address) for address in some(addresses)]
        full = " ".join((name, *addresses))
        yield _box(place, f"ip {marks.get(key, '')}", ("small", name), *lines, full=full)
    for place, key, (name, address) in ((_FIRST, "first", shown.first), (_SECOND, "second", shown.second)):
        lines = [("strong", name), ("small", address)] if name else [("strong", address)]
        yield _box(place, marks.get(key, ""), *lines)
    if shown.has_back_ends:
        yield _box(_BACK_ENDS, "", ("small", "Back"), ("small", "ends"))


def _ways(shown: Picture, marks: dict[str, str]) -> Iterator[str]:
    formed = marks.get("formed", "")
    outer = [place for place, *_ in _outer(shown)]
    for place in outer:
        yield _arrow(_USERS.right, place.left)
    for place in outer or ([_USERS] if shown.formed else []):
        yield _arrow(place.right, _FIRST.left)
        if shown.formed:
            yield _arrow(place.right, _SECOND.left, f"standby {formed}")
    if shown.formed:
        x = _FIRST.x + _FIRST.width / 2
        ends = (x, _FIRST.y + _FIRST.height), (x, _SECOND.y)
        yield _arrow(*ends, formed)
        yield _arrow(ends[1], ends[0], formed)
    for place, *_ in _inner(shown):
        yield _arrow(_FIRST.right, place.left)
        if shown.formed:
            yield _arrow(_SECOND.right, place.left, f"standby {formed}")
        yield _arrow(place.right, _BACK_ENDS.left)


def _words(shown: Picture, marks: dict[str, str]) -> Iterator[str]:
    x = _FIRST.x + _FIRST.width // 2
    middle = (_FIRST.y + _FIRST.height + _SECOND.y) // 2 + 5
    if shown.formed:
        alone = [("interface", f"on {shown.interface} alone")] if shown.interface else []
        lines = [("heartbeat", "heartbeat"), ("heartbeat", shown.heartbeat), *alone]
        first = middle - (len(lines) - 1) * _SMALL_LINE // 2
        for number, (key, words) in enumerate(lines):
            yield _text(x + 12, first + number * _SMALL_LINE, f"small start {marks.get(key, '')}", words)
    else:
        yield _text(x, middle, f"small {marks.get('formed', '')}", "no failover pair")
    if shown.has_users:
        says = "takes over" if shown.formed else "nobody takes over"
        below = _SECOND.y + _SECOND.height + _SMALL_LINE
        yield _text(x, below, f"small {marks.get('formed', '')}", says)


def _box(place: _Box, kind: str, *lines: tuple[str, str], full: str = "") -> str:
    middle = place.x + place.width // 2
    first = place.y + place.height // 2 + 5 - (len(lines) - 1) * _LINE // 2
    texts = (
        _text(middle, first + number * _LINE, style, words) for number, (style, words) in enumerate(lines)
    )
    whole = html_text(full or " ".join(words for _, words in lines))
    return (
        f'<g class="{kind.strip()}"><title>{whole}</title>'
        f'<rect x="{place.x}" y="{place.y}" width="{place.width}" height="{place.height}" '
        f'rx="{place.radius}"/>{"".join(texts)}</g>'
    )


def _text(x: int, y: int, kind: str, words: str) -> str:
    longest = _LONGEST_SMALL if kind.startswith("small") else _LONGEST
    cut = words if len(words) <= longest else f"{words[: longest - 1]}\u2026"
    return f'<text class="{kind.strip()}" x="{x}" y="{y}">{html_text(cut)}</text>'


def _arrow(start: tuple[float, float], end: tuple[float, float], kind: str = "") -> str:
    # A marker would need an id, which is one of the whole page.
    (x, y), (to_x, to_y) = start, end
    length = math.hypot(to_x - x, to_y - y)
    along_x, along_y = (to_x - x) / length, (to_y - y) / length
    neck_x, neck_y = to_x - along_x * _HEAD, to_y - along_y * _HEAD
    aside_x, aside_y = -along_y * _HEAD_HALF, along_x * _HEAD_HALF
    head = (
        f"{to_x:.1f},{to_y:.1f} {neck_x + aside_x:.1f},{neck_y + aside_y:.1f} "
        f"{neck_x - aside_x:.1f},{neck_y - aside_y:.1f}"
    )
    return (
        f'<g class="{kind.strip()}"><line x1="{x:.1f}" y1="{y:.1f}" x2="{neck_x:.1f}" y2="{neck_y:.1f}"/>'
        f'<polygon points="{head}"/></g>'
    )
