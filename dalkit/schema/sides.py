"""The sides of a condition between two rows of one table (`contract-format` 3.1)."""

from __future__ import annotations

from typing import Literal, TypeAlias, final

from attrs import frozen

from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Column, Compare, Scalar
from dalkit.source.walk import columns

__all__ = ["Sides", "equalities", "links", "target_first"]

_Side: TypeAlias = Literal["target", "near"]


@final
@frozen
class Sides:
    """A table that is joined to itself, and what fragments call its two rows."""

    table: SourceTable
    near: tuple[str, ...]
    target: tuple[str, ...]
    downward: bool

    def read(self, compare: Compare) -> tuple[_Side, _Side, str]:
        """Whose the doubtful names of each side are, and what to tell of that."""
        left, right = compare.left, compare.right
        if self._doubtful(left) and self._doubtful(right):
            return self._between(left, right)
        if self._names_target(left) or self._names_target(right):
            return "near", "near", ""
        return "target", "target", self.alone(compare)

    def alone(self, tree: Scalar) -> str:
        """What to tell of a test that leaves open which of the two rows it is about."""
        if self._names_target(tree):
            return ""
        names = [one.name for one in columns(tree) if self._fits_both(one)]
        if not names:
            return ""
        listed = ", ".join(f"target.{name}" for name in dict.fromkeys(names))
        return f"both rows are of {self.table.name}: read as {listed}"

    def _between(self, left: Scalar, right: Scalar) -> tuple[_Side, _Side, str]:
        if not (isinstance(left, Column) and isinstance(right, Column)):
            return "target", "near", self._told(left, right, "the left side being the target")
        if links(self.table, left.name, self.table, right.name):
            target_is_right = not self.downward
        elif links(self.table, right.name, self.table, left.name):
            target_is_right = self.downward
        else:
            return "target", "near", self._told(left, right, "the left side being the target")
        if not target_is_right:
            return "target", "near", ""
        return "near", "target", self._told(right, left, "as the foreign key says")

    def _told(self, target: Scalar, near: Scalar, why: str) -> str:
        names = [getattr(side, "name", "…") for side in (target, near)]
        return (
            f"both sides are of {self.table.name}: read as target.{names[0]} against "
            f"source.{names[1]}, {why}"
        )

    def _doubtful(self, tree: Scalar) -> bool:
        return any(self._fits_both(column) for column in columns(tree))

    def _fits_both(self, column: Column) -> bool:
        name = column.row.lower()
        return not name or (name in _lowered(self.near) and name in _lowered(self.target))

    def _names_target(self, tree: Scalar) -> bool:
        said = _lowered(self.target) - _lowered(self.near)
        return any(column.row.lower() in said for column in columns(tree))


def _lowered(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def links(child: SourceTable, column: str, parent: SourceTable, target: str) -> bool:
    """Whether a foreign key of `child` takes `column` to `target` of `parent`."""
    pair = (column.lower(), target.lower())
    return any(
        pair in [(c.lower(), t.lower()) for c, t in zip(k.columns, k.target_columns, strict=False)]
        for k in child.foreign_keys
        if k.target_table.lower() == parent.name.lower()
    )


def target_first(compare: Compare, row: str) -> Compare:
    """An equality with the target's column on the left, so that one join has one spelling."""
    left, right = compare.left, compare.right
    is_left = isinstance(left, Column) and left.row == row
    is_right = isinstance(right, Column) and right.row == row
    return Compare("=", right, left) if compare.operator == "=" and is_right > is_left else compare


def equalities(on: Scalar, row: str) -> tuple[tuple[str, Scalar], ...]:
    """The (column of `row`, other side) pairs that a condition demands to be equal."""
    terms = on.terms if isinstance(on, And) else (on,)
    found: list[tuple[str, Scalar]] = []
    for term in terms:
        if isinstance(term, Compare) and term.operator == "=":
            for side, other in ((term.left, term.right), (term.right, term.left)):
                inside = any(column.row == row for column in columns(other))
                if isinstance(side, Column) and side.row == row and not inside:
                    found.append((side.name, other))
                    break
    return tuple(found)
