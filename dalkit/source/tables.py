"""MySQL's side of the promise: tables, columns, keys, the same from a DDL file or a live server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import final

from attrs import field, frozen

__all__ = ["Column", "ColumnType", "ForeignKey", "Index", "Source", "SourceTable"]


@final
@frozen(kw_only=True)
class ColumnType:
    """A column's MySQL type, normalized: `base` is lower case and has no synonyms.

    Bases: tinyint smallint mediumint int bigint, decimal, float double, bit, year, date time
    datetime timestamp, char varchar tinytext text mediumtext longtext, binary varbinary tinyblob
    blob mediumblob longblob, enum set, json, and `opaque` for anything else (spatial types,
    vector, types of a server that is not known here).
    """

    base: str
    length: int | None = None
    """Characters (char, varchar, the texts), bytes (binary, the blobs), bits (bit), or the display
    width of an integer (only `tinyint(1)` has a meaning)."""
    precision: int | None = None
    scale: int | None = None
    """Digits of a decimal after the point; fraction digits (0-6) of time, datetime, timestamp."""
    unsigned: bool = False
    zerofill: bool = False
    values: tuple[str, ...] = ()
    """Members of an enum or a set, in order."""
    charset: str | None = None
    collation: str | None = None
    """As declared, or inherited from the table or database; None where nothing says."""
    text: str = ""
    """The type as the server or file wrote it, for messages."""


@final
@frozen(kw_only=True)
class Column:
    name: str
    type: ColumnType
    nullable: bool = True
    default: str | None = None
    """The default as SQL text (`'pending'`, `0`, `CURRENT_TIMESTAMP`), None when there is none."""
    on_update: bool = False
    auto_increment: bool = False
    generated: bool = False
    """A generated (virtual or stored) column: read, never written."""


@final
@frozen(kw_only=True)
class Index:
    """An index or key; `columns` are the plain leading columns, empty for a functional one."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    partial: bool = False
    """It covers prefixes of columns or expressions, so that unique says nothing of whole values."""


@final
@frozen(kw_only=True)
class ForeignKey:
    columns: tuple[str, ...]
    target_table: str
    target_columns: tuple[str, ...]
    on_delete: str = "RESTRICT"
    name: str = ""


@final
@frozen(kw_only=True)
class SourceTable:
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    """Without the primary key."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    line: int = 0
    """Where its CREATE TABLE starts in the DDL file; 0 for a live table."""
    by_name: Mapping[str, Column] = field(init=False, repr=False, eq=False)
    """Columns by lower-case name (MySQL's column names are case-insensitive)."""

    @by_name.default
    def _index_columns(self) -> Mapping[str, Column]:
        return {column.name.lower(): column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of that name, in any case, or None."""
        return self.by_name.get(name.lower())

    def unique_keys(self) -> tuple[tuple[str, ...], ...]:
        """The primary key and every whole-column unique key, nullable ones included."""
        whole = (i.columns for i in self.indexes if i.unique and not i.partial and i.columns)
        return ((self.primary_key,) if self.primary_key else ()) + tuple(whole)

    def identifies(self, columns: Iterable[str]) -> bool:
        """Whether equality on these columns leaves at most one row."""
        held = {name.lower() for name in columns}
        return any(held.issuperset(n.lower() for n in key) for key in self.unique_keys())


@final
@frozen(kw_only=True, slots=False)
class Source:
    """All tables of one database."""

    tables: tuple[SourceTable, ...]
    default_collation: str | None = None

    @cached_property
    def by_name(self) -> Mapping[str, SourceTable]:
        """Tables by their exact name (table names are case-sensitive on Linux)."""
        return {table.name: table for table in self.tables}

    def table(self, name: str) -> SourceTable | None:
        """The table of that name: exact, else the only one that differs in case alone."""
        found = self.by_name.get(name)
        if found is not None:
            return found
        alike = [t for t in self.tables if t.name.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None
