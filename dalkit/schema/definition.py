"""The schema as values: what the contract means once it is checked against MySQL's tables.

An entity's MySQL **row** is a tuple of cells, one per `Cell` of its source. Its record has one
value per `FieldDefinition`, each computed from one cell or several. Its item has one attribute
per `AttributeDefinition`, each carrying a field, a template over fields, or a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from dalkit.kinds import Kind, Nested
from dalkit.source.tables import Source
from dalkit.source.tree import Children, Scalar

__all__ = [
    "AttributeDefinition",
    "Carried",
    "Cell",
    "Constant",
    "Content",
    "DateFormatted",
    "EntityDefinition",
    "FieldDefinition",
    "Formatted",
    "Generated",
    "IndexDefinition",
    "JsonParsed",
    "KeyAttribute",
    "NewPart",
    "NumberFormatted",
    "Numbering",
    "Part",
    "Schema",
    "Slot",
    "SourceDefinition",
    "TableDefinition",
    "Template",
    "Transformed",
]


@final
@frozen(kw_only=True)
class Cell:
    """One value that the SELECT gives; `name` is its column alias there."""

    name: str
    value: Scalar | Children
    kind: Kind
    nullable: bool = True


@final
@frozen(kw_only=True)
class SourceDefinition:
    """Where an entity's rows come from."""

    table: str
    identity: tuple[str, ...]
    """Columns that tell two rows apart: the primary key, else the first whole unique key that is
    NOT NULL, else every column."""
    cells: tuple[Cell, ...]
    where: Scalar | None = None
    identified: bool = True
    """Whether `identity` is a real key."""


@final
@frozen
class DateFormatted:
    """date-format: the tokens YYYY MM DD HH mm ss SSS (SSSSSS for ISO 8601), and literal texts."""

    parts: tuple[tuple[Literal["token", "text"], str], ...] = ()
    epoch: Literal["", "seconds", "milliseconds"] = ""
    source: Literal["", "date", "datetime", "seconds"] = ""
    """What a value that is neither a date nor a time is read as: text, or seconds of the epoch."""


@final
@frozen
class NumberFormatted:
    """number-format: at least `whole` digits before the point and exactly `decimals` after it."""

    whole: int
    decimals: int = 0


@final
@frozen
class Slot:
    """A placeholder of a string-format: the text of a cell, zero-padded to `width`."""

    cell: str
    width: int = 0
    transformed: DateFormatted | NumberFormatted | None = None
    """What makes the text, where the placeholder names an attribute that has such a step."""


@final
@frozen
class Formatted:
    """string-format: literal text and slots; any NULL makes the value NULL."""

    parts: tuple[str | Slot, ...]


@final
@frozen
class JsonParsed:
    """json-parse: JSON text as a value."""


Transformed: TypeAlias = Formatted | DateFormatted | NumberFormatted | JsonParsed

Generated: TypeAlias = Literal["", "counter", "moment", "default", "made"]


@final
@frozen
class NewPart:
    """The records of an array as a new record has them: without what is generated."""

    record: str
    """The class name of such a one."""
    generated: tuple[tuple[str, Generated], ...]
    """The members that it lacks, by their fields, and what gives their values."""


@final
@frozen
class Numbering:
    """Numbers that a counter gives: to records, or (`member`) to the records of an array."""

    field: str
    kind: Kind
    member: str = ""

    @property
    def name(self) -> str:
        return f"{self.field}.{self.member}" if self.member else self.field


@final
@frozen(kw_only=True)
class FieldDefinition:
    name: str
    kind: Kind
    nullable: bool
    cells: tuple[str, ...]
    """The cells it is made of: one, or the columns of a nested map or list, or a format's slots."""
    transformed: Transformed | None = None
    column: str | None = None
    """The column of the entity's own table that it is, None for a derived field."""
    secret: bool = False
    generated: Generated = ""
    """What gives the value in a new record: AUTO_INCREMENT or another counter, the moment of the
    write, a constant, or dalkit itself from such columns; nothing where it must be given."""
    new: NewPart | None = None
    """What a new record has in this array instead, where rows of it are given anything."""


@final
@frozen
class Part:
    """A field inside a key template, zero-padded to `width`."""

    field: str
    width: int = 0


@final
@frozen
class Carried:
    """The attribute is the field's value."""

    field: str


@final
@frozen
class Template:
    """The attribute is text made of literals and fields; absent when one of them is None.

    With `escape`, `%` and `#` inside the text of a part are written `%25` and `%23`.
    """

    parts: tuple[str | Part, ...]
    escape: bool = False


@final
@frozen
class Constant:
    value: str | int | Decimal | bool | None


Content: TypeAlias = Carried | Template | Constant


@final
@frozen(kw_only=True)
class AttributeDefinition:
    name: str
    type: str
    """S N B SS NS BS M L BOOL NULL."""
    content: Content


@final
@frozen
class KeyAttribute:
    name: str
    type: Literal["S", "N", "B"] = "S"


@final
@frozen(kw_only=True)
class IndexDefinition:
    name: str
    pk: KeyAttribute
    sk: KeyAttribute | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    projected: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[KeyAttribute, ...]:
        """Its partition key, and its sort key if it has one."""
        return (self.pk,) if self.sk is None else (self.pk, self.sk)


@final
@frozen(kw_only=True)
class TableDefinition:
    """A DynamoDB table."""

    name: str
    pk: KeyAttribute
    sk: KeyAttribute | None = None
    indexes: tuple[IndexDefinition, ...] = ()
    discriminator: str | None = None
    """The attribute that holds the entity's name, where the contract asks for one."""
    ttl: str | None = None

    @property
    def keys(self) -> tuple[KeyAttribute, ...]:
        """Its partition key, and its sort key if it has one."""
        return (self.pk,) if self.sk is None else (self.pk, self.sk)


@final
@frozen(kw_only=True, slots=False)
class EntityDefinition:
    """One kind of record: its MySQL source and its DynamoDB layout."""

    name: str
    record: str
    """The record class's name; the key class adds `Key`."""
    handle: str
    table: TableDefinition
    source: SourceDefinition
    fields: tuple[FieldDefinition, ...]
    attributes: tuple[AttributeDefinition, ...]
    """In the order in which an item is written, the table's key attributes first."""
    key: tuple[str, ...]
    """The fields that the table's key is made of, in the key's order."""
    unique: tuple[tuple[str, ...], ...] = ()
    folds: tuple[str, ...] = ()
    """The fold of each group of unique fields, empty for none; none at all if all are."""
    version: str | None = None
    ttl: str | None = None
    counter: str | None = None
    """The field whose numbers are counted, where new records need not give it."""
    mixed: bool = False
    """Whether items of another entity of its table have keys that begin as its own do."""
    mysql: Source = field(default=Source(tables=()), eq=False, repr=False)
    """The tables that its rows are read from and written to, and only those."""

    @property
    def new(self) -> str:
        """The name of the class of new records: the record's own where all must be given."""
        given = not any(one.generated or one.new for one in self.fields)
        return self.record if given else f"New{self.record}"

    @property
    def guarded(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        """Each group of unique fields, and its fold."""
        folds = self.folds or ("",) * len(self.unique)
        return tuple(zip(self.unique, folds, strict=True))

    @cached_property
    def numberings(self) -> tuple[Numbering, ...]:
        """What counters count of its records, one counter each."""
        return tuple(_numberings(self))

    @cached_property
    def by_field(self) -> Mapping[str, FieldDefinition]:
        return {one.name: one for one in self.fields}

    @cached_property
    def by_attribute(self) -> Mapping[str, AttributeDefinition]:
        return {one.name: one for one in self.attributes}

    @cached_property
    def by_cell(self) -> Mapping[str, Cell]:
        return {one.name: one for one in self.source.cells}


@final
@frozen(kw_only=True, slots=False)
class Schema:
    """All tables and entities of a contract."""

    tables: tuple[TableDefinition, ...]
    entities: tuple[EntityDefinition, ...]

    @cached_property
    def by_name(self) -> Mapping[str, EntityDefinition]:
        return {one.name: one for one in self.entities}

    def of_table(self, table: str) -> tuple[EntityDefinition, ...]:
        """The entities that live in a DynamoDB table, in the contract's order."""
        return tuple(one for one in self.entities if one.table.name == table)


def _numberings(definition: EntityDefinition) -> Iterator[Numbering]:
    for one in definition.fields:
        if one.name == definition.counter:
            yield Numbering(one.name, one.kind)
        if one.new is not None and isinstance(one.kind, Nested):
            counted = {name for name, given in one.new.generated if given == "counter"}
            for member in one.kind.members:
                if member.field in counted:
                    yield Numbering(one.name, member.kind, member.field)
