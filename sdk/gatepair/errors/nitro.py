"""An appliance refuses a call."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from typing import Unpack

from gatepair.errors.base import ErrorFacts, GatepairError


class NitroError(GatepairError):
    """An appliance refuses a call; ``errorcode`` and the message are its own words.

    Args:
        message: The appliance's message.
        status: HTTP status, absent if it does not matter.
        facts: See `ErrorFacts`.
    """

    slug = "nitro"
    title = "The appliance refuses a call"

    def __init__(self, message: str, *, status: int | None = None, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.status = status


class NotFound(NitroError):
    """There is no such thing on the appliance."""

    slug = "not-found"
    title = "Not found on the appliance"


class AlreadyExists(NitroError):
    """There is such a thing on the appliance already."""

    slug = "already-exists"
    title = "Exists on the appliance already"


class Busy(NitroError):
    """Another operation is under way; the call was not carried out."""

    slug = "busy"
    title = "The appliance is busy"
    default_remedy = "Wait until the other operation is finished and run it again."
    retryable = True


class InvalidArgument(NitroError):
    """The appliance does not accept a value."""

    slug = "invalid-argument"
    title = "The appliance does not accept a value"


class NotPrimary(NitroError):
    """The appliance says that it is not the primary, or no longer."""

    slug = "not-primary"
    title = "The appliance is not the primary"
    default_remedy = "Run it again; the present primary is looked up anew."
    retryable = True


class NotLicensed(NitroError):
    """A feature is not licensed or not enabled on the appliance."""

    slug = "not-licensed"
    title = "A feature is not licensed or not enabled"
    default_remedy = "Install the licence or enable the feature on both appliances."


class PropagationFailed(NitroError):
    """Done on the primary, not on the secondary; the next synchronization repairs it."""

    slug = "propagation-failed"
    title = "The change did not reach the secondary"
    default_remedy = "Check the secondary and the shared key, then run it again."


class FailoverRefused(NitroError):
    """The pair does not fail over in its present state."""

    slug = "failover-refused"
    title = "The pair refuses to fail over"
    default_remedy = "Mend what the message names; with force it is done all the same where possible."


class UnexpectedReply(NitroError):
    """The answer is no NITRO answer: another server, a proxy, or a damaged reply."""

    slug = "unexpected-reply"
    title = "The answer does not come from a NITRO API"
    default_remedy = "Check that address and port are those of the appliance's management interface."
