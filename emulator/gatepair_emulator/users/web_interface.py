"""A Web Interface beside the pair: ``python -m gatepair_emulator.users.web_interface DIRECTORY``.

A signed-in user's applications come from here. The Gateway asks for them with the user's session; the Web
Interface does not believe it but asks the Gateway's authentication service, by the Gateway's own name. It
finds the address in a hosts file of its own. If that entry points anywhere but to the external virtual
IP, nobody confirms the session and the user gets 401: the last trap of setting up a pair (see
poppelgaard.com, "Access Gateway 5.0 Deep Dive: Failover").
"""

from __future__ import annotations

import asyncio
import html
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gatepair_emulator.certificates import Authority, context_from
from gatepair_emulator.lifetime import ends_when_told, orders, until_ended
from gatepair_emulator.settings import SettingsError, read_record
from gatepair_emulator.users.fetch import FetchError, fetch
from gatepair_emulator.users.gateway import CALLBACK_PATH, SESSION_HEADER
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.server import Endpoint, Listener

if TYPE_CHECKING:
    from gatepair_emulator.wire.request import HttpRequest

_LOG = logging.getLogger(__name__)
SETTINGS: Final = "settings.json"
HOSTS: Final = "hosts"
# Less than the Gateway waits for its answer, so that a user gets the answer.
_CONFIRMED_WITHIN_S: Final = 3.0
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


@frozen(kw_only=True)
class WebSettings:
    """A Web Interface.

    Attributes:
        address: Where it answers.
        port: Its port.
        gateway: Name of the Gateway whose authentication service it asks.
        gateway_port: Port of that service.
        authority_directory: Where ``ca.pem`` and its key lie.
    """

    address: str
    port: int
    gateway: str
    gateway_port: int
    authority_directory: str


def resolve(hosts: str, name: str) -> str:
    r"""The address a hosts file has for a name.

    Args:
        hosts: Content of the file.
        name: Host name.

    Returns:
        The address of the first line with the name; empty if there is none.

    Example:
        >>> resolve("# users\n192.0.2.20  gateway.example.net gw\n", "GW")
        '192.0.2.20'
    """
    for line in hosts.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if name.lower() in {each.lower() for each in names}:
            return address
    return ""


class WebInterface:
    """The server: applications for users whom the Gateway confirms."""

    def __init__(self, directory: Path, settings: WebSettings) -> None:
        self._hosts = directory / HOSTS
        self._settings = settings
        self._authority = Authority(Path(settings.authority_directory))
        context = context_from(*self._authority.keep(directory, "web", settings.address, "store.example.net"))
        endpoint = Endpoint(address=settings.address, port=settings.port)
        self.listener = Listener(endpoint, self._handle, tls=context)

    async def _handle(self, request: HttpRequest) -> Answer:
        session = request.headers.get(SESSION_HEADER, "")
        if not session:
            return _page(401, "Unauthorized", "Sign in at the Gateway first.")
        user, problem = await self._confirmed(session)
        if not user:
            _LOG.warning("401 for a user of the Gateway: %s", problem)
            return _page(401, "Unauthorized", problem)
        return _page(200, "Applications", f'Applications of <strong id="user">{html.escape(user)}</strong>.')

    async def _confirmed(self, session: str) -> tuple[str, str]:
        """The user of a session as the Gateway confirms it, or what keeps it from doing so."""
        name = self._settings.gateway
        address = resolve(self._hosts.read_text(encoding="utf-8"), name)
        if not address:
            return "", f"the hosts file has no entry for {name}"
        url = f"https://{name}:{self._settings.gateway_port}{CALLBACK_PATH}"
        try:
            reply = await fetch(
                url,
                {SESSION_HEADER: session},
                trust=self._authority.certificate_file,
                address=address,
                limit_s=_CONFIRMED_WITHIN_S,
            )
        except FetchError as problem:
            return "", f"the authentication service of {name} does not answer at {address}: {problem}"
        if reply.status != 200:  # noqa: PLR2004 - the one good status
            return "", f"{name} at {address} does not know the session"
        return reply.body.decode("utf-8", "replace"), ""


def _page(status: int, title: str, text: str) -> Answer:
    """A page; ``text`` is HTML made here or a message without markup."""
    content = text if status == 200 else html.escape(text)  # noqa: PLR2004 - the one good status
    body = _PAGE.format(title=html.escape(title), text=content).encode()
    return Answer(status=status, body=body, content_type="text/html; charset=utf-8")


async def run(directory: Path, settings: WebSettings, *, watch_input: bool) -> None:
    """Run until told to stop, or until the directory is gone.

    Args:
        directory: Hosts file, certificate and settings.
        settings: What it is.
        watch_input: Stop when standard input ends, as it does when the parent dies.

    Raises:
        OSError: The port is taken.
    """
    ended = asyncio.Event()
    ends_when_told(ended, watch_input=watch_input)
    web = WebInterface(directory, settings)
    await web.listener.open()
    try:
        await until_ended(ended, (directory / HOSTS).exists)
    finally:
        web.listener.close()


def main() -> None:
    """Entry point of the process."""
    directory, watch_input = orders(sys.argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        settings = read_record(directory / SETTINGS, WebSettings)
        asyncio.run(run(directory, settings, watch_input=watch_input))
    except (OSError, SettingsError) as problem:
        sys.exit(f"the Web Interface in {directory} cannot run: {problem}")


if __name__ == "__main__":
    main()
