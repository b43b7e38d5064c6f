"""The static type of every scalar: what MySQL would call the column that holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import final

from attrs import evolve, frozen

from dalkit.source import signatures
from dalkit.source.refusal import Refusal
from dalkit.source.tables import ColumnType, ForeignKey, Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Compare,
    DateAdd,
    DateDiff,
    Hop,
    In,
    IsNull,
    Like,
    Literal,
    Lookup,
    Negative,
    Not,
    Or,
    Scalar,
)
from dalkit.source.typed import (
    BOOLEAN,
    Typed,
    decimal_type,
    merged,
    of_column,
    sure,
    text_type,
    unpadded,
    whole_type,
)
from dalkit.source.values import Refused

__all__ = ["Scope", "infer", "typed"]


@final
@frozen
class Scope:
    """The rows that an expression may read, each a row of one table."""

    source: Source
    rows: Mapping[str, SourceTable]

    def with_hop(self, hop: Hop) -> Scope:
        """The scope with the hop's row added."""
        table = self.source.table(hop.table)
        if table is None:
            raise Refused(f"the table {hop.table}, which the source does not have")
        return Scope(self.source, {**self.rows, hop.row: table})


def infer(scalar: Scalar, scope: Scope) -> tuple[ColumnType, bool] | Refusal:
    """The type of the scalar's value, and whether it can be NULL."""
    answer = typed(scalar, scope)
    return answer if isinstance(answer, Refusal) else (answer.type, answer.nullable)


def typed(scalar: Scalar, scope: Scope) -> Typed | Refusal:
    """The type with what comparisons need besides: family, collation and its strength."""
    try:
        return _typed(scalar, scope)
    except Refused as refused:
        return refused.refusal


def _typed(scalar: Scalar, scope: Scope) -> Typed:
    match scalar:
        case Column():
            return _column(scalar, scope)
        case Literal(value):
            return _literal(value)
        case And(terms) | Or(terms):
            return _boolean(_any_null([_typed(term, scope) for term in terms]))
        case Not(term):
            return _boolean(_typed(term, scope).nullable)
        case IsNull(term):
            _typed(term, scope)
            return _boolean(False)
        case Compare(operator, left, right):
            nullable = _any_null([_typed(left, scope), _typed(right, scope)])
            return _boolean(nullable and operator != "<=>")
        case In(term, options):
            return _boolean(_any_null([_typed(part, scope) for part in (term, *options)]))
        case Between(term, low, high):
            return _boolean(_any_null([_typed(part, scope) for part in (term, low, high)]))
        case Like(term, pattern):
            return _boolean(_any_null([_typed(term, scope), _typed(pattern, scope)]))
        case Arithmetic():
            return signatures.arithmetic(
                scalar, _typed(scalar.left, scope), _typed(scalar.right, scope)
            )
        case Negative(term):
            return signatures.negative(scalar, _typed(term, scope))
        case Case(branches, otherwise):
            values = [_typed(value, scope) for _, value in branches] + [_typed(otherwise, scope)]
            for condition, _ in branches:
                _typed(condition, scope)
            return _loosened(sure(merged(values, _any_null(values))), values)
        case Call(function, arguments):
            return signatures.call(function, arguments, [_typed(part, scope) for part in arguments])
        case Cast():
            return signatures.cast(scalar, _typed(scalar.term, scope))
        case DateAdd(_, amount, unit):
            return signatures.date_add(_typed(scalar.term, scope), _typed(amount, scope), unit)
        case DateDiff(_, start, end):
            return signatures.date_difference(_typed(start, scope), _typed(end, scope))
        case Lookup():
            return _lookup(scalar, scope)
        case Aggregate():
            return _aggregate(scalar, scope)


def _loosened(made: Typed, values: Sequence[Typed]) -> Typed:
    """CASE: MySQL prints the branch as it is, MariaDB with the scale of the whole."""
    scales = {value.scale for value in values if value.family != "null"}
    loose = any(value.loose or value.type.zerofill for value in values)
    if made.family == "decimal":
        return evolve(made, loose=loose or scales != {made.scale})
    return evolve(made, loose=loose or made.loose) if made.family == "int" else made


def _any_null(parts: Sequence[Typed]) -> bool:
    return any(part.nullable for part in parts)


def _boolean(nullable: bool) -> Typed:
    return Typed(family="int", type=BOOLEAN, nullable=nullable)


def _column(column: Column, scope: Scope) -> Typed:
    table = scope.rows.get(column.row)
    if table is None:
        raise Refused(f"the row {column.row or '(none)'} of {column.name}, which is not in scope")
    held = table.column(column.name)
    if held is None:
        raise Refused(f"the column {column.name}, which {table.name} does not have")
    return sure(of_column(held.type, held.nullable, scope.source.default_collation))


def _literal(value: str | int | Decimal | bool | None) -> Typed:
    if value is None:
        return Typed(family="null", type=ColumnType(base="varchar"), nullable=True, strength=6)
    if isinstance(value, bool):
        return _boolean(False)
    if isinstance(value, str):
        return text_type(False, constant=True)
    if isinstance(value, int):
        made = whole_type(
            unsigned=value >= 2**63, nullable=False, digits=max(1, len(str(abs(value))))
        )
        return evolve(made, constant=True)
    scale = max(0, -int(value.as_tuple().exponent))
    return evolve(sure(decimal_type(len(str(abs(int(value)))), scale, False)), constant=True)


def _lookup(lookup: Lookup, scope: Scope) -> Typed:
    certain, inner = True, scope
    for hop in lookup.hops:
        before, inner = inner, inner.with_hop(hop)
        _typed(hop.on, inner)
        certain = certain and _always_matches(hop, before, inner)
    value = _typed(lookup.value, inner)
    return unpadded(evolve(value, nullable=value.nullable or not certain, constant=False))


def _always_matches(hop: Hop, before: Scope, inner: Scope) -> bool:
    """Whether the hop is a declared foreign key of columns that are never NULL."""
    pairs: dict[str, dict[str, str]] = {}
    for term in hop.on.terms if isinstance(hop.on, And) else (hop.on,):
        match term:
            case Compare("=", Column() as left, Column() as right):
                own, far = (left, right) if right.row == hop.row else (right, left)
                if far.row != hop.row or own.row == hop.row:
                    return False
                pairs.setdefault(own.row, {})[own.name.lower()] = far.name.lower()
            case _:
                return False
    if len(pairs) != 1:
        return False
    ((row, names),) = pairs.items()
    table = before.rows[row]
    keys = (key for key in table.foreign_keys if key.target_table == inner.rows[hop.row].name)
    return any(_is_key(key, names, table) for key in keys)


def _is_key(key: ForeignKey, names: dict[str, str], table: SourceTable) -> bool:
    declared = {
        own.lower(): far.lower() for own, far in zip(key.columns, key.target_columns, strict=False)
    }
    held = (table.column(name) for name in names)
    return declared == names and all(column and not column.nullable for column in held)


def _aggregate(aggregate: Aggregate, scope: Scope) -> Typed:
    inner = scope.with_hop(aggregate.hop)
    _typed(aggregate.hop.on, inner)
    if aggregate.value is None or aggregate.operation == "COUNT":
        if aggregate.value is not None:
            _typed(aggregate.value, inner)
        elif aggregate.operation != "COUNT":
            raise Refused(f"{aggregate.operation} of rows")
        return whole_type(nullable=False)
    value = _typed(aggregate.value, inner)
    if aggregate.operation in ("MIN", "MAX"):
        if value.family in ("set", "bit", "json"):
            raise Refused(f"{aggregate.operation} of {value.family.upper()}")
        loose = value.loose or value.family == "float"
        return unpadded(evolve(value, nullable=True, constant=False, loose=loose))
    part = signatures.number(value, aggregate.operation)
    if part.family == "real":
        return Typed(family="real", type=ColumnType(base="double", text="double"), nullable=True)
    if aggregate.operation == "AVG":
        return sure(decimal_type(part.digits, part.scale + 4, True))
    return sure(decimal_type(part.digits + 22, part.scale, True))
