from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair_bridge.api.faults import BadRequest
from gatepair_bridge.api.primary import _checked, _moved


@pytest.mark.parametrize(
    "rest", ["..", "v1/../x", "v1/%2e%2e/x", "v1/%252e%252e%252fx", "v1\\..\\x", "v1/./x"]
)
def test_no_path_climbs_out(rest: str) -> None:
    with pytest.raises(BadRequest):
        _checked(rest)


@given(st.lists(st.text("abc012./%-_", min_size=1), min_size=1))
def test_paths_go_on_as_they_are(parts: list[str]) -> None:
    path = "/".join(parts)
    try:
        assert _checked(path) == path
    except BadRequest:
        assert "." in path or "%2" in path


def test_names_that_are_encoded_twice_stay_so() -> None:
    assert _checked("v1/config/Interface/1%252F2") == "v1/config/Interface/1%252F2"


@pytest.mark.parametrize(
    ("cookie", "moved"),
    [
        ("NITRO_AUTH_TOKEN=%23x; path=/nitro/v1", "NITRO_AUTH_TOKEN=%23x; path=/p/primary/nitro/v1"),
        ("SESSID=deleted; Path=/; Secure", "SESSID=deleted; Path=/p/primary/; Secure"),
        ("a=b", "a=b"),
    ],
)
def test_cookies_come_back_to_the_path_they_were_set_on(cookie: str, moved: str) -> None:
    assert _moved(cookie, "/p/primary") == moved
