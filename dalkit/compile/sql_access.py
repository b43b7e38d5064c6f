"""Which keys MySQL finds the rows of a query by, as the tables' keys and the conditions say.

A server may still read every row of a small table, or of one that a condition hardly narrows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.matches import equal_columns
from dalkit.compile.sql_order import Rank, ranks
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import Refused
from dalkit.compile.sql_values import Operand, indexed
from dalkit.fields import predicates as p
from dalkit.fields.changes import OrderBy
from dalkit.fields.places import Place
from dalkit.schema.definition import Cell, EntityDefinition
from dalkit.source.sql import name_of
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Children, Hop
from dalkit.source.walk import nodes

__all__ = ["Access", "Used", "access_of", "arrays_of", "most_rows", "used_key"]

PRIMARY: Final = "PRIMARY"

_Use: TypeAlias = Literal["equal", "some", "range"]
_ORDERING: Final = frozenset(("<", "<=", ">", ">="))
_RANGED = (kinds.Integer, kinds.Fixed, kinds.Float, kinds.Date, kinds.DateTime, kinds.Time)


@final
@frozen
class Used:
    """A table, and the key that its rows are found by."""

    table: str
    key: str = ""
    """The key's name, `PRIMARY` for the primary one; none is every row."""
    columns: tuple[str, ...] = ()
    """Those of its columns that are known."""
    unique: bool = False
    """Whether there is one row at most."""

    def __str__(self) -> str:
        return f"{self.table}({', '.join(self.columns)})" if self.key else f"{self.table}, all rows"


@final
@frozen(kw_only=True)
class Access:
    """How the rows of one entity are found."""

    own: Used
    others: tuple[Used, ...] = ()
    """The tables that its derived fields come from."""
    filters: tuple[p.Predicate[Any], ...] = ()
    """What is looked at row by row."""
    sorted: bool = False
    """Whether the rows are sorted after they were found."""
    by_bytes: tuple[str, ...] = ()
    """Texts whose comparison or order by code point no key of MySQL's gives."""


def access_of(
    places: Places,
    terms: Sequence[p.Predicate[Any]],
    names: Collection[str] | None,
    *,
    orders: tuple[OrderBy[Any], ...] = (),
    ordered: bool = False,
) -> Access:
    """How MySQL finds the rows for which the terms are true, and reads these fields, or all."""
    uses = [_use(places, one) for one in terms]
    equal, some, ranged = (
        {column for column, how in filter(None, uses) if how == kind}
        for kind in ("equal", "some", "range")
    )
    own = used_key(places.own, equal, ranged, some - equal)
    told = ranks(places, orders, terms) if ordered else ()
    if not own.key and told:
        own = _by_order(places, told) or own
    taken = {name.lower() for name in own.columns}
    filters = [
        one
        for one, use in zip(terms, uses, strict=True)
        if use is None or use[0].lower() not in taken
    ]
    return Access(
        own=own,
        others=tuple(dict.fromkeys(_others(places, names, terms))),
        filters=tuple(filters),
        sorted=bool(told) and not own.unique and not _in_order(places, own, equal, told),
        by_bytes=tuple(dict.fromkeys(_by_bytes(places, terms, uses, orders))),
    )


def most_rows(access: Access, most: int | None) -> int | None:
    """How many rows are looked at for a page, at most; None where nobody knows.

    A key's order lets MySQL stop behind the page.
    """
    if access.own.unique:
        return 1
    if most is None or access.filters or access.sorted or not access.own.key:
        return None
    return most + 1


def used_key(
    table: SourceTable,
    equal: Collection[str],
    ranged: Collection[str] = (),
    some: Collection[str] = (),
) -> Used:
    """The key that best serves one value of each column, or one of `some`, and ranges."""
    one_value, near = {one.lower() for one in equal}, {one.lower() for one in ranged}
    same = one_value | {one.lower() for one in some}
    best, most = Used(table.name), (False, 0, False, 0)
    for name, columns, unique in _keys(table):
        count = 0
        while count < len(columns) and columns[count].lower() in same:
            count += 1
        more = count < len(columns) and columns[count].lower() in near
        whole = unique and count == len(columns)
        worth = (whole, count, more, -sum(_coarse(table, one) for one in columns[:count]))
        if worth > most and (count or more):
            most = worth
            one_row = whole and one_value.issuperset(one.lower() for one in columns)
            best = Used(table.name, name, columns[: count + more], one_row)
    return best


def arrays_of(definition: EntityDefinition, names: Collection[str] | None) -> int:
    """How many statements read child rows, beside the one for the rows themselves."""
    return sum(isinstance(one.value, Children) for one in _cells(definition, names))


def _coarse(table: SourceTable, name: str) -> bool:
    """Whether a column has few values, so that each of them is in many rows."""
    column = table.column(name)
    if column is None:
        return False
    return column.type.base in ("enum", "set") or (column.type.base, column.type.length) == (
        "tinyint",
        1,
    )


def _keys(table: SourceTable) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Name, columns and uniqueness; InnoDB makes a key for a foreign key that none leads."""
    if table.primary_key:
        yield PRIMARY, table.primary_key, True
    for one in table.indexes:
        if one.columns:
            yield one.name, one.columns, one.unique and not one.partial
    led = [one.columns for one in table.indexes] + [table.primary_key]
    for key in table.foreign_keys:
        if not any(columns[: len(key.columns)] == key.columns for columns in led):
            yield key.name or key.columns[0], key.columns, False


def _use(places: Places, term: p.Predicate[Any]) -> tuple[str, _Use] | None:
    """The column of the entity's table that a term fixes or bounds, as SQL says it."""
    leaf: Any = term
    place = getattr(leaf, "operand", None)
    if not isinstance(place, Place) or place.steps:
        return None
    column = places.definition.by_field[place.name].column
    try:
        how = None if column is None else _how(places.operand(place), leaf)
    except Refused:
        return None
    return (column, how) if column is not None and how is not None else None


def _how(operand: Operand, leaf: Any) -> _Use | None:
    kind = operand.kind
    match leaf:
        case p.Compare(_, "=", value):
            return "equal" if _plain(operand, (value,)) else None
        case p.IsIn(_, values) if values:
            how: _Use = "equal" if len(values) == 1 else "some"
            return how if _plain(operand, values) else None
        case p.IsNone():
            return "equal"
        case p.Compare(_, ("<" | "<=" | ">" | ">=")) | p.Between():
            return "range" if isinstance(kind, _RANGED) else None
        case p.BeginsWith(_, str() as start) if start and isinstance(kind, kinds.Text):
            return "range" if indexed(operand, start) else None
        case _:
            return None


def _plain(operand: Operand, values: Iterable[Any]) -> bool:
    """Whether the column itself is compared with the values."""
    if isinstance(operand.kind, (kinds.Json, kinds.Year)):
        return False
    return not isinstance(operand.kind, kinds.Text) or all(indexed(operand, x) for x in values)


def _by_order(places: Places, told: Sequence[Rank]) -> Used | None:
    """The key whose order is asked for, if the order is of nothing else."""
    columns = [_column(places, one) for one in told]
    for name, key, _ in _keys(places.own):
        whole = (*key, *(one for one in places.own.primary_key if one not in key))
        if tuple(columns) == whole[: len(columns)] and len({one.descending for one in told}) == 1:
            return Used(places.own.name, name, key[: len(columns)])
    return None


def _in_order(places: Places, own: Used, equal: Collection[str], told: Sequence[Rank]) -> bool:
    """Whether the rows come in the order of the key that they are found by."""
    columns = [_column(places, one) for one in told]
    if None in columns or len({one.descending for one in told}) > 1:
        return False
    fixed = {one.lower() for one in equal}
    for name, key, _ in _keys(places.own):
        if name == own.key:
            whole = (*key, *(one for one in places.own.primary_key if one not in key))
            rest = [one for one in whole if one.lower() not in fixed]
            return rest[: len(columns)] == columns
    return False


def _column(places: Places, rank: Rank) -> str | None:
    """The column that a rank is sorted by, None for anything else."""
    own = name_of(places.own.name)
    text = rank.sql.text
    return next((c.name for c in places.own.columns if text == f"{own}.{name_of(c.name)}"), None)


def _by_bytes(
    places: Places,
    terms: Sequence[p.Predicate[Any]],
    uses: Sequence[object],
    orders: Sequence[OrderBy[Any]],
) -> Iterator[str]:
    fields = places.definition.by_field
    for term, use in zip(terms, uses, strict=True):
        place = getattr(term, "operand", None)
        ordered = isinstance(term, p.Between) or getattr(term, "operator", "") in _ORDERING
        text = isinstance(place, Place) and isinstance(fields[place.name].kind, kinds.Text)
        if use is None and ordered and text:
            yield str(place)
    for order in orders:
        if isinstance(fields[order.place.name].kind, kinds.Text):
            yield order.place.name


def _others(
    places: Places, names: Collection[str] | None, terms: Sequence[p.Predicate[Any]]
) -> Iterator[Used]:
    definition = places.definition
    looked = {one.name for term in terms for one in _places_in(term)}
    cells = (*_cells(definition, names), *_cells(definition, looked))
    for tree in (definition.source.where, *(one.value for one in cells)):
        for node in () if tree is None else nodes(tree):
            if isinstance(node, Hop):
                yield used_key(places.table(node.table), {name for name, _ in equal_columns(node)})


def _places_in(term: Any) -> Iterator[Place]:
    match term:
        case p.And(terms) | p.Or(terms):
            for one in terms:
                yield from _places_in(one)
        case p.Not(inner):
            yield from _places_in(inner)
        case _:
            yield p.place_of(term.operand)


def _cells(definition: EntityDefinition, names: Collection[str] | None) -> tuple[Cell, ...]:
    if names is None:
        return definition.source.cells
    wanted = {cell for name in names for cell in definition.by_field[name].cells}
    return tuple(one for one in definition.source.cells if one.name in wanted)
