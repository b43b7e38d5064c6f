"""A column's type as MySQL, MariaDB or a person writes it, normalized."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from dalkit.source.collations import Text, bytes_per_character
from dalkit.source.cursor import Cursor
from dalkit.source.tables import ColumnType

__all__ = ["KNOWN_OPAQUE", "NUMERIC", "TEXTUAL", "held_as", "read_sign", "read_type"]

_PHRASES: Mapping[str, str] = {
    **{same: same for same in (
        "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit",
        "year", "date", "time", "datetime", "timestamp", "char", "varchar", "tinytext", "text",
        "mediumtext", "longtext", "binary", "varbinary", "tinyblob", "blob", "mediumblob",
        "longblob", "enum", "set", "json",
    )},
    "bool": "tinyint", "boolean": "tinyint", "int1": "tinyint",
    "int2": "smallint", "int3": "mediumint", "middleint": "mediumint",
    "integer": "int", "int4": "int", "int8": "bigint", "serial": "bigint",
    "dec": "decimal", "numeric": "decimal", "fixed": "decimal",
    "float4": "float", "float8": "double", "real": "double", "double precision": "double",
    "character": "char", "nchar": "char", "national char": "char", "national character": "char",
    "char varying": "varchar", "character varying": "varchar", "varcharacter": "varchar",
    "nvarchar": "varchar", "nchar varchar": "varchar", "nchar varying": "varchar",
    "national varchar": "varchar", "national varcharacter": "varchar",
    "national char varying": "varchar", "national character varying": "varchar",
    "long": "mediumtext", "long varchar": "mediumtext", "long varcharacter": "mediumtext",
    "long char varying": "mediumtext", "long character varying": "mediumtext",
    "long varbinary": "mediumblob",
}  # fmt: skip
KNOWN_OPAQUE = frozenset((
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
    "geometrycollection", "geomcollection", "vector", "uuid", "inet4", "inet6",
))  # fmt: skip
_INTEGERS: Mapping[str, int] = {
    "tinyint": 3,
    "smallint": 5,
    "mediumint": 8,
    "int": 10,
    "bigint": 20,
}
"""With the width that ZEROFILL fills where none is given."""
NUMERIC = frozenset((*_INTEGERS, "decimal", "float", "double"))
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")
_BLOBS = ("tinyblob", "blob", "mediumblob", "longblob")
TEXTUAL = frozenset(("char", "varchar", *_TEXTS, "enum", "set"))
_BYTES: Mapping[str, str] = {
    "char": "binary",
    "varchar": "varbinary",
    **dict(zip(_TEXTS, _BLOBS, strict=True)),
}
_LIMITS = (255, 65_535, 16_777_215)
_NO_TYPE = frozenset((
    "", "NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "KEY", "COMMENT", "AUTO_INCREMENT",
    "REFERENCES", "CHECK", "CONSTRAINT", "COLLATE", "GENERATED", "AS", "ON", "FIRST", "AFTER",
))  # fmt: skip


def read_type(cursor: Cursor) -> ColumnType:
    """The type that stands here; an unknown one is opaque. `held_as` gives text its charset.

    Raises Unreadable where no type stands, or one with sizes that it cannot have.
    """
    if cursor.word() in _NO_TYPE:
        raise cursor.unreadable("a column's type is expected")
    start = cursor.peek().start
    phrase = _phrase(cursor)
    base = _PHRASES.get(phrase, "opaque")
    known = _members(cursor, base) if base in ("enum", "set") else _sized(cursor, base, phrase)
    known = read_sign(cursor, known)
    if phrase == "serial":
        known = evolve(known, unsigned=True)
    return evolve(known, text=cursor.text[start : cursor.peek(ahead=-1).end])


def read_sign(cursor: Cursor, known: ColumnType) -> ColumnType:
    """The type with the UNSIGNED, SIGNED and ZEROFILL that stand here."""
    while word := cursor.accept_any("UNSIGNED", "SIGNED", "ZEROFILL"):
        if word == "UNSIGNED":
            known = evolve(known, unsigned=True)
        elif word == "ZEROFILL":
            width = known.length or _INTEGERS.get(known.base)
            known = evolve(known, unsigned=True, zerofill=True, length=width)
    return known


def held_as(known: ColumnType, text: Text) -> ColumnType:
    """The type with its character set and collation; text under `binary` is bytes."""
    if known.base not in TEXTUAL:
        return _fitted(known, 1)
    if text.charset == "binary" and known.base in _BYTES:
        return _fitted(evolve(known, base=_BYTES[known.base]), 1)
    held = evolve(known, charset=text.charset, collation=text.collation)
    return _fitted(held, bytes_per_character(text.charset))


def _phrase(cursor: Cursor) -> str:
    """The longest type name that stands here, else the one word; stepped over."""
    for count in (3, 2):
        phrase = " ".join(cursor.word(ahead=ahead).lower() for ahead in range(count))
        if phrase in _PHRASES:
            cursor.at += count
            return phrase
    return cursor.take().text.lower()


def _sized(cursor: Cursor, base: str, phrase: str) -> ColumnType:
    if base == "opaque":
        if cursor.is_sign("("):
            cursor.group()
        return ColumnType(base=base)
    sizes = _sizes(cursor)
    if phrase in ("bool", "boolean"):
        sizes = (1,)
    if len(sizes) > (2 if base in ("decimal", "float", "double") else 1):
        raise cursor.unreadable(f"{base} has too many sizes")
    return _with_sizes(cursor, base, sizes)


def _with_sizes(cursor: Cursor, base: str, sizes: tuple[int, ...]) -> ColumnType:
    first = sizes[0] if sizes else None
    if base == "decimal":
        scale = sizes[1] if len(sizes) > 1 else 0
        return ColumnType(base=base, precision=10 if first is None else first or 10, scale=scale)
    if base in ("float", "double"):
        return _floating(base, sizes)
    if base in ("time", "datetime", "timestamp"):
        return ColumnType(base=base, scale=first or 0)
    if base in ("varchar", "varbinary") and first is None:
        raise cursor.unreadable(f"{base} needs a length")
    if base in ("char", "binary", "bit"):
        return ColumnType(base=base, length=1 if first is None else first)
    if base in ("date", "year", "json"):
        return ColumnType(base=base)
    return ColumnType(base=base, length=first)


def _floating(base: str, sizes: tuple[int, ...]) -> ColumnType:
    if len(sizes) == 2:
        return ColumnType(base=base, precision=sizes[0], scale=sizes[1])
    wide = base == "double" or (sizes != () and sizes[0] > 24)
    return ColumnType(base="double" if wide else "float")


def _sizes(cursor: Cursor) -> tuple[int, ...]:
    if not cursor.accept_sign("("):
        return ()
    found = [_size(cursor)]
    while cursor.accept_sign(","):
        found.append(_size(cursor))
    # `VARCHAR(20 CHAR)` is Oracle's, which MariaDB takes.
    cursor.accept_any("CHAR", "BYTE")
    cursor.expect_sign(")")
    return tuple(found)


def _size(cursor: Cursor) -> int:
    token = cursor.peek()
    if not (token.kind == "number" and token.text.isdecimal() and len(token.text) <= 10):
        raise cursor.unreadable("a size is expected")
    return int(cursor.take().text)


def _members(cursor: Cursor, base: str) -> ColumnType:
    cursor.expect_sign("(")
    found = [_member(cursor)]
    while cursor.accept_sign(","):
        found.append(_member(cursor))
    cursor.expect_sign(")")
    return ColumnType(base=base, values=tuple(found))


def _member(cursor: Cursor) -> str:
    if cursor.word().startswith("_") or cursor.word() == "N":
        cursor.take()
    if not cursor.is_text():
        raise cursor.unreadable("a member in quotes is expected")
    return cursor.take().text.rstrip(" ")  # The server takes trailing spaces off.


def _fitted(known: ColumnType, width: int) -> ColumnType:
    """Without the sizes that a server forgets; TEXT(n) and BLOB(n) are the least that hold n."""
    if known.base in ("text", "blob") and known.length is not None:
        limit = next((i for i, most in enumerate(_LIMITS) if known.length * width <= most), 3)
        family = _TEXTS if known.base == "text" else _BLOBS
        return evolve(known, base=family[limit], length=None)
    boolean = known.base == "tinyint" and known.length == 1 and not known.unsigned
    if known.base in _INTEGERS and not (boolean or known.zerofill):
        return evolve(known, length=None)
    return known
