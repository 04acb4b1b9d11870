"""Clients of other people, unmodified from the package index, against a formed pair."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from emulator_talk import Talk
from waiting import until

from gatepair_emulator.certificates import Authority

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab, Node

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(standing_pair: Lab) -> Lab:
    return standing_pair


@pytest.fixture(scope="module")
def furnished(lab: Lab) -> Lab:
    with Talk(lab, lab.a) as a:
        a.add("vpnvserver_staserver_binding", name="gateway", staserver="http://sta.example.net/scripts")
        a.add("vpnglobal_staserver_binding", staserver="http://sta.example.net/scripts")
        a.add("server", name="web", ipaddress="192.0.2.81")
        a.add("service", name="web", servername="web", servicetype="HTTP", port=80)
        a.add("lbvserver", name="web", servicetype="HTTP", ipv46="192.0.2.80", port=80)
        a.add("lbvserver_service_binding", name="web", servicename="web")
        a.save()
    return lab


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def check(lab: Lab, node: Node, *words: str, password: str = "") -> subprocess.CompletedProcess[str]:
    """Run check_netscaler as a monitoring system does."""
    place = ["-H", node.host, "-P", str(node.ports.management)]
    credentials = os.environ | {"NETSCALER_USER": "nsroot", "NETSCALER_PASS": password or lab.password}
    command = [program("check_netscaler"), *place, "-C", *words]
    return subprocess.run(command, env=credentials, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hastatus"], "OK - hastatus: hacurmasterstate Primary; hacurstate UP"),
        (["nsconfig"], "OK - "),
        (["sslcert", "-w", "30", "-c", "10"], "OK - 1 certificate(s) OK"),
        (["hwinfo"], "Build Version: NetScaler NS14.1: Build 47.48.nc"),
        (["state", "-o", "vpnvserver"], "OK - "),
        (["state", "-o", "lbvserver"], "OK - "),
        (["state", "-o", "service"], "OK - "),
        (["staserver"], "OK (STA"),
        (["staserver", "-n", "gateway"], "OK (STA"),
        (["perfdata", "-o", "ns", "-n", "memusagepcnt,cpuusagepcnt"], "OK - perfdata: collected 2 metrics"),
        (["above", "-o", "system", "-n", "cpuusagepcnt", "-w", "75", "-c", "80"], "is OK"),
        (["matches", "-o", "nsconfig", "-e", "config", "-n", "systemtype", "-w", "x", "-c", "y"], '"HA"'),
        (["debug", "-o", "nsversion", "-e", "config"], "NetScaler NS14.1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_check_netscaler_finds_a_healthy_pair(furnished: Lab, words: list[str], said: str) -> None:
    result = check(furnished, furnished.a, *words)
    assert result.returncode == 0, result.stdout
    assert said in result.stdout


def test_check_netscaler_sees_what_is_wrong(healthy_lab: Lab) -> None:
    lab = healthy_lab  # its roles change, on which the other tests rely, in any order
    refused = check(lab, lab.a, "hastatus", password="wrong")
    assert refused.returncode == 3
    secondary = check(lab, lab.b, "hastatus")
    assert "hacurmasterstate Secondary" in secondary.stdout
    with Talk(lab, lab.a) as a:
        a.act("vpnvserver", "disable", name="gateway")
        assert check(lab, lab.a, "state", "-o", "vpnvserver").returncode == 2
        assert "Unsaved configuration" in check(lab, lab.a, "nsconfig").stdout
    lab.a.admin("PUT", "/hardware", {"failed_links": ["1/1"]})
    assert check(lab, lab.a, "hastatus").returncode != 0


def served_certificate(lab: Lab) -> bytes:
    """What a user sees at the external virtual IP."""
    pem = ssl.get_server_certificate((lab.external, lab.external_port), timeout=10)
    return pem.encode()


def test_certbot_hook_renews_the_gateways_certificate_on_both_nodes(healthy_lab: Lab, tmp_path: Path) -> None:
    """netscaler-certbot-hook uploads files, replaces the certificate, links its issuer and saves."""
    lab = healthy_lab  # its roles change, on which the other tests rely, in any order
    chain, key = Authority(lab.state_dir).issue("gateway.example.net")
    new = b"".join(chain.partition(b"-----END CERTIFICATE-----\n")[:2])
    files = {"cert.pem": new, "privkey.pem": key, "chain.pem": Path(lab.ca_file).read_bytes()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    primary = lab.a if lab.a.status()["role"] == "Primary" else lab.b
    environment = os.environ | {
        "NS_URL": f"https://{primary.address}",
        "NS_LOGIN": "nsroot",
        "NS_PASSWORD": lab.password,
        "REQUESTS_CA_BUNDLE": lab.ca_file,
    }
    command = [program("netscaler-certbot-hook"), "--name", "gateway", "--chain", "emulator-ca"]
    for option, name in (("--cert", "cert.pem"), ("--privkey", "privkey.pem"), ("--chain-cert", "chain.pem")):
        command += [option, str(tmp_path / name)]
    assert served_certificate(lab) != new
    for said in ("update certificate gateway", "installed certificate matches our serial - nothing to do"):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout, done.stdout
    assert served_certificate(lab) == new
    with Talk(lab, primary) as talk:
        assert talk.act("hafailover", "Force", force=True).status_code == 200
    until(lambda: primary.status()["role"] == "Secondary", "the roles are changed")
    assert until(lambda: _served_or_none(lab), "the other node serves") == new


def _served_or_none(lab: Lab) -> bytes | None:
    try:
        return served_certificate(lab)
    except OSError:
        return None
