"""Says in the text of a pairs.toml which pairs exist already, comments and all kept."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from typing import Final, cast

from gatepair.errors import LocalFileError

_HEADER: Final = re.compile(r"^[ \t]*\[[ \t]*stacks[ \t]*\][ \t]*(#[^\n]*)?$", re.MULTILINE)
_LIST: Final = re.compile(r"^[ \t]*adopt[ \t]*=[ \t]*\[[^\]]*\]", re.MULTILINE)


def with_adopted(text: str, name: str) -> str:
    r"""Return a pairs.toml whose table `[stacks]` says that the stack of a pair imports what exists.

    Args:
        text: The file.
        name: The pair.

    Raises:
        gatepair.errors.LocalFileError: The table is written in a way that this does not know to change.

    Example:
        >>> print(with_adopted("[pairs.office]\n", "office"), end="")
        [pairs.office]
        <BLANKLINE>
        [stacks]
        adopt = ["office"]
    """
    content = tomllib.loads(text)
    wanted = copy.deepcopy(content)
    stacks: object = wanted.setdefault("stacks", {})
    if not isinstance(stacks, dict):
        raise _not_edited(name)
    table = cast("dict[str, object]", stacks)
    names = table.get("adopt", [])
    if not isinstance(names, list):
        raise _not_edited(name)
    known = cast("list[str]", names)
    if name in known:
        return text
    has_list = "adopt" in table
    table["adopt"] = [*known, name]
    changed = _changed(text, f"adopt = {json.dumps(table['adopt'])}", has_list=has_list)
    if changed is None or not _reads_as(changed, wanted):
        raise _not_edited(name)
    return changed


def _changed(text: str, line: str, *, has_list: bool) -> str | None:
    header = _HEADER.search(text)
    if has_list:
        present = _LIST.search(text, header.end()) if header else None
        return f"{text[: present.start()]}{line}{text[present.end() :]}" if present else None
    if header:
        return f"{text[: header.end()]}\n{line}{text[header.end() :]}"
    return f"{text.rstrip()}\n\n[stacks]\n{line}\n"


def _reads_as(text: str, wanted: object) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _not_edited(name: str) -> LocalFileError:
    return LocalFileError(
        "the table [stacks] is written in a way that is not changed here",
        remedy=f'Add the pair to its list yourself: adopt = ["{name}"].',
    )
