"""What goes wrong, what the user reads, and what the state keeps: section 7 and E18 to E24."""

from __future__ import annotations

from typing import Any

import pytest
from rest_server import DROP, RestServer, Seen, reply
from terraform_lab import BASE, TerraformLab

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"

SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"uri": ""}, "Missing Required Configuration"),
    ({"uri": "not a uri"}, "Invalid URI Configuration"),
    ({"uri": "http://h:x"}, "Invalid URI Configuration"),
    ({"username": "u", "password": "p", "bearer_token": "t"}, "Conflicting Authentication Methods"),
    ({"timeout": -1}, "Invalid Configuration"),
    ({"rate_limit": 0}, "Invalid Configuration"),
    ({"retries": {"max_retries": -1}}, "Invalid Retry Configuration"),
    ({"retries": {"min_wait": 5, "max_wait": 1}}, "Invalid Retry Configuration"),
    ({"cert_string": "a", "cert_file": "b"}, "Conflicting Certificate Configuration"),
    ({"key_string": "a", "key_file": "b"}, "Conflicting Key Configuration"),
    ({"root_ca_string": "a", "root_ca_file": "b"}, "Conflicting Root CA Configuration"),
    ({"cert_string": "a"}, "Incomplete Certificate Configuration"),
    ({"key_string": "a"}, "Incomplete Key Configuration"),
    ({"uri": "https://127.0.0.1:1", "root_ca_file": "/nowhere"}, "Unable to Create REST API Client"),
    ({"oauth_client_credentials": {"oauth_client_id": "x"}}, "Missing Required Configuration"),
    ({"test_path": "/nope"}, "Test Request Failed"),
]


@pytest.mark.parametrize(("settings", "title"), SETTINGS)
def test_settings_that_cannot_be(tf: TerraformLab, settings: dict[str, Any], title: str) -> None:
    tf.provider = settings
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert title in done.flat
    assert tf.instance() is None


def test_a_bad_environment_value_names_attribute_and_variable(
    tf: TerraformLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REST_API_TIMEOUT", "soon")
    tf.object()
    done = tf.plan()
    assert "The environment variable REST_API_TIMEOUT, used for timeout, must be a number." in done.flat


def test_data_that_is_no_json_object_is_found_by_validate(tf: TerraformLab) -> None:
    for data, words in (("{", "Given Value: {"), ("[1]", "expected a JSON object, found a list")):
        tf.object(data)
        done = tf.run("validate")
        assert done.code == 1
        assert "Invalid JSON String Value" in done.text
        assert words in done.flat


@pytest.mark.parametrize("status", [400, 403, 409, 500, 501, 503])
@pytest.mark.experiment("E21")
def test_e21_a_refused_create_leaves_nothing_and_shows_the_body(
    tf: TerraformLab, api: RestServer, status: int
) -> None:
    api.on("POST", PATH, reply(status, {"why": "so"}))
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert "Error Creating API Object" in done.text
    wanted = f'Could not create API object: unexpected response code \'{status}\': {{"why": "so"}}'
    assert wanted in done.flat
    assert api.lines() == [f"POST {PATH}"]
    assert tf.instance() is None


def test_no_answer_says_who_and_why(tf: TerraformLab, api: RestServer) -> None:
    tf.uri = "http://127.0.0.1:1"
    tf.object()
    assert "POST http://127.0.0.1:1/api/objects: Connection refused" in tf.apply().flat
    tf.uri = "http://nowhere.invalid"
    tf.object()
    done = tf.apply().flat
    assert "POST http://nowhere.invalid/api/objects: " in done
    assert "ame or service not known" in done or "name resolution" in done
    tf.uri = api.uri
    api.on("*", ".*", DROP, forever=True)
    tf.object()
    done = tf.apply()
    assert "Remote end closed connection without response" in done.flat
    assert "The server may have created the object all the same." in done.flat


def test_answers_that_are_not_understood(tf: TerraformLab, api: RestServer) -> None:
    tf.provider = {"write_returns_object": True}
    tf.object()
    for content, words in (("<html>", "the response is not JSON"), ([1], "the response is a list")):
        api.on("POST", PATH, reply(200, content))
        done = tf.apply()
        assert words in done.flat
        assert tf.is_tainted()  # it was created, so it must not be lost
        (tf.folder / "terraform.tfstate").unlink()


@pytest.mark.experiment("E18")
def test_e18_an_object_that_is_gone_is_planned_again(tf: TerraformLab, api: RestServer) -> None:
    for options in ({}, {"ignore_changes_to": ["n"]}, {"ignore_server_additions": True}):
        tf.object(**options)
        tf.applied()
        del api.objects[ITEM]
        assert tf.action() == "create"
        tf.applied()
        assert api.objects[ITEM] == BASE
        api.on("GET", ITEM, reply(410))
        assert tf.action() == "create"
        del api.objects[ITEM]
        assert tf.destroy().code == 0
        assert tf.instance() is None


@pytest.mark.experiment("E19")
def test_e19_not_found_right_after_a_create_is_saved_and_said(tf: TerraformLab, api: RestServer) -> None:
    api.on("GET", ITEM, reply(404))
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert "the object was created, but reading a1 back finds nothing" in done.flat
    assert (tf.is_tainted(), tf.state()["id"]) == (True, "a1")


@pytest.mark.experiment("E20")
def test_e20_not_found_right_after_an_update(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    tf.object(BASE | {"name": "n2"})

    def vanish(_request: Seen) -> tuple[int, dict[str, str], bytes]:
        del api.objects[ITEM]
        return reply(200)

    api.on("PUT", ITEM, vanish)
    done = tf.apply()
    assert done.code == 1
    assert "the object was updated, but reading a1 back finds nothing" in done.flat
    assert tf.action() == "create"


@pytest.mark.parametrize("answer", [reply(500, {"e": 1}), reply(200, "<html>")])
@pytest.mark.experiment("E22")
def test_e22_a_created_object_that_cannot_be_read_is_saved_as_tainted(
    tf: TerraformLab, api: RestServer, answer: tuple[int, dict[str, str], bytes]
) -> None:
    api.on("GET", ITEM, answer)
    tf.object()
    done = tf.apply()
    assert done.code == 1
    assert "The object was created; its id, a1, is in the state, marked as tainted." in done.flat
    assert (tf.is_tainted(), tf.state()["id"]) == (True, "a1")
    tf.applied()
    assert not tf.is_tainted()


@pytest.mark.experiment("E23")
def test_e23_an_update_whose_read_back_fails_keeps_what_was_written(
    tf: TerraformLab, api: RestServer
) -> None:
    tf.object()
    tf.applied()
    tf.object(BASE | {"name": "n2"})
    api.on("GET", ITEM, reply(200, BASE), reply(500, {"e": 1}))
    done = tf.apply()
    assert done.code == 1
    assert "The update itself succeeded." in done.flat
    assert tf.plan().code == 0


@pytest.mark.experiment("E24")
def test_e24_deletes(tf: TerraformLab, api: RestServer) -> None:
    for status in (404, 410, 200, 204):
        tf.object()
        tf.applied()
        api.on("DELETE", ITEM, reply(status))
        assert tf.destroy().code == 0
        assert tf.instance() is None
    for status in (403, 500):
        tf.object()
        tf.applied()
        api.on("DELETE", ITEM, reply(status, {"why": "no"}))
        done = tf.destroy()
        assert done.code == 1
        assert f"Could not delete API object: unexpected response code '{status}'" in done.flat
        assert tf.state()["id"] == "a1"


PROBLEM: dict[str, Any] = {
    "type": "urn:gatepair:error:preflight-failed",
    "title": "The pair cannot be formed",
    "status": 422,
    "detail": "Two checks failed; nothing was changed.",
    "node": "127.0.0.2:8443",
    "step": "preflight",
    "errorcode": 354,
    "remedy": "Give both appliances the same password.",
    "key": "external_virtual_ip.address",
    "checks": [
        {
            "id": "password",
            "title": "same password",
            "node": "127.0.0.2:8443",
            "verdict": "fail",
            "evidence": "login refused",
            "remedy": "Set it on the second node.",
        },
        {"id": "clock", "verdict": "warn", "evidence": "3 s apart"},
    ],
}


def test_problem_documents_become_readable(tf: TerraformLab, api: RestServer) -> None:
    api.on("POST", PATH, reply(422, PROBLEM, Content_Type="application/problem+json; charset=utf-8"))
    tf.object()
    done = tf.apply()
    assert done.code == 1
    for words in (
        "Error: The pair cannot be formed",
        "Could not create API object: Two checks failed; nothing was changed.",
        "Key of data: external_virtual_ip.address",
        "Node: 127.0.0.2:8443 Step: preflight Error code of the appliance: 354",
        "- fail: same password (127.0.0.2:8443): login refused",
        "Set it on the second node.",
        "- warn: clock: 3 s apart",
        "What to do: Give both appliances the same password.",
    ):
        assert words in done.flat
    assert "in resource.restapi_object.o:" in done.flat
    assert tf.instance() is None


def test_a_problem_on_refresh_keeps_the_state(tf: TerraformLab, api: RestServer) -> None:
    tf.object()
    tf.applied()
    api.on("GET", ITEM, reply(503, PROBLEM, Content_Type="application/problem+json"))
    done = tf.plan()
    assert done.code == 1
    assert "The pair cannot be formed" in done.text
    assert tf.state()["id"] == "a1"
