"""Bounds that values are compared with, moved onto what the stored form can hold.

A bound between two storable values becomes the storable one below it, and `>=` becomes `>`, `<`
becomes `<=`; a bound beyond all of them is true or false for every value.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, TypeAlias, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.paths import Path, Wire
from dalkit.compile.refused import refuse
from dalkit.convert.attributes import attribute_of, json_attribute
from dalkit.convert.refusal import Refusal
from dalkit.fields.values import shown
from dalkit.kinds import Kind

__all__ = ["Bound", "Direction", "bound", "in_order", "on_grid"]

_ORDERED_TEXTS = (
    *(kinds.Text, kinds.Enum, kinds.Json),
    *(kinds.Date, kinds.DateTime, kinds.Year),
)

Direction: TypeAlias = Literal["<", "<=", ">", ">="]


@final
@frozen
class Bound:
    """A comparison with a storable value."""

    operator: Direction
    value: Any
    wire: Wire


def bound(path: Path, operator: Direction, value: Any) -> Bound | bool:
    """The comparison as the store makes it, or what it is for every value that is not None."""
    if not in_order(path.kind, path.type):
        refuse(
            f"{path.place} is a {type(path.kind).__name__} in an attribute of type {path.type}, "
            "whose order is not that of the values",
            "compare it with == or is_in, or let the contract give it type N",
        )
    moved = on_grid(path.kind, path.type, operator, value)
    if isinstance(moved, bool):
        return moved
    operator, held = moved
    return Bound(operator, held, _wire(path, held))


def in_order(kind: Kind, type_: str) -> bool:
    """Whether stored values compare as the values do."""
    match type_:
        case "N":
            return not isinstance(kind, kinds.Text)
        case "S":
            return isinstance(kind, _ORDERED_TEXTS)
        case "B":
            return isinstance(kind, (kinds.Bytes, kinds.Bits))
        case _:
            return isinstance(kind, kinds.Json)


def on_grid(
    kind: Kind, type_: str, operator: Direction, value: Any
) -> tuple[Direction, Any] | bool:
    """The operator and the storable value, or what the comparison is for every value."""
    if type_ == "N" or isinstance(kind, kinds.Json):
        return operator, value
    match kind:
        case kinds.Year():
            return _between(operator, value, 0, 9_999)
        case kinds.Bits(width=width):
            return _between(operator, value, 0, (1 << width) - 1)
        case kinds.DateTime(digits=digits):
            rest = value.microsecond % 10 ** (6 - digits)
            return _floored(operator, value, value - timedelta(microseconds=rest))
        case _:
            return operator, value


def _between(operator: Direction, value: int, low: int, high: int) -> tuple[Direction, Any] | bool:
    if low <= value <= high:
        return operator, value
    return (operator in ("<", "<=")) == (value > high)


def _floored(operator: Direction, value: Any, floor: Any) -> tuple[Direction, Any]:
    if floor == value:
        return operator, value
    return ("<=" if operator in ("<", "<=") else ">"), floor


def _wire(path: Path, value: Any) -> Wire:
    try:
        if isinstance(path.kind, kinds.Json):
            return json_attribute(value)
        return attribute_of(path.kind, path.type, value)
    except Refusal as refusal:
        refuse(f"{path.place} cannot be compared with {shown(value)}: {refusal.reason}")
