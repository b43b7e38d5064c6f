"""The SELECTs that read every row of an entity, in one pass each, ordered so that they merge."""

from __future__ import annotations

from typing import final

from attrs import frozen

from dalkit.compile.joining import Joins
from dalkit.kinds import Float
from dalkit.schema.definition import Cell, EntityDefinition
from dalkit.source.sql import name_of, sql_of
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import Children, Order, Scalar

__all__ = ["ChildStatement", "EntityStatements", "plan", "view"]

_TEXTS = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))


@final
@frozen(kw_only=True)
class ChildStatement:
    """Child rows of one cell, ordered as the entity's rows are, then as the array is."""

    cell: str
    sql: str
    """Selects the parent's identity columns, then one column for each member."""
    limit: int | None
    """How many of each parent's rows count."""


@final
@frozen(kw_only=True)
class EntityStatements:
    """All that must be read to have an entity's rows."""

    main: str
    """Selects the identity columns, then every cell that is no array or object of child rows."""
    children: tuple[ChildStatement, ...]


def plan(definition: EntityDefinition, source: Source) -> EntityStatements:
    """The statements for all rows of an entity, without parameters."""
    own = _own(definition, source)
    cells = definition.source.cells
    return EntityStatements(
        main=_main(definition, own, source, ordered=True),
        children=tuple(
            _child(cell.name, cell.value, cell, definition, own, source)
            for cell in cells
            if isinstance(cell.value, Children)
        ),
    )


def view(definition: EntityDefinition, source: Source) -> str:
    """The SELECT of an entity's single values, as a reviewer or a view wants it."""
    return _main(definition, _own(definition, source), source, ordered=False)


def _own(definition: EntityDefinition, source: Source) -> SourceTable:
    table = source.table(definition.source.table)
    if table is None:
        raise ValueError(
            f"the source has no table {definition.source.table!r}; give the one resolved with"
        )
    return table


def _main(
    definition: EntityDefinition,
    own: SourceTable,
    source: Source,
    *,
    ordered: bool,
) -> str:
    joins = Joins(own, source)
    row = name_of(own.name)
    selected = _identity(definition) if ordered else []
    selected += [
        f"{_exact(joins.printed(cell.value), cell)} AS {name_of(cell.name)}"
        for cell in definition.source.cells
        if not isinstance(cell.value, Children)
    ]
    where = _where(definition, joins)
    lines = ["SELECT", ",\n".join(f"  {one}" for one in selected or ["1"]), f"FROM {row}"]
    lines += [*joins.clauses(), *where]
    if ordered:
        lines.append(f"ORDER BY {', '.join(_identity_order(definition, own))}")
    return "\n".join(lines)


def _exact(text: str, cell: Cell) -> str:
    """FLOAT prints six digits by itself; as a double it prints enough to find it again."""
    if isinstance(cell.kind, Float) and cell.kind.bits == 32:
        return f"{text} + 0E0"
    return text


def _where(definition: EntityDefinition, joins: Joins) -> list[str]:
    condition = definition.source.where
    return [] if condition is None else [f"WHERE {joins.printed(condition)}"]


def _child(
    name: str,
    children: Children,
    cell: Cell,
    definition: EntityDefinition,
    own: SourceTable,
    source: Source,
) -> ChildStatement:
    row, hop = name_of(own.name), children.hop
    joins = Joins(own, source, reserved=(hop.row,))
    kinds = {member.name: member.kind for member in getattr(cell.kind, "members", ())}
    selected = _identity(definition)
    for member, value in children.members:
        text = sql_of(value, {}, source)
        single = isinstance(kinds.get(member), Float) and kinds[member].bits == 32
        selected.append(f"{f'{text} + 0E0' if single else text} AS {name_of(member)}")
    where = _where(definition, joins)
    orders = [*_identity_order(definition, own), *(_order(one, source) for one in children.order)]
    lines = ["SELECT", ",\n".join(f"  {one}" for one in selected), f"FROM {row}"]
    lines += [*joins.clauses()]
    lines.append(joins.of_children(children))
    lines += [*where, "ORDER BY " + ", ".join(orders)]
    limit = 1 if not children.array else children.limit
    return ChildStatement(cell=name, sql="\n".join(lines), limit=limit)


def _identity(definition: EntityDefinition) -> list[str]:
    row = name_of(definition.source.table)
    return [f"{row}.{name_of(one)}" for one in definition.source.identity]


def _identity_order(definition: EntityDefinition, own: SourceTable) -> list[str]:
    """By the identity; by bytes where no key keeps texts apart that a collation holds equal."""
    if definition.source.identified:
        return _identity(definition)
    columns = zip(_identity(definition), definition.source.identity, strict=True)
    return [f"CAST({text} AS BINARY)" if _is_text(own, name) else text for text, name in columns]


def _is_text(table: SourceTable, name: str) -> bool:
    column = table.column(name)
    return column is not None and column.type.base in _TEXTS


def _order(order: Order, source: Source) -> str:
    text = _scalar(order.term, source)
    return f"{text} DESC" if order.descending else text


def _scalar(value: Scalar, source: Source) -> str:
    return sql_of(value, {}, source)
