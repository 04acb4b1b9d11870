"""Where Terraform keeps the state of the stacks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, cast

import attrs

from gatepair.errors import InvalidInput

STACK = "{stack}"

BackendValue: TypeAlias = str | int | bool | list[str] | dict[str, str]


class BackendKind(StrEnum):
    """Kind of a backend, as Terraform names it."""

    LOCAL = "local"
    HTTP = "http"
    PG = "pg"
    S3 = "s3"
    REMOTE = "remote"
    CLOUD = "cloud"


@attrs.frozen
class _Option:
    """What a value of an option must be.

    Attributes:
        type: Its type.
        required: It cannot be left out.
        default: What it is when left out.
        per_stack: It must hold the stack's name, or all stacks would share one state.
    """

    type: type
    required: bool = False
    default: BackendValue | None = None
    per_stack: bool = False


_TEXT, _NUMBER, _FLAG, _TEXTS, _TABLE = (_Option(t) for t in (str, int, bool, list, dict))
_WORKSPACE = {
    "hostname": _TEXT,
    "organization": _Option(str, required=True),
    "workspace": _Option(str, default=STACK, per_stack=True),
}
# https://developer.hashicorp.com/terraform/language/backend lists them; what holds a secret stays out.
_OPTIONS: Mapping[BackendKind, Mapping[str, _Option]] = {
    BackendKind.LOCAL: {"path": _Option(str, per_stack=True)},
    BackendKind.HTTP: {
        "address": _Option(str, required=True, per_stack=True),
        "lock_address": _Option(str, per_stack=True),
        "unlock_address": _Option(str, per_stack=True),
        **dict.fromkeys(("update_method", "lock_method", "unlock_method", "username"), _TEXT),
        **dict.fromkeys(("retry_max", "retry_wait_min", "retry_wait_max"), _NUMBER),
        "skip_cert_verification": _FLAG,
    },
    BackendKind.PG: {
        "schema_name": _Option(str, default=f"gatepair_{STACK}", per_stack=True),
        **dict.fromkeys(("skip_schema_creation", "skip_table_creation", "skip_index_creation"), _FLAG),
    },
    BackendKind.S3: {
        "bucket": _Option(str, required=True),
        "key": _Option(str, default=f"gatepair/{STACK}.tfstate", per_stack=True),
        **dict.fromkeys(
            ("region", "profile", "acl", "kms_key_id", "dynamodb_table", "workspace_key_prefix"), _TEXT
        ),
        **dict.fromkeys(("encrypt", "use_lockfile", "use_path_style", "insecure", "skip_s3_checksum"), _FLAG),
        **dict.fromkeys(
            (
                "skip_credentials_validation",
                "skip_metadata_api_check",
                "skip_region_validation",
                "skip_requesting_account_id",
            ),
            _FLAG,
        ),
        "allowed_account_ids": _TEXTS,
        "endpoints": _TABLE,
        "assume_role": _TABLE,
    },
    BackendKind.REMOTE: _WORKSPACE,
    BackendKind.CLOUD: _WORKSPACE,
}
_SECRETS: Mapping[str, str] = {
    "conn_str": "PG_CONN_STR",
    "password": "TF_HTTP_PASSWORD",
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "token": "TF_TOKEN_<host name> (Terraform) or AWS_SESSION_TOKEN (S3)",
}
_CREDENTIALS = re.compile(r"^[a-z0-9+.-]+://[^/]*@", re.IGNORECASE)


def _frozen(value: Mapping[str, BackendValue]) -> Mapping[str, BackendValue]:
    return MappingProxyType(dict(value))


@attrs.frozen(kw_only=True)
class BackendSettings:
    """The backend of the stacks.

    Attributes:
        kind: Local files, or a service.
        options: Options as Terraform's documentation names them, for `remote` and `cloud` with `workspace`
            as the name of one. `{stack}` in a text stands for the stack's name.

    Raises:
        gatepair.errors.InvalidInput: An option is unknown, missing, of a wrong type or a secret; `key`
            names it.

    Example:
        >>> pg = BackendSettings(kind=BackendKind.PG)
        >>> pg.options_for("office")
        {'schema_name': 'gatepair_office'}
    """

    kind: BackendKind = BackendKind.LOCAL
    options: Mapping[str, BackendValue] = attrs.field(
        factory=dict[str, BackendValue], converter=_frozen, hash=False
    )

    def __attrs_post_init__(self) -> None:
        known = _OPTIONS[self.kind]
        for name, value in self.options.items():
            _check_option(name, value, known)
        for name, option in known.items():
            if option.required and name not in self.options:
                raise InvalidInput(f'must be given with type = "{self.kind}"', key=name)

    def options_for(self, stack: str) -> dict[str, BackendValue]:
        """Return the options of one stack, with defaults and its name filled in.

        Args:
            stack: The stack's name.
        """
        defaults = {n: o.default for n, o in _OPTIONS[self.kind].items() if o.default is not None}
        return {name: _fill(value, stack) for name, value in {**defaults, **self.options}.items()}


def _check_option(name: str, value: BackendValue, known: Mapping[str, _Option]) -> None:
    if name in _SECRETS:
        raise InvalidInput(f"is a secret; set {_SECRETS[name]} in the environment", key=name)
    if name not in known:
        raise InvalidInput(f"is not known here; there are: {', '.join(sorted(known))}", key=name)
    option = known[name]
    if type(value) is not option.type:
        words = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
        raise InvalidInput(f"must be {words[option.type]}", key=name)
    if isinstance(value, str) and _CREDENTIALS.search(value):
        # The address stands in the synthesized files; the message must not repeat it.
        raise InvalidInput("must not hold credentials; set TF_HTTP_USERNAME and TF_HTTP_PASSWORD", key=name)
    if option.per_stack and STACK not in str(value):
        raise InvalidInput(f"must hold {STACK}, or all pairs would share one state", key=name)


def _fill(value: BackendValue, stack: str) -> BackendValue:
    if isinstance(value, str):
        return value.replace(STACK, stack)
    if isinstance(value, list):
        return [cast("str", _fill(item, stack)) for item in value]
    if isinstance(value, dict):
        return {key: cast("str", _fill(item, stack)) for key, item in value.items()}
    return value
