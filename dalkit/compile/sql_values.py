"""Comparisons of what SQL finds at a place with values, by kind; every value is a parameter.

Text is compared by code point: as the bytes of its UTF-8, beside a comparison under the column's
own collation where that lets an index serve. Each comparison is unknown where the place is NULL.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.sql_text import Sql, joined, refuse
from dalkit.convert.cells import cell_of
from dalkit.convert.domain import shortest_float32
from dalkit.fields.predicates import Comparison
from dalkit.kinds import Kind
from dalkit.source.tables import ColumnType

__all__ = ["Operand", "among", "binary", "compared", "indexed", "parameter", "same"]

_NUMBERS = (kinds.Integer, kinds.Fixed, kinds.Float, kinds.Boolean, kinds.Bits, kinds.Year)
_UTF8 = frozenset(("utf8mb4", "utf8mb3", "utf8", "ascii"))
_TEXTS = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))
_LONGEST = timedelta(hours=838, minutes=59, seconds=59)
_WHOLE, _FRACTION = 65, 30


@final
@frozen
class Operand:
    """A value as SQL; `column` is the type of the column that it is by itself."""

    name: str
    """What it is called in messages."""
    sql: Sql
    kind: Kind
    column: ColumnType | None = None
    encoded: bool = False
    """A text that is given as the bytes of its UTF-8."""


def binary(operand: Operand) -> Sql:
    """A text's UTF-8 bytes, which sort as its code points do."""
    column = operand.column
    if operand.encoded:
        return operand.sql
    if column is not None and column.base in _TEXTS and column.charset in _UTF8:
        return operand.sql.within("CAST(", " AS BINARY)")
    return operand.sql.within("CAST(CONVERT(", " USING utf8mb4) AS BINARY)")


def compared(operand: Operand, operator: Comparison, value: Any) -> Sql:
    """`operand operator value`; JSON, records and lists have their own ways."""
    kind = operand.kind
    if isinstance(kind, kinds.Text):
        return _text(operand, operator, value)
    if isinstance(kind, kinds.Enum):
        return _enum(operand, operator, value)
    if isinstance(kind, kinds.Float) and kind.bits == 32:
        return _single(operand, operator, value)
    return _plain(operand, operator) + parameter(operand, value)


def among(operand: Operand, values: Iterable[Any]) -> Sql:
    """Whether it is one of some values, at least one."""
    every = tuple(values)
    kind = operand.kind
    if isinstance(kind, kinds.Float) and kind.bits == 32:
        return joined(" OR ", (compared(operand, "=", one) for one in every)).within("(")
    if not isinstance(kind, kinds.Text):
        wanted = joined(", ", (parameter(operand, one) for one in every))
        return _plain(operand, "IN") + wanted.within("(")
    exact = joined(", ", (_bytes_of(one) for one in every)).within("(")
    test = binary(operand) + " IN " + exact
    if all(indexed(operand, one) for one in every):
        rough = joined(", ", (Sql("%s", (one,)) for one in every)).within("(")
        return (operand.sql + " IN " + rough + " AND " + test).within("(")
    return test


def same(operand: Operand, value: Any) -> Sql:
    """Whether it is the value, or both are None; never unknown."""
    if value is None:
        return operand.sql + " IS NULL"
    return compared(operand, "=", value).within("COALESCE(", ", FALSE)")


def parameter(operand: Operand, value: Any) -> Sql:
    """A value of the operand's kind as SQL compares it exactly."""
    match operand.kind:
        case kinds.Bytes():
            return Sql("UNHEX(%s)", (value.hex(),))
        case kinds.Date():
            return Sql("CAST(%s AS DATE)", (value.isoformat(),))
        case kinds.DateTime():
            naive = value.astimezone(UTC).replace(tzinfo=None)
            return Sql("CAST(%s AS DATETIME(6))", (naive.isoformat(" ", "microseconds"),))
        case kinds.Time():
            if abs(value) > _LONGEST:
                refuse(operand.name, "no TIME is longer than 838:59:59")
            return Sql("CAST(%s AS TIME(6))", (cell_of(kinds.Time(6), value),))
        case kinds.Members():
            return Sql("%s", (cell_of(operand.kind, value),))
        case kinds.Boolean():
            return Sql("%s", (int(value),))
        case _:
            return Sql("%s", (_held(operand, value),))


def _plain(operand: Operand, operator: str) -> Sql:
    """The left side: YEAR as a number, since a YEAR takes 26 for 2026."""
    if isinstance(operand.kind, kinds.Year):
        return operand.sql.within("(", f" + 0) {operator} ")
    return operand.sql + f" {operator} "


def _held(operand: Operand, value: Any) -> Any:
    if isinstance(operand.kind, _NUMBERS) and isinstance(value, (int, Decimal)):
        number = Decimal(value)
        exponent = number.as_tuple().exponent
        if number.adjusted() >= _WHOLE - _FRACTION or int(exponent) < -_FRACTION:
            refuse(
                operand.name,
                f"a number of more than {_WHOLE - _FRACTION} digits before the point or "
                f"{_FRACTION} after it is not compared exactly",
            )
    return value


def _text(operand: Operand, operator: Comparison, value: str) -> Sql:
    exact = binary(operand) + f" {operator} " + _bytes_of(value)
    if operator == "=" and indexed(operand, value):
        return (operand.sql + Sql(" = %s AND ", (value,)) + exact).within("(")
    return exact


def _bytes_of(value: str) -> Sql:
    return Sql("CAST(%s AS BINARY)", (value,))


def indexed(operand: Operand, value: str) -> bool:
    """Whether the column can be compared with the text as it stands, under its own collation."""
    column = operand.column
    if column is None or column.base not in _TEXTS:
        return False
    return column.charset == "utf8mb4" or value.isascii()


def _enum(operand: Operand, operator: Comparison, value: str) -> Sql:
    """Members of one ENUM differ under its collation, so that equality needs no bytes."""
    if operator in ("=", "<>"):
        return operand.sql + Sql(f" {operator} %s", (value,))
    return binary(operand) + f" {operator} " + _bytes_of(value)


def _single(operand: Operand, operator: Comparison, value: float) -> Sql:
    """A FLOAT is compared as the shortest text that reads back as it, as records hold it."""
    number = float(value)
    low, high = _neighbors(number)
    held = low if low is not None and shortest_float32(low) == number else None
    if operator in ("=", "<>"):
        # No FLOAT is NaN; a value that none is equal to is compared as the double that it is.
        bound = number if held is None else held
        if held is None and _is_single(number):
            return operand.sql + f" {'<>' if operator == '=' else '='} " + operand.sql
    elif operator in ("<=", ">"):
        bound = number if low is None else low
    else:
        bound = number if high is None else high
    return operand.sql + Sql(f" {operator} %s", (bound,))


def _neighbors(number: float) -> tuple[float | None, float | None]:
    """The greatest float32 whose shortest text is at most the number, and the least at least it."""
    try:
        near = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return None, None
    steps = sorted(one for one in (_next(near, -1), near, _next(near, 1)) if one is not None)
    below = [one for one in steps if shortest_float32(one) <= number]
    above = [one for one in steps if shortest_float32(one) >= number]
    return (below[-1] if below else None), (above[0] if above else None)


def _next(single: float, step: int) -> float | None:
    """The float32 beside one."""
    if single == 0:
        return float(step) * 2.0**-149
    (bits,) = struct.unpack("<i", struct.pack("<f", single))
    away = bits + (step if single > 0 else -step)
    (found,) = struct.unpack("<f", struct.pack("<i", away))
    return float(found) if found - found == 0 else None


def _is_single(number: float) -> bool:
    try:
        return bool(struct.unpack("<f", struct.pack("<f", number))[0] == number)
    except OverflowError:
        return False
