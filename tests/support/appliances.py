"""An appliance as a person with curl sees it: NITRO with one-shot credentials, no SDK between."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab, Node


class Appliance:
    """One emulated appliance, spoken to directly.

    Args:
        lab: The emulated pair.
        node: Which of its nodes.
    """

    def __init__(self, lab: Lab, node: Node) -> None:
        self._base = f"https://{node.address}/nitro/v1/config/"
        self._headers = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password}
        self._trust = ssl.create_default_context(cafile=str(lab.ca_file))

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one NITRO request and return the reply; anything but success fails the test."""
        reply = httpx.request(
            method,
            self._base + path,
            json=body,
            headers=self._headers,
            verify=self._trust,
            timeout=10,
            trust_env=False,
        )
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else {}

    def rows(self, resource: str) -> list[dict[str, Any]]:
        """Return all rows of a resource type."""
        found = self.request("GET", resource).get(resource, [])
        return found if isinstance(found, list) else [found]

    def own_node(self) -> dict[str, Any]:
        """Return the appliance's own row in its HA configuration."""
        return self.request("GET", "hanode/0")["hanode"][0]

    def role(self) -> str:
        """Return ``Primary`` or ``Secondary`` as the appliance says it."""
        return self.own_node()["state"]

    def delete(self, path: str) -> None:
        """Remove something by hand."""
        self.request("DELETE", path)
