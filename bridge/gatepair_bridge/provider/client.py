"""Sends an object's calls: headers, authentication, pace, repeats; answers or errors."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gatepair._version import __version__

from . import jsontext, log, retry
from .errors import NoAnswerError, ProviderError, ResponseError, StatusError, StoppedError
from .oauth import TokenSource
from .pace import Bucket
from .transport import Request, Response, Transport

if TYPE_CHECKING:
    from .settings import Settings

_UNAUTHORIZED = 401
_FIRST_REFUSAL = 300


class Call(NamedTuple):
    """What is to be asked.

    Attributes:
        method: HTTP method.
        target: Path and query.
        body: JSON text of the body, if there is one.
        replayable: Whether it may be repeated whatever became of the first attempt.
        chatty: Whether to log it one level higher.
        cancellable: Whether nothing is lost if it is given up when Terraform stops.
        headers: Header lines beside those that every call has.
    """

    method: str
    target: str
    body: bytes | None = None
    replayable: bool = True
    chatty: bool = False
    cancellable: bool = False
    headers: Mapping[str, str] = {}


class Reply(NamedTuple):
    """A successful answer.

    Attributes:
        status: HTTP status code below 300.
        headers: Header lines, names in lower case.
        text: Body as text, without the XSSI prefix.
    """

    status: int
    headers: Mapping[str, str]
    text: str

    def document(self) -> jsontext.JsonObject:
        """Read the body as a JSON object; an empty body and ``null`` count as ``{}``.

        Raises:
            ResponseError: It is something else.
        """
        if not self.text.strip():
            return {}
        try:
            value = jsontext.parse(self.text)
        except jsontext.JsonError as error:
            raise ResponseError(f"the response is not JSON: {error}") from error
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise ResponseError(f"the response is {jsontext.kind(value)}, not a JSON object")
        return value


class Attempts:
    """Counts the attempts of one call, across checks in between."""

    def __init__(self) -> None:
        self.made = 0


class Client:
    """Talks to one API; may be used by many threads at once.

    Args:
        settings: A checked provider configuration.
        transport: Who answers.
        stopping: Set when Terraform asks to stop: no waiting, no repeating from then on.
    """

    def __init__(self, settings: Settings, transport: Transport, stopping: threading.Event) -> None:
        self.settings = settings
        self.transport = transport
        self.stopping = stopping
        self._bucket = Bucket(settings.rate, time.monotonic) if settings.rate else None
        self._tokens: TokenSource | None = None
        if settings.oauth is not None:
            send = transport.send
            self._tokens = TokenSource(
                settings.oauth, lambda request: send(request, settings.timeout_s), time.monotonic
            )

    def send(self, call: Call, attempts: Attempts | None = None) -> Reply:
        """Send a call until it is answered or the policy ends.

        Args:
            call: What to ask.
            attempts: Counter to go on with.

        Raises:
            StatusError: The server refused.
            NoAnswerError: No answer came.
            StoppedError: Terraform asked to stop.
        """
        attempts = attempts or Attempts()
        while True:
            attempts.made += 1
            try:
                return self._once(call, attempts.made)
            except (StatusError, NoAnswerError) as error:
                certain = call.replayable or not retry.may_have_worked(error)
                if not (certain and retry.is_passing(error) and self.pause(attempts, error)):
                    raise

    def pause(self, attempts: Attempts, error: ProviderError) -> bool:
        """Wait before another attempt.

        Returns:
            False if there is to be none.
        """
        asked = error.retry_after_s if isinstance(error, StatusError) else None
        seconds = retry.wait_s(self.settings.retries, attempts.made, asked)
        if seconds is None or self.stopping.is_set():
            return False
        log.write("debug", "repeating a request", attempt=attempts.made, wait_s=seconds)
        return not self.stopping.wait(seconds)

    def _once(self, call: Call, attempt: int) -> Reply:
        self._keep_pace()
        authorization = self._authorization()
        headers = self._headers(call, authorization)
        request = Request(call.method, call.target, headers, call.body, call.cancellable)
        response = self._timed(request, call)
        if response.status == _UNAUTHORIZED and self._tokens is not None:
            self._tokens.forget(authorization.get("Authorization", ""))
            renewed = self._authorization()
            if renewed != authorization:  # the token was withdrawn early; nothing was done with it
                again = request._replace(headers=self._headers(call, renewed))
                response = self._timed(again, call)
        text = response.body.decode("utf-8", errors="replace")
        prefix = self.settings.xssi_prefix
        text = text.removeprefix(prefix) if prefix else text
        if response.status >= _FIRST_REFUSAL:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            after = retry.retry_after_s(response.headers, time.time())
            raise StatusError(response.status, text, kind, attempt, after)
        return Reply(response.status, response.headers, text)

    def _timed(self, request: Request, call: Call) -> Response:
        begin = time.monotonic()
        path = request.target.partition("?")[0]
        level = "info" if call.chatty or self.settings.debug else "debug"
        try:
            response = self.transport.send(request, self.settings.timeout_s)
        except NoAnswerError as error:
            log.write(level, f"{request.method} {path}: no answer", reason=error.message)
            if call.cancellable and self.stopping.is_set():
                message = f"Terraform was asked to stop: {request.method} {path} was given up"
                raise StoppedError(message) from error
            raise
        took = round((time.monotonic() - begin) * 1000, 1)
        log.write(level, f"{request.method} {path}: {response.status}", ms=took, bytes=len(response.body))
        return response

    def _keep_pace(self) -> None:
        if self._bucket is None:
            return
        seconds = self._bucket.take()
        if seconds and self.stopping.wait(seconds):
            raise StoppedError("Terraform was asked to stop before the request was sent")

    def _authorization(self) -> dict[str, str]:
        settings = self.settings
        if self._tokens is not None and not (settings.username and settings.password):
            return self._tokens.header()
        if settings.username and settings.password:
            pair = f"{settings.username}:{settings.password}"
            return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        return {"Authorization": f"Bearer {settings.bearer_token}"} if settings.bearer_token else {}

    def _headers(self, call: Call, authorization: dict[str, str]) -> dict[str, str]:
        headers = {"User-Agent": f"gatepair/{__version__}", "Accept-Encoding": "gzip"}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        headers |= call.headers
        own = self.settings.headers
        replaced = {name.lower() for name in own}
        headers = {name: text for name, text in headers.items() if name.lower() not in replaced} | dict(own)
        if authorization:
            headers = {name: text for name, text in headers.items() if name.lower() != "authorization"}
        return headers | authorization
