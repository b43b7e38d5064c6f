"""Hypothesis strategies from an entity: its rows and its records, edges of every kind included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from dalkit import kinds
from dalkit.convert import Row, items, rows
from dalkit.convert.cells import cell_of
from dalkit.convert.domain import shortest_float32
from dalkit.convert.numbers import normal_number
from dalkit.convert.text import text_of
from dalkit.result import Success
from dalkit.schema.definition import Carried, EntityDefinition, FieldDefinition
from dalkit.schema.entity import Entity, definition_of

__all__ = ["records_of", "rows_of", "scalars_of", "type_of"]

R = TypeVar("R")
_Strategy = st.SearchStrategy[Any]

_TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", " ", "null", "#", "%", "%23", "a#b", 'say "x"', "\\", "\x00", "\u2028", "é", "😀", "１２"]
)


@lru_cache(maxsize=128)
def rows_of(entity: Entity[Any, Any]) -> st.SearchStrategy[Row]:
    """Rows of an entity as MySQL may give them, each cell as the wire's text or typed."""
    definition = definition_of(entity)
    cells = [_cell(definition, cell.name) for cell in definition.source.cells]
    return st.tuples(*cells)


@lru_cache(maxsize=128)
def records_of(entity: Entity[R, Any]) -> st.SearchStrategy[R]:
    """Records of an entity that both stores can hold; fields of one column agree."""
    decode, encode = rows(entity).decode, items(entity).encode

    def record(row: Row) -> R | None:
        match decode(row):
            case Success(found) if isinstance(encode(found), Success):
                return found
            case _:
                return None

    found: st.SearchStrategy[Any] = rows_of(entity).map(record)
    return found.filter(lambda one: one is not None)


def scalars_of(kind: kinds.Kind, type: str = "S") -> st.SearchStrategy[Any]:
    """Values of a scalar kind that an attribute of the type can hold."""
    match kind:
        case kinds.Integer(low=low, high=high):
            return _edges(st.integers(low, high), [low, high, *([0] if low <= 0 <= high else [])])
        case kinds.Bits(width=width):
            return _edges(st.integers(0, (1 << width) - 1), [0, (1 << width) - 1])
        case kinds.Year():
            return st.sampled_from([0, 1901, 2155]) | st.integers(1901, 2155)
        case kinds.Boolean():
            return st.booleans()
        case kinds.Fixed():
            return _decimals(kind, type)
        case kinds.Float():
            return _floats(kind, type)
        case kinds.Text(length=length):
            texts = _TEXT if type != "N" else _number_texts()
            return texts if length is None else texts.map(lambda one: one[:length])
        case kinds.Enum(values=values):
            return st.sampled_from(values)
        case kinds.Members(values=values):
            return st.frozensets(st.sampled_from(values))
        case kinds.Bytes(length=length, fixed=fixed):
            most = 40 if length is None else min(length, 40)
            return st.binary(min_size=length or 0 if fixed else 0, max_size=most)
        case _:
            return _moments(kind, type)


def _moments(kind: kinds.Kind, type: str) -> _Strategy:
    match kind:
        case kinds.Date():
            return _edges(st.dates(), [date.min, date.max])
        case kinds.DateTime(digits=digits):
            low, high = datetime.min, datetime.max.replace(microsecond=0)
            step = 10 ** (6 - digits)
            found = _edges(st.datetimes(low, high), [low, high, datetime(1970, 1, 1)])
            return found.map(lambda one: _aware(one, step))
        case kinds.Time(digits=digits):
            step = 10 ** (6 - digits)
            most = 838 * 3_600 + 59 * 60 + 59
            micros = st.integers(-most * 10**6 // step, most * 10**6 // step)
            edges = [0, 1, -1, most * 10**6 // step, -most * 10**6 // step]
            return _edges(micros, edges).map(lambda one: timedelta(microseconds=one * step))
        case kinds.Json():
            return _json(type)
        case _:
            raise ValueError(f"no values of kind {kind!r}")


def _edges(found: _Strategy, edges: list[Any]) -> _Strategy:
    return found | st.sampled_from(edges)


def _aware(moment: datetime, step: int) -> datetime:
    micros = moment.microsecond // step * step
    return moment.replace(microsecond=micros, tzinfo=UTC)


def _decimals(kind: kinds.Fixed, type: str) -> _Strategy:
    digits = min(kind.precision, 38) if type == "N" else kind.precision
    most = 10**digits - 1
    found = _edges(st.integers(-most, most), [0, 1, -1, most, -most, 10 ** (digits - 1)])
    return found.map(lambda one: Decimal(f"{one}E-{kind.scale}"))


def _floats(kind: kinds.Float, type: str) -> _Strategy:
    found = st.floats(allow_nan=False, allow_infinity=False, width=kind.bits)
    if kind.bits == 32:
        found = found.map(shortest_float32)
    if type == "N":
        found = found.filter(lambda one: one == 0 or 1e-130 <= abs(one) < 9.9e125)
    return found.map(lambda one: one or 0.0)


def _number_texts() -> _Strategy:
    whole = st.integers(-(10**38) + 1, 10**38 - 1).map(str)
    return whole.map(normal_number) | st.sampled_from(["0", "1.5", "-0.001", "99" + "0" * 124])


def _json(type: str) -> _Strategy:
    numbers = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(
        min_value=-1_000_000, max_value=1_000_000, places=3
    )
    leaves = st.none() | st.booleans() | _TEXT | numbers
    deep = st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple) | st.dictionaries(_TEXT, inner, max_size=3)
        ),
        max_leaves=6,
    )
    if type == "L":
        return st.lists(deep, max_size=3).map(tuple)
    return st.dictionaries(_TEXT, deep, max_size=3)


def _cell(definition: EntityDefinition, name: str) -> _Strategy:
    kind, nullable, type = definition.by_cell[name].kind, definition.by_cell[name].nullable, "S"
    for field in definition.fields:
        if name not in field.cells:
            continue
        if len(field.cells) > 1 or field.transformed is not None:
            nullable = nullable and not _is_key(definition, field)
            continue
        nullable = nullable and field.nullable and not _is_key(definition, field)
        type = type_of(definition, field)
        if not isinstance(field.kind, (kinds.Nested, kinds.Listed)):
            kind = field.kind
    if type == "NULL":
        return st.none()
    found = _cells_of(kind, type, nullable=nullable)
    return st.none() | found if nullable else found


def _is_key(definition: EntityDefinition, field: FieldDefinition) -> bool:
    return field.name in definition.key


def type_of(definition: EntityDefinition, field: FieldDefinition) -> str:
    """The narrowest attribute type that carries the field."""
    found = [one.type for one in definition.attributes if one.content == Carried(field.name)]
    return next((one for one in found if one != "S"), "S")


def _cells_of(kind: kinds.Kind, type: str, *, nullable: bool) -> _Strategy:
    if isinstance(kind, kinds.Nested):
        row = st.tuples(*(_member(one) for one in kind.members))
        return st.lists(row, max_size=3 if kind.array else 1).map(tuple)
    values = scalars_of(kind, type)
    if type == "SS" and nullable:
        values = values.filter(bool)
    return values.flatmap(lambda value: st.sampled_from(_spellings(kind, value)))


def _member(member: kinds.Member) -> _Strategy:
    found = _cells_of(member.kind, member.type, nullable=member.nullable)
    return st.none() | found if member.nullable else found


def _spellings(kind: kinds.Kind, value: Any) -> list[Any]:
    """The cells that mean a value: typed in canonical form, and as the wire's text."""
    cell = cell_of(kind, value)
    match kind:
        case kinds.DateTime():
            return [cell, text_of(kind, value)[:-1].replace("T", " ")]
        case kinds.Time():
            return [cell, value]
        case kinds.Bits(width=width):
            return [cell, value.to_bytes((width + 7) // 8, "big")]
        case kinds.Bytes() | kinds.Json():
            return [cell]
        case _:
            return [cell, text_of(kind, value)]
