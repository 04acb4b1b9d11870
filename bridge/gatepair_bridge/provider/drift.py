"""What the state says about an object after a look at the server: pure functions.

The state's ``data`` shows the server's object, so that Terraform plans the way back to the
configuration, except where the options say that a difference does not matter: there it
keeps what was configured.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

from .jsontext import Json, JsonError, JsonObject, dump, equal, parse


class DriftOptions(NamedTuple):
    """Which differences do not matter.

    Attributes:
        keys: Keys, nested with ``.``, whose changes on the server are ignored.
        additions: Ignore members of objects that only the server has.
        everything: Ignore whatever the server has.
    """

    keys: tuple[str, ...] = ()
    additions: bool = False
    everything: bool = False


def observed_data(configured: str, server_text: str, server: Json, options: DriftOptions) -> str:
    """Give the state's ``data`` after a refresh.

    Args:
        configured: ``data`` as the state has it.
        server_text: The server's object as it came.
        server: The same, parsed.
        options: What to ignore.

    Returns:
        ``configured``, letter for letter, if nothing that matters differs; the server's text
        if nothing had to be ignored; else the server's object with the ignored parts put back.
    """
    if options.everything:
        return configured
    try:
        want = parse(configured)
    except JsonError:
        return server_text
    if not isinstance(want, dict) or not isinstance(server, dict):
        return server_text
    if equal(server, want):  # most of the time; nothing has to be copied then
        return configured
    have = copy.deepcopy(server)
    for key in options.keys:
        _put_back(have, want, key.split("."))
    if options.additions:
        have = _without_additions(have, want)
    _put_back_nulls(have, want)
    if equal(have, want):
        return configured
    return server_text if equal(have, server) else dump(have)


def agrees(configured: str, server: JsonObject, options: DriftOptions) -> bool:
    """Tell whether the server's object holds all that was configured, whatever it adds."""
    relaxed = options._replace(additions=True, everything=False)
    return observed_data(configured, "", server, relaxed) == configured


def _put_back(have: JsonObject, want: JsonObject, path: list[str]) -> None:
    """Make one place of ``have`` what it is in ``want``, present or absent."""
    key, rest = path[0], path[1:]
    if not rest:
        if key in want:
            have[key] = want[key]
        else:
            have.pop(key, None)
        return
    wanted, found = want.get(key), have.get(key)
    if isinstance(wanted, dict) and key not in have:
        found = have[key] = {}
    if isinstance(found, dict):
        _put_back(found, wanted if isinstance(wanted, dict) else {}, rest)


def _without_additions(have: Json, want: Json) -> Json:
    if isinstance(have, dict) and isinstance(want, dict):
        return {key: _without_additions(value, want[key]) for key, value in have.items() if key in want}
    if isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        return [_without_additions(a, b) for a, b in zip(have, want, strict=True)]
    return have


def _put_back_nulls(have: Json, want: Json) -> None:
    """A member configured as null says the same as one that the server leaves out."""
    if isinstance(have, dict) and isinstance(want, dict):
        for key, value in want.items():
            if value is None:
                have.setdefault(key, None)
            elif key in have:
                _put_back_nulls(have[key], value)
    elif isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        for a, b in zip(have, want, strict=True):
            _put_back_nulls(a, b)
