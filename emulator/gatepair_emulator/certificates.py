"""The emulator's own certificate authority: made on the spot, kept for the life of a pair.

Whoever sets a pair up issues its certificates, so that an appliance that starts finds them and need not
load what makes certificates.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from gatepair_emulator.settings import write_private

if TYPE_CHECKING:
    from pathlib import Path

    import trustme


class Authority:
    """Issues certificates for management addresses and for the Gateway.

    The key lies beside the certificate in the pair's directory, readable by its owner only, so that
    a node that is started again keeps its certificates.
    """

    def __init__(self, directory: Path) -> None:
        self.certificate_file = directory / "ca.pem"
        self._key_file = directory / "ca-key.pem"
        self._authority: trustme.CA | None = None

    def create(self) -> None:
        """Make the authority, if it is not there yet."""
        if self.certificate_file.exists() and self._key_file.exists():
            return
        import trustme  # noqa: PLC0415 - slow to load, and only needed to make certificates

        made = trustme.CA(organization_name="gatepair emulator")
        write_private(self._key_file, made.private_key_pem.bytes().decode())
        self.certificate_file.write_bytes(made.cert_pem.bytes())
        self._authority = made

    def issue(self, *names: str) -> tuple[bytes, bytes]:
        """A new certificate.

        Args:
            names: Host names and addresses it is for.

        Returns:
            The chain and the private key, both PEM.
        """
        if self._authority is None:
            import trustme  # noqa: PLC0415 - as above

            self._authority = trustme.CA.from_pem(
                self.certificate_file.read_bytes(), self._key_file.read_bytes()
            )
        issued = self._authority.issue_cert(*names)
        chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
        return chain, issued.private_key_pem.bytes()

    def keep(self, directory: Path, name: str, *names: str) -> tuple[Path, Path]:
        """A certificate that is issued once and then kept.

        Args:
            directory: Where certificate and key are kept.
            name: Stem of their file names.
            names: Host names and addresses the certificate is for.

        Returns:
            The files of the chain and of the private key, both PEM.
        """
        certificate, key = directory / f"{name}.pem", directory / f"{name}-key.pem"
        if not certificate.exists() or not key.exists():
            chain, private = self.issue(*names)
            write_private(key, private.decode())
            write_private(certificate, chain.decode())
        return certificate, key

    def management(self, directory: Path, address: str) -> tuple[Path, Path]:
        """The certificate with which an appliance answers on a management address, issued once.

        Args:
            directory: The node's directory.
            address: The address: its own, or a SNIP with management access.

        Returns:
            The files of the chain and of the private key, both PEM.
        """
        return self.keep(directory, f"management-{address}", address)


def context_from(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server's TLS context from files.

    Args:
        certificate: Chain, PEM.
        key: Private key, PEM.

    Returns:
        The context.

    Raises:
        OSError: A file cannot be read (``ssl.SSLError`` if it is no PEM).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
