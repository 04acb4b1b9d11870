"""Users behind the Gateway: their session, and a Web Interface with a hosts file of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from emulator_talk import healthy, trust
from waiting import until

from gatepair_emulator.cli import emulator
from gatepair_emulator.users.web_interface import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow


@pytest.fixture
def lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    with healthy(gatepair_pool, "web-interface") as lab:
        yield lab


@pytest.fixture
def browser(lab: Lab) -> Iterator[Browser]:
    browser = Browser(lab)
    yield browser
    browser.client.close()


class Browser:
    """Alice at the external virtual IP, by the Gateway's own name."""

    def __init__(self, lab: Lab) -> None:
        self.url = f"https://{lab.external}:{lab.external_port}"
        self.client = httpx.Client(verify=trust(lab), timeout=10, trust_env=False)
        answer = self.ask("POST", "/cgi/login", data={"login": "alice", "passwd": lab.users["alice"]})
        assert answer.status_code == 302

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        names = {"sni_hostname": "gateway.example.net"}
        headers = {"Host": "gateway.example.net"}
        return self.client.request(method, self.url + path, data=data, headers=headers, extensions=names)

    def applications(self) -> tuple[int, str, str]:
        answer = self.ask("GET", "/portal")
        return answer.status_code, answer.headers["X-Gatepair-Address"], answer.text


def test_applications_come_from_the_web_interface_and_401_if_its_hosts_entry_is_wrong(
    lab: Lab, browser: Browser
) -> None:
    status, served_by, page = browser.applications()
    assert (status, served_by) == (200, lab.a.host)
    assert 'Applications of <strong id="user">alice</strong>' in page
    for wrong, said in (
        ("", "no entry for gateway.example.net"),
        (lab.internal, "the authentication service of gateway.example.net does not answer"),
        (lab.a.host, "the authentication service of gateway.example.net does not answer"),
    ):
        lab.web.point_at(wrong)
        status, served_by, page = browser.applications()
        assert (status, served_by) == (401, lab.a.host)
        assert said in page
    lab.web.point_at(lab.external)
    assert browser.applications()[0] == 200


def test_an_authentication_service_that_never_answers_is_a_401_too(lab: Lab, browser: Browser) -> None:
    silent = f"{lab.network}.99"
    with socket.create_server((silent, lab.external_port)):
        lab.web.point_at(silent)
        status, _, page = browser.applications()
    assert status == 401
    assert "no answer in time" in page


def test_a_signed_in_user_keeps_the_applications_over_a_failover(lab: Lab, browser: Browser) -> None:
    until(lambda: lab.b.status()["users"] == 1, "the session is on the secondary too")
    lab.a.kill()
    status, served_by, page = until(browser.applications, "somebody serves again")
    assert (status, served_by) == (200, lab.b.host)
    assert "alice" in page


def test_without_the_web_interface_the_gateway_says_so(lab: Lab, browser: Browser) -> None:
    lab.web.stop()
    assert browser.applications()[0] == 502
    lab.web.start()
    assert browser.applications()[0] == 200


def test_strangers_get_nothing(lab: Lab) -> None:
    context = trust(lab)
    assert (
        httpx.get(f"https://{lab.web.address}/Citrix/StoreWeb", verify=context, timeout=10).status_code == 401
    )
    forged = {"X-Citrix-Gateway-Session": "0" * 32}
    answer = httpx.get(
        f"https://{lab.web.address}/Citrix/StoreWeb", verify=context, headers=forged, timeout=10
    )
    assert answer.status_code == 401
    assert "does not know the session" in answer.text


def test_the_hosts_entry_from_the_command_line(lab: Lab, browser: Browser) -> None:
    for words, status in (
        (["hosts", f"{lab.network}.99"], 401),  # refuses at once, whatever network this machine is in
        (["off"], 502),
        (["on"], 502),
        (["hosts", lab.external], 200),
    ):
        outcome = CliRunner().invoke(emulator, ["web", *words, "--state", str(lab.state_dir)])
        assert outcome.exit_code == 0, outcome.output
        if words != ["on"]:
            assert browser.applications()[0] == status
    lab.web.stop()


@pytest.mark.parametrize(
    ("hosts", "address"),
    [
        ("", ""),
        ("# 192.0.2.1 gateway.example.net", ""),
        (
            "192.0.2.1 other\n192.0.2.2\tGateway.Example.Net # ours\n192.0.2.3 gateway.example.net",
            "192.0.2.2",
        ),
    ],
)
def test_hosts_files(hosts: str, address: str) -> None:
    assert resolve(hosts, "gateway.example.net") == address
