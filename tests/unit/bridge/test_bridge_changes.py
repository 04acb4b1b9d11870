"""Changes side by side, that go on, that are sent twice, that depend on what was last seen."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from bridge_fakes import PAIR_ID, PAIR_PATH, A, B
from waiting import until

from gatepair_bridge.api.embedded import EmbeddedBridge

if TYPE_CHECKING:
    from bridge_fakes import Appliances, Client, Held
    from bridge_process import Answer

    from gatepair_bridge.api.sessions import Sessions

Document = dict[str, object]
ASYNC = {"prefer": "respond-async"}


def in_background(call: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=call, args=arguments, daemon=True)
    thread.start()
    return thread


def final(client: Client, location: str) -> Answer:
    """Give an operation once it has ended."""
    operation = client.bridge._bridge.operations.get(location.rpartition("/")[2])
    assert operation.request.work.ended.wait(10)
    return client("GET", location)


def test_a_second_change_of_a_pair_is_told_who_and_since_when(
    client: Client, declaration: Document, held: Held
) -> None:
    first = in_background(client, "POST", "/v1/pairs", declaration)
    assert held.reached.wait(10)
    for method, path in (("PUT", PAIR_PATH), ("DELETE", PAIR_PATH), ("POST", f"{PAIR_PATH}/failover")):
        refused = client(method, path, declaration if method == "PUT" else None)
        assert refused.status == 409
        assert refused.json["type"] == "urn:gatepair:error:change-under-way"
        assert refused.json["holder"]["who"] == "this process"
        assert refused.json["holder"]["what"] == "POST /v1/pairs"
        assert refused.json["holder"]["since"].endswith("Z")
        assert refused.headers["retry-after"]
    assert client("PUT", f"/v1/appliances/{A}/network", {"id": A, "host_name": "x"}).status == 409
    held.released.set()
    first.join(10)
    assert client("DELETE", PAIR_PATH).status == 204


def test_reads_and_dry_runs_and_other_pairs_do_not_wait(
    client: Client, declaration: Document, held: Held
) -> None:
    first = in_background(client, "POST", "/v1/pairs", declaration)
    assert held.reached.wait(10)
    assert client("GET", PAIR_PATH).status == 200
    assert client("DELETE", PAIR_PATH, query="dry_run=true").status == 200
    assert client("DELETE", "/v1/pairs/192.0.2.13,192.0.2.14").status == 204
    held.released.set()
    first.join(10)


def test_the_embedded_bridge_lets_changes_wait_for_each_other(
    sessions: Sessions, appliances: Appliances, declaration: Document
) -> None:
    def change(count: int) -> int:
        body = {**declaration, "max_flips": count}
        return bridge.request("PUT", PAIR_PATH, "", {}, json.dumps(body).encode())[0]

    with EmbeddedBridge(sessions) as bridge, ThreadPoolExecutor(10) as pool:
        assert list(pool.map(change, range(10))) == [200] * 10
    steps = [call for call in appliances.calls if call in {"join", "save"}]
    assert steps == ["join", "save"] * 10


def test_a_long_change_is_an_operation(client: Client, declaration: Document, held: Held) -> None:
    started = client("POST", "/v1/pairs", declaration, headers=ASYNC)
    assert started.status == 202
    assert started.headers["preference-applied"] == "respond-async"
    location = started.headers["location"]
    assert held.reached.wait(10)
    running = client("GET", location)
    assert (running.json["state"], running.json["status"], running.json["ended"]) == ("running", 0, "")
    assert [entry["step"] for entry in running.json["progress"]] == ["join"]
    assert running.headers["retry-after"]

    held.released.set()
    ended = final(client, location)
    assert (ended.json["state"], ended.json["status"], ended.json["result"]) == (
        "succeeded",
        201,
        declaration,
    )
    assert [entry["step"] for entry in ended.json["progress"]] == ["join", "save"]
    assert [operation["id"] for operation in client("GET", "/v1/operations").json] == [ended.json["id"]]


def test_a_short_change_needs_no_operation(client: Client, declaration: Document) -> None:
    answer = client("POST", "/v1/pairs", declaration, headers={"prefer": "respond-async, wait=30"})
    assert (answer.status, answer.json) == (201, declaration)


def test_what_is_refused_never_becomes_an_operation(
    client: Client, declaration: Document, held: Held
) -> None:
    assert client("POST", "/v1/pairs", {}, headers=ASYNC).status == 422
    client("POST", "/v1/pairs", declaration, headers=ASYNC)
    assert held.reached.wait(10)
    assert client("DELETE", PAIR_PATH, headers=ASYNC).status == 409
    held.released.set()


def test_an_operation_is_cancelled_between_two_steps(
    client: Client, appliances: Appliances, declaration: Document, held: Held
) -> None:
    location = client("POST", "/v1/pairs", declaration, headers=ASYNC).headers["location"]
    assert held.reached.wait(10)
    assert client("POST", f"{location}/cancel").status == 202
    held.released.set()
    ended = final(client, location)
    assert (ended.json["state"], ended.json["status"]) == ("cancelled", 409)
    assert ended.json["result"]["type"] == "urn:gatepair:error:cancelled"
    assert PAIR_ID not in appliances.pairs
    assert client("POST", "/v1/pairs", declaration).status == 201


def test_an_operation_nobody_knows(client: Client) -> None:
    assert client("GET", "/v1/operations/none").status == 404
    assert client("POST", "/v1/operations/none/cancel").status == 404


def test_the_same_key_gets_the_same_reply(client: Client, appliances: Appliances) -> None:
    headers = {"idempotency-key": "k1"}
    first = client("POST", f"{PAIR_PATH}/failover", headers=headers)
    second = client("POST", f"{PAIR_PATH}/failover", headers=headers)
    assert (first.status, first.body) == (second.status, second.body)
    assert appliances.calls.count("failover False None") == 1
    other = client("POST", f"{PAIR_PATH}/failover", {"to": B}, headers=headers)
    assert other.status == 422
    assert client("POST", f"{PAIR_PATH}/failover", headers={"idempotency-key": ""}).status == 400


def test_a_key_whose_request_failed_may_be_used_again(client: Client, appliances: Appliances) -> None:
    headers = {"idempotency-key": "k1"}
    appliances.error = RuntimeError()
    assert client("POST", f"{PAIR_PATH}/failover", headers=headers).status == 500
    appliances.error = None
    assert client("POST", f"{PAIR_PATH}/failover", headers=headers).status == 200


def test_a_key_in_use_waits_for_its_reply(client: Client, declaration: Document, held: Held) -> None:
    headers = {"idempotency-key": "k1"}
    first = in_background(lambda: client("POST", "/v1/pairs", declaration, headers=headers))
    assert held.reached.wait(10)
    assert (
        client("POST", "/v1/pairs", declaration, headers=headers).json["type"]
        == "urn:gatepair:error:conflict"
    )
    held.released.set()
    first.join(10)


def test_a_change_may_depend_on_what_was_last_seen(client: Client, declaration: Document) -> None:
    created = client("POST", "/v1/pairs", declaration)
    tag = created.headers["etag"]
    assert client("GET", PAIR_PATH).headers["etag"] == tag
    unchanged = client("GET", PAIR_PATH, headers={"if-none-match": f'"other", {tag}'})
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", tag)

    changed = {**declaration, "max_flips": 1}
    stale = {"if-match": '"stale"'}
    assert client("PUT", PAIR_PATH, changed, headers=stale).status == 412
    assert client("DELETE", PAIR_PATH, headers=stale).status == 412
    assert client("PUT", PAIR_PATH, changed, headers={"if-match": tag}).status == 200
    assert client("PUT", PAIR_PATH, changed, headers={"if-match": tag}).status == 412
    assert client("DELETE", PAIR_PATH, headers={"if-match": "*"}).status == 204


def test_a_stopping_bridge_stops_changes_between_two_steps(
    sessions: Sessions, appliances: Appliances, declaration: Document, held: Held
) -> None:
    bridge = EmbeddedBridge(sessions)
    body = json.dumps(declaration).encode()
    answers: list[tuple[int, dict[str, str], bytes]] = []
    change = in_background(lambda: answers.append(bridge.request("POST", "/v1/pairs", "", {}, body)))
    assert held.reached.wait(10)
    closing = in_background(bridge.close)
    until(lambda: bridge.request("GET", "/healthz")[0] == 503, "it is stopping")
    assert bridge.request("PUT", PAIR_PATH, "", {}, body)[0] == 503
    # It refuses more first, and tells the change to stop a moment later.
    (work,) = bridge._bridge.active._works
    until(work._asked.is_set, "the change is told to stop")
    held.released.set()
    change.join(10)
    closing.join(10)
    assert answers[0][0] == 409
    assert b"cancelled" in answers[0][2]
    assert PAIR_ID not in appliances.pairs


def test_progress_is_handed_to_the_embedding_process(sessions: Sessions, declaration: Document) -> None:
    body = json.dumps(declaration).encode()
    seen: list[str] = []
    with EmbeddedBridge(sessions) as bridge:
        bridge.request(
            "POST", "/v1/pairs", "", {}, body, on_progress=lambda entry: seen.append(entry.message)
        )
    assert seen == ["join is done.", "save is done."]


@pytest.mark.parametrize(
    "preference", ["respond-async;x=1", "wait=5, respond-async", "wait=x, RESPOND-ASYNC"]
)
def test_preferences_in_their_many_spellings(client: Client, declaration: Document, preference: str) -> None:
    answer = client("POST", "/v1/pairs", declaration, headers={"prefer": preference})
    assert answer.status in {201, 202}
