"""One step of a join: the rows gone through, the condition, and the scope behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, final

from attrs import frozen

from dalkit.contract.document import JsonScalar
from dalkit.schema import fragments
from dalkit.schema.scope import Named, Scope
from dalkit.source.refusal import Refusal
from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Hop, Scalar
from dalkit.source.walk import columns

__all__ = ["Path", "Step", "identity_of", "path_of", "table_named"]

_Terms: TypeAlias = list[tuple[Scalar, str]]
"""Parts of a condition that all must hold, each with its place."""


@final
@frozen(kw_only=True)
class Step:
    """A join as it is written."""

    target: str
    conditions: tuple[tuple[str, str], ...]
    """(fragment, place), all of which must hold."""
    mentions: tuple[JsonScalar, ...] = ()
    """Its other fragments, which may name the target by an alias that is declared nowhere."""
    pointer: str
    alias: str | None = None


@final
@frozen(kw_only=True)
class Path:
    """Hops with the scope behind the last of them."""

    hops: tuple[Hop, ...]
    scope: Scope

    @property
    def target(self) -> Named:
        """The row that the path leads to."""
        assert self.scope.target is not None
        return self.scope.target


def table_named(name: str, scope: Scope, pointer: str) -> SourceTable:
    """The MySQL table of that name, or an error with the nearest."""
    table = scope.source.table(name)
    if table is None:
        known = (one.name for one in scope.source.tables)
        raise scope.report.unknown("DK201", pointer, "table", name, known)
    return table


def identity_of(table: SourceTable) -> tuple[tuple[str, ...], bool]:
    """The columns that tell two rows apart, and whether they are a real key."""
    for key in table.unique_keys():
        held = [table.column(name) for name in key]
        if key == table.primary_key or all(one is not None and not one.nullable for one in held):
            return key, True
    return tuple(c.name for c in table.columns if c.type.base != "opaque"), False


def path_of(step: Step, scope: Scope) -> Path:
    """The step's hops from the scope's nearest row: over junction tables, then to the target."""
    table = table_named(step.target, scope, f"{step.pointer}/target_table")
    terms: _Terms = []
    for text, place in step.conditions:
        terms += _terms(fragments.parsed(text, place, scope.report), place)
    names = _names(step, table, [tree for tree, _ in terms], scope)
    before, rest = _through(table, names, terms, scope)
    target = Named(_free_row(step.alias or names[0], before.scope), table, names)
    inside = before.scope.with_target(target)
    on = _on(rest, inside)
    _check(on, inside, step.conditions[0][1])
    return Path(hops=(*before.hops, Hop(table.name, target.row, on)), scope=inside)


def _terms(tree: Scalar, place: str) -> _Terms:
    if isinstance(tree, And):
        return [one for term in tree.terms for one in _terms(term, place)]
    return [(tree, place)]


def _on(terms: _Terms, scope: Scope) -> Scalar:
    resolved = tuple(scope.condition(tree, place) for tree, place in terms)
    return resolved[0] if len(resolved) == 1 else And(resolved)


def _names(
    step: Step, table: SourceTable, conditions: list[Scalar], scope: Scope
) -> tuple[str, ...]:
    """What fragments may call the target: an alias declared or not, its table."""
    alone = any(one.table.name == table.name for one in scope.rows)
    if step.alias is not None:
        return (step.alias,) if alone else (step.alias, table.name)
    alias = _undeclared(conditions, table, scope)
    if alias is None:
        alias = _undeclared(_mentioned(step.mentions), table, scope)
        names = (table.name,) if alias is None else (table.name, alias)
    else:
        names = (alias,) if alone else (alias, table.name)
    if alias is not None:
        text = f'the alias "{alias}" is declared nowhere: read as {table.name}, the join\'s target'
        scope.report.add("DK208", step.pointer, text)
    return names


def _undeclared(trees: Iterable[Scalar], table: SourceTable, scope: Scope) -> str | None:
    """A qualifier that no row and no table bears, of a column that the target has."""
    for tree in trees:
        for column in columns(tree):
            known = any(row.called(column.row) for row in scope.rows)
            unknown = column.row and not known and scope.source.table(column.row) is None
            if unknown and table.column(column.name) is not None:
                return column.row
    return None


def _mentioned(mentions: tuple[JsonScalar, ...]) -> list[Scalar]:
    trees = [fragments.tree_of(text) for text in mentions if isinstance(text, str)]
    return [tree for tree in trees if not isinstance(tree, Refusal)]


def _free_row(name: str, scope: Scope) -> str:
    """The name itself, or with the least number that no row in scope has."""
    taken = {one.row.lower() for one in scope.rows}
    found, number = name, 2
    while found.lower() in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _through(
    target: SourceTable, names: tuple[str, ...], terms: _Terms, scope: Scope
) -> tuple[Path, _Terms]:
    """The hops over tables that the conditions name and that are no side; the terms left."""
    hops: list[Hop] = []
    waiting = _junctions(terms, target, names, scope)
    while waiting:
        found = next(((t, own) for t in waiting if (own := _settled(t, terms, scope))), None)
        if found is None:
            break
        table, settled = found
        scope = scope.with_target(Named(_free_row(table.name, scope), table, (table.name,)))
        assert scope.target is not None
        hops.append(Hop(table.name, scope.target.row, _on(settled, scope)))
        terms = [term for term in terms if term not in settled]
        waiting.remove(table)
    return Path(hops=tuple(hops), scope=scope), terms


def _junctions(
    terms: _Terms, target: SourceTable, names: tuple[str, ...], scope: Scope
) -> list[SourceTable]:
    found: dict[str, SourceTable] = {}
    for column in (column for tree, _ in terms for column in columns(tree) if column.row):
        known = any(row.called(column.row) for row in scope.rows)
        called = column.row.lower() in (one.lower() for one in names)
        table = None if known or called else scope.source.table(column.row)
        if table is not None and table.name != target.name:
            found[table.name] = table
    return list(found.values())


def _settled(table: SourceTable, terms: _Terms, scope: Scope) -> _Terms:
    """The terms that are about this table and rows that are already there."""
    return [
        (tree, place)
        for tree, place in terms
        if any(column.row.lower() == table.name.lower() for column in columns(tree))
        and all(
            column.row.lower() == table.name.lower()
            or any(row.called(column.row) for row in scope.rows)
            for column in columns(tree)
        )
    ]


def _check(on: Scalar, scope: Scope, pointer: str) -> None:
    assert scope.target is not None
    rows = {column.row for column in columns(on)}
    table = scope.target.table.name
    if scope.target.row not in rows:
        text = f"the condition never names {table}, so it joins every row or none"
        raise scope.report.stop("DK210", pointer, text)
    if rows == {scope.target.row}:
        text = f"the condition never names {scope.near.table.name}: every row sees the same {table}"
        scope.report.add("DK211", pointer, text)
