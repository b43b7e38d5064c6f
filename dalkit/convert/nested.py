"""Values of every kind, records inside records included, across both stores.

Functions take `classes`: the classes of nested records by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from dalkit import kinds
from dalkit.convert.attributes import attribute_of, from_attribute, is_null, tagged
from dalkit.convert.cells import cell_of, from_cell
from dalkit.convert.domain import checked, utf8
from dalkit.convert.json_text import Literally, json_text, parsed_json
from dalkit.convert.refusal import Refusal, refuse
from dalkit.convert.text import text_of, value_of

__all__ = [
    "Classes",
    "checked_value",
    "from_wire",
    "listed_cells",
    "listed_from_cells",
    "to_cell",
    "to_wire",
    "value_from_cell",
]

Classes: TypeAlias = Mapping[str, type[Any]]
_One: TypeAlias = Callable[[kinds.Member, Any], Any]

_UNQUOTED = (kinds.Integer, kinds.Fixed, kinds.Float, kinds.Bits, kinds.Year)


def checked_value(kind: kinds.Kind, value: Any, classes: Classes) -> Any:
    """A value of any kind in canonical form."""

    def one(member: kinds.Member, held: Any) -> Any:
        return checked_value(member.kind, held, classes)

    match kind:
        case kinds.Nested(array=True):
            return _each(value, lambda record: _checked_record(kind, record, classes, one))
        case kinds.Nested():
            return _checked_record(kind, value, classes, one)
        case kinds.Listed():
            return _members(kind.items, _sequence(value, len(kind.items)), one)
        case _:
            return checked(kind, value)


def value_from_cell(kind: kinds.Kind, cell: Any, classes: Classes) -> Any:
    """The value of a cell that is not NULL; of an object's child rows None when there are none."""

    def one(member: kinds.Member, held: Any) -> Any:
        return value_from_cell(member.kind, held, classes)

    if not isinstance(kind, kinds.Nested):
        return from_cell(kind, cell)
    nested = kind

    def record(row: Any) -> Any:
        held = _members(nested.members, _sequence(row, len(nested.members)), one)
        return _built(nested, held, classes)

    found = _each(cell, record)
    if kind.array:
        return found
    if len(found) > 1:
        refuse(f"{len(found)} child rows where there is at most one")
    return found[0] if found else None


def to_cell(kind: kinds.Kind, value: Any) -> Any:
    """The canonical cell of a canonical value; child rows are tuples of tuples."""
    if not isinstance(kind, kinds.Nested):
        return cell_of(kind, value)
    rows = value if kind.array else (value,)
    return tuple(listed_cells(kind.members, _held(kind, row)) for row in rows)


def listed_from_cells(kind: kinds.Kind, cells: Sequence[Any], classes: Classes) -> Any:
    """The map or list that an entity's own columns make."""

    def one(member: kinds.Member, held: Any) -> Any:
        return value_from_cell(member.kind, held, classes)

    if isinstance(kind, kinds.Listed):
        return _members(kind.items, cells, one)
    if isinstance(kind, kinds.Nested):
        return _built(kind, _members(kind.members, cells, one), classes)
    refuse(f"{type(kind).__name__} is not made of several columns")


def listed_cells(members: Sequence[kinds.Member], values: Sequence[Any]) -> tuple[Any, ...]:
    """The canonical cells of members."""
    return tuple(
        None if value is None else to_cell(member.kind, value)
        for member, value in zip(members, values, strict=True)
    )


def to_wire(kind: kinds.Kind, type: str, value: Any) -> dict[str, Any]:
    """The attribute value of a canonical value."""
    match kind, type:
        case kinds.Nested(array=True), "L":
            return {"L": [{"M": _map_of(kind, one)} for one in value]}
        case kinds.Nested(array=False), "M":
            return {"M": _map_of(kind, value)}
        case kinds.Nested(), "S":
            text = json_text(_plain(kind, value))
            utf8(text)
            return {"S": text}
        case kinds.Listed(), "L":
            return {"L": [_member_wire(m, one) for m, one in zip(kind.items, value, strict=True)]}
        case _:
            return attribute_of(kind, type, value)


def from_wire(kind: kinds.Kind, type: str, wire: Any, classes: Classes) -> Any:
    """The canonical value of an attribute value that is not NULL."""
    if not isinstance(kind, (kinds.Nested, kinds.Listed)):
        return from_attribute(kind, type, wire)
    held = tagged(wire, type)
    match kind, type:
        case kinds.Nested(array=True), "L":
            return _each(held, lambda one: _of_map(kind, tagged(one, "M"), classes))
        case kinds.Nested(array=False), "M":
            return _of_map(kind, held, classes)
        case kinds.Nested(), "S":
            return _of_text(kind, held, classes)
        case kinds.Listed(), "L":
            return _read_members(kind.items, _sequence(held, len(kind.items)), classes)
        case _:
            refuse(f"attribute type {type} does not carry a {_name(kind)}", wire)


def _checked_record(kind: kinds.Nested, value: Any, classes: Classes, one: _One) -> Any:
    expected = classes[kind.record]
    if type(value) is not expected:
        refuse(f"a {kind.record} was expected, not a {type(value).__name__}", value)
    held = _held(kind, value)
    return _built(kind, _members(kind.members, held, one), classes)


def _held(kind: kinds.Nested, value: Any) -> list[Any]:
    return [getattr(value, member.field) for member in kind.members]


def _built(kind: kinds.Nested, values: Sequence[Any], classes: Classes) -> Any:
    names = (member.field for member in kind.members)
    return classes[kind.record](**dict(zip(names, values, strict=True)))


def _members(
    members: Sequence[kinds.Member], values: Sequence[Any], convert: _One
) -> tuple[Any, ...]:
    found: list[Any] = []
    for member, value in zip(members, values, strict=True):
        try:
            found.append(_member(member, value, convert))
        except Refusal as refusal:
            raise refusal.within(f".{member.name}") from None
    return tuple(found)


def _member(member: kinds.Member, value: Any, convert: _One) -> Any:
    if value is not None:
        return convert(member, value)
    if not member.nullable and not isinstance(member.kind, kinds.Json):
        refuse("NULL where the contract says there is a value")
    return None


def _each(value: Any, convert: Callable[[Any], Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for at, one in enumerate(_sequence(value)):
        try:
            found.append(convert(one))
        except Refusal as refusal:
            raise refusal.within(f"[{at}]") from None
    return tuple(found)


def _sequence(value: Any, length: int | None = None) -> Sequence[Any]:
    if not isinstance(value, (tuple, list)):
        refuse(f"a tuple was expected, not a {type(value).__name__}", value)
    if length is not None and len(value) != length:
        refuse(f"{len(value)} values where the contract says {length}")
    return value


def _map_of(kind: kinds.Nested, value: Any) -> dict[str, Any]:
    held = zip(kind.members, _held(kind, value), strict=True)
    return {m.name: _member_wire(m, one) for m, one in held if not _is_empty_set(m, one)}


def _member_wire(member: kinds.Member, value: Any) -> dict[str, Any]:
    if value is None or _is_empty_set(member, value):
        return {"NULL": True}
    listed = isinstance(member.kind, kinds.Json) and isinstance(value, tuple)
    return to_wire(member.kind, "L" if listed else member.type, value)


def _is_empty_set(member: kinds.Member, value: Any) -> bool:
    """No SS holds it: in a map it is absent, in a list NULL."""
    return member.type == "SS" and value == frozenset()


def _member_from(member: kinds.Member, wire: Any, classes: Classes) -> Any:
    listed = isinstance(member.kind, kinds.Json) and isinstance(wire, dict) and "L" in wire
    return from_wire(member.kind, "L" if listed else member.type, wire, classes)


def _read_members(members: Sequence[kinds.Member], held: Sequence[Any], classes: Classes) -> Any:
    """Members from their attribute values; an absent one is NULL, or the empty set."""
    values = [None if is_null(one) else one for one in held]
    present = [m for m, one in zip(members, values, strict=True) if not _reads_empty(m, one)]
    found = iter(
        _members(
            present,
            [one for m, one in zip(members, values, strict=True) if not _reads_empty(m, one)],
            lambda m, one: _member_from(m, one, classes),
        )
    )
    return tuple(
        frozenset() if _reads_empty(m, one) else next(found)
        for m, one in zip(members, values, strict=True)
    )


def _reads_empty(member: kinds.Member, value: Any) -> bool:
    return value is None and member.type == "SS" and not member.nullable


def _of_map(kind: kinds.Nested, held: Any, classes: Classes) -> Any:
    if not isinstance(held, dict):
        refuse("an M whose value is no map", held)
    return _built(kind, _read_members(kind.members, _named(kind, held), classes), classes)


def _named(kind: kinds.Nested, held: Mapping[str, Any]) -> list[Any]:
    known = {member.name for member in kind.members}
    unknown = [name for name in held if name not in known]
    if unknown:
        refuse("a member that the contract does not know", unknown[0])
    return [held.get(member.name) for member in kind.members]


def _plain(kind: kinds.Kind, value: Any) -> Any:
    if value is None or isinstance(kind, (kinds.Boolean, kinds.Json)):
        return value
    if isinstance(kind, kinds.Nested):
        rows = value if kind.array else (value,)
        objects = tuple(
            {
                m.name: _plain(m.kind, one)
                for m, one in zip(kind.members, _held(kind, row), strict=True)
            }
            for row in rows
        )
        return objects if kind.array else objects[0]
    if isinstance(kind, kinds.Members):
        return tuple(sorted(value))
    if isinstance(kind, kinds.Year):
        return Literally(str(value))
    return Literally(text_of(kind, value)) if isinstance(kind, _UNQUOTED) else text_of(kind, value)


def _of_text(kind: kinds.Nested, held: Any, classes: Classes) -> Any:
    if not isinstance(held, str):
        refuse("an S whose value is no text", held)
    value = _of_plain(kind, parsed_json(held), classes)
    if json_text(_plain(kind, value)) != held:
        refuse("not the JSON text that the contract says", held)
    return value


def _of_plain(kind: kinds.Kind, value: Any, classes: Classes) -> Any:
    if isinstance(kind, kinds.Nested):
        if kind.array:
            return _each(value, lambda one: _of_object(kind, one, classes))
        return _of_object(kind, value, classes)
    if isinstance(kind, kinds.Members):
        if not all(isinstance(one, str) for one in _sequence(value)):
            refuse("an array of texts was expected", value)
        return checked(kind, frozenset(value))
    if isinstance(kind, kinds.Float) and isinstance(value, Decimal):
        return checked(kind, float(value))
    if isinstance(kind, (kinds.Boolean, kinds.Json, *_UNQUOTED)):
        return checked(kind, value)
    if not isinstance(value, str):
        refuse(f"text was expected, not a {type(value).__name__}", value)
    return value_of(kind, value)


def _of_object(kind: kinds.Nested, held: Any, classes: Classes) -> Any:
    if not isinstance(held, dict):
        refuse("a JSON object was expected", held)
    values = _named(kind, held)
    found = _members(kind.members, values, lambda m, one: _of_plain(m.kind, one, classes))
    return _built(kind, found, classes)


def _name(kind: kinds.Kind) -> str:
    return type(kind).__name__
