from __future__ import annotations

import json

import attrs
import pytest
from stage import CANARIES, OTHER_PASSWORD, Stage

from gatepair import InternalVirtualIp, VirtualIp
from gatepair.config import Tls
from gatepair.errors import GatepairError, PreflightFailed

ARRANGED = pytest.mark.backends("cassette", "emulator")


def refused(stage: Stage, check: str, **changes: object) -> PreflightFailed:
    """Preflight fails that check and a change is refused for it, with a remedy."""
    desired = stage.declared(**changes)
    with stage.open(desired) as pair:
        report = pair.preflight()
        assert check in {found.id for found in report.failures}
        with pytest.raises(PreflightFailed) as error:
            pair.converge()
    assert not stage.events, "nothing was changed"
    assert error.value.remedy
    text = json.dumps(error.value.to_problem())
    assert not any(canary in text for canary in CANARIES)
    return error.value


def test_two_appliances_that_are_ready(stage: Stage) -> None:
    with stage.open() as pair:
        report = pair.preflight()
    assert report.ok, report.failures
    assert {check.id for check in report.checks} >= {
        "reachable",
        "tls-trusted",
        "credentials",
        "same-version",
        "same-platform",
        "not-in-another-pair",
        "shared-key-present",
        "virtual-ips-free",
        "virtual-ips-subnet",
        "joining-node-empty",
        "failover-interface",
        "clocks",
        "unsaved-changes",
    }


@pytest.mark.scenario({'[b]\nbuild = "NS14.1: Build 47.48.nc"': '[b]\nbuild = "NS14.1: Build 43.50.nc"'})
def test_different_firmware(stage: Stage) -> None:
    error = refused(stage, "same-version")
    assert "Build 43.50" in str(error)


@ARRANGED
def test_different_passwords(stage: Stage) -> None:
    user = {"username": "nsroot", "password": OTHER_PASSWORD}
    stage.by_hand("b", "PUT", "systemuser", {"systemuser": user})
    error = refused(stage, "credentials")
    assert error.node == stage.b


@ARRANGED
def test_a_node_of_another_pair(stage: Stage) -> None:
    stranger = stage.neighbour(79)
    stage.by_hand("b", "POST", "hanode", {"hanode": {"id": 1, "ipaddress": stranger}})
    error = refused(stage, "not-in-another-pair")
    assert stranger in str(error)


@ARRANGED
def test_a_joining_node_with_a_configuration_of_its_own(stage: Stage) -> None:
    action = {"name": "branch-ldap", "serverip": "192.0.2.53"}
    stage.by_hand("b", "POST", "authenticationldapaction", {"authenticationldapaction": action})
    error = refused(stage, "joining-node-empty")
    assert "LDAP action branch-ldap" in str(error)
    with stage.open(stage.declared(overwrite_joining_node=True)) as pair:
        assert pair.preflight().ok


@ARRANGED
def test_an_address_that_is_there_as_another_type(stage: Stage) -> None:
    row = {"ipaddress": stage.internal, "netmask": "255.255.255.255", "type": "VIP"}
    stage.by_hand("a", "POST", "nsip", {"nsip": row})
    refused(stage, "virtual-ips-free")


@ARRANGED
def test_warnings_stop_nothing(stage: Stage) -> None:
    stage.by_hand("a", "PUT", "Interface", {"Interface": {"id": "1/2", "haheartbeat": "ON"}})
    with stage.open(stage.declared(external=VirtualIp(address="203.0.113.7"))) as pair:
        report = pair.preflight()
    assert report.ok
    assert {check.id for check in report.warnings} >= {"virtual-ips-subnet", "failover-interface"}


@ARRANGED
def test_no_interface_carries_heartbeats(stage: Stage) -> None:
    for name in ("1/1", "1/2"):
        stage.by_hand("b", "PUT", "Interface", {"Interface": {"id": name, "haheartbeat": "OFF"}})
    refused(stage, "failover-interface")


@pytest.mark.backends("emulator")
def test_an_appliance_that_does_not_answer(stage: Stage) -> None:
    stage.arrange(lambda lab: lab.b.kill())
    refused(stage, "reachable")


@pytest.mark.backends("emulator")
def test_an_appliance_that_is_not_trusted(stage: Stage) -> None:
    common = attrs.evolve(stage.connections.common, tls=Tls())
    stage.connections = attrs.evolve(stage.connections, common=common)
    refused(stage, "tls-trusted")


@ARRANGED
def test_both_refuse_the_password(stage: Stage) -> None:
    with stage.with_password("wrong").open() as pair:
        report = pair.preflight()
        assert [check.id for check in report.failures] == ["credentials", "credentials"]
        with pytest.raises(GatepairError):
            pair.status()


def test_an_internal_address_in_a_strange_network(stage: Stage) -> None:
    strange = InternalVirtualIp(address="203.0.113.9", netmask="255.255.255.0")
    with stage.open(stage.declared(internal=strange)) as pair:
        report = pair.preflight()
    assert "virtual-ips-subnet" in {check.id for check in report.warnings}
