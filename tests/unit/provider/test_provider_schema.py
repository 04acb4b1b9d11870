"""The schema: the attributes of the original, secrets marked, and a page that tells the truth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatepair_bridge.provider import rpc, serve, tables
from gatepair_bridge.provider.schema_wire import schema_message

if TYPE_CHECKING:
    from gatepair_bridge.provider.schema import Attribute, Schema

SUSPECT = re.compile("password|secret|token$|key_string|headers")

PROVIDER = """
uri insecure username password bearer_token headers use_cookies timeout id_attribute create_method
read_method update_method destroy_method copy_keys write_returns_object create_returns_object xssi_prefix
rate_limit test_path debug cert_file key_file cert_string key_string root_ca_file root_ca_string
"""
RESOURCE = """
path data create_path read_path update_path destroy_path create_method read_method update_method
destroy_method read_data update_data destroy_data query_string object_id id_attribute read_search force_new
ignore_changes_to ignore_server_additions ignore_all_server_changes debug id api_data api_response
create_response
"""
DATA_SOURCE = """
path search_key search_value search_path query_string read_query_string search_data results_key
results_contains_object id_attribute debug id api_data api_response
"""
VARIABLES = """
REST_API_URI REST_API_INSECURE REST_API_USERNAME REST_API_PASSWORD REST_API_BEARER REST_API_USE_COOKIES
REST_API_TIMEOUT REST_API_ID_ATTRIBUTE REST_API_CREATE_METHOD REST_API_READ_METHOD REST_API_UPDATE_METHOD
REST_API_DESTROY_METHOD REST_API_WRO REST_API_CRO REST_API_XSSI_PREFIX REST_API_RATE_LIMIT
REST_API_TEST_PATH REST_API_DEBUG REST_API_CERT_FILE REST_API_KEY_FILE REST_API_CERT_STRING
REST_API_KEY_STRING REST_API_ROOT_CA_FILE REST_API_ROOT_CA_STRING REST_API_OAUTH_CLIENT_ID
REST_API_OAUTH_CLIENT_SECRET REST_API_OAUTH_TOKEN_URL REST_API_RETRY_MAX REST_API_RETRY_WAIT_MIN
REST_API_RETRY_WAIT_MAX
"""


def everything(schema: Schema) -> list[Attribute]:
    inner = [member for attribute in schema.attributes for member in attribute.members]
    return [*schema.attributes, *inner, *(a for block in schema.blocks for a in block.attributes)]


def test_the_attributes_are_those_of_the_original() -> None:
    for schema, names in (
        (tables.PROVIDER, PROVIDER),
        (tables.resource(), RESOURCE),
        (tables.data_source(), DATA_SOURCE),
    ):
        assert sorted(attribute.name for attribute in schema.attributes) == sorted(names.split())
        assert schema.version == 0
    assert [block.name for block in tables.PROVIDER.blocks] == ["oauth_client_credentials", "retries"]
    variables = {attribute.variable for attribute in everything(tables.PROVIDER)} - {""}
    assert variables == set(VARIABLES.split())


def test_what_looks_like_a_secret_is_sensitive() -> None:
    for schema in (tables.PROVIDER, tables.resource(), tables.data_source()):
        assert [a.name for a in everything(schema) if SUSPECT.search(a.name) and not a.sensitive] == []


def test_sensitive_object_data() -> None:
    marked = {a.name for a in tables.resource(sensitive=True).attributes if a.sensitive}
    wanted = "data read_data update_data destroy_data api_data api_response create_response ignore_changes_to"
    assert marked == set(wanted.split())
    assert {a.name for a in tables.data_source(sensitive=True).attributes if a.sensitive} == {
        "api_data",
        "api_response",
    }


def test_every_attribute_is_described_and_exactly_one_of_three_kinds() -> None:
    for schema in (tables.PROVIDER, tables.resource(), tables.data_source()):
        for attribute in everything(schema):
            assert attribute.description.endswith("."), attribute.name
            assert [attribute.required, attribute.optional, attribute.computed].count(True) == 1


def test_the_message_has_types_and_nesting() -> None:
    message = schema_message(tables.resource())
    found = {attribute.name: attribute for attribute in message.block.attributes}
    assert found["data"].type == b'"string"'
    assert found["force_new"].type == b'["list","string"]'
    assert found["api_data"].type == b'["map","string"]'
    members = found["read_search"].nested_type
    assert [member.name for member in members.attributes if member.required] == ["search_key", "search_value"]
    blocks = schema_message(tables.PROVIDER).block.block_types
    assert [(block.type_name, block.nesting) for block in blocks] == [
        ("oauth_client_credentials", 1),
        ("retries", 1),
    ]


def test_the_calls_that_are_offered_are_those_that_are_answered() -> None:
    assert set(rpc.METHODS) == serve.CALLS
