"""The seven joins as trees: hops with their conditions, and the value seen at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never, final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.contract.problems import escape
from dalkit.schema import fragments
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Named, Scope, free_row
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import (
    And,
    Call,
    Case,
    Children,
    Column,
    Compare,
    Hop,
    IsNull,
    Literal,
    Lookup,
    Order,
    Scalar,
)
from dalkit.source.walk import columns, replace_columns

__all__ = [
    "Joined",
    "array_of",
    "equalities",
    "hop_to",
    "identity_of",
    "join_value",
    "table_named",
]


@final
@frozen(kw_only=True)
class Joined:
    """A join resolved: its value, and what the same attribute's other fragments may name."""

    value: Scalar | Children
    scope: Scope
    """A scope in which columns of the target are look-ups along the same hops."""
    label: str = ""
    """The name of the selected column, by which a string-format may call the value."""


@final
@frozen(kw_only=True)
class _Built:
    """Hops with the scope behind the last of them."""

    hops: tuple[Hop, ...]
    scope: Scope


def table_named(name: str, source: Source, pointer: str, report: Report) -> SourceTable:
    """The MySQL table of that name, or an error with the nearest."""
    table = source.table(name)
    if table is None:
        raise report.unknown("DK201", pointer, "table", name, (t.name for t in source.tables))
    return table


def identity_of(table: SourceTable) -> tuple[tuple[str, ...], bool]:
    """The columns that tell two rows apart, and whether they are a real key."""
    for key in table.unique_keys():
        held = [table.column(name) for name in key]
        if key == table.primary_key or all(one is not None and not one.nullable for one in held):
            return key, True
    return tuple(c.name for c in table.columns if c.type.base != "opaque"), False


def join_value(
    join: doc.Join, scope: Scope, source: Source, pointer: str, report: Report
) -> Joined:
    """The value of a join in the entity's scope; problems go to the report."""
    match join:
        case doc.ForeignKey() | doc.LookupTable():
            texts = ((join.join_condition, f"{pointer}/join_condition"),)
            built = _hop(
                join.target_table, texts, join.select_column, scope, source, pointer, report
            )
            return _selected(built, join.select_column, pointer, report)
        case doc.MultiColumn():
            texts = tuple(
                (text, f"{pointer}/join_conditions/{i}")
                for i, text in enumerate(join.join_conditions)
            )
            built = _hop(
                join.target_table, texts, join.select_column, scope, source, pointer, report
            )
            return _selected(built, join.select_column, pointer, report)
        case doc.SelfJoin():
            return _self_join(join, scope, source, pointer, report)
        case doc.Conditional():
            return _conditional(join, scope, source, pointer, report)
        case doc.Chain():
            return _chain(join, scope, source, pointer, report)
        case doc.JsonConstruction():
            return array_of(join, scope, source, pointer, report)
        case _:
            assert_never(join)


def _hop(
    target: str,
    conditions: tuple[tuple[str, str], ...],
    select: str,
    scope: Scope,
    source: Source,
    pointer: str,
    report: Report,
    *,
    alias: str | None = None,
) -> _Built:
    table = table_named(target, source, f"{pointer}/target_table", report)
    trees = [(fragments.parsed(text, place, report), place) for text, place in conditions]
    called = alias or _undeclared_alias([t for t, _ in trees], select, table, scope, source)
    if called is not None and alias is None:
        report.add(
            "DK208", pointer, f'the alias "{called}" is declared nowhere: read as {table.name}'
        )
    through = _junctions([t for t, _ in trees], table, scope, source)
    built = _through(through, trees, scope, report)
    named = _named(table, called, built.scope)
    inside = built.scope.with_target(named)
    on = _on([(t, p) for t, p in trees if not _settled(t, through, scope)] or trees, inside, report)
    _check_condition(on, named, inside, conditions[0][1], report)
    hop = Hop(table.name, named.row, on)
    return _Built(hops=(*built.hops, hop), scope=inside)


def _on(trees: list[tuple[Scalar, str]], scope: Scope, report: Report) -> Scalar:
    terms = tuple(scope.condition(tree, place, report) for tree, place in trees)
    return terms[0] if len(terms) == 1 else And(terms)


def _named(table: SourceTable, alias: str | None, scope: Scope) -> Named:
    rows = [scope.own, *scope.earlier, *((scope.target,) if scope.target else ())]
    row = free_row(alias or table.name, {one.row for one in rows})
    same = any(one.table.name == table.name for one in rows)
    if alias is None:
        return Named(row, table, (table.name,))
    return Named(row, table, (alias,) if same else (alias, table.name))


def _undeclared_alias(
    trees: list[Scalar], select: str, table: SourceTable, scope: Scope, source: Source
) -> str | None:
    """A qualifier that no row and no table bears: it can only mean the target."""
    rows = [scope.own, *scope.earlier]
    known = {name.lower() for one in rows for name in one.names} | {table.name.lower()}
    for tree in [*trees, *_parts(select)]:
        for column in columns(tree):
            if column.row and column.row.lower() not in known and source.table(column.row) is None:
                return column.row
    return None


def _parts(text: str) -> Iterator[Scalar]:
    tree = fragments.tree_of(text)
    if not isinstance(tree, Refusal):
        yield tree


def _junctions(
    trees: list[Scalar], table: SourceTable, scope: Scope, source: Source
) -> tuple[SourceTable, ...]:
    """Tables that the conditions name and that are neither side: rows to go through first."""
    rows = [scope.own, *scope.earlier]
    known = {name.lower() for one in rows for name in one.names} | {table.name.lower()}
    named = (column.row for tree in trees for column in columns(tree) if column.row)
    found = (source.table(name) for name in named if name.lower() not in known)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _settled(tree: Scalar, through: tuple[SourceTable, ...], scope: Scope) -> bool:
    """Whether a condition speaks of junction tables and earlier rows only."""
    if not through:
        return False
    rows = [scope.own, *scope.earlier]
    known = {name.lower() for one in rows for name in one.names}
    known |= {one.name.lower() for one in through}
    named = [column.row.lower() for column in columns(tree)]
    return bool(named) and all(name in known for name in named)


def _through(
    tables: tuple[SourceTable, ...],
    trees: list[tuple[Scalar, str]],
    scope: Scope,
    report: Report,
) -> _Built:
    hops: list[Hop] = []
    for position, table in enumerate(tables):
        so_far = tables[: position + 1]
        terms = [
            (t, p)
            for tree, p in trees
            for t in (tree.terms if isinstance(tree, And) else (tree,))
            if _settled(t, so_far, scope) and not _settled(t, tables[:position], scope)
        ]
        named = _named(table, None, scope)
        scope = scope.with_target(named)
        if not terms:
            raise report.stop(
                "DK203",
                trees[0][1],
                f"no condition joins {table.name} to the entity's row",
            )
        hops.append(Hop(table.name, named.row, _on(terms, scope, report)))
    return _Built(hops=tuple(hops), scope=scope)


def _check_condition(on: Scalar, named: Named, scope: Scope, pointer: str, report: Report) -> None:
    rows = {column.row for column in columns(on)}
    if named.row not in rows:
        raise report.stop(
            "DK210", pointer, f"the condition never names {named.table.name}, so it joins every row"
        )
    if rows == {named.row}:
        report.add(
            "DK211",
            pointer,
            f"the condition never names {scope.near.table.name}: every row sees the same "
            f"{named.table.name}",
        )


def _selected(built: _Built, select: str, pointer: str, report: Report) -> Joined:
    tree = fragments.parsed(select, f"{pointer}/select_column", report)
    seen = built.scope.value(tree, f"{pointer}/select_column", report)
    label = tree.name if isinstance(tree, Column) else ""
    return Joined(value=Lookup(built.hops, seen), scope=_outside(built), label=label)


def _outside(built: _Built) -> Scope:
    """The entity's scope, in which the target's columns are reached by a look-up."""
    inside = built.scope

    def reach(name: str, column: Column, pointer: str) -> Scalar | None:
        named = inside.target
        if named is None:
            return None
        if name.lower() in (one.lower() for one in named.names):
            found = named.table.column(column.name)
            return None if found is None else Lookup(built.hops, Column(named.row, found.name))
        return None if inside.reach is None else inside.reach(name, column, pointer)

    return evolve(inside, earlier=(), target=None, reach=reach)


def _outer(tree: Scalar, built: _Built) -> Scalar:
    """A tree resolved inside the join, moved outside: target columns become look-ups."""
    rows = {hop.row: position for position, hop in enumerate(built.hops)}

    def exchange(column: Column) -> Scalar | Refusal:
        at = rows.get(column.row)
        return column if at is None else Lookup(built.hops[: at + 1], column)

    moved = replace_columns(tree, exchange)
    assert not isinstance(moved, Refusal)
    return moved


def _self_join(
    join: doc.SelfJoin, scope: Scope, source: Source, pointer: str, report: Report
) -> Joined:
    target = _self_target(join, scope, source, pointer, report)
    texts = ((join.join_condition, f"{pointer}/join_condition"),)
    built = _hop(
        target.name, texts, join.select_column, scope, source, pointer, report,
        alias=join.join_alias,
    )  # fmt: skip
    joined = _selected(built, join.select_column, pointer, report)
    if join.null_value is None or isinstance(joined.value, Children):
        return joined
    otherwise = _outer(
        fragments.word(join.null_value, built.scope, f"{pointer}/null_value", report), built
    )
    return evolve(joined, value=Call("COALESCE", (joined.value, otherwise)))


def _self_target(
    join: doc.SelfJoin, scope: Scope, source: Source, pointer: str, report: Report
) -> SourceTable:
    """The table an alias stands for: what the foreign key on the other side references."""
    tree = fragments.parsed(join.join_condition, f"{pointer}/join_condition", report)
    own = scope.own.table
    others = {
        column.name.lower()
        for column in columns(tree)
        if column.row.lower() != join.join_alias.lower()
    }
    for key in own.foreign_keys:
        if others & {name.lower() for name in key.columns}:
            found = source.table(key.target_table)
            if found is not None:
                return found
    return own


def _conditional(
    join: doc.Conditional, scope: Scope, source: Source, pointer: str, report: Report
) -> Joined:
    texts = ((join.join_condition, f"{pointer}/join_condition"),)
    built = _hop(join.target_table, texts, join.select_column, scope, source, pointer, report)
    joined = _selected(built, join.select_column, pointer, report)
    assert not isinstance(joined.value, Children)
    when = _outer(_plain_condition(join.condition, built, f"{pointer}/condition", report), built)
    otherwise = _outer(
        fragments.word(join.else_value, built.scope, f"{pointer}/else_value", report), built
    )
    return evolve(joined, value=Case(((when, joined.value),), otherwise))


def _plain_condition(text: str, built: _Built, pointer: str, report: Report) -> Scalar:
    """A condition about the row itself: names that fit both rows are the entity's own."""
    tree = fragments.parsed(text, pointer, report)
    own = evolve(built.scope, target=None, earlier=())
    trial = Report()
    try:
        resolved = own.value(tree, pointer, trial)
    except Unresolved:
        return built.scope.value(tree, pointer, report)
    report.problems.extend(trial.problems)
    return resolved


def _chain(join: doc.Chain, scope: Scope, source: Source, pointer: str, report: Report) -> Joined:
    hops: tuple[Hop, ...] = ()
    values: list[Scalar] = []
    label, inside = "", scope
    for position, one in enumerate(join.joins):
        place = f"{pointer}/joins/{position}"
        texts = ((one.join_condition, f"{place}/join_condition"),)
        built = _hop(one.target_table, texts, one.select_column, inside, source, place, report)
        hops, inside = (*hops, *built.hops), built.scope
        tree = fragments.parsed(one.select_column, f"{place}/select_column", report)
        values.append(Lookup(hops, inside.value(tree, f"{place}/select_column", report)))
        label = tree.name if isinstance(tree, Column) else ""
    whole = _Built(hops=hops, scope=inside)
    seen = values[-1] if join.chain_separator is None else _along(join.chain_separator, values)
    return Joined(value=seen, scope=_outside(whole), label=label)


def _along(separator: str, values: list[Scalar]) -> Scalar:
    """All hops' values joined, NULLs skipped; NULL when every one of them is."""
    nothing = And(tuple(IsNull(one) for one in values)) if len(values) > 1 else IsNull(values[0])
    joined = Call("CONCAT_WS", (Literal(separator), *values))
    return Case(((nothing, Literal(None)),), joined)


def array_of(
    join: doc.JsonConstruction, scope: Scope, source: Source, pointer: str, report: Report
) -> Joined:
    """Child rows as an array or an object."""
    down = evolve(scope, downward=True)
    texts = ((join.join_condition, f"{pointer}/join_condition"),)
    built = _hop(join.target_table, texts, "NULL", down, source, pointer, report)
    place = f"{pointer}/construction"
    inside = evolve(built.scope, target_first=True)
    wanted = join.construction
    members = tuple(
        (name, fragments.value(text, inside, f"{place}/select_columns/{escape(name)}", report))
        for name, text in wanted.select_columns
    )
    order = fragments.orders(wanted.order_by, inside, f"{place}/order_by", report)
    named = inside.target
    assert named is not None
    hop = built.hops[-1]
    if len(built.hops) > 1:
        raise report.stop("DK203", texts[0][1], "an array is built over one table")
    children = Children(
        hop, members, _total(order, named), wanted.limit, array=wanted.type == "array"
    )
    return Joined(value=children, scope=scope)


def _total(order: tuple[Order, ...], named: Named) -> tuple[Order, ...]:
    """The order with the table's key appended, so that it leaves nothing to chance."""
    have = {one.term for one in order}
    key, _ = identity_of(named.table)
    rest = (Column(named.row, name) for name in key)
    return (*order, *(Order(column) for column in rest if column not in have))


def hop_to(
    table: SourceTable,
    text: str,
    select: str,
    scope: Scope,
    source: Source,
    pointer: str,
    report: Report,
) -> tuple[Hop, Scope]:
    """One hop over a condition, for an aggregate, with the scope behind it."""
    parent = pointer.rpartition("/")[0]
    built = _hop(table.name, ((text, pointer),), select, scope, source, parent, report)
    if len(built.hops) > 1:
        raise report.stop("DK203", pointer, "an aggregate is computed over one table")
    return built.hops[-1], built.scope


def equalities(on: Scalar, row: str) -> tuple[tuple[str, Scalar], ...]:
    """The (column of `row`, other side) pairs that a condition demands to be equal."""
    terms = on.terms if isinstance(on, And) else (on,)
    found: list[tuple[str, Scalar]] = []
    for term in terms:
        if not (isinstance(term, Compare) and term.operator == "="):
            continue
        for side, other in ((term.left, term.right), (term.right, term.left)):
            if isinstance(side, Column) and side.row == row:
                if all(column.row != row for column in columns(other)):
                    found.append((side.name, other))
                    break
    return tuple(found)
