"""The plugin protocol's messages, from the PyPI library ``tf`` (generated code, protocol 6)."""

from __future__ import annotations

from .deferred import deferred

with deferred("google.protobuf.internal.python_message"):  # for where its C extension is missing
    from tf.gen import tfplugin_pb2 as pb  # pyright: ignore[reportMissingTypeStubs]  # typed by a .pyi beside it

__all__ = ["pb"]
