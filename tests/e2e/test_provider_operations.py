"""What ours does beyond the original: long operations, the embedded bridge, what may be shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from rest_server import RestServer, reply
from terraform_lab import BASE, SOURCE, TerraformLab

from gatepair_bridge.provider import log
from gatepair_bridge.provider.app import RestApi
from gatepair_bridge.provider.embedded import EmbeddedTransport, Progress
from gatepair_bridge.provider.serve import Process

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"
OPERATION = "/v1/operations/7"
RUNNING = reply(200, {"id": "7", "state": "running", "progress": [{"message": "joining"}]}, Retry_After="0")
ACCEPTED = reply(202, {"id": "7", "state": "running"}, Location=OPERATION)


def test_an_accepted_create_is_followed_to_its_end(tf: TerraformLab, api: RestServer) -> None:
    done = reply(200, {"id": "7", "state": "succeeded", "status": 201, "result": BASE | {"n": 5}})
    api.on("POST", PATH, ACCEPTED)
    api.on("GET", OPERATION, RUNNING, RUNNING, done)
    tf.provider = {"create_returns_object": True}
    tf.object()
    tf.applied()
    assert api.lines() == [f"POST {PATH}", *[f"GET {OPERATION}"] * 3]
    assert tf.state()["api_data"]["n"] == "5"


def test_an_operation_that_fails_shows_its_problem(tf: TerraformLab, api: RestServer) -> None:
    problem = {"title": "The pair cannot be formed", "detail": "No route.", "status": 502, "remedy": "Look."}
    failed = reply(200, {"state": "failed", "status": 502, "result": problem})
    api.on("POST", PATH, ACCEPTED)
    api.on("GET", OPERATION, RUNNING, failed)
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert "Error: The pair cannot be formed" in done.text
    assert "What to do: Look." in done.flat
    assert tf.instance() is None
    assert api.lines() == [f"POST {PATH}", f"GET {OPERATION}", f"GET {OPERATION}"]


def test_an_operation_that_does_not_end_in_time(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", PATH, ACCEPTED)
    api.on("GET", OPERATION, reply(200, {"state": "running"}, Retry_After="60"), forever=True)
    tf.provider = {"timeout": 30}
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert f"the operation {api.uri}{OPERATION} did not end within 30 s" in done.flat


def test_updates_and_deletes_are_followed_too(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    api.take()
    api.on("PUT", ITEM, ACCEPTED)
    api.on("DELETE", ITEM, ACCEPTED)
    api.on("GET", OPERATION, RUNNING, reply(200, {"status": "done"}), reply(404))
    tf.object(BASE | {"n": 2})
    tf.applied()
    assert api.lines() == [
        f"GET {ITEM}",
        f"PUT {ITEM}",
        f"GET {OPERATION}",
        f"GET {OPERATION}",
        f"GET {ITEM}",
    ]
    assert tf.destroy().code == 0
    assert api.lines() == [f"GET {ITEM}", f"DELETE {ITEM}", f"GET {OPERATION}"]
    assert tf.instance() is None


def test_a_location_that_is_the_object_itself_is_no_operation(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", PATH, reply(202, BASE, Location=ITEM))
    api.on("GET", ITEM, reply(200, BASE | {"status": "running"}))
    tf.object()
    tf.applied()
    assert api.lines() == [f"POST {PATH}", f"GET {ITEM}"]


@attrs.define
class FakeBridge:
    """Stands where the embedded bridge stands."""

    objects: dict[str, Any] = attrs.field(factory=dict[str, Any])
    seen: list[tuple[str, str, str]] = attrs.field(factory=list[tuple[str, str, str]])
    rehearsed: list[tuple[str, str, str]] = attrs.field(factory=list[tuple[str, str, str]])
    verdict: tuple[int, dict[str, str], bytes] = (
        200,
        {},
        b'{"dry_run": true, "impact": "none", "steps": []}',
    )
    refusal: tuple[int, dict[str, str], bytes] | None = None
    changed: list[str | None] = attrs.field(factory=list[str | None])
    closed: int = 0

    def request(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        on_progress: Callable[[Progress], None],
    ) -> tuple[int, dict[str, str], bytes]:
        assert headers
        assert callable(on_progress)
        if "dry_run=true" in query:
            self.rehearsed.append((method, path, query))
            return self.verdict
        self.seen.append((method, path, query))
        if method == "PUT":
            self.changed.append(headers.get("Gatepair-Changed"))
            if self.refusal is not None:
                return self.refusal
        if method in {"POST", "PUT"}:
            value = json.loads(body or b"{}")
            key = f"{path}/{value['id']}" if method == "POST" else path
            self.objects[key] = value
            return 201, {"Content-Type": "application/json"}, json.dumps(value).encode()
        found = self.objects.pop(path, None) if method == "DELETE" else self.objects.get(path)
        status = 404 if found is None else 200
        return status, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def bridge() -> FakeBridge:
    return FakeBridge()


@pytest.fixture
def inside(tmp_path: Path, bridge: FakeBridge) -> Iterator[TerraformLab]:
    process = Process(lambda: RestApi(lambda _settings: EmbeddedTransport(lambda: bridge)))
    yield TerraformLab(tmp_path, process.serve_reattached(SOURCE), "")
    process.stop()


def test_without_a_uri_the_bridge_in_the_process_answers(inside: TerraformLab, bridge: FakeBridge) -> None:
    inside.provider = {"write_returns_object": True, "create_returns_object": True, "timeout": 1800}
    pair = {"id": "10.0.0.1,10.0.0.2:8443", "sync_vlan": 0}
    written = pair | {"shared_key": "env:KEY"}
    options = {"path": "/v1/pairs", "query_string": "external=10.0.0.9", "ignore_changes_to": ["shared_key"]}
    inside.object(written, **options)
    inside.applied()
    assert bridge.seen == [("POST", "/v1/pairs", "external=10.0.0.9")]
    assert set(bridge.rehearsed) == {("POST", "/v1/pairs", "external=10.0.0.9&dry_run=true")}
    bridge.objects[f"/v1/pairs/{pair['id']}"] = pair
    assert inside.plan().code == 0
    assert bridge.seen[1:] == [("GET", f"/v1/pairs/{pair['id']}", "external=10.0.0.9")]
    assert inside.destroy().code == 0


def test_what_the_bridge_would_refuse_is_an_error_of_the_plan(
    inside: TerraformLab, bridge: FakeBridge
) -> None:
    problem = {"title": "The pair cannot be formed", "detail": "No route.", "node": "10.0.0.2"}
    bridge.verdict = (422, {"Content-Type": "application/problem+json"}, json.dumps(problem).encode())
    inside.object()
    done = inside.plan()
    assert done.code == 1
    assert "Error: The pair cannot be formed" in done.text
    assert "Nothing was changed: this is what the apply would meet." in done.flat
    assert bridge.seen == []


def test_what_users_would_notice_is_a_warning_of_the_plan(inside: TerraformLab, bridge: FakeBridge) -> None:
    inside.object()
    inside.applied()
    steps = [{"title": "move the address", "node": "gw-a", "impact": "reconnect", "notice": "Sessions end."}]
    bridge.verdict = (200, {}, json.dumps({"impact": "reconnect", "steps": steps}).encode())
    inside.object(BASE | {"n": 2})
    done = inside.plan()
    assert done.code == 2
    assert "Warning: Users Would Notice This Change: reconnect" in done.flat
    assert "- move the address (gw-a): reconnect Sessions end." in done.flat


def test_the_bridge_is_told_what_it_cannot_know_and_told_again_after_a_failure(
    inside: TerraformLab, bridge: FakeBridge
) -> None:
    inside.provider = {"write_returns_object": True}
    written = {"id": "10.0.0.1,10.0.0.2", "sync_vlan": 0, "shared_key": "env:KEY", "shared_key_version": 1}
    path = f"/v1/pairs/{written['id']}"

    def declare(**values: Any) -> None:
        written.update(values)
        inside.object(written, path="/v1/pairs", ignore_changes_to=["shared_key", "shared_key_version"])

    def given_back() -> None:
        # As the bridge does it: what no appliance tells is left out.
        bridge.objects[path] = {key: written[key] for key in ("id", "sync_vlan")}

    declare()
    inside.applied()
    given_back()
    declare(shared_key_version=2)
    problem = {"title": "It failed in the middle", "detail": "No synchronization.", "node": "10.0.0.2"}
    bridge.refusal = (502, {"Content-Type": "application/problem+json"}, json.dumps(problem).encode())
    assert inside.apply().code == 1
    assert json.loads(inside.state()["data"])["shared_key_version"] == 1
    bridge.refusal = None
    inside.applied()
    given_back()
    assert inside.plan().code == 0
    declare(sync_vlan=20)
    inside.applied()
    assert bridge.changed == ["shared_key_version", "shared_key_version", ""]


def test_a_replacement_is_rehearsed_as_the_create_that_it_ends_in(
    inside: TerraformLab, bridge: FakeBridge
) -> None:
    inside.provider = {"create_returns_object": True}
    options = {"path": "/v1/pairs", "force_new": ["id"]}
    inside.object({"id": "10.0.0.1,10.0.0.2"}, **options)
    inside.applied()
    bridge.rehearsed.clear()
    bridge.seen.clear()
    inside.object({"id": "10.0.0.1,10.0.0.3"}, **options)
    inside.applied()
    assert set(bridge.rehearsed) == {("POST", "/v1/pairs", "dry_run=true")}
    changes = [(method, path) for method, path, _ in bridge.seen if method != "GET"]
    assert changes == [("DELETE", "/v1/pairs/10.0.0.1,10.0.0.2"), ("POST", "/v1/pairs")]


def test_what_is_not_known_yet_is_not_rehearsed(inside: TerraformLab, bridge: FakeBridge) -> None:
    source = {"terraform_data": {"x": {"input": "e=1"}}}
    arguments = {"path": "/v1/pairs", "data": BASE, "query_string": "${terraform_data.x.output}"}
    inside.write({"o": arguments}, resource=source)
    assert inside.plan().code == 2
    assert bridge.rehearsed == []
    inside.applied()
    assert set(bridge.rehearsed) == {("POST", "/v1/pairs", "e=1&dry_run=true")}


def test_the_bridge_is_closed_when_the_provider_is_configured_anew(
    inside: TerraformLab, bridge: FakeBridge
) -> None:
    inside.object()
    inside.applied()
    inside.plan()
    assert bridge.closed >= 1


def test_sensitive_by_environment(tf: TerraformLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_DATA_IS_SENSITIVE", "true")
    tf.object(BASE | {"name": "canary-name"})
    done = tf.applied()
    assert "(sensitive value)" in done.text
    assert "canary-name" not in done.text
    (shown,) = json.loads(tf.run("show", "-json").text)["values"]["root_module"]["resources"]
    assert {"data", "api_data", "api_response", "create_response"} <= set(shown["sensitive_values"])


def test_the_log_tells_of_requests_but_not_what_is_in_them(
    tf: TerraformLab, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log, "_threshold", 0)
    tf.provider = {
        "headers": {"X-Token": "canary-header"},
        "username": "u",
        "password": "canary-password",
        "debug": True,
    }
    tf.object({"id": "a1", "secret": "canary-body"}, query_string="q=canary-query", debug=True)
    tf.applied()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["@level"], line["@message"]) for line in lines] == [
        ("info", f"POST {PATH}: 201"),
        ("info", f"GET {ITEM}: 200"),
    ]
    assert "canary" not in json.dumps(lines)


CANARIES = {"headers": {"X-Token": "canary-header"}, "username": "u", "password": "canary-password"}


@pytest.mark.experiment("E36")
@pytest.mark.parametrize("where", ["resource", "provider", "environment"])
def test_e36_debug_shows_in_terraforms_log_only(own: TerraformLab, where: str) -> None:
    own.provider = CANARIES | ({"debug": True} if where == "provider" else {})
    own.object(
        {"id": "a1", "secret": "canary-body"}, query_string="q=canary-query", debug=where == "resource"
    )
    if where == "environment":
        own.environment["REST_API_DEBUG"] = "true"
    own.environment |= {"TF_LOG_PROVIDER": "info", "TF_LOG_PATH": "terraform.log"}
    done = own.applied()
    log_file = (own.folder / "terraform.log").read_text()
    for line in (f"POST {PATH}: 201", f"GET {ITEM}: 200"):
        assert line in log_file
        assert line not in done.text
    assert "canary" not in log_file + done.text.replace("q=canary-query", "").replace("canary-body", "")


@pytest.mark.experiment("E36")
def test_e36_without_debug_requests_show_at_the_debug_level_only(own: TerraformLab) -> None:
    own.environment |= {"TF_LOG_PROVIDER": "info", "TF_LOG_PATH": "terraform.log"}
    own.applied()
    assert f"POST {PATH}" not in (own.folder / "terraform.log").read_text()
    own.environment["TF_LOG_PROVIDER"] = "debug"
    assert own.destroy().code == 0
    assert f"DELETE {ITEM}: 200" in (own.folder / "terraform.log").read_text()


def test_the_progress_of_an_operation_is_in_terraforms_log(own: TerraformLab, api: RestServer) -> None:
    api.on("POST", PATH, ACCEPTED)
    api.on("GET", OPERATION, RUNNING, reply(200, {"state": "succeeded", "result": BASE}))
    own.provider = {"create_returns_object": True}
    own.object()
    own.applied(TF_LOG="info", TF_LOG_PATH="terraform.log")
    log_file = (own.folder / "terraform.log").read_text()
    assert f"operation {api.uri}{OPERATION}: running" in log_file
    assert "joining" in log_file


def test_nothing_is_written_to_standard_error_unless_a_log_is_wanted(
    tf: TerraformLab, capfd: pytest.CaptureFixture[str]
) -> None:
    tf.provider = {"debug": True}
    tf.object()
    tf.applied()
    assert capfd.readouterr().err == ""


def test_ten_workers_and_slow_answers_do_not_wait_for_each_other(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", ".*", api.together(8, lambda _request: reply(201, {"id": "x"})), forever=True)
    api.on("GET", ".*", reply(200, {"id": "x"}), forever=True)
    tf.write({f"o{n}": {"path": PATH, "data": {"id": f"o{n}"}} for n in range(10)})
    tf.applied()
