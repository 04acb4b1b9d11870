"""Certificates and files: ``sslcertkey`` and ``systemfile``.

Attributes: the vendor's NITRO reference (configuration/ssl/sslcertkey, system/systemfile).
"""

from __future__ import annotations

import base64
import datetime as dt
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.disk import certificate_path
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    Access,
    ResourceType,
    Scope,
    choice,
    number,
    secret,
    switch,
    text,
    yes_no,
)
from gatepair_emulator.resources.behaviour import NOTHING, Behaviour, Outcome
from gatepair_emulator.values import JsonObject, JsonValue, Row, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from gatepair_emulator.node import Node

CERTKEY: Final = ResourceType(
    name="sslcertkey",
    command="ssl certKey",
    key=("certkey",),
    attributes=(
        text("certkey", required=True, longest=31),
        text("cert", required=True, access=Access.ADD_ONLY),
        text("key", access=Access.ADD_ONLY),
        secret("passplain"),
        choice("inform", "DER", "PEM", "PFX", default="PEM", access=Access.ADD_ONLY),
        switch("expirymonitor"),
        number("notificationperiod", 10, 100, default=30),
        yes_no("bundle", None),
        text("linkcertkeyname", access=Access.READ_ONLY),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"update", "link", "unlink"}),
)
_BINDING: Final = "sslvserver_sslcertkey_binding"


class CertificateBehaviour(Behaviour):
    """Certificate pairs; the files lie on the disk."""

    def __init__(self) -> None:
        super().__init__(CERTKEY)
        self.actions = {"replace": _replace, "link": _link, "unlink": _unlink}

    def adding(self, node: Node, row: Row) -> None:
        """The files must be there and belong together."""
        _check_files(node, row)

    def deleting(self, node: Node, row: Row) -> None:
        """A bound certificate stays."""
        if any(each.get("certkeyname") == row["certkey"] for each in node.configuration.rows(_BINDING)):
            raise NitroError(Code.NOT_PERMITTED, "certificate is bound")

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """What stands in the certificate."""
        try:
            return _facts(node, _certificate(node, str(row["cert"])))
        except (NitroError, ValueError):
            return {"status": "Invalid"}


def _certificate(node: Node, name: str) -> x509.Certificate:
    return _parsed(node.disk.read(certificate_path(name)))


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 - slow to load, and only needed to show what is in one

    return x509.load_pem_x509_certificate(content)


def _check_files(node: Node, row: Row) -> None:
    names = [str(row[name]) for name in ("cert", "key") if name in row]
    certificate, *keys = [(node.disk.read(certificate_path(name)), node.disk.local(name)) for name in names]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(cadata=certificate[0].decode("ascii"))
        for _, key in keys:
            context.load_cert_chain(certificate[1], key, password=str(row.get("passplain", "")))
    except (ssl.SSLError, ValueError) as problem:
        differ = getattr(problem, "reason", "") == "KEY_VALUES_MISMATCH"
        raise NitroError(Code.INVALID_ARGUMENT_VALUE, "key" if differ else "cert") from None


def _facts(node: Node, certificate: x509.Certificate) -> dict[str, JsonValue]:
    now = dt.datetime.fromtimestamp(node.clock.wall(), dt.UTC)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    status = "Valid" if begins <= now <= ends else "Expired" if now > ends else "Not yet valid"
    form = "%b %e %H:%M:%S %Y GMT"
    return {
        "signaturealg": certificate.signature_algorithm_oid._name,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the only readable name there is
        "serial": f"{certificate.serial_number:X}",
        "issuer": certificate.issuer.rfc4514_string(),
        "clientcertnotbefore": begins.strftime(form),
        "clientcertnotafter": ends.strftime(form),
        "daystoexpiration": max((ends - now).days, 0),
        "subject": certificate.subject.rfc4514_string(),
        "version": certificate.version.value + 1,
        "status": status,
    }


def _find(node: Node, payload: JsonObject) -> Row:
    name = text_of(payload.get("certkey"))
    row = node.configuration.get(CERTKEY.name, name)
    if row is None:
        raise no_such("certkey", name)
    return row


def _replace(node: Node, payload: JsonObject) -> Outcome:
    row = _find(node, payload)
    new = {**row, **{name: text_of(payload[name]) for name in ("cert", "key") if name in payload}}
    _check_files(node, new)
    row.update(new)
    return NOTHING


def _link(node: Node, payload: JsonObject) -> Outcome:
    row, other = _find(node, payload), text_of(payload.get("linkcertkeyname"))
    if node.configuration.get(CERTKEY.name, other) is None:
        raise NitroError(Code.NO_SUCH_CERTIFICATE, other)
    row["linkcertkeyname"] = other
    return NOTHING


def _unlink(node: Node, payload: JsonObject) -> Outcome:
    _find(node, payload).pop("linkcertkeyname", None)
    return NOTHING


FILE: Final = ResourceType(
    name="systemfile",
    command="system file",
    key=("filename", "filelocation"),
    attributes=(
        text("filename", required=True),
        text("filelocation", required=True),
        text("filecontent"),
        choice("fileencoding", "BASE64", default="BASE64"),
    ),
    verbs=frozenset({"add", "delete", "get"}),
    scope=Scope.LOCAL,
)


class FileBehaviour(Behaviour):
    """Files on the disk; they are there at once and survive a restart without a save."""

    def adding(self, node: Node, row: Row) -> None:
        """Write the file."""
        path = f"{row['filelocation']}/{row['filename']}"
        if node.disk.exists(path):
            raise NitroError(Code.ALREADY_EXISTS, f"filename, {row['filename']}")
        try:
            content = base64.b64decode(str(row.get("filecontent", "")), validate=True)
        except ValueError:
            raise NitroError(Code.INVALID_ARGUMENT_VALUE, "filecontent") from None
        node.disk.write(path, content)

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:  # noqa: ARG002 - given
        """Only the disk knows of files, not the configuration."""
        if after is not None:
            node.configuration.remove(FILE.name, f"{after['filename']}\x1f{after['filelocation']}")

    def remove(self, node: Node, payload: JsonObject) -> None:
        """Delete the file."""
        name, directory = text_of(payload.get("filename")), text_of(payload.get("filelocation"))
        if not directory:
            raise NitroError(Code.ARGUMENT_MISSING, "filelocation")
        if not node.disk.exists(f"{directory}/{name}"):
            raise no_such("filename", name)
        node.disk.remove(f"{directory}/{name}")

    def rows(self, node: Node) -> Iterator[Row]:
        """The files of the directories of an appliance."""
        for directory in node.disk.directories():
            for name in node.disk.names(directory):
                yield {"filename": name, "filelocation": directory}

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """The content."""
        content = node.disk.read(f"{row['filelocation']}/{row['filename']}")
        return {
            "filecontent": base64.b64encode(content).decode(),
            "fileencoding": "BASE64",
            "filesize": str(len(content)),
        }


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [CertificateBehaviour(), FileBehaviour(FILE)]
