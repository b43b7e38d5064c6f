"""A live information_schema as tables, columns and keys: what to ask, and the answers read.

MySQL 8 and later and MariaDB 10.4 and later; where they differ, the answers are read as the
server's version says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, final

from attrs import evolve, frozen

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, shown
from dalkit.source.collations import Text
from dalkit.source.column_types import KNOWN_OPAQUE, held_as, read_type
from dalkit.source.columns import is_json_check
from dalkit.source.cursor import Cursor, Unreadable
from dalkit.source.defaults import Default, read_default, settled
from dalkit.source.drafts import ordered
from dalkit.source.tables import Column, ColumnType, ForeignKey, Index, Source, SourceTable

__all__ = [
    "CHECKS",
    "COLUMNS",
    "REFERENCES",
    "STATISTICS",
    "TABLES",
    "Row",
    "inquiries",
    "read_live",
]

Row: TypeAlias = Sequence[object]
"""The cells of one row, in the order of the SELECT: str, bytes, int or None."""

TABLES = """\
SELECT t.TABLE_NAME, t.TABLE_COLLATION, s.DEFAULT_COLLATION_NAME, VERSION()
FROM information_schema.TABLES AS t
JOIN information_schema.SCHEMATA AS s ON s.SCHEMA_NAME = t.TABLE_SCHEMA
WHERE t.TABLE_SCHEMA = %s AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
ORDER BY t.TABLE_NAME"""

COLUMNS = """\
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
  CHARACTER_SET_NAME, COLLATION_NAME, GENERATION_EXPRESSION
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = %s
ORDER BY TABLE_NAME, ORDINAL_POSITION"""

STATISTICS = """\
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NON_UNIQUE, SUB_PART, INDEX_TYPE
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = %s
ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"""

REFERENCES = """\
SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA,
  k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, k.TABLE_SCHEMA
FROM information_schema.KEY_COLUMN_USAGE AS k
JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r
  ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME
  AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
WHERE k.TABLE_SCHEMA = %s AND r.CONSTRAINT_SCHEMA = %s AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION"""

# Only MariaDB's checks bear a table's name, and only there they tell which columns are JSON: MySQL
# skips the first comment as a comment, MariaDB the second.
CHECKS = """\
SELECT /*M! TABLE_NAME, */ CONSTRAINT_NAME, CHECK_CLAUSE
FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = %s /*!80000 AND 1 = 0 */"""


_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def inquiries(database: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The statements and their parameters, whose answers are the arguments of `read_live`."""
    one = (database,)
    return (
        (TABLES, one),
        (COLUMNS, one),
        (STATISTICS, one),
        (REFERENCES, (database, database)),
        (CHECKS, one),
    )


def read_live(
    tables: Iterable[Row],
    columns: Iterable[Row],
    statistics: Iterable[Row],
    references: Iterable[Row],
    checks: Iterable[Row] = (),
) -> tuple[Source, tuple[Problem, ...]]:
    """The tables of one database, from the answers to `inquiries`; views are left out."""
    problems: list[Problem] = []
    found = [_texts(row) for row in tables]
    server = _Server.of(found, checks)
    columns_of = _by_table(columns)
    indexes_of, references_of = _by_table(statistics), _by_table(references)
    read: list[SourceTable] = []
    for name in (row[0] or "" for row in found):
        primary, indexes = _indexes(indexes_of[name])
        read.append(
            SourceTable(
                name=name,
                columns=tuple(_column(row, server, problems) for row in columns_of[name]),
                primary_key=primary,
                indexes=indexes,
                foreign_keys=tuple(_foreign_keys(references_of[name], problems)),
            )
        )
    if not read:
        problems.append(problem("DK411", "live:", "the database has no table, or is not there"))
    return Source(tables=tuple(read), default_collation=server.collation), tuple(problems)


Cells: TypeAlias = tuple[str | None, ...]


@final
@frozen
class _Server:
    mariadb: bool
    collation: str | None
    json: frozenset[tuple[str, str]]
    """(table, column in lower case) of MariaDB's JSON columns."""

    @classmethod
    def of(cls, tables: Sequence[Cells], checks: Iterable[Row]) -> _Server:
        first = tables[0] if tables else (None, None, None, "")
        json = frozenset(
            (table or "", name.lower())
            for table, name, clause in map(_texts, checks)
            if name and _is_json(clause or "", name)
        )
        collation = Text().named(None, first[2]).collation
        return cls("mariadb" in (first[3] or "").lower(), collation, json)


def _is_json(clause: str, name: str) -> bool:
    try:
        return is_json_check(clause, name)
    except Unreadable:
        return False


def _texts(row: Row) -> Cells:
    return tuple(_text(cell) for cell in row)


def _text(cell: object) -> str | None:
    if isinstance(cell, bytes | bytearray):
        return cell.decode("utf-8", "replace")
    return None if cell is None else str(cell)


def _by_table(rows: Iterable[Row]) -> Mapping[str, list[Cells]]:
    found: defaultdict[str, list[Cells]] = defaultdict(list)
    for row in rows:
        cells = _texts(row)
        found[cells[0] or ""].append(cells)
    return found


def _column(row: Cells, server: _Server, problems: list[Problem]) -> Column:
    table, name, declared, nullable, default, extra, charset, collation, expression = row
    table, name, extra = table or "", name or "", (extra or "").upper()
    known = held_as(
        _type(declared or "", f"{table}.{name}", problems), Text().named(charset, collation)
    )
    if known.base == "longtext" and (table, name.lower()) in server.json:
        known = ColumnType(base="json", text=known.text)
    generated = bool(expression) and " GENERATED" in f" {extra}"
    return Column(
        name=name,
        type=known,
        nullable=nullable == "YES",
        default=None if generated else _default(default, extra, known, server),
        on_update="ON UPDATE" in extra,
        auto_increment="AUTO_INCREMENT" in extra,
        generated=generated,
    )


def _type(declared: str, where: str, problems: list[Problem]) -> ColumnType:
    try:
        cursor = Cursor(declared)
        word = cursor.word().lower()
        known = evolve(read_type(cursor), text=declared)
    except Unreadable:
        known, word = ColumnType(base="opaque", text=declared), ""
    if known.base == "opaque" and word not in KNOWN_OPAQUE:
        text = f"type {shown(declared)} of column {shown(where)} is not known"
        problems.append(problem("DK409", f"live:{where}", text))
    return known


def _default(text: str | None, extra: str, known: ColumnType, server: _Server) -> str | None:
    """MariaDB gives SQL; MySQL the value, or an expression's SQL when EXTRA says so."""
    if text is None:
        return None
    if not server.mariadb and "DEFAULT_GENERATED" not in extra:
        # MySQL gives the default of a binary column, and no other, as 0x….
        literal = known.base in ("binary", "varbinary") and text.startswith("0x")
        return settled(Default("expression" if literal else "value", text), known)
    # MySQL escapes an expression's text as if it stood in quotes.
    written = text if server.mariadb else "(" + _ESCAPED.sub(r"\1", text) + ")"
    try:
        cursor = Cursor(written)
        read = read_default(cursor)
    except Unreadable:
        return settled(Default("expression", text), known)
    return settled(read if cursor.done else Default("expression", text), known)


def _indexes(rows: Iterable[Cells]) -> tuple[tuple[str, ...], tuple[Index, ...]]:
    """The primary key's columns, and the other indexes."""
    parts: defaultdict[str, list[Cells]] = defaultdict(list)
    for row in rows:
        parts[row[1] or ""].append(row)
    primary = tuple(row[2] or "" for row in parts.pop("PRIMARY", ()))
    return primary, ordered(_index(name, rows) for name, rows in parts.items())


def _index(name: str, parts: Sequence[Cells]) -> Index:
    unique, kind = parts[0][3] == "0", (parts[0][5] or "").upper()
    if kind in ("FULLTEXT", "SPATIAL", "VECTOR"):
        return Index(name=name, columns=(), partial=True)
    columns: list[str] = []
    for part in parts:
        if part[2] is None:
            break
        columns.append(part[2])
    partial = any(part[2] is None or part[4] is not None for part in parts)
    return Index(name=name, columns=tuple(columns), unique=unique, partial=partial)


def _foreign_keys(rows: Iterable[Cells], problems: list[Problem]) -> Iterator[ForeignKey]:
    parts: defaultdict[str, list[Cells]] = defaultdict(list)
    for row in rows:
        parts[row[1] or ""].append(row)
    for name, held in sorted(parts.items(), key=lambda item: item[0].lower()):
        table, _, _, schema, target, _, rule, home = held[0]
        if schema != home:
            text = f"foreign key {shown(name)} points to {shown(f'{schema}.{target}')}"
            problems.append(problem("DK408", f"live:{table}", text))
            continue
        yield ForeignKey(
            columns=tuple(row[2] or "" for row in held),
            target_table=target or "",
            target_columns=tuple(row[5] or "" for row in held),
            on_delete="RESTRICT" if rule == "NO ACTION" else rule or "RESTRICT",
            name=name,
        )
