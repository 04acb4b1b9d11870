"""No secret gets into a review, whatever it is called and wherever it stands."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from review_cases import document, plan_of, review_of, row, with_data

from cdktf_stacks.review.cli.review import Rendered, review
from cdktf_stacks.review.masks import Masks, environment_secrets, looks_secret

CANARY = 'canary-S3cret"<&\\ä-77'
FORMATS = ("markdown", "html", "json", "terminal")


def texts(changed: dict[str, object], *secrets: str) -> str:
    rendered = Rendered(review_of(plan_of(changed), secrets=secrets))
    return "".join(rendered.text(format_) for format_ in FORMATS)


def forms(secret: str) -> set[str]:
    encoded = {quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]} | encoded


@pytest.mark.parametrize(
    "key", ["password", "ldapBindPassword", "shared-key", "api_key", "clientSecret", "bearer_token", "key"]
)
def test_values_of_secret_looking_keys_are_masked_also_unmarked_ones(key: str) -> None:
    changed = with_data(document("external-moves"), "after", **{key: CANARY, "nested": {key: [CANARY]}})
    text = texts(changed)
    assert "S3cret" not in text
    assert "***" in text


@pytest.mark.parametrize("place", ["address", "name", "key", "value", "list", "inside", "output"])
def test_a_secret_of_the_environment_is_masked_wherever_it_stands(place: str) -> None:
    changed = document("external-moves")
    values: dict[str, object] = {
        "key": {CANARY: 1}, "value": CANARY, "list": [CANARY, {"x": CANARY}], "inside": f"a {CANARY} b",
    }  # fmt: skip
    if place == "address":
        row(changed)["address"] = f'restapi_object.x["{CANARY}"]'
    elif place == "name":
        row(changed)["name"] = CANARY
    elif place == "output":
        changed["output_changes"][CANARY] = {"actions": ["create"], "before": None, "after": CANARY}
    else:
        changed = with_data(changed, "after", remark=values[place])
    text = texts(changed, CANARY)
    assert "S3cret" not in text


def test_what_terraform_marks_as_sensitive_is_masked_in_any_resource() -> None:
    changed = document("nothing")
    changed["resource_changes"].append({
        "address": "other_thing.x", "type": "other_thing", "name": "x",
        "change": {
            "actions": ["create"], "before": None, "after": {"content": CANARY, "list": [{"inner": CANARY}]},
            "after_sensitive": {"content": True, "list": [{"inner": True}]},
        },
    })  # fmt: skip
    assert "S3cret" not in texts(changed)


@given(st.text(min_size=4, max_size=40).filter(str.strip))
def test_no_spelling_of_a_secret_survives(secret: str) -> None:
    masked = Masks.of([secret])
    for form in forms_of(secret):
        assert form not in masked.text(f"x{form}y") or form in "x***y"


def forms_of(secret: str) -> set[str]:
    return forms(secret) if secret.isprintable() else {secret}


def test_secrets_come_from_variables_files_and_references(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("file-secret-1\n")
    (tmp_path / "named").write_text("file-secret-2\n")
    environ = {
        "GATEPAIR_PASSWORD": "own-secret", "GATEPAIR_PASSWORD_FILE": str(tmp_path / "password"),
        "GATEPAIR_USERNAME": "nsroot", "GATEPAIR_CONFIG": "pairs.toml", "REST_API_BEARER": "x",
        "CI_DEPLOY_TOKEN": "a-long-token", "PATH": "/usr/bin", "KEY_HOLDER": "referenced",
    }  # fmt: skip
    found = set(environment_secrets(environ, ["env:KEY_HOLDER", "file:named", "env:MISSING"], tmp_path))
    assert found == {"own-secret", "file-secret-1", "file-secret-2", "a-long-token", "referenced"}
    assert "file-secret" not in repr(Masks.of(found))


def test_references_are_shown_since_they_are_no_secrets() -> None:
    assert "file:secrets/shared-key" in texts(document("create"))
    assert not looks_secret("shared_key_version")


def test_the_command_masks_what_pairs_toml_and_the_plan_refer_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("canary-from-a-file\n")
    monkeypatch.setenv("GATEPAIR_PASSWORD", "canary-from-a-variable")
    changed = with_data(
        document("external-moves"), "after", shared_key="file:key",
        remark="canary-from-a-file and canary-from-a-variable",
    )  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(changed))
    for format_ in FORMATS:
        done = CliRunner().invoke(review, ["plan.json", "--format", format_], standalone_mode=False)
        assert done.exception is None
        assert "canary-from" not in done.output
        assert "***" in done.output
