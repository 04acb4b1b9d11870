"""What stands against a pair stops it before any change, on two emulated appliances."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from emulator_talk import Talk, who_serves
from sdk_lab import connections, declared

from gatepair import PairSession, errors
from gatepair.config import Connections, Settings, Tls
from gatepair.models import ManagementAddress, Secret, SecretReference, VirtualIp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatepair.models import Pair
    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow

DEFAULT = (resources.files("gatepair_emulator") / "scenarios" / "default.toml").read_text()
A_CERTIFICATE = """
[[b.certificates]]
file = "theirs"
names = ["theirs.example.net"]

[[b.commands]]
type = "sslcertkey"
payload = { certkey = "theirs", cert = "theirs.pem", key = "theirs.key" }
"""


@contextmanager
def lab_with(pool: LabPool, folder: Path, scenario: str) -> Iterator[Lab]:
    path = folder / "scenario.toml"
    path.write_text(scenario)
    with pool.lab(str(path), clock=10) as lab:
        yield lab


def stops(lab: Lab, desired: Pair, reached: Connections | None = None) -> errors.PreflightFailed:
    """Return the error with which forming stops; see that nothing was changed and no secret is told."""
    with (
        PairSession(desired, reached or connections(lab)) as session,
        pytest.raises(errors.PreflightFailed) as caught,
    ):
        session.converge()
    for node in (lab.a, lab.b):
        if node.is_running():
            assert not node.status()["paired"]
            assert not node.status()["restarts"]
    assert who_serves(lab) == lab.a.host
    said = f"{caught.value} {caught.value.to_problem()}"
    assert lab.password not in said
    assert lab.shared_key not in said
    assert caught.value.remedy
    return caught.value


def test_different_firmware(gatepair_pool: LabPool, tmp_path: Path) -> None:
    other = '[b]\nbuild = "NS14.1: Build 43.50.nc"'
    with lab_with(
        gatepair_pool, tmp_path, DEFAULT.replace('[b]\nbuild = "NS14.1: Build 47.48.nc"', other)
    ) as lab:
        error = stops(lab, declared(lab))
        assert "47.48" in error.message
        assert "43.50" in error.message


def test_different_passwords(gatepair_pool: LabPool, tmp_path: Path) -> None:
    with lab_with(gatepair_pool, tmp_path, DEFAULT + '\npassword = "other-password-1"\n') as lab:
        error = stops(lab, declared(lab))
        assert error.node == lab.b.address
        assert "credentials" in str(error.to_problem()["checks"])


def test_a_configuration_of_its_own(gatepair_pool: LabPool, tmp_path: Path) -> None:
    with lab_with(gatepair_pool, tmp_path, DEFAULT + A_CERTIFICATE) as lab:
        error = stops(lab, declared(lab))
        assert (error.node, error.key) == (lab.b.address, "overwrite_joining_node")
        assert "certificate theirs" in error.message
        desired = declared(lab, overwrite_joining_node=True)
        with PairSession(desired, connections(lab)) as session:
            session.converge()
            assert session.status().healthy
        with Talk(lab, lab.b) as b:
            assert [row["certkey"] for row in b.rows("sslcertkey")] == ["gateway"]


def test_the_factory_password(gatepair_pool: LabPool, tmp_path: Path) -> None:
    with lab_with(gatepair_pool, tmp_path, DEFAULT + "\nfactory = true\n") as lab:
        error = stops(lab, declared(lab))
        assert error.node == lab.b.address


def test_a_silent_appliance(lab: Lab) -> None:
    lab.b.kill()
    error = stops(lab, declared(lab))
    assert error.node == lab.b.address
    assert "connection refused" in error.message


def test_a_frozen_appliance(lab: Lab) -> None:
    """It takes the connection and says nothing; that is no answer either."""
    from gatepair.config import Timeouts

    lab.b.freeze()
    try:
        impatient = Settings(timeouts=Timeouts(connect_s=3, read_s=3))
        frozen = ManagementAddress.parse(lab.b.address)
        reached = Connections(common=connections(lab).common, appliances={frozen: impatient})
        with (
            PairSession(declared(lab), reached) as session,
            pytest.raises(errors.PreflightFailed) as caught,
        ):
            session.converge()
        assert caught.value.node == lab.b.address
    finally:
        lab.b.thaw()


def test_a_node_in_another_pair(lab: Lab) -> None:
    with Talk(lab, lab.b) as b:
        assert b.add("hanode", id=1, ipaddress=f"{lab.network}.99").status_code == 201
    with (
        PairSession(declared(lab), connections(lab)) as session,
        pytest.raises(errors.PreflightFailed, match=r"\.99 already") as caught,
    ):
        session.converge()
    assert caught.value.node == lab.b.address


def test_an_untrusted_certificate(lab: Lab) -> None:
    settings = Settings(password=Secret(lab.password), tls=Tls())
    error = stops(lab, declared(lab), Connections(common=settings))
    assert "tls-trusted" in str(error.to_problem()["checks"])
    assert "ca_file" in error.remedy


def test_a_virtual_ip_that_is_a_management_address(lab: Lab) -> None:
    with pytest.raises(errors.InvalidInput, match="management address"):
        declared(lab, external=VirtualIp(address=lab.b.host))


@pytest.mark.parametrize("content", [None, "", "short"])
def test_an_unusable_shared_key(lab: Lab, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    error = stops(lab, declared(lab, shared_key=SecretReference(f"file:{path}")))
    assert error.key == "shared_key"


def test_the_wrong_way_round(lab: Lab) -> None:
    error = stops(lab, declared(lab, preferred_primary=declared(lab).appliances[1].address))
    assert error.node == lab.a.address
    assert "vpnvserver gateway" in error.message
