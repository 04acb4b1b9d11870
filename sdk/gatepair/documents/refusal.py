"""What is said about a document that cannot be used."""

from __future__ import annotations

from gatepair._reading import Findings, dotted
from gatepair.errors import InvalidInput


def raise_if_any(findings: Findings) -> None:
    """Raise everything that was found wrong with a document as one error.

    Raises:
        InvalidInput: Something was found; ``key`` is the first place, with dots.
    """
    if not findings.all:
        return
    said = (f"{dotted(place)}: {message}" if place else message for place, message in findings.all)
    raise InvalidInput("; ".join(said), key=dotted(findings.all[0].place) or None)
