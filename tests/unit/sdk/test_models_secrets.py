from __future__ import annotations

import copy
import json
import logging
import pickle
import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.errors import InvalidInput, SecretUnavailable
from gatepair.models import Credentials, Secret, SecretReference, SecretScheme

CANARY = "canary-7f3a"


@given(st.text(min_size=6).filter(lambda value: value not in "Secret(***)"))
def test_a_secret_shows_itself_only_when_asked(value: str) -> None:
    secret = Secret(value)
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>10}", "%s" % secret):  # noqa: UP031 - one more way to show it
        assert value not in shown
    assert secret.reveal() == value


def test_a_secret_is_not_in_logs_or_errors(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(CANARY)
    logging.getLogger("test").warning("password %s", secret, extra={"secret": secret})
    assert CANARY not in caplog.text
    assert CANARY not in str([vars(record) for record in caplog.records])
    with pytest.raises(TypeError) as refused:
        json.dumps({"password": secret})
    assert CANARY not in str(refused.value)


def test_a_secret_is_not_pickled_or_changed() -> None:
    secret = Secret(CANARY)
    with pytest.raises(TypeError, match="not pickled") as refused:
        pickle.dumps([secret])
    assert CANARY not in str(refused.value)
    with pytest.raises(AttributeError):
        secret._value = "other"
    with pytest.raises(AttributeError):
        del secret._value
    assert not hasattr(secret, "__dict__")
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


values = st.text(st.characters(), min_size=1)


@given(values, values)
def test_secrets_compare_by_value(first: str, second: str) -> None:
    assert (Secret(first) == Secret(second)) == (first == second)
    assert len({Secret(first), Secret(first)}) == 1
    assert Secret(first) != first


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        Secret("")


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        "",
        f"plain:{CANARY}",
        "env:",
        f"env:{CANARY}",
        "file:",
        f"file:\0{CANARY}",
        "keyring:x",
        f"keyring:/{CANARY}",
    ],
)
def test_what_is_no_reference_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        SecretReference(text)
    assert CANARY not in "".join(traceback.format_exception(refused.value))


def test_a_reference_is_shown_as_it_is_written() -> None:
    reference = SecretReference("keyring:corp/gateways/nsroot")
    assert str(reference) == "keyring:corp/gateways/nsroot"
    assert (reference.scheme, reference.target) == (SecretScheme.KEYRING, "corp/gateways/nsroot")


def test_a_secret_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = SecretReference("env:GATEPAIR_TEST_SECRET")
    monkeypatch.setenv("GATEPAIR_TEST_SECRET", CANARY)
    assert reference.resolve() == Secret(CANARY)
    assert reference.resolve(environ={"GATEPAIR_TEST_SECRET": "x"}) == Secret("x")
    with pytest.raises(SecretUnavailable, match="env:GATEPAIR_TEST_SECRET is empty"):
        reference.resolve(environ={"GATEPAIR_TEST_SECRET": ""})
    with pytest.raises(SecretUnavailable, match="env:GATEPAIR_TEST_SECRET does not exist"):
        reference.resolve(environ={})


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (CANARY, CANARY),
        (f"{CANARY}\n", CANARY),
        (f"{CANARY}\r\n", CANARY),
        (f" {CANARY} \n\n", f" {CANARY} \n"),
    ],
)
def test_one_line_end_of_a_file_is_dropped(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    assert SecretReference("file:secret").resolve(tmp_path).reveal() == value
    assert SecretReference(f"file:{tmp_path}/secret").resolve(Path("/nowhere")).reveal() == value
    assert SecretReference("file:secret").anchored(tmp_path).resolve().reveal() == value


def test_relative_files_start_from_the_current_directory_without_a_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(CANARY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert SecretReference("file:secret").resolve().reveal() == CANARY
    assert SecretReference("file:~/secret").resolve(Path("/nowhere")).reveal() == CANARY


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (CANARY.encode() + b"\xff", "UTF-8"),
        (CANARY.encode() * 9999, "too long"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_without_its_content(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(SecretUnavailable, match=said) as refused:
        SecretReference("file:secret").resolve(tmp_path)
    assert CANARY not in "".join(traceback.format_exception(refused.value))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="file:secret does not exist"):
        SecretReference("file:secret").resolve(tmp_path)
    (tmp_path / "secret").mkdir()
    with pytest.raises(SecretUnavailable, match="file:secret cannot be read: Is a directory"):
        SecretReference("file:secret").resolve(tmp_path)


def keyring_with(monkeypatch: pytest.MonkeyPatch, get_password: object) -> None:
    fake, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    fake.errors = errors  # type: ignore[attr-defined]
    fake.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_a_secret_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {("corp/gateways", "nsroot"): CANARY}
    keyring_with(monkeypatch, lambda service, user: stored.get((service, user)))
    assert SecretReference("keyring:corp/gateways/nsroot").resolve().reveal() == CANARY
    with pytest.raises(SecretUnavailable, match="keyring:corp/gateways/other does not exist"):
        SecretReference("keyring:corp/gateways/other").resolve()


def test_a_keyring_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_service: str, _user: str) -> str:
        raise sys.modules["keyring.errors"].KeyringError(CANARY)

    keyring_with(monkeypatch, locked)
    with pytest.raises(SecretUnavailable, match="keyring:a/b cannot be read: KeyringError"):
        SecretReference("keyring:a/b").resolve()
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretUnavailable, match="pip install"):
        SecretReference("keyring:a/b").resolve()


def test_credentials_give_the_password_when_asked(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(CANARY)
    by_reference = Credentials(password=SecretReference("file:password"))
    assert by_reference.username == "nsroot"
    assert by_reference.secret(tmp_path) == Credentials(password=Secret(CANARY)).secret()
    assert CANARY not in repr(Credentials(password=Secret(CANARY)))
    with pytest.raises(InvalidInput) as refused:
        Credentials(username=" ", password=Secret(CANARY))
    assert refused.value.key == "username"


def test_the_home_of_nobody_is_named_and_nothing_else() -> None:
    reference = SecretReference("file:~nobody-of-this-name/secret")
    for use in (reference.resolve, lambda: reference.anchored(Path("/etc"))):
        with pytest.raises(SecretUnavailable, match="~nobody-of-this-name is nobody's home") as refused:
            use()
        assert "Traceback" not in str(refused.value)


def test_the_own_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text(CANARY)
    assert SecretReference("file:~/secret").anchored(Path("/etc")).resolve().reveal() == CANARY
