"""Between calls and HTTP: paths, bodies, envelopes in every shape appliances give them."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.models import Secret
from gatepair.nitro import calls
from gatepair.nitro.call import Call, HttpResponse, Method
from gatepair.nitro.codec import NOT_NITRO, decode, encode, target
from gatepair.nitro.codes import Code
from gatepair.nitro.decoding import as_flag, as_number, as_text, as_words, from_reply, from_row, read
from gatepair.nitro.resources.addresses import NetworkInterface, NsIp
from gatepair.nitro.resources.ha import HaNode, HaStatistics
from gatepair.nitro.resources.system import NsConfig, NsVersion

READ = read(HaNode)


def answer(body: object, status: int = 200, *headers: tuple[str, str]) -> HttpResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, headers=headers, body=content)


class TestTarget:
    def test_trees(self) -> None:
        assert target(read(HaNode)) == "/nitro/v1/config/hanode"
        assert target(read(HaStatistics)) == "/nitro/v1/stat/hanode"

    def test_arguments_and_actions(self) -> None:
        assert target(read(NsIp, ipaddress="192.0.2.1")) == "/nitro/v1/config/nsip?args=ipaddress:192.0.2.1"
        assert target(calls.fail_over(force=True)) == "/nitro/v1/config/hafailover?action=Force&warning=yes"
        call = Call(method=Method.DELETE, resource="x", name="a", arguments={"b": "/c", "d": "e"})
        assert target(call) == "/nitro/v1/config/x/a?args=b:%2Fc,d:e"

    @given(st.text(min_size=1))
    def test_names_are_encoded_twice(self, name: str) -> None:
        last = target(read(NetworkInterface, name)).rpartition("/")[2]
        assert unquote(unquote(last, errors="surrogatepass"), errors="surrogatepass") == name
        assert "/" not in last
        assert "?" not in last


class TestBody:
    def test_secrets_are_opened_here_and_nowhere_else(self) -> None:
        call = calls.set_shared_key("192.0.2.1", Secret("canary-key"))
        assert "canary" not in repr(call)
        request = encode(call, "token")
        assert request.body is not None
        assert json.loads(request.body) == {"nsrpcnode": {"ipaddress": "192.0.2.1", "password": "canary-key"}}
        assert "canary" not in repr(request)
        assert "token" not in repr(request)
        assert request.headers["Cookie"] == "NITRO_AUTH_TOKEN=token"

    def test_reads_have_no_body(self) -> None:
        assert encode(READ).body is None
        assert "Content-Type" not in encode(READ).headers

    def test_several_resources_in_one_request(self) -> None:
        body = encode(calls.move_servers("vpnvserver", ["a", "b"], "192.0.2.9")).body
        assert body is not None
        assert [row["name"] for row in json.loads(body)["vpnvserver"]] == ["a", "b"]

    def test_labels_hold_no_values(self) -> None:
        assert calls.remove_peer(1).label == "DELETE config/hanode"
        assert calls.save().label == "POST config/nsconfig?action=save"
        assert read(HaStatistics).label == "GET stat/hanode"


class TestDecode:
    @pytest.mark.parametrize("rows", [{"id": "0"}, [{"id": "0"}]])
    def test_lists_and_objects_are_alike(self, rows: object) -> None:
        reply = decode(READ, answer({"errorcode": 0, "message": "Done", "severity": "NONE", "hanode": rows}))
        assert reply.rows == ({"id": "0"},)

    def test_the_case_of_the_key_does_not_matter(self) -> None:
        reply = decode(read(NetworkInterface), answer({"errorcode": 0, "interface": [{"ID": "1/1"}]}))
        assert from_reply(NetworkInterface, reply)[0].id == "1/1"

    def test_nothing_found_has_no_key(self) -> None:
        assert decode(READ, answer({"errorcode": 0, "message": "Done"})).rows == ()

    def test_an_empty_body_is_judged_by_its_status(self) -> None:
        assert not decode(READ, answer(b"", 201)).failed
        assert decode(READ, answer(b"", 404)).failed

    def test_codes_may_be_text(self) -> None:
        assert decode(READ, answer({"errorcode": "258", "message": "No such resource"}, 404)).errorcode == 258

    @pytest.mark.parametrize("body", [b"<html>busy</html>", b"[1]", b"\xff\xfe", b'{"errorcode": "x"}'])
    def test_what_is_no_envelope_is_told_apart(self, body: bytes) -> None:
        assert decode(READ, answer(body)).errorcode == NOT_NITRO

    def test_warnings_are_no_failures(self) -> None:
        by_status = decode(READ, answer({"errorcode": 1067, "message": "m", "severity": "ERROR"}, 209))
        by_word = decode(READ, answer({"errorcode": 1067, "message": "m", "severity": "WARNING"}))
        for reply in (by_status, by_word):
            assert reply.warned
            assert not reply.failed

    def test_an_error_in_a_200_is_a_failure(self) -> None:
        assert decode(READ, answer({"errorcode": 444, "message": "expired", "severity": "ERROR"})).failed

    @pytest.mark.parametrize(
        ("headers", "body", "cookie"),
        [
            ((("Set-Cookie", "NITRO_AUTH_TOKEN=%23%23AB; path=/nitro/v1"),), {"errorcode": 0}, "%23%23AB"),
            ((), {"errorcode": 0, "sessionid": "##AB"}, "%23%23AB"),
            (
                (("set-cookie", "SESSID=deleted; Path=/"), ("set-cookie", "NITRO_AUTH_TOKEN=x")),
                {"errorcode": 0, "sessionid": "y"},
                "x",
            ),
            ((("Set-Cookie", "NITRO_AUTH_TOKEN=x"),), b"", "x"),
            ((), {"errorcode": 0}, None),
        ],
    )
    def test_the_session_comes_in_several_ways(
        self, headers: tuple[tuple[str, str], ...], body: object, cookie: str | None
    ) -> None:
        reply = decode(calls.login("u", Secret("p"), 1), answer(body, 201, *headers))
        assert reply.session == cookie
        assert "AB" not in repr(reply)

    @pytest.mark.parametrize(("said", "seconds"), [("3", 3.0), ("soon", None), (None, None)])
    def test_retry_after(self, said: str | None, seconds: float | None) -> None:
        headers = (("Retry-After", said),) if said else ()
        assert decode(READ, answer({"errorcode": 293}, 599, *headers)).retry_after_s == seconds

    @given(st.binary(), st.integers(100, 599))
    def test_any_bytes_are_read_without_an_exception(self, body: bytes, status: int) -> None:
        decode(READ, HttpResponse(status=status, body=body))


class TestResources:
    def test_a_recorded_pair(self) -> None:
        rows = [
            {
                "id": "0",
                "name": "gw-b",
                "ipaddress": "192.0.2.12",
                "hastatus": "UP",
                "state": "Secondary",
                "hasync": "SUCCESS",
                "hellointerval": 200,
                "deadinterval": 3,
                "maxflips": "0",
                "disifaces": "None",
                "hamonifaces": "1/1 1/2",
                "syncvlan": None,
                "futurething": [1],
            },
            {"id": "1", "ipaddress": "192.0.2.11", "hastatus": "STAYSECONDARY"},
        ]
        me, peer = (from_row(HaNode, row) for row in rows)
        assert (me.is_self, peer.is_self) == (True, False)
        assert me.monitored_interfaces == ("1/1", "1/2")
        assert (me.dead_interval_s, me.max_flips, me.sync_vlan) == (3, 0, 0)
        assert (me.held, peer.held, peer.pin) == ("", "STAYSECONDARY", "STAYSECONDARY")

    def test_addresses(self) -> None:
        vip = from_row(NsIp, {"ipaddress": "192.0.2.1", "type": "VIP", "state": "DISABLED"})
        snip = from_row(NsIp, {"ipaddress": "192.0.2.2", "iptype": ["SNIP"], "vserver": "ENABLED"})
        nsip = from_row(NsIp, {"ipaddress": "192.0.2.3", "type": "NSIP"})
        assert [row.floats for row in (vip, snip, nsip)] == [True, True, False]
        assert [row.serves_users for row in (vip, snip, nsip)] == [False, True, False]

    def test_a_configuration_that_does_not_say_counts_as_changed(self) -> None:
        assert from_row(NsConfig, {}).changed
        assert not from_row(NsConfig, {"configchanged": False}).changed
        assert from_row(NsConfig, {"configchanged": "true"}).changed

    def test_a_version_of_unknown_form_is_kept_whole(self) -> None:
        assert NsVersion(version="something else").build == "something else"

    @given(st.integers() | st.booleans() | st.text() | st.none() | st.floats())
    def test_any_scalar_can_be_read(self, value: object) -> None:
        assert isinstance(as_number(value), int)
        assert isinstance(as_text(value), str)
        assert isinstance(as_flag(value), bool)
        assert all(isinstance(word, str) for word in as_words(value))

    @given(st.integers(-(10**9), 10**9))
    def test_a_number_is_the_same_as_text(self, value: int) -> None:
        assert as_number(value) == as_number(str(value)) == value


def test_every_code_has_its_message() -> None:
    from gatepair.nitro.codes import MESSAGES

    assert set(MESSAGES) == set(Code)
