"""Equalities between two rows as keys of one type, which a server can group, sort and hash.

A join on columns of unlike types (a number and a text, texts of two collations) uses no index and,
on MariaDB, no hash: every row is held against every other. The same join on converted keys does.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from dalkit.source.infer import Scope, typed
from dalkit.source.refusal import Refusal
from dalkit.source.sql import sql_of
from dalkit.source.tree import Aggregate, Call, Column, Compare, Lookup, Scalar
from dalkit.source.typed import CONFLICT, Typed, collated
from dalkit.source.walk import free_rows, nodes

__all__ = ["Equal", "equal_of", "reads_only"]

_KEPT_LENGTH = frozenset(("LOWER", "UPPER", "TRIM", "LTRIM", "RTRIM"))
_NUMBERS = frozenset(("int", "decimal", "real", "float"))
_SORTED_WHOLE = 1_000
"""Characters of a text whose weight is sorted whole, as `run/config.py` sets `max_sort_length`."""
_EXACT_DIGITS = 15


@final
@frozen(kw_only=True)
class Equal:
    """A side that reads the target's row alone and one that does not, as SQL, equal like a key."""

    target: str
    own: str
    column: str | None
    """The column that the target's side is, if it is one as it stands: an index on it serves."""


def equal_of(term: Scalar, row: str, scope: Scope) -> Equal | None:
    """The term as an equality of keys; None if it is none between `row` and other rows."""
    if not (isinstance(term, Compare) and term.operator == "="):
        return None
    for target, own in ((term.left, term.right), (term.right, term.left)):
        others = free_rows(own)
        if reads_only(target, {row}) and others and reads_only(own, scope.rows.keys() - {row}):
            return _equal(target, own, scope)
    return None


def reads_only(tree: Scalar, rows: set[str]) -> bool:
    """Whether the tree reads some of these rows and looks no further."""
    further = any(isinstance(node, Lookup | Aggregate) for node in nodes(tree))
    found = free_rows(tree)
    return not further and bool(found) and found <= rows


def _equal(target: Scalar, own: Scalar, scope: Scope) -> Equal | None:
    left, right = typed(target, scope), typed(own, scope)
    if isinstance(left, Refusal) or isinstance(right, Refusal) or not _whole(target, left):
        return None
    ways = _ways(target, own, left, right)
    if ways is None:
        return None
    return Equal(
        target=_applied(ways[0], target, scope),
        own=_applied(ways[1], own, scope),
        column=target.name if isinstance(target, Column) and not ways[0] else None,
    )


def _whole(target: Scalar, held: Typed) -> bool:
    """Whether a server sorts by the whole of the value."""
    if held.family not in ("text", "bytes"):
        return True
    if isinstance(target, Call) and target.function in _KEPT_LENGTH and len(target.arguments) == 1:
        return _whole(target.arguments[0], held)
    short = held.type.base in ("char", "varchar", "binary", "varbinary")
    return isinstance(target, Column) and short and (held.type.length or 0) <= _SORTED_WHOLE


def _ways(target: Scalar, own: Scalar, left: Typed, right: Typed) -> tuple[str, str] | None:
    """How both sides become one type, "" for as they stand; None if nothing here is sure."""
    families = {left.family, right.family}
    plain = isinstance(target, Column) and isinstance(own, Column)
    if families == {"int"} or (plain and families <= {"int", "year"}):
        return "", ""
    if plain and (families == {"decimal"} or families == {"bytes"}):
        return "", ""
    if plain and len(families) == 1 and families <= {"date", "datetime", "time"}:
        return "", ""
    if plain and families == {"date", "datetime"}:
        return "CAST({} AS DATETIME(6))", "CAST({} AS DATETIME(6))"
    if families == {"text"}:
        return _as_text(left, right)
    if families <= _NUMBERS | {"text"} and families & {"text", "real", "float"}:
        exact = all(_in_double(one) for one in (left, right))
        return ("{} + 0E0", "{} + 0E0") if exact else None
    if plain and families == {"int", "decimal"}:
        return "", ""
    return None


def _as_text(left: Typed, right: Typed) -> tuple[str, str] | None:
    if left.collation == right.collation:
        return "", ""
    collation, strength = collated((left, right))
    if strength == CONFLICT or collation is None:
        return None
    charset = collation.partition("_")[0]
    if charset == "binary":
        return None

    def way(held: Typed) -> str:
        same = (held.collation or "").partition("_")[0] == charset
        return f"{'{}' if same else f'CONVERT({{}} USING {charset})'} COLLATE {collation}"

    return ("" if left.collation == collation else way(left)), way(right)


def _in_double(held: Typed) -> bool:
    """Whether a double holds every value, so that all servers compare alike."""
    if held.family in ("int", "decimal"):
        return held.digits + held.scale <= _EXACT_DIGITS
    return True


def _applied(way: str, side: Scalar, scope: Scope) -> str:
    text = sql_of(side, {}, scope.source)
    if not way:
        return text
    return way.format(text if isinstance(side, Column) else f"({text})")
