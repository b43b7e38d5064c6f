"""Kinds of value: what a field may hold, exactly, in Python, in MySQL and in DynamoDB.

| kind      | Python          | from MySQL                  | DynamoDB types                     |
|-----------|-----------------|-----------------------------|------------------------------------|
| Integer   | int             | integers, COUNT             | N, S (plain digits)                |
| Fixed     | Decimal         | DECIMAL, SUM, AVG           | N (by value), S (with its scale)   |
| Float     | float           | FLOAT, DOUBLE               | N, S (shortest text)               |
| Boolean   | bool            | TINYINT(1), BIT(1)          | BOOL, N and S (1, 0)               |
| Text      | str             | CHAR, VARCHAR, TEXT, JSON   | S, N (only texts that are numbers) |
| Enum      | Literal[...]    | ENUM                        | S                                  |
| Members   | frozenset       | SET                         | SS (empty is absent), S            |
| Bytes     | bytes           | BINARY, BLOB                | B                                  |
| Bits      | int             | BIT                         | B, N                               |
| Date      | date            | DATE                        | S                                  |
| DateTime  | datetime, UTC   | DATETIME, TIMESTAMP         | S (ISO 8601), N (seconds of epoch) |
| Time      | timedelta       | TIME                        | S                                  |
| Year      | int             | YEAR                        | N, S                               |
| Json      | JsonValue       | JSON                        | M, L                               |
| Nested    | record, tuple   | columns, child rows         | M, L, S (compact JSON)             |
| Listed    | tuple           | columns                     | L                                  |
| Opaque    | (none)          | spatial and unknown types   | (none)                             |
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias, final

from attrs import frozen

from dalkit.source.tables import ColumnType

__all__ = [
    "Bits",
    "Boolean",
    "Bytes",
    "Date",
    "DateTime",
    "Enum",
    "Fixed",
    "Float",
    "Integer",
    "Json",
    "JsonValue",
    "Kind",
    "Listed",
    "Member",
    "Members",
    "Nested",
    "Opaque",
    "Text",
    "Time",
    "Year",
    "allowed_types",
    "kind_of",
]

JsonValue: TypeAlias = (
    str | int | Decimal | bool | tuple["JsonValue", ...] | Mapping[str, "JsonValue"] | None
)
"""JSON as values: numbers are int or Decimal, arrays tuples, objects mappings."""


@final
@frozen
class Integer:
    """Whole numbers from `low` to `high`, both included."""

    low: int = -(2**63)
    high: int = 2**64 - 1


@final
@frozen
class Fixed:
    """Decimals of `precision` digits in all, `scale` of them after the point."""

    precision: int = 65
    scale: int = 0


@final
@frozen
class Float:
    """IEEE 754 binary numbers of 32 or 64 bits, without NaN and the infinities."""

    bits: Literal[32, 64] = 64


@final
@frozen
class Boolean:
    pass


@final
@frozen
class Text:
    """Unicode text of at most `length` characters; None is no limit of its own."""

    length: int | None = None


@final
@frozen
class Enum:
    values: tuple[str, ...]


@final
@frozen
class Members:
    """A set of some of `values`, in MySQL's order."""

    values: tuple[str, ...]


@final
@frozen
class Bytes:
    """At most `length` bytes; `fixed` pads to it (BINARY)."""

    length: int | None = None
    fixed: bool = False


@final
@frozen
class Bits:
    """Unsigned whole numbers of `width` bits; as bytes, big-endian, (width + 7) // 8 of them."""

    width: int = 1


@final
@frozen
class Date:
    pass


@final
@frozen
class DateTime:
    """An instant in UTC with `digits` fraction digits (0-6)."""

    digits: int = 0


@final
@frozen
class Time:
    """A span of -838:59:59 to 838:59:59 with `digits` fraction digits (0-6)."""

    digits: int = 0


@final
@frozen
class Year:
    pass


@final
@frozen
class Json:
    pass


@final
@frozen
class Opaque:
    """A column type that dalkit does not carry; `text` is the type as declared."""

    text: str


@final
@frozen
class Member:
    """One member of a nested record: `name` in the item, `field` in the record."""

    name: str
    field: str
    kind: Kind
    nullable: bool = True
    type: str = "S"
    """The attribute type of the member inside the map."""


@final
@frozen
class Nested:
    """A record inside a record: a map of columns, one child row, or (`array`) all of them."""

    record: str
    """The class name of the nested record."""
    members: tuple[Member, ...]
    array: bool = False


@final
@frozen
class Listed:
    """A list of columns: a tuple with one value for each."""

    items: tuple[Member, ...]


Kind: TypeAlias = (
    Integer
    | Fixed
    | Float
    | Boolean
    | Text
    | Enum
    | Members
    | Bytes
    | Bits
    | Date
    | DateTime
    | Time
    | Year
    | Json
    | Nested
    | Listed
    | Opaque
)

_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_TEXTS = {
    "tinytext": 255,
    "text": 65_535,
    "mediumtext": 16_777_215,
    "longtext": 4_294_967_295,
}
_BLOBS = {
    "tinyblob": 255,
    "blob": 65_535,
    "mediumblob": 16_777_215,
    "longblob": 4_294_967_295,
}

_ALLOWED: Mapping[type[Any], tuple[str, ...]] = {
    Integer: ("N", "S"),
    Fixed: ("N", "S"),
    Float: ("N", "S"),
    Boolean: ("BOOL", "N", "S"),
    Text: ("S", "N"),
    Enum: ("S",),
    Members: ("SS", "S"),
    Bytes: ("B",),
    Bits: ("B", "N"),
    Date: ("S",),
    DateTime: ("S", "N"),
    Time: ("S",),
    Year: ("S", "N"),
    Json: ("M", "L"),
    Listed: ("L",),
    Opaque: (),
}


def allowed_types(kind: Kind) -> tuple[str, ...]:
    """The attribute types that can carry a kind, the natural one first; NULL carries none."""
    if isinstance(kind, Nested):
        return ("L", "S") if kind.array else ("M", "S")
    return _ALLOWED[type(kind)]


def kind_of(type: ColumnType, attribute_type: str) -> Kind:
    """The kind of a column under an attribute type (only BOOL, M and L change what it is)."""
    base = type.base
    if base in _INTEGERS:
        if attribute_type == "BOOL" and base == "tinyint" and type.length == 1:
            return Boolean()
        return _integer(_INTEGERS[base], type.unsigned)
    if base == "bit":
        width = type.length or 1
        return Boolean() if attribute_type == "BOOL" and width == 1 else Bits(width)
    if base == "json":
        return Json() if attribute_type in ("M", "L") else Text()
    return _plain(type)


def _integer(bits: int, unsigned: bool) -> Integer:
    if unsigned:
        return Integer(0, 2**bits - 1)
    return Integer(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _plain(type: ColumnType) -> Kind:
    match type.base:
        case "decimal":
            return Fixed(type.precision or 10, type.scale or 0)
        case "float":
            return Float(32)
        case "double":
            return Float(64)
        case "char" | "varchar":
            return Text(type.length)
        case "tinytext" | "text" | "mediumtext" | "longtext":
            return Text(type.length or _TEXTS[type.base])
        case "binary":
            return Bytes(type.length or 1, fixed=True)
        case "varbinary":
            return Bytes(type.length)
        case "tinyblob" | "blob" | "mediumblob" | "longblob":
            return Bytes(type.length or _BLOBS[type.base])
        case "enum":
            return Enum(type.values)
        case "set":
            return Members(type.values)
        case "date":
            return Date()
        case "datetime" | "timestamp":
            return DateTime(type.scale or 0)
        case "time":
            return Time(type.scale or 0)
        case "year":
            return Year()
        case _:
            return Opaque(type.text or type.base)
