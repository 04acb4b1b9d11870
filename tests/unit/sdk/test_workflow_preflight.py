"""Checks before a change: each stops it before anything is touched and names node, reason, remedy."""

from __future__ import annotations

from typing import Any

import pytest
from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    KEY,
    PASSWORD,
    A,
    B,
    FakeAppliance,
    FakePair,
    configured,
    declared,
    no_reference,
)
from fake_runner import Runner

from gatepair import errors
from gatepair.models import Interface, InternalVirtualIp, Pair, Secret, SecretReference, VirtualIp
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.workflows.converge import converge
from gatepair.workflows.preflight import preflight
from gatepair.workflows.report import Check, PreflightReport, Verdict


def fresh() -> FakePair:
    pair = FakePair()
    configured(pair.a)
    return pair


def report(pair: FakePair, desired: Pair | None = None, resolve: Any = no_reference) -> PreflightReport:
    return Runner(pair).run(preflight(ADDRESSES, desired or declared(), resolve))


def found(pair: FakePair, check_id: str, desired: Pair | None = None) -> list[Check]:
    return [check for check in report(pair, desired).checks if check.id == check_id]


def stops(pair: FakePair, desired: Pair | None = None, resolve: Any = no_reference) -> errors.PreflightFailed:
    """Return the error with which forming stops, having changed nothing."""
    with pytest.raises(errors.PreflightFailed) as caught:
        Runner(pair).run(converge(ADDRESSES, desired or declared(), resolve))
    changing = [one for one in pair.requests if one[1] != "GET" and one[2] != "login"]
    assert changing == []
    assert PASSWORD not in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_two_fresh_appliances_pass() -> None:
    checked = report(fresh())
    assert checked.ok
    assert {check.id for check in checked.checks} == {
        "reachable",
        "tls-trusted",
        "credentials",
        "same-version",
        "same-platform",
        "not-in-another-pair",
        "shared-key-present",
        "virtual-ip-is-not-management",
        "virtual-ips-free",
        "virtual-ips-subnet",
        "joining-node-empty",
        "failover-interface",
        "unsaved-changes",
    }
    assert all(check.evidence for check in checked.checks)
    assert all(check.remedy for check in (*checked.failures, *checked.warnings))


def test_without_a_declaration_the_appliances_alone_are_checked() -> None:
    checked = Runner(fresh()).run(preflight(ADDRESSES, None, no_reference))
    assert checked.ok
    assert "virtual-ips-free" not in {check.id for check in checked.checks}


def test_an_appliance_that_does_not_answer_stops_it() -> None:
    pair = fresh()
    pair.b.up = False
    error = stops(pair)
    assert error.node == str(B)
    assert "no connection" in error.message
    assert [check.verdict for check in found(pair, "reachable")] == [Verdict.PASS, Verdict.FAIL]


def test_both_appliances_silent_are_both_named() -> None:
    pair = fresh()
    pair.a.up = pair.b.up = False
    assert {check.node for check in report(pair).failures} == {str(A), str(B)}


def test_an_untrusted_certificate_stops_it() -> None:
    pair = fresh()
    untrusted = Breakdown(kind=BreakdownKind.UNTRUSTED, detail="self-signed certificate")
    pair.hooks.append(lambda _, node, __: untrusted if node is pair.a else None)
    error = stops(pair)
    assert (error.node, error.checks[0].to_dict()["id"]) == (str(A), "tls-trusted")
    assert "ca_file" in error.remedy


def test_a_node_with_another_password_is_named_and_asked_once() -> None:
    pair = fresh()
    pair.b.password = "something else"
    error = stops(pair)
    assert error.node == str(B)
    assert error.checks[0].to_dict()["id"] == "credentials"
    assert "same password" in error.remedy
    assert pair.b.logins == 1


def test_different_firmware_stops_it() -> None:
    pair = fresh()
    pair.b.build = "NetScaler NS14.1: Build 21.57.nc, Date: Jul  7 2023, 10:31:36   (64-bit)"
    error = stops(pair)
    assert "NS14.1: Build 25.53.nc" in error.message
    assert "NS14.1: Build 21.57.nc" in error.message


def test_different_models_stop_it() -> None:
    pair = fresh()
    pair.b.platform = "450010"
    assert "model" in stops(pair).remedy


def test_a_node_in_another_pair_stops_it() -> None:
    pair = fresh()
    pair.b.peer = {"id": 1, "ipaddress": "192.0.2.99"}
    error = stops(pair)
    assert error.node == str(B)
    assert "192.0.2.99" in error.message


@pytest.mark.parametrize(
    ("key", "evidence"),
    [
        (None, "no shared key is declared"),
        (Secret("short"), "5 characters"),
        (Secret(" padded key"), "blanks"),
        (Secret("two\nlines of key"), "cannot be typed"),
        (Secret("x" * 128), "128 characters"),
    ],
)
def test_an_unusable_shared_key_stops_it(key: Secret | None, evidence: str) -> None:
    error = stops(fresh(), declared(shared_key=key))
    assert evidence in error.message
    assert error.key == "shared_key"


def test_a_shared_key_that_is_nowhere_stops_it() -> None:
    desired = declared(shared_key=SecretReference("file:no-such-file"))
    error = stops(fresh(), desired, lambda reference: reference.resolve())
    assert "no-such-file" in error.message


def test_a_formed_pair_needs_no_shared_key() -> None:
    pair = fresh()
    Runner(pair).run(converge(ADDRESSES, declared(), no_reference))
    (check,) = found(pair, "shared-key-present", declared(shared_key=None))
    assert check.verdict is Verdict.WARN


def test_a_virtual_ip_that_is_an_appliance_stops_it() -> None:
    """The NSIP is the appliance's own, even if it is managed at another address."""
    pair = fresh()
    pair.hooks.append(_says_its_nsip_is_the_external)
    error = stops(pair)
    assert "own address" in error.message
    assert error.node == str(B)


def _says_its_nsip_is_the_external(pair: FakePair, node: FakeAppliance, request: Any) -> Any:
    from fake_pair import done

    if node is pair.b and request.method == "GET" and request.target.endswith("/nsconfig"):
        return done(200, "nsconfig", [{"ipaddress": EXTERNAL}])
    return None


def test_an_address_of_a_type_that_does_not_change_stops_it() -> None:
    desired = declared(internal=InternalVirtualIp(address=EXTERNAL), external=None)
    error = stops(fresh(), desired)
    assert "as a VIP" in error.message
    assert error.node == str(A)


def test_a_snip_that_serves_nobody_is_no_external_address() -> None:
    pair = fresh()
    pair.a.config["nsip"][INTERNAL] = {"ipaddress": INTERNAL, "type": "SNIP", "vserver": "DISABLED"}
    assert "SNIP" in stops(pair, declared(external=VirtualIp(address=INTERNAL), internal=None)).message


def test_an_address_outside_all_networks_is_a_warning() -> None:
    desired = declared(external=VirtualIp(address="198.51.100.7"))
    (check,) = found(fresh(), "virtual-ips-subnet", desired)
    assert check.verdict is Verdict.WARN
    assert "198.51.100.7" in check.evidence


def test_a_joining_node_with_a_configuration_of_its_own_stops_it() -> None:
    pair = fresh()
    pair.b.config["sslcertkey"]["theirs"] = {"certkey": "theirs"}
    error = stops(pair)
    assert error.node == str(B)
    assert "certificate theirs" in error.message
    assert "overwrite_joining_node" in error.remedy


def test_a_long_list_of_losses_is_cut_short() -> None:
    pair = fresh()
    pair.b.config["sslcertkey"] = {f"c{number}": {"certkey": f"c{number}"} for number in range(20)}
    assert "and 14 more" in stops(pair).message


def test_a_declared_overwriting_is_done() -> None:
    pair = fresh()
    pair.b.config["sslcertkey"]["theirs"] = {"certkey": "theirs"}
    desired = declared(overwrite_joining_node=True)
    (check,) = found(pair, "joining-node-empty", desired)
    assert check.verdict is Verdict.WARN
    Runner(pair).run(converge(ADDRESSES, desired, no_reference))
    assert "theirs" not in pair.b.config["sslcertkey"]


def test_the_wrong_way_round_stops_it() -> None:
    """The node with the configuration would join the empty one."""
    error = stops(fresh(), declared(preferred_primary=B))
    assert error.node == str(A)
    assert "vpnvserver gateway" in error.message


def test_no_interface_for_heartbeats_stops_it() -> None:
    pair = fresh()
    for row in pair.b.interfaces.values():
        row["haheartbeat"] = "OFF"
    assert "no interface carries heartbeats" in stops(pair).message


def test_a_dedicated_interface_passes_and_all_of_them_warn() -> None:
    pair = fresh()
    pair.a.interfaces["1/2"]["haheartbeat"] = "OFF"
    verdicts = {check.node: check.verdict for check in found(pair, "failover-interface")}
    assert verdicts == {str(A): Verdict.PASS, str(B): Verdict.WARN}
    assert Interface().heartbeat


def test_clocks_far_apart_are_a_warning() -> None:
    pair = fresh()

    def clock(_: FakePair, node: FakeAppliance, request: Any) -> Any:
        from fake_pair import done

        if request.method == "GET" and request.target.endswith("/nsconfig"):
            return done(
                200, "nsconfig", [{"ipaddress": node.nsip, "systemtime": "100" if node is pair.a else 900}]
            )
        return None

    pair.hooks.append(clock)
    (check,) = found(pair, "clocks")
    assert (check.verdict, check.evidence) == (Verdict.WARN, "they are 800 s apart")


def test_unsaved_changes_are_a_warning() -> None:
    pair = fresh()
    pair.a.unsaved = True
    verdicts = {check.node: check.verdict for check in found(pair, "unsaved-changes")}
    assert verdicts == {str(A): Verdict.WARN, str(B): Verdict.PASS}
