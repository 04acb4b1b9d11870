"""A network interface with virtual addresses that come and go, announced by gratuitous ARP."""

from __future__ import annotations

import ipaddress
import socket
import struct
import subprocess
from pathlib import Path
from typing import Final

from gatepair_emulator.wires import Closable, KernelWires

ANNOUNCEMENTS: Final = 2  # what a new primary sends for each address
_BROADCAST: Final = b"\xff" * 6
_ARP: Final = 0x0806
_ETHERNET_AND_IP: Final = struct.pack("!HHBB", 1, 0x0800, 6, 4)
_REQUEST: Final = struct.pack("!H", 1)


def gratuitous_arp(hardware: bytes, address: str) -> bytes:
    """The frame that tells everybody where an address is now (RFC 5227, section 3).

    Args:
        hardware: Ethernet address of the interface, six octets.
        address: IPv4 address.

    Returns:
        An Ethernet frame.
    """
    protocol = ipaddress.IPv4Address(address).packed
    head = _BROADCAST + hardware + struct.pack("!H", _ARP)
    return head + _ETHERNET_AND_IP + _REQUEST + hardware + protocol + b"\x00" * 6 + protocol


class InterfaceWires(KernelWires):
    """Sockets of this namespace; virtual addresses are put on its interface."""

    def __init__(self, device: str) -> None:
        self._device = device

    def hold(self, address: str, port: int) -> Closable:  # noqa: ARG002 - an interface has no ports
        """Put an address on the interface and announce it."""
        _change("add", address, self._device)
        try:
            self._announce(address)
        except OSError:
            _change("del", address, self._device)
            raise
        return _Address(address, self._device)

    def _announce(self, address: str) -> None:
        hardware = bytes.fromhex(
            Path(f"/sys/class/net/{self._device}/address").read_text(encoding="ascii").replace(":", "")
        )
        frame = gratuitous_arp(hardware, address)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind((self._device, _ARP))
            for _ in range(ANNOUNCEMENTS):
                raw.send(frame)


class _Address:
    """An address on an interface."""

    def __init__(self, address: str, device: str) -> None:
        self._address = address
        self._device = device

    def close(self) -> None:
        _change("del", self._address, self._device)


def _change(verb: str, address: str, device: str) -> None:
    done = subprocess.run(
        ["ip", "addr", verb, f"{address}/32", "dev", device], capture_output=True, text=True, check=False
    )
    if done.returncode and verb == "add":
        raise OSError(done.returncode, done.stderr.strip())
