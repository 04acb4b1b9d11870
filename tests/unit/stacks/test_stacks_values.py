from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdktf_stacks._values import encode_json, escape, has_token, is_reference, normalise, template

TOKEN = "${TfToken[TOKEN.3]}"
tricky = st.lists(
    st.sampled_from(["$", "{", "}", "%", "TfToken[", "]", '"', "\\", "\n", "é", "a"]), max_size=12
).map("".join)


def terraform_reads(text: str) -> str:
    """What Terraform makes of a template that holds no expression but the ones that `escape` writes."""
    out: list[str] = []
    position = 0
    while position < len(text):
        for written, meant in (("$${", "${"), ("%%{", "%{"), ('${"T"}', "T")):
            if text.startswith(written, position):
                out.append(meant)
                position += len(written)
                break
        else:
            assert not text.startswith(("${", "%{"), position), f"an expression at {position} of {text!r}"
            out.append(text[position])
            position += 1
    return "".join(out)


def no_reference(value: object) -> str:
    pytest.fail(f"taken for a reference: {value!r}")


@given(st.text() | tricky)
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    assert terraform_reads(escape(text)) == text


@given(tricky)
def test_escaped_text_holds_no_token(text: str) -> None:
    assert not has_token(escape(text + TOKEN + text))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text() | tricky,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | tricky, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text() | tricky, json_values, max_size=5))
def test_json_without_tokens_comes_back_unchanged(value: dict[str, object]) -> None:
    assert json.loads(terraform_reads(encode_json(value, no_reference))) == value


def test_json_is_written_with_sorted_keys_and_no_blanks() -> None:
    assert encode_json({"b": 1, "a": (True, None, "é")}, no_reference) == '{"a":[true,null,"é"],"b":1}'


def test_text_token_in_json_is_encoded_by_terraform() -> None:
    assert encode_json({"k": TOKEN}, no_reference) == '{"k":${jsonencode(' + TOKEN + ")}}"


def test_token_within_text_keeps_the_text_beside_it_free_of_braces() -> None:
    written = encode_json({"k": 'a"}${b' + TOKEN}, no_reference)
    assert written == (r'{"k":${jsonencode(join("", ["a\"\u007d\u0024\u007bb", ' + TOKEN + "]))}}")


def test_literal_text_beside_a_token_has_no_open_brace_that_counts() -> None:
    assert encode_json({"a": "${x", "k": TOKEN}, no_reference).startswith('{"a":"${"$"}{x",')


def test_references_are_written_by_the_given_function() -> None:
    seen: list[object] = []

    def reference(value: object) -> str:
        seen.append(value)
        return "REF"

    assert encode_json({"a": ["#{TfToken[TOKEN.1]}"], "b": -1.8e298}, reference) == '{"a":REF,"b":REF}'
    assert seen == [["#{TfToken[TOKEN.1]}"], -1.8e298]


def test_template_keeps_tokens_and_escapes_the_rest() -> None:
    assert template("${a}") == "$${a}"
    assert template("%{if}" + TOKEN + "$") == "%%{if}" + TOKEN + '${"$"}'
    assert template("$$" + TOKEN) == '${"$$"}' + TOKEN


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"data\.n: "):
        encode_json({"n": value}, no_reference)
    with pytest.raises(ValueError, match="timeout: "):
        normalise(value, "timeout")


@pytest.mark.parametrize("value", [b"x", {1, 2}, object()])
def test_values_without_a_form_in_json_are_named(value: object) -> None:
    with pytest.raises(TypeError, match=rf"data\.list\[0\]: a value of type {type(value).__name__}"):
        encode_json({"list": [value]}, no_reference)
    with pytest.raises(TypeError, match=type(value).__name__):
        normalise([value], "list")


def test_keys_must_be_text() -> None:
    with pytest.raises(TypeError, match="the key 1 is not text"):
        encode_json({1: "x"}, no_reference)


def test_normalise_makes_plain_lists_and_keeps_references() -> None:
    reference = ["#{TfToken[TOKEN.1]}"]
    assert normalise(("a", "${b}"), "x") == ["a", "$${b}"]
    assert normalise({"k": reference}, "x") == {"k": reference}
    assert is_reference({"&{TfToken[TOKEN.1]}": "String Map Token Value"})
    assert not is_reference(["a"])
