"""Query strings that say which part of what is found a document shall show."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from gatepair.models import Network, Pair

# Commas and slashes mean nothing inside a query (RFC 3986 section 3.4) and stay readable.
_PLAIN = ",/"


def pair_query(pair: Pair) -> str:
    """Return the query that names the virtual IPs to expect, without the question mark.

    Returns:
        ``external=ADDRESS&internal=ADDRESS&further=ADDRESS,ADDRESS&failover_interface=NAME``; what is
        not declared is left out, so it may be empty.
    """
    named = (("external", pair.external), ("internal", pair.internal))
    query = {key: str(virtual_ip.address) for key, virtual_ip in named if virtual_ip}
    if pair.further is not None:
        query["further"] = ",".join(str(virtual_ip.address) for virtual_ip in pair.further)
    if pair.failover.failover_interface:
        query["failover_interface"] = pair.failover.failover_interface
    return urlencode(query, safe=_PLAIN)


def network_query(network: Network) -> str:
    """Return the query that limits a network's document to what is declared, without the question mark.

    Example:
        >>> from gatepair.models import Network
        >>> network_query(Network(host_name="gw-a"))
        'keys=host_name'
    """
    query = {"keys": ",".join(network.declared)}
    if network.interfaces is not None:
        query["interfaces"] = ",".join(network.interfaces)
    return urlencode(query, safe=_PLAIN)
