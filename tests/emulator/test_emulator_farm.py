"""Many light pairs in one process: each one a pair like any other."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
from emulator_talk import trust
from waiting import until

from gatepair import PairSession, load_config
from gatepair_emulator.farm import Farm
from gatepair_emulator.lab import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.farm import FarmPair

pytestmark = pytest.mark.slow
COUNT = 6


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm.start(tmp_path_factory.mktemp("emulator") / "farm", COUNT, clock=5) as farm:
        for pair in farm.pairs:
            until(lambda pair=pair: pair.b.status()["sync"] == "SUCCESS", f"{pair.name} is synchronised")
        yield farm


@pytest.fixture
def client(farm: Farm) -> Iterator[httpx.Client]:
    headers = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": farm.password}
    with httpx.Client(verify=trust(farm), headers=headers, timeout=10, trust_env=False) as client:
        yield client


def served(farm: Farm, pair: FarmPair) -> str:
    with httpx.Client(verify=trust(farm), timeout=10, trust_env=False) as client:
        page = client.get(
            f"https://{pair.external}:8443/logon", extensions={"sni_hostname": "gateway.example.net"}
        )
    return page.headers["X-Gatepair-Address"]


def test_every_pair_is_declared_and_healthy(farm: Farm, client: httpx.Client) -> None:
    config = load_config(farm.config_file)
    assert len(config.pairs) == COUNT
    for pair in (farm.pairs[0], farm.pairs[-1]):
        url = f"https://{pair.a.address}/nitro/v1/config/nsconfig?action=save"
        assert client.post(url, json={"nsconfig": {}}).status_code == 200
        with PairSession(config.pairs[pair.name], config) as session:
            assert session.status().to_dict()["healthy"] is True


def test_pairs_do_not_know_each_other(farm: Farm, client: httpx.Client) -> None:
    first, second, *_ = farm.pairs
    url = "https://{}/nitro/v1/config/vlan"
    assert client.post(url.format(first.a.address), json={"vlan": {"id": 77}}).status_code == 201
    assert client.get(url.format(first.b.address) + "/77").status_code == 200
    assert client.get(url.format(second.a.address) + "/77").status_code == 404


def test_a_takeover_in_a_farm(farm: Farm) -> None:
    pair = farm.pairs[2]
    assert served(farm, pair) == pair.a.host
    pair.a.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://{pair.a.address}/", verify=trust(farm), trust_env=False)
    until(lambda: served(farm, pair) == pair.b.host, "the other one takes over")
    pair.a.start()
    until(lambda: pair.a.status().get("sync") == "SUCCESS", "it comes back as secondary")
    assert served(farm, pair) == pair.b.host


def test_faults_strike_one_appliance(farm: Farm, client: httpx.Client) -> None:
    pair = farm.pairs[3]
    pair.a.add_fault(effect="error", path="nsversion", status=502)
    path = "/nitro/v1/config/nsversion"
    assert client.get(f"https://{pair.b.address}{path}").status_code == 200
    assert client.get(f"https://{pair.a.address}{path}").status_code == 502


def test_a_farm_that_cannot_be_set_up_says_why(farm: Farm, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="1 to 5000 pairs, not 0"):
        Farm.set_up(tmp_path / "none", 0)
    with pytest.raises(LabError, match="another farm may run there"):
        Farm.set_up(tmp_path / "taken", 1, farm.network)
    with pytest.raises(LabError, match="no network for a farm"):
        Farm.set_up(tmp_path / "wrong", 1, "10.0.0")
    with pytest.raises(LabError, match="holds a farm already"):
        Farm.set_up(farm.state_dir, 1)
    with pytest.raises(LabError, match=f"holds a farm of {COUNT} pairs, not 2"):
        Farm.open_or_set_up(farm.state_dir, 2, None, "farm", 1.0)


def test_the_command_runs_a_farm_until_it_is_interrupted(tmp_path: Path) -> None:
    program = [str(Path(sys.executable).with_name("gatepair")), "emulator", "farm", "--pairs", "2"]
    program += ["--network", "free", "--state", str(tmp_path / "farm")]
    for _ in range(2):  # the second time what lies there is switched on again
        process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout is not None
            assert "2 pairs answer in 127." in process.stdout.readline()
            assert len(psutil.Process(process.pid).children()) == 0
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
