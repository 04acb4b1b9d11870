"""The certificate of one provider process: made in memory, gone with the process.

Every process that Terraform starts makes one before its handshake. It is always of the same form, so its few
fields are written here as DER: cryptography's ``x509`` would take as long to load as everything else of it.
"""

from __future__ import annotations

import os
import time
from base64 import encodebytes
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_DAY_S: Final = 86_400
_EARLIER_S: Final = 300
"""Clocks differ."""

# Tags, of X.690
_BOOLEAN, _INTEGER, _BITS, _OCTETS, _OID, _UTF8 = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C
_UTC_TIME, _TIME, _SEQUENCE, _SET = 0x17, 0x18, 0x30, 0x31
_DNS_NAME, _VERSION, _EXTENSIONS = 0x82, 0xA0, 0xA3
_FIRST_YEAR_OF_TIME: Final = 2050  # RFC 5280, 4.1.2.5

# Object identifiers, of RFC 8410 and RFC 5280
_ED25519: Final = bytes.fromhex("2b6570")
_COMMON_NAME: Final = bytes.fromhex("550403")
_SUBJECT_ALTERNATIVE_NAME: Final = bytes.fromhex("551d11")
_BASIC_CONSTRAINTS: Final = bytes.fromhex("551d13")
_KEY_USAGE: Final = bytes.fromhex("551d0f")
_EXTENDED_KEY_USAGE: Final = bytes.fromhex("551d25")
_SERVER_AUTHENTICATION: Final = bytes.fromhex("2b06010505070301")

_NAME: Final = b"localhost"
_YES: Final = b"\xff"
_SIGNS_AND_CERTIFIES: Final = b"\x02\x84"  # two unused bits; digitalSignature, keyCertSign


def make_certificate() -> tuple[bytes, bytes, bytes]:
    """Make a self-signed certificate for ``localhost``, as go-plugin's automatic TLS expects.

    Terraform pins it: the handshake line carries the certificate, so nobody else's is
    trusted.

    Returns:
        Private key (PEM), certificate (PEM), certificate (DER).
    """
    key = Ed25519PrivateKey.generate()
    content = _content(key.public_key().public_bytes_raw())
    certificate = _sequence(content, _algorithm(), _bits(key.sign(content)))
    private = _sequence(  # RFC 8410, 7
        _der(_INTEGER, b"\0"), _algorithm(), _der(_OCTETS, _der(_OCTETS, key.private_bytes_raw()))
    )
    return _pem("PRIVATE KEY", private), _pem("CERTIFICATE", certificate), certificate


def _content(public: bytes) -> bytes:
    """Give what is signed (TBSCertificate, RFC 5280, 4.1)."""
    name = _sequence(_der(_SET, _sequence(_der(_OID, _COMMON_NAME), _der(_UTF8, _NAME))))
    now = time.time()
    return _sequence(
        _der(_VERSION, _der(_INTEGER, b"\x02")),
        _der(_INTEGER, b"\x01" + os.urandom(15)),
        _algorithm(),
        name,
        _sequence(_moment(now - _EARLIER_S), _moment(now + 30 * _DAY_S)),
        name,
        _sequence(_algorithm(), _bits(public)),
        _der(_EXTENSIONS, _sequence(
            _extension(_BASIC_CONSTRAINTS, _sequence(_der(_BOOLEAN, _YES)), critical=True),
            _extension(_SUBJECT_ALTERNATIVE_NAME, _sequence(_der(_DNS_NAME, _NAME))),
            _extension(_KEY_USAGE, _der(_BITS, _SIGNS_AND_CERTIFIES), critical=True),
            _extension(_EXTENDED_KEY_USAGE, _sequence(_der(_OID, _SERVER_AUTHENTICATION))),
        )),
    )  # fmt: skip


def _extension(which: bytes, content: bytes, *, critical: bool = False) -> bytes:
    flag = _der(_BOOLEAN, _YES) if critical else b""
    return _sequence(_der(_OID, which), flag, _der(_OCTETS, content))


def _moment(seconds: float) -> bytes:
    parts = time.gmtime(seconds)
    if parts.tm_year < _FIRST_YEAR_OF_TIME:
        return _der(_UTC_TIME, time.strftime("%y%m%d%H%M%SZ", parts).encode())
    return _der(_TIME, time.strftime("%Y%m%d%H%M%SZ", parts).encode())


def _algorithm() -> bytes:
    return _sequence(_der(_OID, _ED25519))


def _bits(content: bytes) -> bytes:
    return _der(_BITS, b"\0" + content)


def _sequence(*parts: bytes) -> bytes:
    return _der(_SEQUENCE, b"".join(parts))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:  # noqa: PLR2004 - X.690, 8.1.3: the short form ends here
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _pem(label: str, content: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + encodebytes(content) + f"-----END {label}-----\n".encode()
