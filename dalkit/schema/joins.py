"""The seven joins as trees: hops with their conditions, and the value seen at the end."""

from __future__ import annotations

from typing import assert_never, final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.schema import fragments
from dalkit.schema.arrays import children_of
from dalkit.schema.hops import Path, Step, path_of
from dalkit.schema.reach import over_key
from dalkit.schema.scope import Scope
from dalkit.schema.sides import equalities
from dalkit.schema.types import beside
from dalkit.source.refusal import Refusal
from dalkit.source.tables import SourceTable
from dalkit.source.tree import (
    And,
    Call,
    Case,
    Children,
    Column,
    IsNull,
    Literal,
    Lookup,
    Scalar,
)
from dalkit.source.walk import columns, replace_columns

__all__ = ["Joined", "equalities", "join_value"]


@final
@frozen(kw_only=True)
class Joined:
    """A join resolved: its value, and what the same attribute's other fragments may name."""

    value: Scalar | Children
    scope: Scope
    """A scope in which columns of the target are look-ups along the same hops."""
    path: Path | None = None
    """To the row whose value it is; None for child rows."""
    labels: tuple[str, ...] = ()
    """The selected column as written and its bare name: what placeholders may call the value."""


def join_value(join: doc.Join, scope: Scope, pointer: str) -> Joined:
    """The value of a join in the entity's scope; problems go to the scope's report."""
    match join:
        case doc.ForeignKey() | doc.LookupTable():
            one = ((join.join_condition, f"{pointer}/join_condition"),)
            return _selected(join.target_table, one, join.select_column, scope, pointer)
        case doc.MultiColumn():
            conditions = tuple(
                (text, f"{pointer}/join_conditions/{i}")
                for i, text in enumerate(join.join_conditions)
            )
            return _selected(join.target_table, conditions, join.select_column, scope, pointer)
        case doc.SelfJoin():
            return _self_join(join, scope, pointer)
        case doc.Conditional():
            return _conditional(join, scope, pointer)
        case doc.Chain():
            return _chain(join, scope, pointer)
        case doc.JsonConstruction():
            return Joined(value=children_of(join, scope, pointer), scope=scope)
        case _:
            assert_never(join)


def _selected(
    target: str, conditions: tuple[tuple[str, str], ...], select: str, scope: Scope, pointer: str
) -> Joined:
    step = Step(target=target, conditions=conditions, mentions=(select,), pointer=pointer)
    return _seen(path_of(step, scope), select, pointer)


def _seen(path: Path, select: str, pointer: str) -> Joined:
    """The value of `select` on the path's target."""
    place = f"{pointer}/select_column"
    tree = fragments.parsed(select, place, path.scope.report)
    inside = evolve(path.scope, reach=over_key(path.target, path.scope))
    value = Lookup(path.hops, inside.value(tree, place))
    return Joined(value=value, scope=_outside(path), path=path, labels=_labels(tree))


def _labels(tree: Scalar) -> tuple[str, ...]:
    if not isinstance(tree, Column):
        return ()
    return (tree.name, f"{tree.row}.{tree.name}") if tree.row else (tree.name,)


def _outside(path: Path) -> Scope:
    """The entity's scope, in which the target's columns are reached by a look-up."""
    inside = path.scope

    def reach(column: Column, pointer: str) -> Scalar | None:
        if path.target.called(column.row):
            return Lookup(path.hops, inside.column(path.target, column.name, pointer))
        return None if inside.reach is None else inside.reach(column, pointer)

    return evolve(inside, earlier=(), target=None, reach=reach)


def _outer(tree: Scalar, path: Path) -> Scalar:
    """A tree resolved inside the join, moved outside: columns of its rows become look-ups."""
    rows = {hop.row: position for position, hop in enumerate(path.hops, 1)}

    def exchange(column: Column) -> Scalar | Refusal:
        at = rows.get(column.row)
        return column if at is None else Lookup(path.hops[:at], column)

    moved = replace_columns(tree, exchange)
    assert not isinstance(moved, Refusal)
    return moved


def _scalar(joined: Joined) -> Scalar:
    assert not isinstance(joined.value, Children)
    return joined.value


def _self_join(join: doc.SelfJoin, scope: Scope, pointer: str) -> Joined:
    place = f"{pointer}/join_condition"
    step = Step(
        target=_self_target(join, scope, place).name,
        conditions=((join.join_condition, place),),
        pointer=pointer,
        alias=join.join_alias,
    )
    path = path_of(step, scope)
    joined = _seen(path, join.select_column, pointer)
    if join.null_value is None:
        return joined
    place = f"{pointer}/null_value"
    word = fragments.word(join.null_value, path.scope, place)
    value = beside(_scalar(joined), word, scope, place)
    return evolve(joined, value=Call("COALESCE", (value, _outer(word, path))))


def _self_target(join: doc.SelfJoin, scope: Scope, pointer: str) -> SourceTable:
    """The table an alias stands for: what the foreign key on the other side references."""
    tree = fragments.parsed(join.join_condition, pointer, scope.report)
    own, alias = scope.own.table, join.join_alias.lower()
    others = {column.name.lower() for column in columns(tree) if column.row.lower() != alias}
    for key in own.foreign_keys:
        found = scope.source.table(key.target_table)
        if found is not None and others.issuperset(name.lower() for name in key.columns):
            return found
    return own


def _conditional(join: doc.Conditional, scope: Scope, pointer: str) -> Joined:
    step = Step(
        target=join.target_table,
        conditions=((join.join_condition, f"{pointer}/join_condition"),),
        mentions=(join.select_column, join.condition, join.else_value),
        pointer=pointer,
    )
    path = path_of(step, scope)
    joined = _seen(path, join.select_column, pointer)
    place = f"{pointer}/condition"
    tree = fragments.parsed(join.condition, place, scope.report)
    when = _outer(path.scope.row_value(tree, place), path)
    place = f"{pointer}/else_value"
    word = fragments.word(join.else_value, path.scope, place)
    value = beside(_scalar(joined), word, scope, place)
    return evolve(joined, value=Case(((when, value),), _outer(word, path)))


def _chain(join: doc.Chain, scope: Scope, pointer: str) -> Joined:
    path, values, last = Path(hops=(), scope=scope), list[Scalar](), None
    for position, one in enumerate(join.joins):
        place = f"{pointer}/joins/{position}"
        conditions = ((one.join_condition, f"{place}/join_condition"),)
        step = Step(
            target=one.target_table, conditions=conditions, mentions=(one.select_column,),
            pointer=place,
        )  # fmt: skip
        further = path_of(step, path.scope)
        path = Path(hops=(*path.hops, *further.hops), scope=further.scope)
        _check_no_circle(path, scope.own.row, f"{place}/join_condition")
        last = _seen(path, one.select_column, place)
        values.append(_scalar(last))
    assert last is not None
    if join.chain_separator is None:
        return last
    return evolve(last, value=_along(join.chain_separator, values))


def _along(separator: str, values: list[Scalar]) -> Scalar:
    """All hops' values joined, NULLs skipped; NULL when every one of them is."""
    nothing = And(tuple(IsNull(one) for one in values)) if len(values) > 1 else IsNull(values[0])
    joined = Call("CONCAT_WS", (Literal(separator), *values))
    return Case(((nothing, Literal(None)),), joined)


def _check_no_circle(path: Path, own: str, pointer: str) -> None:
    """A hop that arrives at a table by the columns that it was left by arrives where it was."""
    last = path.hops[-1]
    tables = {own: path.scope.own.table.name, **{hop.row: hop.table for hop in path.hops}}
    arrived = frozenset(name for name, _ in equalities(last.on, last.row))
    for hop in path.hops[:-1]:
        left: dict[str, set[str]] = {}
        for _, other in equalities(hop.on, hop.row):
            if isinstance(other, Column):
                left.setdefault(other.row, set()).add(other.name)
        for row, names in left.items():
            if tables.get(row) == last.table and names == arrived:
                text = f"the chain leads back to the {last.table} that it came from"
                raise path.scope.report.stop("DK225", pointer, text)
