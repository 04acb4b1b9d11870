"""What can go wrong between the provider and an API."""

from __future__ import annotations


class ProviderError(Exception):
    """Root of the provider's errors; its text is fit for a diagnostic.

    Attributes:
        message: What happened, in one sentence or a few lines.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsError(ProviderError):
    """A setting of the provider is wrong.

    Attributes:
        title: Headline of the diagnostic.
        path: Attribute to blame, from the outside in.
        others: Further settings that are wrong in the same way.
    """

    others: tuple[SettingsError, ...] = ()

    def __init__(self, title: str, message: str, *path: str) -> None:
        super().__init__(message)
        self.title = title
        self.path = path


class ObjectError(ProviderError):
    """An object's own data or arguments cannot be used.

    Attributes:
        attribute: Name of the attribute to blame; empty if none is.
    """

    def __init__(self, message: str, attribute: str = "") -> None:
        super().__init__(message)
        self.attribute = attribute


class ResponseError(ProviderError):
    """The server's answer cannot be understood."""


class StatusError(ProviderError):
    """The server refused.

    Attributes:
        status: HTTP status code.
        body: Response body as text.
        content_type: Media type of the body, in lower case, without parameters.
        attempts: How many requests were made.
        retry_after_s: How long the server asked to wait, in seconds.
    """

    def __init__(
        self, status: int, body: str, content_type: str, attempts: int, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"unexpected response code '{status}': {body}")
        self.status = status
        self.body = body
        self.content_type = content_type
        self.attempts = attempts
        self.retry_after_s = retry_after_s


class NoAnswerError(ProviderError):
    """No answer came.

    Attributes:
        sent: Whether the server may have received the request.
        attempts: How many requests were made.
    """

    def __init__(self, message: str, *, sent: bool, attempts: int = 1) -> None:
        super().__init__(message)
        self.sent = sent
        self.attempts = attempts


class StoppedError(ProviderError):
    """Terraform asked to stop before this was done."""
