"""A key, constraint or check of CREATE TABLE, ALTER TABLE or CREATE INDEX."""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import frozen

from dalkit.source.columns import skip_reference
from dalkit.source.cursor import Cursor
from dalkit.source.tables import ForeignKey, Index

__all__ = [
    "Check",
    "Key",
    "KeyPart",
    "NoKey",
    "PrimaryKey",
    "Reference",
    "index_on",
    "read_index",
    "read_key",
    "starts_key",
]


@final
@frozen
class KeyPart:
    """One part of a key; a length makes it a prefix, no column an expression."""

    column: str | None
    length: int | None = None


@final
@frozen
class PrimaryKey:
    """A primary key's columns, in order."""

    columns: tuple[str, ...]


@final
@frozen
class Key:
    """An index with its parts; the name is "" where the server gives one."""

    name: str
    parts: tuple[KeyPart, ...]
    unique: bool = False
    searched: bool = True
    """False for full-text, spatial and vector indexes, which find no equal values."""


@final
@frozen(kw_only=True)
class Reference:
    """A foreign key as written: the target's database, or "", and the name asked for its index."""

    key: ForeignKey
    database: str = ""
    index: str = ""


@final
@frozen
class Check:
    """A check, which limits values but identifies nothing."""

    condition: str


@final
@frozen
class NoKey:
    """A clause that constrains nothing here (`PERIOD FOR …`)."""


Clause: TypeAlias = PrimaryKey | Key | Reference | Check | NoKey
MAXIMUM_PARTS = 64
"""Of one key; MySQL takes 16, MariaDB 32."""
_SPECIAL = ("FULLTEXT", "SPATIAL")


def starts_key(cursor: Cursor) -> bool:
    """Whether a key or constraint stands here rather than a column."""
    word, second = cursor.word(), cursor.word(ahead=1)
    if word in ("PERIOD", "VECTOR"):
        return second in ("FOR", "INDEX", "KEY")
    return word in (
        "PRIMARY", "UNIQUE", "KEY", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", *_SPECIAL
    )  # fmt: skip


def read_key(cursor: Cursor) -> Clause:
    """The key or constraint that stands here, with its options; raises Unreadable for neither."""
    symbol = _symbol(cursor)
    if cursor.accept("PRIMARY", "KEY"):
        _skip_using(cursor)
        return PrimaryKey(tuple(_plain(cursor, part) for part in _parts_and_options(cursor)))
    if cursor.accept("FOREIGN", "KEY"):
        return _foreign(cursor, symbol)
    if cursor.accept("CHECK"):
        condition = cursor.group()
        cursor.accept("NOT")
        cursor.accept("ENFORCED")
        return Check(condition)
    if cursor.accept("PERIOD"):
        cursor.expect("FOR")
        cursor.name()
        cursor.group()
        return NoKey()
    return _index(cursor, symbol)


def index_on(key: Key, name: str) -> Index:
    """The index that the key makes, under this name."""
    if not key.searched:
        return Index(name=name, columns=(), partial=True)
    plain: list[str] = []
    for part in key.parts:
        if part.column is None:
            break
        plain.append(part.column)
    partial = any(part.column is None or part.length is not None for part in key.parts)
    return Index(name=name, columns=tuple(plain), unique=key.unique, partial=partial)


def read_index(cursor: Cursor) -> tuple[Key, str]:
    """The key of a CREATE INDEX from the word INDEX, or the one before it, and its table."""
    unique = cursor.accept("UNIQUE")
    searched = unique or not cursor.accept_any(*_SPECIAL, "VECTOR")
    cursor.expect("INDEX")
    cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.name()
    _skip_using(cursor)
    cursor.expect("ON")
    table = cursor.table_name()[1]
    return Key(name, _parts_and_options(cursor), unique, searched), table


def _symbol(cursor: Cursor) -> str:
    if not cursor.accept("CONSTRAINT"):
        return ""
    named = cursor.word() not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK")
    cursor.accept("IF", "NOT", "EXISTS")
    return cursor.name() if named else ""


def _index(cursor: Cursor, symbol: str) -> Key:
    unique = cursor.accept("UNIQUE")
    searched = not (not unique and cursor.accept_any(*_SPECIAL, "VECTOR"))
    if not cursor.accept_any("KEY", "INDEX") and not unique and searched:
        raise cursor.unreadable("a key is expected")
    cursor.accept("IF", "NOT", "EXISTS")
    name = symbol
    if not cursor.is_sign("(") and not _using(cursor):
        name = cursor.name()
    _skip_using(cursor)
    return Key(name, _parts_and_options(cursor), unique, searched)


def _foreign(cursor: Cursor, symbol: str) -> Reference:
    cursor.accept("IF", "NOT", "EXISTS")
    index = "" if cursor.is_sign("(") else cursor.name()
    columns = cursor.names()
    cursor.expect("REFERENCES")
    database, target = cursor.table_name()
    targets = cursor.names() if cursor.is_sign("(") else ()
    if targets and len(targets) != len(columns):
        raise cursor.unreadable("as many columns as the foreign key has are expected")
    key = ForeignKey(
        columns=columns,
        target_table=target,
        target_columns=targets,
        on_delete=skip_reference(cursor),
        name=symbol,
    )
    return Reference(key=key, database=database, index=symbol or index)


def _using(cursor: Cursor) -> bool:
    return cursor.word() in ("USING", "TYPE") and cursor.word(ahead=1) in ("BTREE", "HASH", "RTREE")


def _skip_using(cursor: Cursor) -> None:
    if _using(cursor):
        cursor.at += 2


def _plain(cursor: Cursor, part: KeyPart) -> str:
    if part.column is None:
        raise cursor.unreadable("a primary key has columns only")
    return part.column


def _parts_and_options(cursor: Cursor) -> tuple[KeyPart, ...]:
    cursor.expect_sign("(")
    parts = [_part(cursor)]
    while cursor.accept_sign(",") and len(parts) <= MAXIMUM_PARTS:
        parts.append(_part(cursor))
    cursor.expect_sign(")")
    _skip_options(cursor)
    return tuple(parts)


def _part(cursor: Cursor) -> KeyPart:
    if cursor.is_sign("("):
        cursor.group()
        found = KeyPart(None)
    else:
        name = cursor.name()
        if cursor.accept("WITHOUT", "OVERLAPS"):
            found = KeyPart(None)  # A period: its times may differ in every row.
        elif cursor.is_sign("("):
            length = cursor.group()
            digits = length.isdecimal() and len(length) < 10
            found = KeyPart(name, int(length)) if digits else KeyPart(None)
        else:
            found = KeyPart(name)
    cursor.accept_any("ASC", "DESC")
    return found


def _skip_options(cursor: Cursor) -> None:
    """Step over USING BTREE, KEY_BLOCK_SIZE=8, COMMENT '…', WITH PARSER x, INVISIBLE and others."""
    while not (cursor.done or cursor.is_sign(",") or cursor.is_sign(")")):
        if cursor.is_sign("("):
            cursor.group()
        else:
            cursor.take()
