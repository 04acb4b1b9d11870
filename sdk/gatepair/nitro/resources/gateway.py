"""What users meet, and what a joining node would inherit: virtual servers, certificates, log-on."""

from __future__ import annotations

from typing import ClassVar

import attrs

from gatepair.nitro.decoding import Resource, number, text


@attrs.frozen(kw_only=True)
class VirtualServer(Resource):
    """Common to every kind of virtual server: a name, an address, a port."""

    name: str = text()
    address: str = text("ipv46")
    port: int = number()
    service_type: str = text("servicetype")
    state: str = text("curstate")


@attrs.frozen(kw_only=True)
class GatewayServer(VirtualServer):
    """``vpnvserver``: a Gateway virtual server, where users log on."""

    TYPE: ClassVar[str] = "vpnvserver"

    users: int = number("curaaausers")


@attrs.frozen(kw_only=True)
class LoadBalancer(VirtualServer):
    """``lbvserver``."""

    TYPE: ClassVar[str] = "lbvserver"


@attrs.frozen(kw_only=True)
class ContentSwitch(VirtualServer):
    """``csvserver``."""

    TYPE: ClassVar[str] = "csvserver"


@attrs.frozen(kw_only=True)
class CertificateKey(Resource):
    """``sslcertkey``: a certificate with its key."""

    TYPE: ClassVar[str] = "sslcertkey"

    name: str = text("certkey")
    status: str = text()
    days_left: int = number("daystoexpiration")


@attrs.frozen(kw_only=True)
class LdapAction(Resource):
    """``authenticationldapaction``: a directory users are looked up in."""

    TYPE: ClassVar[str] = "authenticationldapaction"

    name: str = text()
    server: str = text("serverip")
    port: int = number("serverport")
