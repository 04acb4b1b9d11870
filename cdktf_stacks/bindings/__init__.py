"""Typed bindings for the provider `restapi`, written by hand."""

from __future__ import annotations

from cdktf_stacks.bindings.attributes import (
    DataArguments,
    MetaArguments,
    OauthClientCredentials,
    ObjectArguments,
    ProviderArguments,
    ReadSearch,
    Retries,
)
from cdktf_stacks.bindings.object import ApiData, DataRestapiObject, RestapiObject
from cdktf_stacks.bindings.provider import BUNDLED, MASTERCARD, ProviderSource, RestapiProvider

__all__ = [
    "BUNDLED",
    "MASTERCARD",
    "ApiData",
    "DataArguments",
    "DataRestapiObject",
    "MetaArguments",
    "OauthClientCredentials",
    "ObjectArguments",
    "ProviderArguments",
    "ProviderSource",
    "ReadSearch",
    "RestapiObject",
    "RestapiProvider",
    "Retries",
]
