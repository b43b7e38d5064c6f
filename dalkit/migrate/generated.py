"""Rows as the Python reader of the contract computes them, from a snapshot of whole tables.

It shares no SQL with the exporting SELECTs, so that their agreement means something. Every table
that the entities read is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from struct import pack, unpack
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.run.mysql import Cells, rows, stream
from dalkit.schema.definition import EntityDefinition
from dalkit.source.collator import pads
from dalkit.source.comparing import Server
from dalkit.source.infer import Scope
from dalkit.source.joins import compile_children
from dalkit.source.python import compile_scalar
from dalkit.source.refusal import Refusal
from dalkit.source.snapshot import Environment, Evaluator, Row, Snapshot
from dalkit.source.sql import name_of
from dalkit.source.tables import Column, Source, SourceTable
from dalkit.source.tree import Children, Hop
from dalkit.source.walk import nodes

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = ["Generated", "generated_rows", "tables_read"]

Generated = tuple[Cells, "Cells | Refusal"]
"""The identity of a row as text cells, with its cells as Python values, or why it has none."""

_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})


def tables_read(entity: EntityDefinition) -> tuple[str, ...]:
    """The MySQL tables that an entity's values come from, its own first."""
    trees = [cell.value for cell in entity.source.cells]
    trees += [] if entity.source.where is None else [entity.source.where]
    hops = (node.table for tree in trees for node in nodes(tree) if isinstance(node, Hop))
    return tuple(dict.fromkeys((entity.source.table, *hops)))


def generated_rows(
    connection: Connection[Any], entities: Iterable[EntityDefinition], source: Source
) -> Callable[[EntityDefinition], Iterator[Generated]]:
    """A function to an entity's rows, computed by the Python reader over the connection's data."""
    names = dict.fromkeys(name for one in entities for name in tables_read(one))
    tables = [table for name in names if (table := source.table(name)) is not None]
    held = {table.name: list(_read(connection, table)) for table in tables}
    weights: dict[tuple[str, str], bytes] = {}
    snapshot = Snapshot(held, weights)
    ((version,),) = rows(connection, "SELECT VERSION()")
    mariadb = "mariadb" in str(version).lower()

    def generate(entity: EntityDefinition) -> Iterator[Generated]:
        computed = _Computed.of(entity, source, snapshot, mariadb=mariadb)
        answers = list(computed.rows(held))
        while _weigh(connection, snapshot, weights):
            computed = _Computed.of(entity, source, snapshot, mariadb=mariadb)
            answers = list(computed.rows(held))
        return iter(answers)

    return generate


def _weigh(
    connection: Connection[Any], snapshot: Snapshot, weights: dict[tuple[str, str], bytes]
) -> bool:
    """Ask the server for the weights that an evaluation lacked; whether there were any."""
    wanted = sorted(snapshot.missing - weights.keys())
    for start in range(0, len(wanted), 200):
        some = wanted[start : start + 200]
        asked = ", ".join(
            f"HEX(WEIGHT_STRING(_utf8mb4 X'{text.encode().hex()}' COLLATE {collation}))"
            for collation, text in some
        )
        ((*answers,),) = rows(connection, f"SELECT {asked}")
        for (collation, text), weight in zip(some, answers, strict=True):
            weights[collation, text] = _trimmed(bytes.fromhex(_text(weight)), collation)
    return bool(wanted)


def _trimmed(weight: bytes, collation: str) -> bytes:
    """Without the weights of trailing spaces, where the collation pads with them."""
    while pads(collation) and weight.endswith((b"\x00\x20", b"\x02\x09")):
        weight = weight[:-2]
    return weight


def _text(cell: Any) -> str:
    return cell.decode() if isinstance(cell, bytes) else str(cell)


@final
@frozen
class _Computed:
    """An entity's cells as functions of its own table's row."""

    entity: EntityDefinition
    table: SourceTable
    where: Evaluator | None
    cells: tuple[Evaluator | Refusal, ...]

    @staticmethod
    def of(
        entity: EntityDefinition, source: Source, snapshot: Snapshot, *, mariadb: bool
    ) -> _Computed:
        table = source.table(entity.source.table)
        if table is None:
            raise ValueError(f"the source has no table {entity.source.table!r}")
        scope = Scope(source, {table.name: table})
        server: Server = "mariadb" if mariadb else "mysql"
        cells = tuple(
            compile_children(cell.value, scope, snapshot, server=server)
            if isinstance(cell.value, Children)
            else compile_scalar(cell.value, scope, snapshot, server=server)
            for cell in entity.source.cells
        )
        where = None
        if entity.source.where is not None:
            found = compile_scalar(entity.source.where, scope, snapshot, server=server)
            where = (lambda _: found) if isinstance(found, Refusal) else found
        return _Computed(entity, table, where, cells)

    def rows(self, held: dict[str, list[Row]]) -> Iterator[Generated]:
        places = [self._place(name) for name in self.entity.source.identity]
        for row in held[self.table.name]:
            environment = {self.table.name: row}
            identity = tuple(row[place] for place in places)
            kept = True if self.where is None else self.where(environment)
            if isinstance(kept, Refusal):
                yield identity, kept
            elif kept:
                yield identity, self._cells(environment)

    def _place(self, name: str) -> int:
        names = [column.name for column in self.table.columns]
        return names.index(name)

    def _cells(self, environment: Environment) -> Cells | Refusal:
        cells: list[Any] = []
        for one in self.cells:
            value = one if isinstance(one, Refusal) else one(environment)
            if isinstance(value, Refusal):
                return value
            cells.append(value)
        return tuple(cells)


def _read(connection: Connection[Any], table: SourceTable) -> Iterator[Row]:
    """Every row of a table with its columns as Python values."""
    readers = [_reader(column) for column in table.columns]
    selected = ", ".join(_selected(column) for column in table.columns)
    for row in stream(connection, f"SELECT {selected} FROM {name_of(table.name)}"):
        yield _converted(row, readers)


def _converted(row: Cells, readers: Sequence[Callable[[Any], Any]]) -> Row:
    return tuple(
        None if cell is None else read(cell) for cell, read in zip(row, readers, strict=True)
    )


def _selected(column: Column) -> str:
    name = name_of(column.name)
    if column.type.base == "opaque":
        return "NULL"
    return f"{name} + 0E0" if column.type.base == "float" else name


def _reader(column: Column) -> Callable[[Any], Any]:
    """From a text cell of the column to its Python value."""
    base = column.type.base
    if base in _NUMBERS:
        return int
    if base in _BYTES:
        return bytes
    readers: dict[str, Callable[[Any], Any]] = {
        "decimal": Decimal,
        "double": float,
        "float": _single,
        "bit": lambda cell: int.from_bytes(cell, "big"),
        "date": _or_text(date.fromisoformat),
        "datetime": _or_text(datetime.fromisoformat),
        "timestamp": _or_text(datetime.fromisoformat),
        "time": _time,
    }
    return readers.get(base, _text)


def _or_text(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A zero date stays the text that the server prints."""

    def reader(cell: str) -> Any:
        try:
            return read(cell)
        except ValueError:
            return cell

    return reader


def _single(cell: str) -> float:
    """The double with the shortest text that is the same 32-bit number."""
    value: float = unpack("f", pack("f", float(cell)))[0]
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if unpack("f", pack("f", short))[0] == value:
            return short
    return value


def _time(cell: str) -> timedelta:
    hours, minutes, seconds = cell.lstrip("-").split(":")
    whole, _, fraction = seconds.partition(".")
    span = timedelta(
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(whole),
        microseconds=int(fraction.ljust(6, "0") or 0),
    )
    return -span if cell.startswith("-") else span
