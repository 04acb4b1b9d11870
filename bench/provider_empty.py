"""An empty provider on the PyPI library ``tf``: no requests; a floor to measure against.

``empty_item`` has four attributes. ``empty_wide`` keeps as much in the state as ``restapi_object`` does, so
that what Terraform itself spends on states of that size is seen.
"""

from __future__ import annotations

import sys
from typing import Any

from tf.iface import (
    CreateContext,
    DataSource,
    DeleteContext,
    PlanContext,
    Provider,
    ReadContext,
    Resource,
    UpdateContext,
    UpgradeContext,
)
from tf.runner import run_provider
from tf.schema import Attribute, Schema
from tf.types import String
from tf.utils import Diagnostics  # noqa: TC002 - as its neighbours

State = dict[str, Any]


class Item(Resource):
    """Stores what it is told."""

    def __init__(self, provider: Provider) -> None:
        """Take the provider, as the library wants it."""
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        """Name the resource."""
        return "item"

    @classmethod
    def get_schema(cls) -> Schema:
        """Give four attributes."""
        return Schema(
            attributes=[
                Attribute("path", String(), required=True),
                Attribute("data", String(), required=True),
                Attribute("id", String(), computed=True),
                Attribute("note", String(), optional=True),
            ]
        )

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Accept everything."""

    def create(self, ctx: CreateContext, planned: State) -> State:  # noqa: ARG002 - the library's signature
        """Store."""
        return planned | {"id": planned["path"]}

    def read(self, ctx: ReadContext, current: State) -> State:  # noqa: ARG002 - the library's signature
        """Give what is stored."""
        return current

    def plan(self, ctx: PlanContext, current: State, planned: State) -> State:  # noqa: ARG002 - the library's signature
        """Plan what is asked for."""
        return planned

    def update(self, ctx: UpdateContext, current: State, planned: State) -> State:  # noqa: ARG002 - the library's signature
        """Store."""
        return planned

    def delete(self, ctx: DeleteContext, current: State) -> None:
        """Forget."""

    def upgrade(self, ctx: UpgradeContext, version: int, old: State) -> State:  # noqa: ARG002 - the library's signature
        """Keep."""
        return old


class Wide(Item):
    """Stores what it is told four times, among as many attributes as the real resource has."""

    COPIES = ("api_data", "api_response", "create_response")
    OPTIONAL = 20

    @classmethod
    def get_name(cls) -> str:
        """Name the resource."""
        return "wide"

    @classmethod
    def get_schema(cls) -> Schema:
        """Give 26 attributes."""
        schema = Item.get_schema()
        schema.attributes += [Attribute(name, String(), computed=True) for name in cls.COPIES]
        schema.attributes += [
            Attribute(f"a{number}", String(), optional=True) for number in range(cls.OPTIONAL)
        ]
        return schema

    def create(self, ctx: CreateContext, planned: State) -> State:
        """Store."""
        return super().create(ctx, planned) | dict.fromkeys(self.COPIES, planned["data"])

    def plan(self, ctx: PlanContext, current: State, planned: State) -> State:
        """Plan what is asked for, and its copies."""
        return super().plan(ctx, current, planned) | dict.fromkeys(self.COPIES, planned["data"])


class Empty(Provider):
    """A provider with one resource."""

    def get_model_prefix(self) -> str:
        """Begin all type names."""
        return "empty_"

    def full_name(self) -> str:
        """Give the source address."""
        return "bench.example/bench/empty"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:  # noqa: ARG002 - the library's signature
        """Take no configuration."""
        return Schema()

    def validate_config(self, diags: Diagnostics, config: State) -> None:
        """Accept."""

    def configure_provider(self, diags: Diagnostics, config: State) -> None:
        """Accept."""

    def get_data_sources(self) -> list[type[DataSource]]:
        """Have none."""
        return []

    def get_resources(self) -> list[type[Resource]]:
        """Have one."""
        return [Item, Wide]


if __name__ == "__main__":
    run_provider(Empty(), sys.argv)
