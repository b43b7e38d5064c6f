"""One column of CREATE TABLE or ALTER TABLE: name, type, and attributes in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import final

from attrs import define, field, frozen

from dalkit.source.collations import Text
from dalkit.source.column_types import KNOWN_OPAQUE, TEXTUAL, held_as, read_sign, read_type
from dalkit.source.cursor import Cursor
from dalkit.source.defaults import Default, is_now, read_default, settled
from dalkit.source.tables import Column, ColumnType

__all__ = ["ReadColumn", "is_json_check", "read_column", "skip_reference"]

_ACTIONS = ("CASCADE", "RESTRICT", "SET NULL", "NO ACTION", "SET DEFAULT")


@final
@frozen(kw_only=True)
class ReadColumn:
    """A column, and what its clause says beside it."""

    column: Column
    primary: bool = False
    unique: bool = False
    reference: bool = False
    """It says REFERENCES, which MySQL before 9 reads and forgets."""
    unknown: tuple[str, ...] = ()
    """Words that are no attribute of a column here."""
    after: str | None = None
    """The column it is to stand behind; "" for the first place, None for the last or its own."""


@define
class _Clause:
    """What the attributes of one column have said so far."""

    type: ColumnType
    name: str
    nullable: bool = True
    default: Default = field(factory=lambda: Default("none"))
    on_update: bool = False
    auto_increment: bool = False
    generated: bool = False
    charset: str | None = None
    collation: str | None = None
    binary: bool = False
    primary: bool = False
    unique: bool = False
    reference: bool = False
    json: bool = False
    after: str | None = None
    unknown: list[str] = field(factory=list[str])


def read_column(cursor: Cursor, text: Text) -> ReadColumn:
    """The column that stands here, up to the comma or parenthesis behind it.

    `text` is what the table holds text as. Raises Unreadable where it is no column.
    """
    name = cursor.name()
    first = cursor.word()
    national = first in ("NATIONAL", "NCHAR", "NVARCHAR")
    clause = _Clause(type=read_type(cursor), name=name, charset="utf8mb3" if national else None)
    if first == "SERIAL":
        clause.nullable, clause.auto_increment, clause.unique = False, True, True
    elif clause.type.base == "opaque" and first.lower() not in KNOWN_OPAQUE:
        clause.unknown.append(first)
    while not (cursor.done or cursor.is_sign(",") or cursor.is_sign(")")):
        _attribute(cursor, clause)
    return _finished(clause, text)


def is_json_check(condition: str, column: str) -> bool:
    """Whether a check's condition is what MariaDB gives a JSON column."""
    cursor = Cursor(condition)
    if not (cursor.accept("JSON_VALID") and cursor.accept_sign("(") and cursor.is_name()):
        return False
    return cursor.name().lower() == column.lower() and cursor.accept_sign(")") and cursor.done


def skip_reference(cursor: Cursor) -> str:
    """Step over MATCH, ON DELETE and ON UPDATE; answer the action on delete."""
    on_delete = "RESTRICT"
    while True:
        if cursor.accept("MATCH"):
            cursor.take()
        elif cursor.accept("ON", "DELETE"):
            on_delete = _action(cursor)
        elif cursor.accept("ON", "UPDATE"):
            _action(cursor)
        else:
            # NO ACTION is RESTRICT in InnoDB, and servers differ in which they print.
            return "RESTRICT" if on_delete == "NO ACTION" else on_delete


def _action(cursor: Cursor) -> str:
    for action in _ACTIONS:
        if cursor.accept(*action.split()):
            return action
    raise cursor.unreadable("CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION is expected")


def _finished(clause: _Clause, text: Text) -> ReadColumn:
    own = text.named(clause.charset, clause.collation)
    if clause.binary and clause.collation is None and own.charset is not None:
        own = own.named(own.charset, f"{own.charset}_bin")
    known = held_as(clause.type, own)
    if clause.json and known.base == "longtext":
        known = ColumnType(base="json", text=known.text)
    column = Column(
        name=clause.name,
        type=known,
        nullable=clause.nullable and not clause.primary,
        default=settled(clause.default, known),
        on_update=clause.on_update,
        auto_increment=clause.auto_increment,
        generated=clause.generated,
    )
    return ReadColumn(
        column=column,
        primary=clause.primary,
        unique=clause.unique,
        reference=clause.reference,
        unknown=tuple(clause.unknown),
        after=clause.after,
    )


def _attribute(cursor: Cursor, clause: _Clause) -> None:
    word = cursor.word()
    read = _ATTRIBUTES.get(word)
    if read is not None:
        cursor.take()
        read(cursor, clause)
    elif word in _VALUED:
        cursor.take()
        cursor.accept_sign("=")
        cursor.take()
    elif word in ("UNSIGNED", "SIGNED", "ZEROFILL"):
        clause.type = read_sign(cursor, clause.type)
    elif cursor.is_sign("("):
        cursor.group()
    else:
        clause.unknown.append(cursor.take().text)
        if cursor.accept_sign("="):
            cursor.take()


def _not(cursor: Cursor, clause: _Clause) -> None:
    if cursor.accept("NULL"):
        clause.nullable = False
    elif not cursor.accept_any("ENFORCED", "SECONDARY", "VISIBLE"):
        raise cursor.unreadable("NULL is expected behind NOT")


def _null(_cursor: Cursor, clause: _Clause) -> None:
    clause.nullable = True


def _default(cursor: Cursor, clause: _Clause) -> None:
    clause.default = read_default(cursor)


def _on(cursor: Cursor, clause: _Clause) -> None:
    cursor.expect("UPDATE")
    if not is_now(cursor):
        raise cursor.unreadable("CURRENT_TIMESTAMP is expected")
    read_default(cursor)
    clause.on_update = True


def _auto_increment(_cursor: Cursor, clause: _Clause) -> None:
    clause.auto_increment, clause.nullable = True, False


def _unique(cursor: Cursor, clause: _Clause) -> None:
    cursor.accept("KEY")
    clause.unique = True


def _primary(cursor: Cursor, clause: _Clause) -> None:
    cursor.accept("KEY")
    clause.primary = True


def _serial(cursor: Cursor, clause: _Clause) -> None:
    cursor.expect("DEFAULT", "VALUE")
    clause.nullable, clause.auto_increment, clause.unique = False, True, True


def _charset(cursor: Cursor, clause: _Clause) -> None:
    cursor.accept_sign("=")
    clause.charset = cursor.take().text


def _character(cursor: Cursor, clause: _Clause) -> None:
    cursor.expect("SET")
    _charset(cursor, clause)


def _collate(cursor: Cursor, clause: _Clause) -> None:
    cursor.accept_sign("=")
    clause.collation = cursor.take().text


def _ascii(_cursor: Cursor, clause: _Clause) -> None:
    clause.charset = "latin1"


def _unicode(_cursor: Cursor, clause: _Clause) -> None:
    clause.charset = "ucs2"


def _byte(_cursor: Cursor, clause: _Clause) -> None:
    clause.charset = "binary"


def _binary(_cursor: Cursor, clause: _Clause) -> None:
    clause.binary = clause.type.base in TEXTUAL


def _generated(cursor: Cursor, clause: _Clause) -> None:
    cursor.expect("ALWAYS", "AS")
    _as(cursor, clause)


def _as(cursor: Cursor, clause: _Clause) -> None:
    clause.generated = True
    if cursor.accept("ROW"):
        if not cursor.accept_any("START", "END"):
            raise cursor.unreadable("START or END is expected")
        clause.nullable = False
        return
    cursor.group()
    cursor.accept_any("VIRTUAL", "STORED", "PERSISTENT")


def _constraint(cursor: Cursor, _clause: _Clause) -> None:
    if cursor.word() != "CHECK":
        cursor.name()


def _check(cursor: Cursor, clause: _Clause) -> None:
    clause.json = clause.json or is_json_check(cursor.group(), clause.name)


def _references(cursor: Cursor, clause: _Clause) -> None:
    cursor.table_name()
    if cursor.is_sign("("):
        cursor.names()
    skip_reference(cursor)
    clause.reference = True


def _with(cursor: Cursor, _clause: _Clause) -> None:
    cursor.expect("SYSTEM", "VERSIONING")


def _first(_cursor: Cursor, clause: _Clause) -> None:
    clause.after = ""


def _after(cursor: Cursor, clause: _Clause) -> None:
    clause.after = cursor.name()


def _flag(cursor: Cursor, _clause: _Clause) -> None:
    if cursor.accept_sign("="):
        cursor.take()


_ATTRIBUTES: Mapping[str, Callable[[Cursor, _Clause], None]] = {
    "NOT": _not, "NULL": _null, "DEFAULT": _default, "ON": _on,
    "AUTO_INCREMENT": _auto_increment, "SERIAL": _serial,
    "UNIQUE": _unique, "PRIMARY": _primary, "KEY": _primary,
    "CHARACTER": _character, "CHARSET": _charset, "COLLATE": _collate,
    "ASCII": _ascii, "UNICODE": _unicode, "BYTE": _byte, "BINARY": _binary,
    "GENERATED": _generated, "AS": _as, "CONSTRAINT": _constraint, "CHECK": _check,
    "REFERENCES": _references, "WITH": _with, "WITHOUT": _with,
    "FIRST": _first, "AFTER": _after,
    **dict.fromkeys(
        ("VIRTUAL", "STORED", "PERSISTENT", "ENFORCED", "VISIBLE", "INVISIBLE", "COMPRESSED"),
        _flag,
    ),
}  # fmt: skip
_VALUED = frozenset((
    "COMMENT", "COLUMN_FORMAT", "STORAGE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE",
    "SRID", "REF_SYSTEM_ID",
))  # fmt: skip
