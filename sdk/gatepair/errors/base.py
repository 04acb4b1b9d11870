"""The root of all errors: what each of them carries."""

from __future__ import annotations

from typing import ClassVar, Self, TypedDict, Unpack

URN = "urn:gatepair:error:"


class ErrorFacts(TypedDict, total=False):
    """What every error may carry beside its message.

    Attributes:
        node: The appliance it happened on; kept as text.
        step: What was being done, such as ``join`` or ``preflight``.
        errorcode: NITRO error code.
        remedy: What to do, as a sentence; each class has one of its own.
        key: The key of the declaration to blame, with dots, such as ``external.address``.
    """

    node: object
    step: str | None
    errorcode: int | None
    remedy: str | None
    key: str | None


class GatepairError(Exception):
    """Something gatepair was asked to do did not happen.

    Args:
        message: What happened, as one sentence without the appliance's name.
        facts: Where it happened and what to do; see `ErrorFacts`.

    Attributes:
        slug: Stable name of the kind of error.
        title: The kind of error in a few words.
        default_remedy: What to do when nothing more precise is known.
        retryable: Whether the same call may work a moment later without anybody doing anything.
    """

    slug: ClassVar[str] = "error"
    title: ClassVar[str] = "gatepair could not do it"
    default_remedy: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message)
        node = facts.get("node")
        self.message = " ".join(message.split())
        self.node = None if node is None or node == "" else str(node)
        self.step = facts.get("step")
        self.errorcode = facts.get("errorcode")
        self.remedy = facts.get("remedy") or self.default_remedy
        self.key = facts.get("key")

    def at(self, *, node: object = None, step: str | None = None, key: str | None = None) -> Self:
        """Add where it happened, as far as the error does not know it yet, and return the error.

        Example:
            >>> from gatepair.errors import NotFound
            >>> str(NotFound("No such resource", errorcode=258).at(node="192.0.2.11", step="observe"))
            '192.0.2.11: No such resource (NITRO error 258).'
        """
        if self.node is None and node is not None:
            self.node = str(node)
        self.step = self.step or step
        self.key = self.key or key
        return self

    def __str__(self) -> str:
        """Return node, message, error code and remedy on one line."""
        where = f"{self.node}: " if self.node else ""
        code = f" (NITRO error {self.errorcode})" if self.errorcode else ""
        text = f"{where}{self.message.rstrip('.') if code else self.message}{code}"
        return " ".join(filter(None, (sentence(text), self.remedy)))

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild without the constructor, whose parameters differ from class to class."""
        return (_rebuild, (type(self), self.args, self.__dict__))

    def to_problem(self) -> dict[str, object]:
        """Return the error as the members of a problem document (RFC 9457) without its status.

        Returns:
            ``type``, ``title`` and ``detail`` always; ``node``, ``step``, ``errorcode``, ``remedy``
            and ``key`` where known; what a class adds, such as ``checks``.
        """
        facts: dict[str, object] = {
            "type": URN + self.slug,
            "title": self.title,
            "detail": self.message,
            "node": self.node,
            "step": self.step,
            "errorcode": self.errorcode,
            "remedy": self.remedy,
            "key": self.key,
        }
        return {name: value for name, value in facts.items() if value not in (None, "")} | self._more()

    def _more(self) -> dict[str, object]:
        return {}


def sentence(text: str) -> str:
    """Return ``text`` with a full stop if it does not end like a sentence."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _rebuild(kind: type[GatepairError], args: tuple[object, ...], state: dict[str, object]) -> GatepairError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
