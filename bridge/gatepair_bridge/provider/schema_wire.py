"""Schemas as the plugin protocol wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .protocol import pb

if TYPE_CHECKING:
    from .schema import Attribute, Block, Kind, Schema

_TYPES: Final[dict[Kind, bytes]] = {
    "string": b'"string"',
    "json": b'"string"',
    "bool": b'"bool"',
    "number": b'"number"',
    "strings": b'["list","string"]',
    "map": b'["map","string"]',
}


def schema_message(schema: Schema) -> pb.Schema:
    """Turn a schema into the protocol's message."""
    block = pb.Schema.Block(
        version=schema.version,
        attributes=[_attribute(attribute) for attribute in schema.attributes],
        block_types=[_block(block) for block in schema.blocks],
        description=schema.description,
        description_kind=pb.MARKDOWN,
    )
    return pb.Schema(version=schema.version, block=block)


def _attribute(attribute: Attribute) -> pb.Schema.Attribute:
    message = pb.Schema.Attribute(
        name=attribute.name,
        description=attribute.description,
        description_kind=pb.MARKDOWN,
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
    )
    if attribute.kind != "object":
        message.type = _TYPES[attribute.kind]
        return message
    members = [_attribute(member) for member in attribute.members]
    nested = pb.Schema.Object(attributes=members, nesting=pb.Schema.Object.SINGLE)
    message.nested_type.CopyFrom(nested)
    return message


def _block(block: Block) -> pb.Schema.NestedBlock:
    content = pb.Schema.Block(
        attributes=[_attribute(attribute) for attribute in block.attributes],
        description=block.description,
        description_kind=pb.MARKDOWN,
    )
    nesting = pb.Schema.NestedBlock.SINGLE
    return pb.Schema.NestedBlock(type_name=block.name, block=content, nesting=nesting)
