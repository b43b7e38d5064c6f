"""Every scalar as a MySQL cell: the wire's text, or the typed value that PyMySQL's converters give.

In canonical form a cell is int (also for Boolean and Bits), Decimal with the column's scale, float,
str (also for Enum, Members, Json and Time as MySQL prints it), bytes, date, or naive UTC datetime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dalkit import kinds
from dalkit.convert.domain import checked, shortest_float32, utf8
from dalkit.convert.json_text import json_text, parsed_json
from dalkit.convert.numbers import parsed_number
from dalkit.convert.refusal import refuse
from dalkit.convert.text import printed, read_date, read_datetime, read_time, text_of

__all__ = ["cell_of", "from_cell"]


def from_cell(kind: kinds.Kind, cell: Any) -> Any:
    """The value, in canonical form, of a cell that is not NULL."""
    read = _READERS.get(type(kind))
    return checked(kind, read(kind, cell) if read else cell)


def cell_of(kind: kinds.Kind, value: Any) -> Any:
    """The canonical cell of a value that is in its kind's canonical form."""
    write = _WRITERS.get(type(kind))
    return write(kind, value) if write else value


def _whole(kind: Any, cell: Any) -> Any:
    if isinstance(cell, str):
        cell = parsed_number(cell)
    if isinstance(cell, Decimal) and cell.is_finite():
        if cell.as_tuple().exponent != 0:
            refuse("not a whole number", cell)
        return int(cell)
    return cell


def _fixed(kind: kinds.Fixed, cell: Any) -> Any:
    return parsed_number(cell) if isinstance(cell, str) else cell


def _float(kind: kinds.Float, cell: Any) -> Any:
    if isinstance(cell, str):
        cell = float(parsed_number(cell))
    elif isinstance(cell, Decimal) and cell.is_finite():
        cell = float(cell)
    if kind.bits == 32 and isinstance(cell, float) and cell - cell == 0:
        return shortest_float32(cell)
    return cell


def _boolean(kind: kinds.Boolean, cell: Any) -> bool:
    if isinstance(cell, (str, bytes, int)):
        if cell in ("0", b"\x00", 0):
            return False
        if cell in ("1", b"\x01", 1):
            return True
    refuse("neither 0 nor 1", cell)


def _text(kind: Any, cell: Any) -> Any:
    if not isinstance(cell, (bytes, bytearray)):
        return cell
    try:
        return bytes(cell).decode("utf-8")
    except UnicodeDecodeError:
        refuse("bytes that are not UTF-8", bytes(cell))


def _members(kind: kinds.Members, cell: Any) -> Any:
    text = _text(kind, cell)
    if not isinstance(text, str):
        return text
    return frozenset(text.split(",")) if text else frozenset()


def _bits(kind: kinds.Bits, cell: Any) -> Any:
    return int.from_bytes(cell, "big") if isinstance(cell, (bytes, bytearray)) else cell


def _date(kind: kinds.Date, cell: Any) -> Any:
    return read_date(cell) if isinstance(cell, str) else cell


def _datetime(kind: kinds.DateTime, cell: Any) -> Any:
    moment = read_datetime(cell) if isinstance(cell, str) else cell
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment


def _time(kind: kinds.Time, cell: Any) -> Any:
    return read_time(cell) if isinstance(cell, str) else cell


def _json(kind: kinds.Json, cell: Any) -> Any:
    if isinstance(cell, (str, bytes)):
        return parsed_json(_text(kind, cell))
    refuse(f"JSON text was expected, not a {type(cell).__name__}", cell)


def _write_json(kind: kinds.Json, value: Any) -> str:
    text = json_text(value)
    utf8(text)
    return text


def _write_datetime(kind: kinds.DateTime, value: datetime) -> datetime:
    return value.replace(tzinfo=None)


def _write_time(kind: kinds.Time, value: timedelta) -> str:
    return printed(value, kind.digits)


_READERS: Mapping[type[Any], Callable[[Any, Any], Any]] = {
    kinds.Integer: _whole,
    kinds.Fixed: _fixed,
    kinds.Float: _float,
    kinds.Boolean: _boolean,
    kinds.Text: _text,
    kinds.Enum: _text,
    kinds.Members: _members,
    kinds.Bits: _bits,
    kinds.Date: _date,
    kinds.DateTime: _datetime,
    kinds.Time: _time,
    kinds.Year: _whole,
    kinds.Json: _json,
}

_WRITERS: Mapping[type[Any], Callable[[Any, Any], Any]] = {
    kinds.Boolean: lambda kind, value: int(value),
    kinds.Members: text_of,
    kinds.DateTime: _write_datetime,
    kinds.Time: _write_time,
    kinds.Json: _write_json,
}
