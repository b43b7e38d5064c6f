"""Which row a name in a fragment belongs to (`contract-format` 3.1-3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, final

from attrs import evolve, frozen

from dalkit.contract.problems import nearest
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.sides import Sides, target_first
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import And, Column, Compare, Not, Or, Scalar
from dalkit.source.walk import replace_columns

__all__ = ["Named", "Reach", "Scope"]

Reach: TypeAlias = Callable[[Column, str], Scalar | None]
"""A column qualified by a table that is no side of the fragment, and the place -> its value."""

_Preference: TypeAlias = Literal["target", "near"]
"""Whose a name is that fits the target and the row that it is joined to."""


@final
@frozen
class Named:
    """A row in scope: the name it has in the tree, its table, and what fragments call it."""

    row: str
    table: SourceTable
    names: tuple[str, ...]

    def called(self, name: str) -> bool:
        """Whether fragments call it by this name, in any case."""
        return name.lower() in (one.lower() for one in self.names)


@final
@frozen(kw_only=True)
class Scope:
    """The rows that a fragment can name: the entity's own, earlier hops', and the target's."""

    source: Source
    report: Report
    own: Named
    earlier: tuple[Named, ...] = ()
    target: Named | None = None
    downward: bool = False
    """The direction of an aggregate or array: from a parent to its children."""
    target_first: bool = False
    """Whether a bare name is the target's column where both rows have one."""
    reach: Reach | None = None

    @property
    def near(self) -> Named:
        """The row that the target is joined to: the last hop's, else the entity's own."""
        return self.earlier[-1] if self.earlier else self.own

    @property
    def rows(self) -> tuple[Named, ...]:
        """Every row in scope, the nearest first, the target last."""
        target = () if self.target is None else (self.target,)
        return (*reversed(self.earlier), self.own, *target)

    def with_target(self, target: Named) -> Scope:
        """The scope one hop further: the present target becomes an earlier row."""
        kept = self.earlier if self.target is None else (*self.earlier, self.target)
        return evolve(self, earlier=kept, target=target)

    def value(self, tree: Scalar, pointer: str) -> Scalar:
        """The tree with its columns resolved; names that fit both rows are the target's."""
        return self._resolved(tree, pointer, "target")

    def row_value(self, tree: Scalar, pointer: str) -> Scalar:
        """The tree with its columns resolved; names that fit both rows are not the target's."""
        return self._resolved(tree, pointer, "near")

    def condition(self, tree: Scalar, pointer: str) -> Scalar:
        """A condition with its columns resolved, side by side where both rows are of one table."""
        match tree:
            case And(terms):
                return And(tuple(self.condition(term, pointer) for term in terms))
            case Or(terms):
                return Or(tuple(self.condition(term, pointer) for term in terms))
            case Not(term):
                return Not(self.condition(term, pointer))
            case Compare() if self.target is not None:
                return target_first(self._compared(tree, pointer), self.target.row)
            case _:
                self._tell_one_table(tree, pointer)
                return self.value(tree, pointer)

    def _compared(self, compare: Compare, pointer: str) -> Compare:
        left: _Preference = "target"
        right: _Preference = "target"
        sides = self._sides()
        if sides is not None:
            left, right, told = sides.read(compare)
            if told:
                self.report.add("DK208", pointer, told)
        return Compare(
            compare.operator,
            self._resolved(compare.left, pointer, left),
            self._resolved(compare.right, pointer, right),
        )

    def _sides(self) -> Sides | None:
        """The reading of sides, where the target is of the table that it is joined to."""
        target, near = self.target, self.near
        if target is None or target.table.name != near.table.name:
            return None
        return Sides(near.table, near.names, target.names, self.downward)

    def _tell_one_table(self, tree: Scalar, pointer: str) -> None:
        sides = self._sides()
        told = None if sides is None else sides.alone(tree)
        if told:
            self.report.add("DK208", pointer, told)

    def _resolved(self, tree: Scalar, pointer: str, preference: _Preference) -> Scalar:
        resolved = replace_columns(tree, lambda column: self._one(column, pointer, preference))
        if isinstance(resolved, Refusal):
            raise self.report.stop("DK203", pointer, str(resolved))
        return resolved

    def _one(self, column: Column, pointer: str, preference: _Preference) -> Scalar:
        if not column.row:
            return self._bare(column.name, pointer, preference)
        found = self._called(column.row, preference)
        if found is not None:
            return self.column(found, column.name, pointer)
        seen = None if self.reach is None else self.reach(column, pointer)
        if seen is None:
            raise self._unknown_row(column, pointer)
        return seen

    def _ordered(self, *, target_first: bool) -> list[Named]:
        rows = list(self.rows)
        return [rows[-1], *rows[:-1]] if self.target is not None and target_first else rows

    def _called(self, name: str, preference: _Preference) -> Named | None:
        rows = self._ordered(target_first=preference == "target")
        exact = next((one for one in rows if name in one.names), None)
        return exact or next((one for one in rows if one.called(name)), None)

    def _bare(self, name: str, pointer: str, preference: _Preference) -> Scalar:
        one_table = preference == "target" and self._sides() is not None
        rows = self._ordered(target_first=self.target_first or one_table)
        holding = [one for one in rows if one.table.column(name) is not None]
        tables = list(dict.fromkeys(one.table.name for one in holding or rows))
        if not holding:
            known = (column.name for one in rows for column in one.table.columns)
            what = f"column of {' and '.join(tables)}"
            raise self.report.unknown("DK202", pointer, what, name, known)
        if len(tables) > 1 and not self.target_first:
            text = f'"{name}" is a column of {" and ".join(tables)}: read as {tables[0]}.{name}'
            self.report.add("DK208", pointer, text)
        return self.column(holding[0], name, pointer)

    def column(self, named: Named, name: str, pointer: str) -> Column:
        """The column of a row, or an error with the nearest."""
        column = named.table.column(name)
        if column is None:
            known = (one.name for one in named.table.columns)
            what = f"column of {named.table.name}"
            raise self.report.unknown("DK202", pointer, what, name, known)
        return Column(named.row, column.name)

    def _unknown_row(self, column: Column, pointer: str) -> Unresolved:
        names = list(dict.fromkeys(name for one in self.rows for name in one.names))
        fix = nearest(column.row, names) or f"in reach are {', '.join(names)}"
        text = f'"{column.row}.{column.name}" names no table or alias in reach here'
        return self.report.stop("DK201", pointer, text, fix=fix)
