"""What `terraform show -json` says of a plan: the objects that change, as typed values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from gatepair.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

Json: TypeAlias = Mapping[str, object]

OBJECT_TYPE: Final = "restapi_object"
COMPUTED: Final = frozenset({"api_data", "api_response", "create_response"})
"""What the provider fills in by itself: it follows from the other arguments and changes with each answer."""

NOTHING: Final = frozenset({"no-op"})
_PLAN_REMEDY: Final = "Make it with: terraform show -json PLANFILE > plan.json"


@attrs.frozen(kw_only=True)
class ObjectChange:
    """What a plan does to one object.

    Attributes:
        address: Terraform address.
        type: Resource type.
        name: Name of the resource in the stack.
        actions: ``create``, ``update``, ``delete``, ``no-op``, ``read`` or two of them for a replacement.
        before: Arguments as they are, after Terraform looked; empty for a new object.
        after: Arguments as they shall be; empty for one that goes.
        before_sensitive: Which of them Terraform hides: true, or a mapping with true in it.
        after_sensitive: The same for ``after``.
        after_unknown: Which of them are known only when it is done.
        replace_paths: Arguments whose change makes the object anew.
        reason: Terraform's word for why, such as ``replace_because_tainted``.
        importing: Import id, where an object that exists is taken over.
        previous_address: Address that it had before, where it moves.
        drifted_from: Arguments as Terraform left them the last time, where somebody changed them since.
    """

    address: str
    type: str
    name: str
    actions: tuple[str, ...]
    before: Json
    after: Json
    before_sensitive: object = False
    after_sensitive: object = False
    after_unknown: object = attrs.field(factory=dict[str, object])
    replace_paths: tuple[tuple[str, ...], ...] = ()
    reason: str = ""
    importing: str = ""
    previous_address: str = ""
    drifted_from: Json | None = None

    @property
    def is_data(self) -> bool:
        """Whether this only reads."""
        return self.actions == ("read",)

    @property
    def changes_something(self) -> bool:
        """Whether applying the plan does anything with the object."""
        return not NOTHING.issuperset(self.actions) or bool(self.importing or self.previous_address)

    @property
    def replaces(self) -> bool:
        """Whether the object goes and comes anew."""
        return {"create", "delete"} <= set(self.actions)

    def document(self, side: str) -> Json | None:
        """Return the object's ``data`` on one side, ``before`` or ``after``; None if it cannot be shown."""
        arguments = self.before if side == "before" else self.after
        hidden = self.before_sensitive if side == "before" else self.after_sensitive
        return None if is_hidden(hidden, "data") else as_document(arguments.get("data"))

    def drifted_document(self) -> Json | None:
        """Return the ``data`` that the last apply left, where somebody has changed it since."""
        if self.drifted_from is None or is_hidden(self.before_sensitive, "data"):
            return None
        return as_document(self.drifted_from.get("data"))


@attrs.frozen(kw_only=True)
class Plan:
    """One stack's plan.

    Attributes:
        name: Name of the stack, or of the file.
        changes: Its objects, in the order of their addresses.
        outputs: Outputs that change, each as Terraform has it.
        errored: Terraform could not finish the plan.
    """

    name: str
    changes: tuple[ObjectChange, ...] = ()
    outputs: Mapping[str, Json] = attrs.field(factory=dict[str, Json])
    errored: bool = False


def is_hidden(marks: object, key: str) -> bool:
    """Tell whether Terraform marks an argument, or anything in it, as sensitive."""
    if isinstance(marks, Mapping):
        return _any_true(cast("Json", marks).get(key))
    return marks is True


def as_document(value: object) -> Json | None:
    """Return the document in ``data``: JSON text as the provider has it, or a mapping."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return cast("Json", value) if isinstance(value, Mapping) else None


def read_plan(text: str, name: str) -> Plan:
    """Read what ``terraform show -json`` printed.

    Args:
        text: The JSON.
        name: What to call the plan.

    Raises:
        InvalidInput: It is not the JSON of a plan. Nothing of it is repeated: plans may hold secrets.
    """
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(f"{name} is not JSON", remedy=_PLAN_REMEDY) from None
    if not isinstance(found, Mapping) or "format_version" not in found:
        raise InvalidInput(f"{name} is not the JSON of a Terraform plan", remedy=_PLAN_REMEDY)
    document = cast("Json", found)
    if not str(document["format_version"]).startswith("1."):
        raise InvalidInput(
            f"{name} has a format that is not known here",
            remedy="Its format_version must be 1.x: Terraform 0.15.4 or later, or OpenTofu.",
        )
    if "resource_changes" not in document and "values" in document:
        raise InvalidInput(f"{name} is a state, not a plan", remedy=_PLAN_REMEDY)
    try:
        return _plan(document, name)
    except (TypeError, AttributeError, KeyError):
        raise InvalidInput(f"{name} is not a complete plan", remedy=_PLAN_REMEDY) from None


def read_plan_file(path: Path) -> Plan:
    """Read a file with what ``terraform show -json`` printed; its stem is the plan's name.

    Raises:
        InvalidInput: It cannot be read, or is no plan.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not the JSON of a Terraform plan", remedy=_PLAN_REMEDY) from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    return read_plan(text, path.stem)


def _plan(document: Json, name: str) -> Plan:
    drift = {
        str(each["address"]): _side(_change(each), "before") for each in _rows(document, "resource_drift")
    }
    changes = [_object(each, drift) for each in _rows(document, "resource_changes")]
    outputs = cast("Mapping[str, Json]", document.get("output_changes") or {})
    return Plan(
        name=name,
        changes=tuple(sorted(changes, key=lambda change: change.address)),
        outputs={key: value for key, value in sorted(outputs.items()) if value["actions"] != ["no-op"]},
        errored=document.get("errored") is True,
    )


def _object(row: Json, drift: Mapping[str, Json]) -> ObjectChange:
    change = _change(row)
    importing = cast("Json", change.get("importing") or {})
    paths = cast("list[list[object]]", change.get("replace_paths") or [])
    address = str(row["address"])
    return ObjectChange(
        address=address,
        type=str(row["type"]),
        name=str(row["name"]),
        actions=tuple(map(str, cast("list[object]", change["actions"]))),
        before=_side(change, "before"),
        after=_side(change, "after"),
        before_sensitive=change.get("before_sensitive", False),
        after_sensitive=change.get("after_sensitive", False),
        after_unknown=change.get("after_unknown", {}),
        replace_paths=tuple(tuple(map(str, path)) for path in paths),
        reason=str(row.get("action_reason") or ""),
        importing=str(importing.get("id") or ""),
        previous_address=str(row.get("previous_address") or ""),
        drifted_from=drift.get(address),
    )


def _rows(document: Json, key: str) -> Iterator[Json]:
    yield from cast("list[Json]", document.get(key) or [])


def _change(row: Json) -> Json:
    return cast("Json", row["change"])


def _side(change: Json, side: str) -> Json:
    return cast("Json", dict(cast("Json", change.get(side) or {})))


def _any_true(marks: object) -> bool:
    if isinstance(marks, Mapping):
        return any(_any_true(mark) for mark in cast("Json", marks).values())
    if isinstance(marks, list):
        return any(_any_true(mark) for mark in cast("list[object]", marks))
    return marks is True
