"""Two appliances as a pair: forming, views, propagation, sync, failover, loss and return."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest
from emulator_talk import Talk, form, in_health, share_key, synchronise, trust, who_serves
from waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def formed(talks: tuple[Talk, Talk]) -> tuple[Talk, Talk]:
    form(*talks)
    return talks


def test_alone_both_say_primary(talks: tuple[Talk, Talk]) -> None:
    for each in talks:
        assert each.views() == [("Primary", "UP", "ENABLED")]
        assert each.statistics()["hacurstatus"] == "NO"
        assert each.rows("nsconfig")[0]["systemtype"] == "Stand-alone"


def test_views_of_a_healthy_pair(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert a.views() == [("Primary", "UP", "ENABLED"), ("Secondary", "UP", "SUCCESS")]
    assert b.views() == [("Secondary", "UP", "SUCCESS"), ("Primary", "UP", "ENABLED")]
    assert [row["id"] for row in b.rows("hanode")] == ["0", "1"]
    assert b.rows("nsconfig")[0]["primaryip"] == a.node.host
    assert b.rows("nsconfig")[0]["systemtype"] == "HA"
    assert b.statistics()["hacurmasterstate"] == "Secondary"
    assert a.statistics()["hacurstatus"] == "YES"


def test_the_secondary_inherits_everything_but_what_is_its_own(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert [row["name"] for row in b.rows("vpnvserver")] == ["gateway"]
    assert [row["name"] for row in b.rows("authenticationldapaction")] == ["corp-ldap"]
    assert b.rows("sslcertkey")[0]["serial"] == a.rows("sslcertkey")[0]["serial"]
    assert b.rows("nshostname")[0]["hostname"] == "ns"
    assert b.addresses() == {b.node.host, b.lab.external}


def test_node_local_settings_never_cross(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert a.set("nshostname", hostname="gw-one").status_code == 200
    assert a.set("Interface", id="1/2", haheartbeat="OFF").status_code == 200
    assert a.set("hanode", id=0, hellointerval=400, deadinterval=5).status_code == 200
    synchronise(a, b)
    assert b.rows("nshostname")[0]["hostname"] == "ns"
    assert b.rows("Interface/1%252F2")[0]["haheartbeat"] == "ON"
    assert (b.rows("hanode/0")[0]["hellointerval"], b.rows("hanode/0")[0]["deadinterval"]) == (200, 3)


def test_commands_are_propagated_at_once(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    internal = a.lab.internal
    assert a.add("nsip", ipaddress=internal, netmask="255.255.255.0", mgmtaccess="ENABLED").status_code == 201
    assert internal in b.addresses()
    assert a.remove(f"nsip/{internal}").status_code == 200
    assert internal not in b.addresses()


def test_management_follows_the_primary_on_an_address_that_allows_it(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    lab = a.lab
    a.add("nsip", ipaddress=lab.internal, netmask="255.255.255.0", mgmtaccess="ENABLED")
    floating = str(a.client.base_url).replace(lab.a.host, lab.internal)

    def answering() -> str:
        return a.client.get(f"{floating}/config/nsconfig").json()["nsconfig"]["ipaddress"]

    until(lambda: answering() == lab.a.host, "the primary answers on the floating address")
    assert b.act("hafailover", "Force", force=True).status_code == 200
    until(lambda: answering() == lab.b.host, "the new primary answers on the floating address")


def test_a_write_to_the_secondary_is_warned_of_and_lost_at_the_next_sync(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    b.node.admin("PUT", "/stuck", {"sync": True})
    reply = b.send("POST", "/config/vlan?warning=yes", {"vlan": {"id": 77}})
    assert (reply.status_code, reply.json()["errorcode"]) == (209, 1028)
    assert [row["id"] for row in b.rows("vlan")] == ["1", "77"]
    assert [row["id"] for row in a.rows("vlan")] == ["1"]
    until(lambda: a.views()[1][2] == "IN PROGRESS", "the difference is noticed")
    b.node.admin("PUT", "/stuck", {"sync": False})
    until(lambda: a.views()[1][2] == "SUCCESS", "a synchronisation")
    assert [row["id"] for row in b.rows("vlan")] == ["1"]


def test_switched_off_propagation_is_made_up_for_by_sync(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert a.set("hanode", id=0, haprop="DISABLED").status_code == 200
    assert b.set("hanode", id=0, hasync="DISABLED").status_code == 200
    assert a.add("vlan", id=55).status_code == 201
    assert len(b.rows("vlan")) == 1
    assert b.views()[0][2] == "DISABLED"
    assert b.set("hanode", id=0, hasync="ENABLED").status_code == 200
    until(lambda: len(b.rows("vlan")) == 2, "synchronisation")


def test_a_save_on_the_primary_saves_both(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert a.add("vlan", id=12).status_code == 201
    assert b.rows("nsconfig")[0]["configchanged"] is True
    a.save()
    assert a.rows("nsconfig")[0]["configchanged"] is False
    assert b.rows("nsconfig")[0]["configchanged"] is False


def test_a_wrong_shared_key_fails_the_sync_and_the_right_one_mends_it(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    for host in (a.node.host, b.node.host):
        assert b.set("nsrpcnode", ipaddress=host, password="another-canary-key").status_code == 200
    assert a.send("POST", "/config/vlan?warning=yes", {"vlan": {"id": 9}}).json()["errorcode"] == 358
    until(lambda: a.views()[1] == ("Secondary", "UP", "FAILED"), "a failed synchronisation")
    until(lambda: int(b.statistics()["haerrsyncfailure"]) >= 2, "failures are counted")
    assert "passwords" in b.rows("hasyncfailures")[0]["response"]
    share_key(a, b, a.lab.shared_key)
    until(lambda: a.views()[1][2] == "SUCCESS", "a mended synchronisation")
    assert [row["id"] for row in b.rows("vlan")] == ["1", "9"]


def test_passwords_are_never_given_back(formed: tuple[Talk, Talk]) -> None:
    a, _ = formed
    a.set("authenticationldapaction", name="corp-ldap", ldapbinddnpassword="canary-bind-secret")
    for kind in ("nsrpcnode", "hanode", "systemuser", "authenticationldapaction", "sslcertkey"):
        text = a.send("GET", f"/config/{kind}").text
        assert a.lab.shared_key not in text
        assert a.lab.password not in text
        assert "canary-bind-secret" not in text


def test_the_loss_of_the_primary_moves_the_external_virtual_ip(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    lab = a.lab
    a.save()
    assert who_serves(lab) == lab.a.host
    lab.a.kill()
    until(lambda: who_serves(lab) == lab.b.host, "the other node serves")
    assert b.views() == [("Primary", "UP", "ENABLED"), ("UNKNOWN", "NOT UP", "UNKNOWN")]
    lab.a.start()
    until(
        lambda: a.views()[0] == ("Secondary", "UP", "SUCCESS"), "the old primary is a synchronised secondary"
    )
    assert who_serves(lab) == lab.b.host
    assert lab.a.status()["bound"] == []


def test_what_was_written_while_a_node_was_off_reaches_it(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    a.save()
    a.lab.a.kill()
    until(lambda: b.views()[0][0] == "Primary", "takeover")
    assert b.add("vlan", id=21).status_code == 201
    a.lab.a.start()
    until(lambda: a.views()[0] == ("Secondary", "UP", "SUCCESS"), "return")
    assert [row["id"] for row in a.rows("vlan")] == ["1", "21"]


def test_forced_failover_from_both_sides(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    for asked, primary in ((a, b), (a, a), (b, b), (b, a)):
        until(lambda: in_health(a, b) or in_health(b, a), "both at their best")
        assert asked.act("hafailover", "Force", force=True).status_code == 200
        until(lambda primary=primary: primary.views()[0][0] == "Primary", "the other node serves")
        until(lambda host=primary.node.host: who_serves(a.lab) == host, "users are served")


@pytest.mark.parametrize(
    ("settings", "asked", "code"),
    [
        ({}, None, 363),
        ({"b": "STAYSECONDARY"}, "a", 364),
        ({"b": "DISABLED"}, "a", 364),
        ({"a": "STAYPRIMARY"}, "a", 1441),
        ({"b": "STAYSECONDARY"}, "b", 365),
    ],
)
def test_refused_failovers(
    talks: tuple[Talk, Talk], settings: dict[str, str], asked: str | None, code: int
) -> None:
    a, b = talks
    if asked is not None:
        form(a, b)
        for name, admin in settings.items():
            talk, other = (a, b) if name == "a" else (b, a)
            talk.set("hanode", id=0, hastatus=admin)
            until(lambda other=other, admin=admin: other.views()[1][1] == admin, "the other knows")
    reply = (b if asked == "b" else a).act("hafailover", "Force", force=True)
    assert (reply.status_code, reply.json()["errorcode"]) == (599, code)


def test_a_dead_peer_refuses_failover(formed: tuple[Talk, Talk]) -> None:
    a, _ = formed
    a.lab.b.kill()
    until(lambda: a.views()[1] == ("UNKNOWN", "NOT UP", "UNKNOWN"), "the peer counts as down")
    assert a.act("hafailover", "Force", force=True).json()["errorcode"] == 364


def test_a_peer_not_at_its_best_needs_force_and_brings_a_warning(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    b.set("Interface", id="1/2", haheartbeat="OFF")
    until(lambda: a.rows("hanode/0")[0]["ifaces"] == "1/2", "no heartbeats on an interface")
    refused = a.act("hafailover", "Force", force=False)
    assert (refused.status_code, refused.json()["errorcode"]) == (599, 1147)
    reply = a.send("POST", "/config/hafailover?action=force&warning=yes", {"hafailover": {"force": "true"}})
    assert reply.status_code == 209
    assert "HA heartbeats not seen on some interfaces" in reply.json()["message"]
    until(lambda: b.views()[0][0] == "Primary", "the other node takes over")


def test_a_node_that_joins_again_has_yet_to_synchronise(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    b.set("hanode", id=0, hastatus="STAYSECONDARY")
    for each in (b, a):
        assert each.remove("hanode/1").status_code == 200
    b.node.admin("PUT", "/stuck", {"sync": True})
    assert b.add("hanode", id=1, ipaddress=a.node.host).status_code == 201
    assert b.views()[0][2] != "SUCCESS"
    assert a.add("hanode", id=1, ipaddress=b.node.host).status_code == 201
    until(lambda: a.views()[1][2] == "IN PROGRESS", "it fetches the configuration again")
    b.node.admin("PUT", "/stuck", {"sync": False})
    until(lambda: a.views()[1][2] == "SUCCESS", "it has it")


def test_forced_sync_refusals(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    assert a.act("hasync", "Force", force=True).json()["errorcode"] == 363
    form(a, b)
    b.node.admin("PUT", "/stuck", {"sync": True})
    assert b.act("hasync", "Force", force=True).status_code == 200
    until(lambda: b.views()[0][2] == "IN PROGRESS", "a sync under way")
    assert b.act("hasync", "Force", force=True).json()["errorcode"] == 412
    b.node.admin("PUT", "/stuck", {"sync": False})
    b.set("hanode", id=0, hasync="DISABLED")
    assert b.act("hasync", "Force", force=True).json()["errorcode"] == 410


def test_a_partition_makes_two_primaries_and_a_conflict_and_heals(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    lab = a.lab
    lab.a.cut_network()
    until(lambda: b.views()[0][0] == "Primary", "the cut-off node claims")
    assert a.views()[0][0] == "Primary"
    until(lambda: lab.external in lab.b.status()["conflicts"], "an address conflict")
    assert who_serves(lab) == lab.a.host
    lab.a.mend_network()
    until(lambda: b.views()[0][0] == "Secondary", "the younger primary gives way")
    assert a.views()[0][0] == "Primary"
    until(lambda: a.views()[1][2] == "SUCCESS", "a synchronisation")


def test_a_failed_monitored_link_hands_the_role_over(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    a.node.admin("PUT", "/hardware", {"failed_links": ["1/2"]})
    until(lambda: b.views()[0][0] == "Primary", "the healthy node takes over")
    assert a.statistics()["hacurstate"] == "PARTIALFAIL"
    assert a.rows("hanode/0")[0]["pfifaces"] == "1/2"
    a.node.clear_faults()
    until(lambda: a.statistics()["hacurstate"] == "UP", "the link is mended")
    until(lambda: b.rows("hanode/1")[0]["pfifaces"] == "", "the other node knows, and would give way now")
    assert b.views()[0][0] == "Primary"


def test_an_unmonitored_link_may_fail(formed: tuple[Talk, Talk]) -> None:
    a, _ = formed
    a.set("Interface", id="1/2", hamonitor="OFF")
    a.node.admin("PUT", "/hardware", {"failed_links": ["1/2"]})
    assert a.statistics()["hacurstate"] == "UP"
    assert a.views()[0][0] == "Primary"


def test_breaking_the_pair_secondary_first_disturbs_nobody(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    b.set("hanode", id=0, hastatus="STAYSECONDARY")
    assert b.remove("hanode/1").status_code == 200
    assert a.remove("hanode/1").status_code == 200
    assert b.views() == [("Secondary", "STAYSECONDARY", "ENABLED")]
    assert b.lab.b.status()["bound"] == []
    assert who_serves(a.lab) == a.node.host
    assert [row["name"] for row in b.rows("vpnvserver")] == ["gateway"]


def test_a_freed_node_that_is_not_held_back_fights_for_the_address(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    assert b.remove("hanode/1").status_code == 200
    until(lambda: b.lab.external in b.lab.b.status()["conflicts"], "a duplicate address")
    a.lab.a.kill()
    until(lambda: who_serves(b.lab) == b.node.host, "it answers when the other is gone")


def test_a_pair_can_be_formed_again(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    b.set("hanode", id=0, hastatus="STAYSECONDARY")
    b.remove("hanode/1")
    a.remove("hanode/1")
    form(a, b)
    assert who_serves(a.lab) == a.node.host


def test_users_stay_signed_in_over_a_failover(formed: tuple[Talk, Talk]) -> None:
    a, b = formed
    lab = a.lab
    password = lab.users["alice"]
    url = f"https://{lab.external}:{lab.external_port}"
    sni = {"sni_hostname": "gateway.example.net"}

    def browser() -> httpx.Client:
        return httpx.Client(base_url=url, verify=trust(lab), timeout=10, trust_env=False)

    with browser() as client:
        wrong = client.post("/cgi/login", data={"login": "alice", "passwd": "no"}, extensions=sni)
        assert wrong.status_code == 401
        signed = client.post("/cgi/login", data={"login": "alice", "passwd": password}, extensions=sni)
        assert (signed.status_code, signed.headers["location"]) == (302, "/portal")
        assert "alice" in client.get("/portal", extensions=sni).text
        cookies = dict(client.cookies)
    until(lambda: b.lab.b.status()["users"] == 1, "the session is replicated")
    lab.a.kill()
    until(lambda: who_serves(lab) == lab.b.host, "takeover")
    with browser() as client:
        client.cookies.update(cookies)
        portal = client.get("/portal", extensions=sni)
        assert "alice" in portal.text
        assert portal.headers["X-Gatepair-Address"] == lab.b.host


def test_masterstatetime_and_heartbeat_counters_grow(formed: tuple[Talk, Talk]) -> None:
    a, _ = formed
    first = a.statistics()
    until(lambda: int(a.statistics()["hatotpktrx"]) > int(first["hatotpktrx"]) + 10, "heartbeats")

    def rates() -> tuple[int, int]:
        found = a.statistics()
        return found["hapktrxrate"], found["hapkttxrate"]

    # Five a second, sent on two interfaces; a busy machine may be late with some.
    until(lambda: 3 <= rates()[0] <= 8 and rates()[0] < rates()[1], "the usual rates")
    times = [a.rows("hanode/0")[0]["masterstatetime"] for _ in range(3)]
    assert all(earlier <= later for earlier, later in pairwise(times))
