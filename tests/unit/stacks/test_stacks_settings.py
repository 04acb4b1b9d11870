from __future__ import annotations

import pytest

from cdktf_stacks.settings import (
    BackendKind,
    BackendSettings,
    ProviderKind,
    ProviderSettings,
    StackSettings,
    read_stack_settings,
)
from gatepair.errors import InvalidInput


def read(table: object, pairs: tuple[str, ...] = ("office",)) -> tuple[StackSettings, list[str]]:
    problems: list[str] = []
    settings = read_stack_settings(table, pairs, lambda key, message: problems.append(f"{key}: {message}"))
    return settings, problems


def test_nothing_means_bundled_provider_embedded_bridge_and_local_state() -> None:
    settings, problems = read(None)
    assert problems == []
    assert settings.provider.kind is ProviderKind.BUNDLED
    assert settings.provider.bridge_url is None
    assert settings.backend.kind is BackendKind.LOCAL


def test_a_whole_table() -> None:
    settings, problems = read(
        {
            "provider": "mastercard",
            "bridge_url": "https://bridge.example.net/",
            "bridge_ca_file": "ca.pem",
            "timeout_s": 600,
            "backend": {"type": "s3", "bucket": "states", "use_lockfile": True},
            "gateway_names": {"office": "gateway.example.net"},
            "adopt": [],
        }
    )
    assert problems == []
    assert settings.provider == ProviderSettings(
        kind=ProviderKind.MASTERCARD,
        bridge_url="https://bridge.example.net",
        bridge_ca_file="ca.pem",
        timeout_s=600,
    )
    assert settings.backend.options_for("office") == {
        "bucket": "states",
        "use_lockfile": True,
        "key": "gatepair/office.tfstate",
    }
    assert settings.gateway_names == {"office": "gateway.example.net"}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("x", "stacks: must be a table"),
        ({"providers": "bundled"}, 'stacks.providers: is not known here; did you mean "provider"?'),
        ({"provider": "other"}, 'stacks.provider: must be one of "bundled", "mastercard"'),
        ({"provider": "mastercard"}, 'stacks.bridge_url: must be given with provider = "mastercard"'),
        ({"bridge_url": 1}, "stacks.bridge_url: must be a text"),
        ({"bridge_url": "bridge"}, "stacks.bridge_url: is not an address such as https://bridge.example.net"),
        ({"bridge_ca_file": "ca.pem"}, "stacks.bridge_ca_file: means nothing without bridge_url"),
        ({"timeout_s": 0}, "stacks.timeout_s: 0 is less than 1"),
        ({"timeout_s": True}, "stacks.timeout_s: must be a whole number"),
        ({"backend": "pg"}, "stacks.backend: must be a table"),
        ({"backend": {"type": "consul"}}, "stacks.backend.type: must be one of "),
        ({"backend": {"type": "s3"}}, 'stacks.backend.bucket: must be given with type = "s3"'),
        ({"backend": {"type": "pg", "bucket": "x"}}, "stacks.backend.bucket: is not known here"),
        ({"backend": {"type": "local", "path": 5}}, "stacks.backend.path: must be a text"),
        (
            {"backend": {"type": "local", "path": "one.tfstate"}},
            "stacks.backend.path: must hold {stack}, or all pairs would share one state",
        ),
        (
            {"gateway_names": {"offce": "g"}},
            "stacks.gateway_names.offce: there is no such pair; did you mean",
        ),
        ({"gateway_names": {"office": "a b"}}, "stacks.gateway_names.office: must be a host name"),
        ({"adopt": "office"}, "stacks.adopt: must be a list of names of pairs"),
        ({"adopt": ["offce"]}, "stacks.adopt: there is no pair 'offce'; did you mean \"office\"?"),
        (
            {"adopt": ["office"], "provider": "mastercard", "bridge_url": "https://b"},
            "stacks.adopt: works with the bundled provider alone",
        ),
    ],
)
def test_each_problem_names_its_key(table: object, problem: str) -> None:
    _, problems = read(table)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_all_problems_are_reported_together() -> None:
    _, problems = read({"x": 1, "provider": "other", "backend": {"type": "pg", "y": 1}, "timeout_s": "1"})
    assert [problem.partition(":")[0] for problem in problems] == [
        "stacks.x",
        "stacks.provider",
        "stacks.timeout_s",
        "stacks.backend.y",
    ]


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("pg", "conn_str"),
        ("http", "password"),
        ("s3", "secret_key"),
        ("s3", "access_key"),
        ("remote", "token"),
    ],
)
def test_secrets_are_no_backend_options_and_are_not_repeated(kind: str, option: str) -> None:
    with pytest.raises(InvalidInput, match=r"is a secret; set .* in the environment") as caught:
        BackendSettings(kind=BackendKind(kind), options={option: "canary-7731"})
    assert caught.value.key == option
    assert "canary-7731" not in str(caught.value)


def test_credentials_in_a_backend_s_address_are_refused_and_not_repeated() -> None:
    options = {"address": "https://me:canary-7731@states.example.net/{stack}"}
    with pytest.raises(InvalidInput, match="must not hold credentials; set TF_HTTP_USERNAME") as caught:
        BackendSettings(kind=BackendKind.HTTP, options=options)
    assert "canary-7731" not in str(caught.value)


def test_pairs_that_exist_are_named() -> None:
    settings, problems = read({"adopt": ["office"]}, ("office", "lab"))
    assert problems == []
    assert settings.adopt == {"office"}


def test_credentials_in_the_bridge_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidInput, match="must not hold credentials") as caught:
        ProviderSettings(bridge_url="https://me:canary-7731@bridge.example.net")
    assert "canary-7731" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("local", {}, {}),
        ("local", {"path": "state/{stack}.tfstate"}, {"path": "state/office.tfstate"}),
        ("pg", {}, {"schema_name": "gatepair_office"}),
        ("http", {"address": "https://h/{stack}"}, {"address": "https://h/office"}),
        ("s3", {"bucket": "b", "endpoints": {"s3": "http://s"}}, {"key": "gatepair/office.tfstate"}),
        ("cloud", {"organization": "o"}, {"organization": "o", "workspace": "office"}),
        ("remote", {"organization": "o", "workspace": "p-{stack}"}, {"workspace": "p-office"}),
    ],
)
def test_options_are_filled_in_for_a_stack(
    kind: str, options: dict[str, str], expected: dict[str, object]
) -> None:
    filled = BackendSettings(kind=BackendKind(kind), options=options).options_for("office")
    assert {key: filled[key] for key in expected} == expected
    assert filled.keys() == options.keys() | expected.keys()
