"""Entities made to be difficult: every kind under every attribute type, keys of every shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dalkit import kinds
from dalkit.kinds import Member, Nested, allowed_types
from dalkit.records.made import make_records
from dalkit.schema import definition as d
from dalkit.schema.entity import Entity
from dalkit.source.tree import Children, Column, Hop, Literal

__all__ = ["SCALARS", "entity_of", "zoo"]

SCALARS: Mapping[str, kinds.Kind] = {
    "tiny": kinds.Integer(-128, 127),
    "natural": kinds.Integer(0, 2**64 - 1),
    "large": kinds.Integer(-(2**63), 2**63 - 1),
    "money": kinds.Fixed(10, 2),
    "fine": kinds.Fixed(30, 12),
    "count": kinds.Fixed(20, 0),
    "fraction": kinds.Fixed(4, 4),
    "widest": kinds.Fixed(65, 30),
    "single": kinds.Float(32),
    "double": kinds.Float(64),
    "flag": kinds.Boolean(),
    "short": kinds.Text(5),
    "free": kinds.Text(),
    "choice": kinds.Enum(("a", "it's", "ü", "")),
    "some": kinds.Members(("x", "y z", "ö")),
    "raw": kinds.Bytes(20),
    "block": kinds.Bytes(4, fixed=True),
    "bit": kinds.Bits(1),
    "mask": kinds.Bits(13),
    "day": kinds.Date(),
    "moment": kinds.DateTime(),
    "milli": kinds.DateTime(3),
    "micro": kinds.DateTime(6),
    "span": kinds.Time(),
    "spent": kinds.Time(6),
    "year": kinds.Year(),
    "tree": kinds.Json(),
}

_ITEM = Nested(
    "Line",
    (
        Member("number", "number", kinds.Integer(0, 10**6), False, "N"),
        Member("price", "price", kinds.Fixed(10, 2), True, "N"),
        Member("note'\"", "note", kinds.Text(40), True, "S"),
        Member("when", "when", kinds.DateTime(), False, "S"),
        Member("ok", "ok", kinds.Boolean(), True, "BOOL"),
    ),
    array=True,
)
_DEEP = Nested(
    "Deep",
    (
        Member("raw", "raw", kinds.Bytes(), True, "B"),
        Member("set", "set_", kinds.Members(("m", "n")), False, "SS"),
        Member("some", "some", kinds.Text(), False, "S"),
        Member("size", "size", kinds.Float(64), True, "N"),
    ),
)
_PLAIN = Nested(
    "Person",
    (
        Member("first", "first", kinds.Text(10), True, "S"),
        Member("last", "last", kinds.Text(10), True, "S"),
    ),
)


def entity_of(
    name: str,
    *,
    fields: Sequence[d.FieldDefinition],
    attributes: Sequence[d.AttributeDefinition],
    key: Sequence[str],
    cells: Sequence[d.Cell] = (),
    table: d.TableDefinition | None = None,
) -> d.EntityDefinition:
    """An entity of a table `PK`, `SK`; without `cells` every field is a column of its name."""
    made = cells or [
        d.Cell(name=one.name, value=Column("t", one.name), kind=one.kind, nullable=one.nullable)
        for one in fields
    ]
    return d.EntityDefinition(
        name=name,
        record=name.title(),
        handle=f"{name}s",
        table=table or d.TableDefinition(name="Zoo", pk=_key("PK"), sk=_key("SK")),
        source=d.SourceDefinition(table=name, identity=tuple(key), cells=tuple(made)),
        fields=tuple(fields),
        attributes=tuple(attributes),
        key=tuple(key),
    )


@lru_cache(maxsize=1)
def zoo() -> Mapping[str, Entity[Any, Any]]:
    """All entities by name."""
    made = (
        _kinds(),
        _texts(),
        _nullable(),
        _nested(),
        _keys(),
        _escaped(),
        _named(),
        _numbered(),
        _middle(),
    )
    return make_records(d.Schema(tables=(), entities=made))


def _key(name: str) -> d.KeyAttribute:
    return d.KeyAttribute(name)


def _field(
    name: str, kind: kinds.Kind, *, nullable: bool = False, **more: Any
) -> d.FieldDefinition:
    given = {"cells": (name,), "column": name, **more}
    return d.FieldDefinition(name=name, kind=kind, nullable=nullable, **given)


def _carried(field: d.FieldDefinition, type: str, name: str = "") -> d.AttributeDefinition:
    return d.AttributeDefinition(name=name or field.name, type=type, content=d.Carried(field.name))


def _template(name: str, *parts: str | d.Part, escape: bool = False) -> d.AttributeDefinition:
    return d.AttributeDefinition(name=name, type="S", content=d.Template(parts, escape))


def _identified(
    fields: Sequence[d.FieldDefinition], attributes: Sequence[d.AttributeDefinition]
) -> tuple[list[d.FieldDefinition], list[d.AttributeDefinition]]:
    own = _field("id", kinds.Integer(0, 2**31 - 1))
    keys = [_template("PK", "THING#", d.Part("id")), _template("SK", "#META")]
    return [own, *fields], [*keys, *attributes]


def _kinds() -> d.EntityDefinition:
    found = [_field(name, kind) for name, kind in SCALARS.items()]
    fields, attributes = _identified(
        found, [_carried(one, allowed_types(one.kind)[0]) for one in found]
    )
    kept = [one for one in attributes if one.name != "widest"]
    kept.append(_carried(fields[[one.name for one in fields].index("widest")], "S"))
    return entity_of("kind", fields=fields, attributes=kept, key=("id",))


def _texts() -> d.EntityDefinition:
    found = [_field(name, kind) for name, kind in SCALARS.items() if name != "raw"]
    fields, attributes = _identified(
        found, [_carried(one, allowed_types(one.kind)[-1]) for one in found]
    )
    attributes.append(_carried(found[0], "N", "again"))
    attributes.append(_constant("kind", "S", 'it"s {one}'))
    attributes.append(_constant("version", "N", Decimal("1.50")))
    attributes.append(_constant("live", "BOOL", True))
    attributes.append(_constant("nothing", "NULL", None))
    kept = [one for one in attributes if one.name not in ("short", "free")]
    kept += [_carried(one, "S") for one in found if one.name in ("short", "free")]
    return entity_of("text", fields=fields, attributes=kept, key=("id",))


def _constant(name: str, type: str, value: Any) -> d.AttributeDefinition:
    return d.AttributeDefinition(name=name, type=type, content=d.Constant(value))


def _nullable() -> d.EntityDefinition:
    found = [_field(name, kind, nullable=True) for name, kind in SCALARS.items()]
    attributes = [
        _carried(one, "S" if one.name == "widest" else allowed_types(one.kind)[0]) for one in found
    ]
    empty = _field("never", kinds.Text(), nullable=True)
    numeral = _field("numeral", kinds.Text(), nullable=True)
    fields, made = _identified(
        [*found, empty, numeral], [*attributes, _carried(empty, "NULL"), _carried(numeral, "N")]
    )
    return entity_of("null", fields=fields, attributes=made, key=("id",))


def _nested() -> d.EntityDefinition:
    lines = _field("lines", _ITEM, column=None)
    only = _field("only", _DEEP, nullable=True, column=None)
    said = _field("said", Nested("Said", _ITEM.members, array=True), column=None)
    name = _field("name", _PLAIN, cells=("first", "last"), column=None)
    listed = _field("pair", kinds.Listed(_PLAIN.members), cells=("first", "last"), column=None)
    full = _field(
        "full",
        kinds.Text(),
        nullable=True,
        cells=("first", "stock"),
        transformed=d.Formatted(("<", d.Slot("first"), "|", d.Slot("stock", 5), ">")),
    )
    stamp = _field(
        "stamp",
        kinds.Integer(),
        cells=("seen",),
        transformed=d.DateFormatted(epoch="milliseconds"),
    )
    since = _field(
        "since",
        kinds.Text(),
        nullable=True,
        cells=("stock",),
        transformed=d.DateFormatted((("token", "DD"), ("token", "ss")), source="seconds"),
    )
    rate = _field("rate", kinds.Text(), cells=("ratio",), transformed=d.NumberFormatted(3, 1))
    tree = _field("tree", kinds.Json(), cells=("raw",), transformed=d.JsonParsed())
    shown = [lines, only, said, name, listed, full, stamp, since, rate, tree]
    types = ["L", "M", "S", "M", "L", "S", "N", "S", "S", "M"]
    fields, attributes = _identified(
        shown, [_carried(one, type) for one, type in zip(shown, types, strict=True)]
    )
    return entity_of("nest", fields=fields, attributes=attributes, key=("id",), cells=_cells())


def _cells() -> list[d.Cell]:
    return [
        d.Cell(
            name="id", value=Column("t", "id"), kind=kinds.Integer(0, 2**31 - 1), nullable=False
        ),
        d.Cell(name="lines", value=_children(True), kind=_ITEM, nullable=False),
        d.Cell(name="only", value=_children(False), kind=_DEEP, nullable=False),
        d.Cell(
            name="said",
            value=_children(True),
            kind=Nested("Said", _ITEM.members, array=True),
            nullable=False,
        ),
        d.Cell(name="first", value=Column("t", "first"), kind=kinds.Text(10)),
        d.Cell(name="last", value=Column("t", "last"), kind=kinds.Text(10)),
        d.Cell(name="stock", value=Column("t", "stock"), kind=kinds.Integer(-99, 99)),
        d.Cell(name="seen", value=Column("t", "seen"), kind=kinds.DateTime(3), nullable=False),
        d.Cell(name="ratio", value=Column("t", "ratio"), kind=kinds.Fixed(8, 4), nullable=False),
        d.Cell(name="raw", value=Column("t", "raw"), kind=kinds.Json(), nullable=False),
    ]


def _children(array: bool) -> Children:
    return Children(
        Hop("lines", "l", Literal(True)), (("number", Column("l", "number")),), array=array
    )


def _keys() -> d.EntityDefinition:
    index = d.IndexDefinition(name="one", pk=_key("I1"), sk=_key("I2"))
    other = d.IndexDefinition(name="two", pk=d.KeyAttribute("tiny", "N"), sk=_key("made"))
    table = d.TableDefinition(name="Zoo", pk=_key("PK"), sk=_key("SK"), indexes=(index, other))
    fields = [
        _field("owner", kinds.Text(40)),
        _field("made", kinds.DateTime(3)),
        _field("number", kinds.Integer(0, 10**9)),
        _field("state", kinds.Enum(("new", "old"))),
        _field("group", kinds.Text(20), nullable=True),
        _field("tiny", kinds.Integer(-128, 127), nullable=True),
    ]
    attributes = [
        _template("PK", "OWNER#", d.Part("owner")),
        _template("SK", d.Part("made"), "#", d.Part("number", 10)),
        _template("I1", d.Part("group"), "#", d.Part("tiny", 4)),
        _template("I2", d.Part("group")),
        _carried(fields[1], "S"),
        _carried(fields[3], "S"),
        _carried(fields[4], "S"),
        _carried(fields[5], "N"),
    ]
    key = ("owner", "made", "number")
    return entity_of("key", fields=fields, attributes=attributes, key=key, table=table)


def _escaped() -> d.EntityDefinition:
    fields = [
        _field("left", kinds.Text(20)),
        _field("right", kinds.Text(20)),
        _field("rank", kinds.Integer(-(10**4), 10**4)),
        _field("price", kinds.Fixed(8, 3)),
        _field("body", kinds.Text()),
    ]
    attributes = [
        _template("PK", d.Part("left"), "#", d.Part("right"), escape=True),
        _template("SK", "R#", d.Part("rank", 6), "#", d.Part("price"), escape=True),
        _carried(fields[4], "S"),
    ]
    key = ("left", "right", "rank", "price")
    return entity_of("escape", fields=fields, attributes=attributes, key=key)


def _named() -> d.EntityDefinition:
    names = ["class", "it's", 'a "b"', "new\nline", "{x}", "\x00", "naïve", "\\", "%s", "__class__"]
    found = [_field(f"f{at}", kinds.Text(9), nullable=at % 2 == 0) for at in range(len(names))]
    fields, attributes = _identified(
        found, [_carried(one, "S", name) for one, name in zip(found, names, strict=True)]
    )
    return entity_of("name", fields=fields, attributes=attributes, key=("id",))


def _numbered() -> d.EntityDefinition:
    table = d.TableDefinition(
        name="Numbers", pk=d.KeyAttribute("id", "N"), sk=d.KeyAttribute("raw", "B")
    )
    fields = [
        _field("id", kinds.Integer(-(2**31), 2**31 - 1)),
        _field("raw", kinds.Bytes(20)),
        _field("title", kinds.Text(30), nullable=True),
    ]
    attributes = [_carried(fields[0], "N"), _carried(fields[1], "B"), _carried(fields[2], "S")]
    return entity_of("number", fields=fields, attributes=attributes, key=("id", "raw"), table=table)


def _middle() -> d.EntityDefinition:
    fields = [
        _field("code", kinds.Integer(0, 99_999)),
        _field("word", kinds.Text(30)),
        _field("number", kinds.Integer(-(10**6), 10**6)),
        _field("day", kinds.Date()),
        _field("state", kinds.Enum(("a", "bc"))),
        _field("ok", kinds.Boolean()),
    ]
    first = _template("PK", "X", d.Part("code", 5), d.Part("word"), "#", d.Part("number"))
    second = _template("SK", d.Part("day"), d.Part("state"), d.Part("ok"))
    key = tuple(one.name for one in fields)
    return entity_of("middle", fields=fields, attributes=[first, second], key=key)
