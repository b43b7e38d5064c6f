"""Which row a name in a fragment belongs to (`contract-format` 3.1-3.3: sides, aliases, bare names)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, final

from attrs import evolve, frozen

from dalkit.contract.problems import nearest
from dalkit.schema.report import Report, Unresolved
from dalkit.source.refusal import Refusal
from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Column, Compare, Not, Or, Scalar
from dalkit.source.walk import columns, replace_columns

__all__ = ["Named", "Scope", "free_row", "links"]


@final
@frozen
class Named:
    """A row in scope: the name it has in the tree, its table, and what fragments call it."""

    row: str
    table: SourceTable
    names: tuple[str, ...]


@final
@frozen(kw_only=True)
class Scope:
    """The rows that a fragment can name: the entity's own, earlier hops', and the target's.

    `downward` is the direction of an aggregate or array: from a parent to its children.
    `reach` answers for a table that is none of them with the value seen through another join.
    """

    own: Named
    earlier: tuple[Named, ...] = ()
    target: Named | None = None
    downward: bool = False
    target_first: bool = False
    reach: Callable[[str, Column, str], Scalar | None] | None = None

    @property
    def near(self) -> Named:
        """The row that the target is joined to: the last hop's, else the entity's own."""
        return self.earlier[-1] if self.earlier else self.own

    def value(self, tree: Scalar, pointer: str, report: Report) -> Scalar:
        """The tree with its columns resolved; names that fit both rows go to the target."""
        return self._resolve(tree, pointer, report, ambiguous="target")

    def condition(self, tree: Scalar, pointer: str, report: Report) -> Scalar:
        """A condition with its columns resolved, side by side where both rows are of one table."""
        match tree:
            case And(terms):
                return And(tuple(self.condition(term, pointer, report) for term in terms))
            case Or(terms):
                return Or(tuple(self.condition(term, pointer, report) for term in terms))
            case Not(term):
                return Not(self.condition(term, pointer, report))
            case Compare(operator, left, right) if self._one_table():
                return self._sides(Compare(operator, left, right), pointer, report)
            case _:
                return self._resolve(tree, pointer, report, ambiguous="target")

    def _one_table(self) -> bool:
        return self.target is not None and self.target.table.name == self.near.table.name

    def _sides(self, compare: Compare, pointer: str, report: Report) -> Scalar:
        left, right = compare.left, compare.right
        if not (self._doubtful(left) and self._doubtful(right)):
            side: Literal["target", "near"] = "target" if self._two_sided(left, right) else "near"
            return Compare(
                compare.operator,
                self._resolve(left, pointer, report, ambiguous=side),
                self._resolve(right, pointer, report, ambiguous=side),
            )
        swapped = self._target_is_right(left, right)
        if swapped is None or swapped:
            self._tell_sides(left, right, swapped, pointer, report)
        return Compare(
            compare.operator,
            self._resolve(left, pointer, report, ambiguous="near" if swapped else "target"),
            self._resolve(right, pointer, report, ambiguous="target" if swapped else "near"),
        )

    def _two_sided(self, left: Scalar, right: Scalar) -> bool:
        return not any(True for side in (left, right) for _ in self._clear(side))

    def _clear(self, tree: Scalar) -> tuple[Column, ...]:
        """Columns that name the target in so many words."""
        assert self.target is not None
        said = [name for name in self.target.names if name not in self.near.names]
        return tuple(one for one in columns(tree) if one.row in said)

    def _doubtful(self, tree: Scalar) -> bool:
        """Whether it names the one table that both rows are of."""
        assert self.target is not None
        both = set(self.near.names) & set(self.target.names)
        return any(column.row in both or not column.row for column in columns(tree))

    def _target_is_right(self, left: Scalar, right: Scalar) -> bool | None:
        """What a foreign key between the two columns says; None when there is none."""
        if not (isinstance(left, Column) and isinstance(right, Column)):
            return None
        table = self.near.table
        if links(table, left.name, table, right.name):
            return not self.downward
        if links(table, right.name, table, left.name):
            return self.downward
        return None

    def _tell_sides(
        self, left: Scalar, right: Scalar, swapped: bool | None, pointer: str, report: Report
    ) -> None:
        if swapped is None and not (isinstance(left, Column) and isinstance(right, Column)):
            return
        names = [getattr(side, "name", "the value") for side in (left, right)]
        target, source = (names[1], names[0]) if swapped else (names[0], names[1])
        why = "as the foreign key says" if swapped else "the left side being the target"
        report.add(
            "DK208",
            pointer,
            f"both sides are of {self.near.table.name}: read as target.{target} against "
            f"source.{source}, {why}",
        )

    def _resolve(
        self,
        tree: Scalar,
        pointer: str,
        report: Report,
        *,
        ambiguous: Literal["target", "near"],
    ) -> Scalar:
        def exchange(column: Column) -> Scalar | Refusal:
            return self._one(column, pointer, report, ambiguous)

        resolved = replace_columns(tree, exchange)
        if isinstance(resolved, Refusal):
            raise report.stop("DK203", pointer, str(resolved))
        return resolved

    def _one(
        self,
        column: Column,
        pointer: str,
        report: Report,
        ambiguous: Literal["target", "near"],
    ) -> Scalar:
        if not column.row:
            return self._bare(column.name, pointer, report, ambiguous)
        found = self._called(column.row, ambiguous)
        if found is None and self.reach is not None:
            seen = self.reach(column.row, column, pointer)
            if seen is not None:
                return seen
        if found is None:
            raise self._unknown_row(column, pointer, report)
        return _column(found, column.name, pointer, report)

    def _called(self, name: str, ambiguous: Literal["target", "near"]) -> Named | None:
        rows = [*reversed(self.earlier), self.own]
        if self.target is not None:
            rows = [self.target, *rows] if ambiguous == "target" else [*rows, self.target]
        exact = next((one for one in rows if name in one.names), None)
        if exact is not None:
            return exact
        lowered = name.lower()
        return next((one for one in rows if lowered in (n.lower() for n in one.names)), None)

    def _bare(
        self, name: str, pointer: str, report: Report, ambiguous: Literal["target", "near"]
    ) -> Scalar:
        rows = [*reversed(self.earlier), self.own]
        if self.target is not None:
            first = self.target_first or (ambiguous == "target" and self._one_table())
            rows = [self.target, *rows] if first else [*rows, self.target]
        holding = [one for one in rows if one.table.column(name) is not None]
        if not holding:
            known = [column.name for one in rows for column in one.table.columns]
            tables = " and ".join(dict.fromkeys(one.table.name for one in rows))
            raise report.unknown("DK202", pointer, f"column of {tables}", name, known)
        if len({one.table.name for one in holding}) > 1 and not self.target_first:
            report.add(
                "DK208",
                pointer,
                f'"{name}" could be of {" or ".join(one.table.name for one in holding)}: '
                f"read as {holding[0].table.name}.{name}",
            )
        return _column(holding[0], name, pointer, report)

    def _unknown_row(self, column: Column, pointer: str, report: Report) -> Unresolved:
        rows = [self.own, *self.earlier, *((self.target,) if self.target else ())]
        names = [name for one in rows for name in one.names]
        fix = nearest(column.row, names) or f"names in reach: {', '.join(dict.fromkeys(names))}"
        return report.stop(
            "DK201",
            pointer,
            f'"{column.row}.{column.name}" names no table or alias in reach here',
            fix=fix,
        )

    def with_target(self, target: Named) -> Scope:
        """The scope one hop further: the present target becomes an earlier row."""
        kept = (*self.earlier, self.target) if self.target is not None else self.earlier
        return evolve(self, earlier=kept, target=target)


def _column(named: Named, name: str, pointer: str, report: Report) -> Column:
    column = named.table.column(name)
    if column is None:
        known = [one.name for one in named.table.columns]
        raise report.unknown("DK202", pointer, f"column {named.table.name}.", name, known)
    return Column(named.row, column.name)


def links(child: SourceTable, column: str, parent: SourceTable, target: str) -> bool:
    """Whether a foreign key of `child` takes `column` to `target` of `parent`."""
    pair = (column.lower(), target.lower())
    return any(
        pair in [(c.lower(), t.lower()) for c, t in zip(k.columns, k.target_columns, strict=False)]
        for k in child.foreign_keys
        if k.target_table.lower() == parent.name.lower()
    )


def free_row(name: str, taken: set[str]) -> str:
    """The name itself, or with the least number that makes it free."""
    lowered = {one.lower() for one in taken}
    if name.lower() not in lowered:
        return name
    number = 2
    while f"{name}_{number}".lower() in lowered:
        number += 1
    return f"{name}_{number}"
