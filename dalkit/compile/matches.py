"""How many rows a join's condition can find, as the tables' keys and the compared types say."""

from __future__ import annotations

from collections.abc import Iterator

from dalkit.source.infer import Scope, typed
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import And, Column, Compare, Hop, Scalar
from dalkit.source.typed import Typed, collated
from dalkit.source.walk import columns

__all__ = ["equal_columns", "finds_one_row"]

_EXACT = frozenset(("int", "decimal", "year"))
_DATES = frozenset(("date", "datetime"))


def finds_one_row(hops: tuple[Hop, ...], own: SourceTable, source: Source) -> bool:
    """Whether each hop finds one row at most."""
    scope = Scope(source, {own.name: own})
    for hop in hops:
        scope = scope.with_hop(hop)
        table = scope.rows[hop.row]
        fixed = [name for name, other in equal_columns(hop) if _one_value(hop, name, other, scope)]
        if not table.identifies(fixed):
            return False
    return True


def equal_columns(hop: Hop) -> Iterator[tuple[str, Scalar]]:
    """The columns of the hop's row that must equal something that does not depend on that row."""
    for term in hop.on.terms if isinstance(hop.on, And) else (hop.on,):
        if isinstance(term, Compare) and term.operator == "=":
            for side, other in ((term.left, term.right), (term.right, term.left)):
                inside = any(column.row == hop.row for column in columns(other))
                if isinstance(side, Column) and side.row == hop.row and not inside:
                    yield side.name, other


def _one_value(hop: Hop, name: str, other: Scalar, scope: Scope) -> bool:
    """Whether at most one of a unique column's values equals the other side.

    A text compared with a number is read as a number, so that '1' and '01' are equal to 1; and a
    collation that is not the column's own may hold two of its values equal.
    """
    column, compared = typed(Column(hop.row, name), scope), typed(other, scope)
    if isinstance(column, Refusal) or isinstance(compared, Refusal):
        return False
    families = {column.family, compared.family}
    if families <= _EXACT or families <= _DATES or "null" in families:
        return True
    if column.family == "text" and compared.family in ("text", "enum", "set"):
        return _compared_as_declared(column, compared)
    return len(families) == 1 and column.family in ("bytes", "time")


def _compared_as_declared(column: Typed, other: Typed) -> bool:
    collation, _ = collated([column, other])
    return collation == column.collation or (collation or "").endswith("_bin")
