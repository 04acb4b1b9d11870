"""Handlers about the bridge itself: health, figures, its own description, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair._version import __version__
from gatepair_bridge.api import metrics as figures
from gatepair_bridge.api.messages import Request, Response, json_response

if TYPE_CHECKING:
    from gatepair_bridge.api.core import Bridge


def healthz(bridge: Bridge, request: Request) -> Response:
    """Tell whether the bridge takes changes; asks no appliance, so that it is quick and free."""
    del request
    if bridge.active.closed:
        return json_response(503, {"status": "stopping", "version": __version__})
    return json_response(200, {"status": "ok", "version": __version__})


def metrics(bridge: Bridge, request: Request) -> Response:
    """Give the figures for Prometheus."""
    del request
    text = bridge.metrics.render(working=len(bridge.active), operations=len(bridge.operations.all()))
    return Response(status=200, headers={"content-type": figures.CONTENT_TYPE}, body=text.encode())


def openapi(bridge: Bridge, request: Request) -> Response:
    """Give the OpenAPI document."""
    del bridge, request
    from gatepair_bridge.api.openapi import openapi_document  # noqa: PLC0415 - only asked for by people

    return json_response(200, openapi_document())


def docs(bridge: Bridge, request: Request) -> Response:
    """Give the OpenAPI document as a page."""
    del bridge, request
    from gatepair_bridge.api.page import docs_page  # noqa: PLC0415 - only asked for by people

    return Response(
        status=200, headers={"content-type": "text/html; charset=utf-8"}, body=docs_page().encode()
    )


def list_operations(bridge: Bridge, request: Request) -> Response:
    """List the operations of this process."""
    del request
    return json_response(200, [operation.to_document() for operation in bridge.operations.all()])


def read_operation(bridge: Bridge, request: Request) -> Response:
    """Tell how an operation stands."""
    return _show(bridge, request, 200)


def cancel_operation(bridge: Bridge, request: Request) -> Response:
    """Ask an operation to stop before its next step; one that has ended stays as it is."""
    operation = bridge.operations.get(request.parameters["operation"])
    operation.request.work.cancel(f"{request.caller.name} cancelled it.")
    return _show(bridge, request, 202)


def _show(bridge: Bridge, request: Request, status: int) -> Response:
    operation = bridge.operations.get(request.parameters["operation"])
    headers = {"retry-after": "1"} if operation.response is None else {}
    return json_response(status, operation.to_document(), headers)
