"""Arguments as they were given, made fit for Terraform's JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from cdktf_stacks._cdktf import cdk
from cdktf_stacks._values import encode_json, escape, has_token, is_reference, normalise
from cdktf_stacks.bindings.attributes import JSON_ARGUMENTS, META_ARGUMENTS


def json_argument(value: object, where: str) -> str:
    """Write an object as the JSON text of an argument.

    Args:
        value: A mapping, or JSON text of an object. Text with tokens in it is taken as it is.
        where: The argument's name, for an error.

    Raises:
        TypeError: It is neither a mapping nor text, or holds a value that JSON has no form for.
        ValueError: The text is not a JSON object.
    """
    if not isinstance(value, str):
        if not isinstance(value, Mapping) and not is_reference(value):
            raise TypeError(f"{where} is a mapping or JSON text, not {type(value).__name__}")
        return encode_json(cast("object", value), cdk.Fn.jsonencode, where)
    if has_token(value):
        return value
    try:
        parsed: object = json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where} is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ValueError(f"{where} is JSON, but not an object")  # noqa: TRY004 - the text's content is wrong
    return escape(value)


def split_arguments(given: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Part the keywords of a resource into those of the provider, made fit, and those of the CDK.

    Args:
        given: All keywords.

    Returns:
        The provider's arguments as Terraform reads them, and the CDK's own as they were.
    """
    own: dict[str, object] = {}
    for name, value in given.items():
        if name in META_ARGUMENTS or value is None:
            continue
        own[name] = json_argument(value, name) if name in JSON_ARGUMENTS else normalise(value, name)
    meta = {name: value for name, value in given.items() if name in META_ARGUMENTS}
    if isinstance(meta.get("depends_on"), tuple):  # the CDK takes lists alone
        meta["depends_on"] = list(cast("tuple[object, ...]", meta["depends_on"]))
    return own, meta
