"""A Web Interface behind the gateway, with a hosts entry of its own.

It hands the logon on to the real Gateway virtual server of an emulated pair. Who is let in there gets to its
page only if it can call the gateway back at the address its hosts entry says; else it answers 401.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from small_gateway import Asked, Reply, SmallGateway

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

PAGE = "/Citrix/XenApp/site/default.aspx"
LIMIT_S = 10.0
PORT = 9443


class WebInterface:
    """What users meet at the external virtual IP, on a port of its own.

    Args:
        lab: The emulated pair.
        hosts_entry: Address that the Web Interface believes the gateway is at.
    """

    def __init__(self, lab: Lab, hosts_entry: str) -> None:
        self._lab = lab
        self._hosts_entry = hosts_entry
        store = Path(lab.a.directory) / "files" / "nsconfig" / "ssl"
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(store / "gateway.pem", store / "gateway.key")
        self.server = SmallGateway(self._answer, lab.external, PORT, trust)

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == PAGE:
            signed_in = self._gateway("GET", "/portal", asked.cookie).status == 200
            if not signed_in:
                return Reply(302, (("Location", "/logon"),))
            return Reply(200 if self._calls_back() else 401)
        body = "&".join(f"{name}={value}" for name, values in asked.form.items() for value in values)
        reply = self._gateway(asked.method, asked.path, asked.cookie, body)
        if reply.status != 302 or asked.path != "/cgi/login":
            return reply
        cookies = tuple(pair for pair in reply.headers if pair[0] == "Set-Cookie")
        return Reply(302, (("Location", PAGE), *cookies))

    def _gateway(self, method: str, path: str, cookie: str, body: str = "") -> Reply:
        """Ask the real gateway; when nobody serves there, nobody is served here."""
        trust = ssl.create_default_context(cafile=self._lab.ca_file)
        trust.check_hostname = False
        line = http.client.HTTPSConnection(
            self._lab.external, self._lab.external_port, timeout=LIMIT_S, context=trust
        )
        try:
            line.request(method, path, body or None, {"Cookie": cookie})
            answer = line.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0] in {"Location", "Set-Cookie"}]
            return Reply(answer.status, tuple(kept), answer.read())
        except (OSError, http.client.HTTPException):
            return Reply(0)
        finally:
            line.close()

    def _calls_back(self) -> bool:
        try:
            with socket.create_connection((self._hosts_entry, self._lab.external_port), LIMIT_S):
                return True
        except OSError:
            return False
