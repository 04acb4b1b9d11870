"""The Gateway behind an external virtual IP: a logon page, and what a signed-in user sees.

Every page names the appliance that served it, in the headers ``X-Gatepair-Node`` (host name) and
``X-Gatepair-Address`` (management address) and in its text, so that a probe can tell who serves the
users.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from gatepair_emulator.users.fetch import FetchError, fetch
from gatepair_emulator.values import number_of, text_of
from gatepair_emulator.wire.envelope import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from gatepair_emulator.node import Node
    from gatepair_emulator.wire.request import HttpRequest
    from gatepair_emulator.wire.server import Handler

COOKIE: Final = "NSC_AAAC"
SESSION_HEADER: Final = "x-citrix-gateway-session"
CALLBACK_PATH: Final = "/CitrixAuthService/AuthService.asmx"
NODE_HEADER: Final = "X-Gatepair-Node"
ADDRESS_HEADER: Final = "X-Gatepair-Address"
LOGON_PATHS: Final = frozenset({"/", "/logon", "/logon/", "/vpn/index.html", "/logon/LogonPoint/index.html"})

_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{content}<p>Served by <strong id="node">{node}</strong>.</p></body></html>
"""
_FORM: Final = """{note}<form method="post" action="/cgi/login">
<label>User name <input name="login" autocomplete="username"></label>
<label>Password <input name="passwd" type="password" autocomplete="current-password"></label>
<button>Log On</button></form>"""


def gateway_handler(node: Node, virtual_server: str) -> Handler:
    """The pages of one Gateway virtual server.

    Args:
        node: The appliance that serves them.
        virtual_server: Its name.

    Returns:
        The handler of its requests.
    """

    def handle(request: HttpRequest) -> Answer | Awaitable[Answer]:
        path = request.target.partition("?")[0]
        user = node.users.who(_cookie(request))
        if path == "/cgi/login" and request.method == "POST":
            return _sign_in(node, request)
        if path == "/cgi/logout":
            node.users.sign_out(_cookie(request))
            return _redirect(node, "/logon", f"{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly")
        if path in LOGON_PATHS:
            return _redirect(node, "/portal") if user and path != "/logon" else _logon(node, "")
        if path == CALLBACK_PATH:
            return _confirm(node, request)
        if path == "/portal":
            return _portal(node, user, virtual_server, _cookie(request))
        return page(node, 404, "Not Found", f"<p>{html.escape(virtual_server)} has no such page.</p>")

    return handle


def page(node: Node, status: int, title: str, content: str, *headers: tuple[str, str]) -> Answer:
    """A page that names the appliance.

    Args:
        node: The appliance.
        status: HTTP status.
        title: Heading.
        content: HTML.
        headers: Extra headers.

    Returns:
        The answer.
    """
    text = _PAGE.format(title=html.escape(title), content=content, node=html.escape(node_name(node)))
    return Answer(
        status=status,
        body=text.encode(),
        content_type="text/html; charset=utf-8",
        headers=(*node_headers(node), ("Cache-Control", "no-store"), *headers),
    )


def node_name(node: Node) -> str:
    """How pages name the appliance: host name and management address.

    Args:
        node: The appliance.

    Returns:
        Such as ``gw-a 127.0.10.11``.
    """
    return f"{node.host_name} {node.settings.address}"


def node_headers(node: Node) -> tuple[tuple[str, str], ...]:
    """Headers that name the appliance.

    Args:
        node: The appliance.

    Returns:
        Host name and management address.
    """
    return (NODE_HEADER, node.host_name), (ADDRESS_HEADER, node.settings.address)


def _logon(node: Node, note: str, status: int = 200) -> Answer:
    return page(node, status, "Citrix Gateway", _FORM.format(note=note))


def _confirm(node: Node, request: HttpRequest) -> Answer:
    """The authentication service: whose session a Web Interface was given."""
    user = node.users.who(request.headers.get(SESSION_HEADER, ""))
    body = user.encode() if user else b""
    return Answer(status=200 if user else 401, body=body, content_type="text/plain; charset=utf-8")


def _home(node: Node, virtual_server: str) -> str:
    """Address of the Web Interface: ``wihome`` of the first session policy of the virtual server."""
    bindings = [
        row
        for row in node.configuration.rows("vpnvserver_vpnsessionpolicy_binding")
        if row.get("name") == virtual_server
    ]
    for binding in sorted(bindings, key=lambda row: number_of(text_of(str(row.get("priority", 0))), 0)):
        policy = node.configuration.get("vpnsessionpolicy", str(binding.get("policy"))) or {}
        action = node.configuration.get("vpnsessionaction", str(policy.get("action"))) or {}
        if action.get("wihome"):
            return str(action["wihome"])
    return ""


async def _applications(node: Node, home: str, session: str) -> Answer:
    """What the Web Interface says, from the internal virtual IP if there is one."""
    snips = [row.get("ipaddress") for row in node.configuration.rows("nsip") if row.get("type") == "SNIP"]
    source = next((held for held in node.addresses.held() if held in snips), node.settings.address)
    try:
        reply = await fetch(
            home, {SESSION_HEADER: session}, trust=node.authority.certificate_file, source=source
        )
    except FetchError as problem:
        return page(node, 502, "Bad Gateway", f"<p>The Web Interface: {html.escape(str(problem))}</p>")
    return Answer(
        status=reply.status,
        body=reply.body,
        content_type="text/html; charset=utf-8",
        headers=(*node_headers(node), ("Cache-Control", "no-store")),
    )


def _portal(node: Node, user: str | None, virtual_server: str, session: str) -> Answer | Awaitable[Answer]:
    """What a signed-in user sees: the Web Interface, if there is one."""
    if not user:
        return _redirect(node, "/logon")
    home = _home(node, virtual_server)
    if home:
        return _applications(node, home, session)
    content = f'<p>Signed in as <strong id="user">{html.escape(user)}</strong>.</p>'
    return page(node, 200, "Welcome", content)


def _sign_in(node: Node, request: HttpRequest) -> Answer:
    form = parse_qs(request.body.decode("utf-8", "replace"))
    token = node.users.sign_in(form.get("login", [""])[0], form.get("passwd", [""])[0])
    if token is None:
        return _logon(node, "<p>Incorrect user name or password.</p>", 401)
    return _redirect(node, "/portal", f"{COOKIE}={token}; Path=/; Secure; HttpOnly")


def _redirect(node: Node, where: str, cookie: str = "") -> Answer:
    headers = [("Location", where), *node_headers(node)]
    if cookie:
        headers.append(("Set-Cookie", cookie))
    return Answer(status=302, headers=tuple(headers), content_type="text/html; charset=utf-8")


def _cookie(request: HttpRequest) -> str:
    for part in request.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""
