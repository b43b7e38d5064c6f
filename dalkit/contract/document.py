"""The migration contract as values: what the document says, before anything is resolved.

Every class mirrors one object of the JSON document and keeps its member names, except that a
member called `type` keeps its name too and options of dalkit's own live under `dalkit`.
SQL fragments stay text here; `source` parses them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias, final

from attrs import frozen

from dalkit.contract.folds import Folded

__all__ = [
    "Aggregate",
    "Attribute",
    "AttributeOptions",
    "AttributeType",
    "Calculation",
    "Case",
    "CaseBranch",
    "Chain",
    "ChainHop",
    "Concat",
    "Conditional",
    "Construction",
    "Contract",
    "DateFormat",
    "DateMath",
    "Entity",
    "EntityOptions",
    "ForeignKey",
    "Gsi",
    "Join",
    "JsonConstruction",
    "JsonParse",
    "LookupTable",
    "MultiColumn",
    "NumberFormat",
    "SelfJoin",
    "Static",
    "StringFormat",
    "Table",
    "TableOptions",
    "TemplateFormat",
    "Transformation",
]

AttributeType: TypeAlias = Literal["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"]

JsonScalar: TypeAlias = str | int | Decimal | bool | None
"""A literal written as JSON where the format takes a value (`else_value: 0`)."""


@final
@frozen(kw_only=True)
class ForeignKey:
    """A value of the one row of another table that the condition finds."""

    type: Literal["foreign-key"] = "foreign-key"
    target_table: str
    join_condition: str
    select_column: str


@final
@frozen(kw_only=True)
class SelfJoin:
    """A value of another row of the same table, under an alias."""

    type: Literal["self-join"] = "self-join"
    join_alias: str
    join_condition: str
    select_column: str
    null_value: JsonScalar = None


@final
@frozen(kw_only=True)
class MultiColumn:
    """A value of the row of another table for which all conditions hold."""

    type: Literal["multi-column"] = "multi-column"
    target_table: str
    join_conditions: tuple[str, ...]
    select_column: str


@final
@frozen(kw_only=True)
class Conditional:
    """A value of another table where the condition is true, else the given one."""

    type: Literal["conditional"] = "conditional"
    condition: str
    target_table: str
    join_condition: str
    select_column: str
    else_value: JsonScalar = None


@final
@frozen(kw_only=True)
class ChainHop:
    """One step of a chain, from the row before to the next."""

    target_table: str
    join_condition: str
    select_column: str


@final
@frozen(kw_only=True)
class Chain:
    """A value at the end of several hops, or those of all hops joined by the separator."""

    type: Literal["chain"] = "chain"
    joins: tuple[ChainHop, ...]
    chain_separator: str | None = None


@final
@frozen(kw_only=True)
class LookupTable:
    """A value reached over a junction table; it means what a foreign-key join means."""

    type: Literal["lookup-table"] = "lookup-table"
    target_table: str
    join_condition: str
    select_column: str


@final
@frozen(kw_only=True)
class Construction:
    """How rows become objects: their members, their order and how many."""

    type: Literal["array", "object"]
    select_columns: tuple[tuple[str, str], ...]
    """(member name, column fragment), in the document's order."""
    order_by: tuple[str, ...] = ()
    limit: int | None = None


@final
@frozen(kw_only=True)
class JsonConstruction:
    """The matching rows of another table as an array of objects, or as one object."""

    type: Literal["json-construction"] = "json-construction"
    target_table: str
    join_condition: str
    construction: Construction


Join: TypeAlias = (
    ForeignKey | SelfJoin | MultiColumn | Conditional | Chain | LookupTable | JsonConstruction
)


@final
@frozen(kw_only=True)
class Aggregate:
    """A figure over the matching rows of another table."""

    type: Literal["aggregate"] = "aggregate"
    target_table: str
    join_condition: str
    operation: Literal["SUM", "COUNT", "AVG", "MIN", "MAX"]
    select_column: str


@final
@frozen(kw_only=True)
class CaseBranch:
    """One condition and its value."""

    when: str
    then: JsonScalar


@final
@frozen(kw_only=True)
class Case:
    """The value of the first condition that is true."""

    type: Literal["case"] = "case"
    cases: tuple[CaseBranch, ...]
    otherwise: JsonScalar = None
    """The member `else`."""


@final
@frozen(kw_only=True)
class Concat:
    """Columns, or columns and quoted literals, one after the other."""

    type: Literal["concat"] = "concat"
    source_column: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    separator: str | None = None


@final
@frozen(kw_only=True)
class DateMath:
    """The time between two dates, a date moved by an amount, or an expression of dates."""

    type: Literal["date-math"] = "date-math"
    operation: Literal["diff", "add", "sub"] | None = None
    unit: str | None = None
    start: str | None = None
    end: str | None = None
    amount: str | int | None = None
    expression: str | None = None


Calculation: TypeAlias = Aggregate | Case | Concat | DateMath


@final
@frozen(kw_only=True)
class StringFormat:
    """Literal text with placeholders for columns."""

    type: Literal["string-format"] = "string-format"
    format: str


@final
@frozen(kw_only=True)
class DateFormat:
    """A date or time as text, or as a number for the epochs."""

    type: Literal["date-format"] = "date-format"
    format: str
    source_format: Literal["timestamp", "datetime", "date"] | None = None


@final
@frozen(kw_only=True)
class NumberFormat:
    """A number as text of a fixed width or with fixed decimals."""

    type: Literal["number-format"] = "number-format"
    format: str


@final
@frozen(kw_only=True)
class JsonParse:
    """JSON text as a map or list."""

    type: Literal["json-parse"] = "json-parse"


@final
@frozen(kw_only=True)
class Static:
    """A constant."""

    type: Literal["static"] = "static"
    value: JsonScalar = None


@final
@frozen(kw_only=True)
class TemplateFormat:
    """An older spelling of string-format."""

    type: Literal["template"] = "template"
    template: str


Transformation: TypeAlias = (
    StringFormat | DateFormat | NumberFormat | JsonParse | Static | TemplateFormat
)


@final
@frozen(kw_only=True)
class AttributeOptions:
    """The member `dalkit` of an attribute."""

    secret: bool = False
    name: str | None = None
    """The record's field name, where the derived one will not do."""


@final
@frozen(kw_only=True)
class EntityOptions:
    """The member `dalkit` of an entity."""

    class_name: str | None = None
    """`class` in the document: the record class's name."""
    handle: str | None = None
    unique: tuple[str | tuple[str, ...] | Folded, ...] = ()
    version: str | None = None
    ttl: str | None = None
    where: str | None = None
    counter: str | None = None


@final
@frozen(kw_only=True)
class TableOptions:
    """The member `dalkit` of a table; a single-entity table may give its entity's options too."""

    key_escape: bool = False
    discriminator: str | None = None
    entity: EntityOptions = EntityOptions()


@final
@frozen(kw_only=True)
class Attribute:
    """One attribute of an item, and where its value comes from."""

    name: str
    type: AttributeType
    source_table: str | None = None
    source_column: tuple[str, ...] = ()
    """One name, or the listed ones; `listed` tells a list of one from a name."""
    listed: bool = False
    join: Join | None = None
    calculation: Calculation | None = None
    transformation: Transformation | None = None
    denormalized: bool = False
    justification: str = ""
    dalkit: AttributeOptions = AttributeOptions()


@final
@frozen(kw_only=True)
class Entity:
    """One kind of item in a table of several."""

    entity_type: str
    source_table: str | None = None
    pk_template: str | None = None
    sk_template: str | None = None
    attributes: tuple[Attribute, ...] = ()
    dalkit: EntityOptions = EntityOptions()


@final
@frozen(kw_only=True)
class Gsi:
    """A global secondary index."""

    index_name: str
    pk: str
    sk: str | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    projected_attributes: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class Table:
    """A DynamoDB table of one entity, or of several."""

    table: str
    type: Literal["single-entity", "multi-entity"]
    source_table: str | None = None
    pk: str | None = None
    sk: str | None = None
    gsis: tuple[Gsi, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    entities: tuple[Entity, ...] = ()
    satisfies: tuple[str, ...] = ()
    estimated_item_size_bytes: int | Decimal | None = None
    dalkit: TableOptions = TableOptions()


@final
@frozen(kw_only=True)
class Contract:
    """The whole document; `bare` when it is a list of tables without the member `tables`."""

    tables: tuple[Table, ...]
    bare: bool = False
    places: tuple[int, ...] = ()
    """Where the tables stand in the document, when it has others that are not here."""

    def pointer(self, table: int) -> str:
        """The JSON pointer (RFC 6901) of a table by its position."""
        place = self.places[table] if self.places else table
        return f"/{place}" if self.bare else f"/tables/{place}"
