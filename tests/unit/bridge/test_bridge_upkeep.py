"""Verify, synchronize, restart, a new key, upgrade: what may be asked for, and what never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bridge_fakes import PAIR_PATH, A, Appliances, B, Client, through_asgi

from gatepair_bridge.api.app import create_app
from gatepair_bridge.settings import read_settings

if TYPE_CHECKING:
    from gatepair_bridge.api.sessions import Sessions

ARCHIVE = "file:///var/nsinstall/build-14.1-51.80_nc_64.tgz"
KEY = {"shared_key": "env:GATEPAIR_NEW_KEY"}
WORK = [
    ("verify", None, "verify forced True None /", "plan_verify"),
    (
        "verify",
        {
            "kinds": ["graceful", "forced"],
            "fail_back": False,
            "server_name": "gw.example.net",
            "path": "/x",
        },
        "verify graceful,forced False gw.example.net /x",
        "plan_verify",
    ),
    ("sync", None, "synchronize False", "plan_synchronize"),
    ("sync", {"files": True}, "synchronize True", "plan_synchronize"),
    ("restart", {}, "restart None False", "plan_restart"),
    ("restart", {"node": B, "force": True}, f"restart {B} True", "plan_restart"),
    ("rotate-key", KEY, "rotate_key env:GATEPAIR_NEW_KEY", "plan_rotate_key"),
    ("upgrade", {"url": ARCHIVE}, "upgrade NS14.1: Build 51.80.nc None True None", "plan_upgrade"),
    (
        "upgrade",
        {"url": "file:///var/x.tgz", "build": "14.1-9.1", "primary": A, "fail_back": False},
        f"upgrade NS14.1: Build 9.1.nc {A} False None",
        "plan_upgrade",
    ),
]


@pytest.mark.parametrize(("path", "body", "done", "planned"), WORK)
def test_work_is_done_as_asked_and_planned_without_doing_it(
    client: Client, appliances: Appliances, *, path: str, body: object, done: str, planned: str
) -> None:
    dry = client("POST", f"{PAIR_PATH}/{path}", body, query="dry_run=true")
    assert (dry.status, dry.json["impact"]) == (200, "resync")
    assert done not in appliances.calls
    assert any(call.startswith(planned) for call in appliances.calls)
    answer = client("POST", f"{PAIR_PATH}/{path}", body)
    assert answer.status == 200
    assert done in appliances.calls


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("verify", {"kinds": ["hard"]}, "kinds"),
        ("verify", {"kinds": []}, "kinds"),
        ("verify", {"kinds": "forced"}, "kinds"),
        ("verify", {"power_off": "reboot"}, "power_off"),
        ("verify", {"power": {"off": ["/bin/true"]}}, "power"),
        ("verify", {"ca_file": "/etc/passwd"}, "ca_file"),
        ("verify", {"port": 22}, "port"),
        ("verify", {"server_name": "gw\r\nX-Other: 1"}, "server_name"),
        ("verify", {"path": "/a b"}, "path"),
        ("verify", {"path": "//other.example.net\r\n"}, "path"),
        ("verify", {"fail_back": "no"}, "fail_back"),
        ("sync", {"files": 1}, "files"),
        ("restart", {"node": "not an address"}, "node"),
        ("rotate-key", None, "shared_key"),
        ("rotate-key", {"shared_key": "canary-in-clear"}, None),
        ("upgrade", None, "url"),
        ("upgrade", {"url": "gopher://x/build-14.1-51.80_nc_64.tgz"}, "url"),
        ("upgrade", {"url": "file:///var/x.tgz"}, "build"),
        ("upgrade", {"url": ARCHIVE, "backup_directory": "/srv"}, "backup_directory"),
        ("upgrade", {"url": ARCHIVE, "evidence": "/srv/x"}, "evidence"),
        ("failover", {"force": "yes"}, "force"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_done(
    client: Client, appliances: Appliances, path: str, body: object, key: str | None
) -> None:
    answer = client("POST", f"{PAIR_PATH}/{path}", body)
    assert answer.status == 422
    assert answer.json.get("key") == key
    assert "canary-in-clear" not in answer.body.decode()
    assert not {call.partition(" ")[0] for call in appliances.calls} & {
        "verify",
        "upgrade",
        "restart",
        "rotate_key",
    }


NETWORKS = {"appliance_networks": ["192.0.2.0/24"]}


@pytest.mark.parametrize(
    ("allowed", "url", "status"),
    [
        ([], ARCHIVE, 403),
        (["file:///var/nsinstall/*"], ARCHIVE, 200),
        (["file:///var/nsinstall/*"], "https://files.example.net/build-14.1-51.80_nc_64.tgz", 403),
        (["https://files.example.net/*"], "https://files.example.net/build-14.1-51.80_nc_64.tgz", 200),
        (["https://files.example.net/*"], "https://files.example.net@evil/build-14.1-51.80_nc_64.tgz", 403),
        (["https://files.example.net/*"], "https://files.example.net/a/build-14.1-51.80_nc_64.tgz", 403),
        (["file:///var/*/*"], "file:///var/../build-14.1-51.80_nc_64.tgz", 403),
        (["file:///var/*/*"], "file:///var/%2e%2e/build-14.1-51.80_nc_64.tgz", 403),
    ],
)
def test_firmware_is_taken_from_where_the_operator_says(
    sessions: Sessions, appliances: Appliances, allowed: list[str], url: str, status: int
) -> None:
    app = create_app(read_settings(None, {**NETWORKS, "firmware_urls": allowed}), sessions=sessions)
    assert through_asgi(app, "POST", f"{PAIR_PATH}/upgrade", {"url": url}).status == status
    assert bool(appliances.calls) is (status == 200)


@pytest.mark.parametrize(
    ("networks", "status"), [([], 403), (["203.0.113.0/24"], 403), (["192.0.2.16/28"], 200)]
)
def test_users_addresses_are_bounded_too(
    sessions: Sessions,
    appliances: Appliances,
    declaration: dict[str, object],
    networks: list[str],
    status: int,
) -> None:
    app = create_app(read_settings(None, {**NETWORKS, "user_networks": networks}), sessions=sessions)
    assert through_asgi(app, "POST", "/v1/pairs", declaration).status == 201
    assert through_asgi(app, "POST", f"{PAIR_PATH}/verify").status == status
    assert ("verify forced True None /" in appliances.calls) is (status == 200)
    watched = {"url": ARCHIVE, "server_name": "gw.example.net"}
    told = create_app(
        read_settings(None, {**NETWORKS, "user_networks": [], "firmware_urls": ["file:///var/nsinstall/*"]}),
        sessions=sessions,
    )
    assert through_asgi(told, "POST", f"{PAIR_PATH}/upgrade", watched).status == 403


def test_a_new_key_is_one_that_callers_may_name(sessions: Sessions, appliances: Appliances) -> None:
    app = create_app(read_settings(None, {**NETWORKS, "secret_references": ["env:OTHER"]}), sessions=sessions)
    answer = through_asgi(app, "POST", f"{PAIR_PATH}/rotate-key", KEY)
    assert (answer.status, answer.json["key"]) == (403, "shared_key")
    assert appliances.calls == []


@pytest.mark.parametrize("path", ["verify", "sync", "restart", "upgrade"])
def test_an_operation_can_be_watched_and_is_one_change_at_a_time(client: Client, path: str) -> None:
    body = {"url": ARCHIVE} if path == "upgrade" else None
    started = client("POST", f"{PAIR_PATH}/{path}", body, headers={"prefer": "respond-async, wait=10"})
    assert started.status == 200
    (operation,) = client("GET", "/v1/operations").json
    assert (operation["state"], operation["path"]) == ("succeeded", f"{PAIR_PATH}/{path}")
    assert operation["progress"]
