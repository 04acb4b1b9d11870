"""What a user may do: command policies are regular expressions over the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

ADMINISTRATOR = "nsroot"


def authorize(node: Node, user: str, command: str) -> None:
    """Refuse what a user's policies do not allow.

    Args:
        node: The appliance.
        user: User name.
        command: The command as the command line words it, such as ``show HA node``.

    Raises:
        NitroError: 2138 with the command in brackets.
    """
    if user == ADMINISTRATOR:
        return
    bound = [
        row
        for row in node.configuration.rows("systemuser_systemcmdpolicy_binding")
        if row.get("username") == user
    ]
    for binding in sorted(bound, key=lambda row: str(row.get("priority", 0)).zfill(9)):
        policy = node.configuration.get("systemcmdpolicy", str(binding.get("policyname"))) or {}
        if _matches(str(policy.get("cmdspec", "")), command):
            if policy.get("action") == "ALLOW":
                return
            break
    raise NitroError(Code.NOT_AUTHORIZED, command)


def _matches(rule: str, command: str) -> bool:
    try:
        return re.match(rule, command, re.IGNORECASE) is not None
    except re.error:
        return False
