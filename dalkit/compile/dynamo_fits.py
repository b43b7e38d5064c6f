"""What a record must be like for changes to fit it, where DynamoDB itself would not say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

from dalkit import kinds
from dalkit.compile.demands import Demands
from dalkit.compile.dynamo_changes import Changes
from dalkit.compile.expression import Writer
from dalkit.compile.paths import paths_of
from dalkit.convert.numbers import number_text
from dalkit.convert.refusal import Refusal
from dalkit.fields import changes as c
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.query.normal import conjuncts
from dalkit.query.spots import spot_at
from dalkit.query.updates import Update
from dalkit.schema.entity import Entity, definition_of

__all__ = ["fits", "is_held"]

_EXACT = Context(prec=400)


def fits(write: Update[Any], changes: Changes, demands: Demands) -> tuple[str, ...]:
    """Conditions: sums stay in their column's range, and what is changed inside is there."""
    entity, writer = write.entity, Writer(write.entity, demands.aliases)
    found: dict[str, None] = {}
    for change in changes:
        if isinstance(change, c.Add):
            bounds = _in_range(write, change)
            found |= dict.fromkeys(
                one for one in map(writer.formula, bounds) if isinstance(one, str)
            )
        if is_held(entity, change.place):
            continue
        for path in paths_of(entity, change.place):
            if len(path.steps) > 1:
                holder = demands.aliases.path(path.steps[:-1])
                found[f"attribute_exists({holder})"] = None
    return tuple(found)


def is_held(entity: Entity[Any, Any], place: Place) -> bool:
    """Whether what holds the place is in every record: the record, or a map that is never None."""
    field = definition_of(entity).by_field[place.name]
    map_of = isinstance(field.kind, kinds.Nested | kinds.Listed) and not field.nullable
    return not place.steps or (map_of and len(place.steps) == 1)


def _in_range(write: Update[Any], change: c.Add) -> Iterator[p.Predicate[Any]]:
    """The bound that keeps a sum inside the column; none where no sum leaves it."""
    spot = spot_at(write.entity, change.place)
    low, high = _range(spot.kind)
    if low is None or high is None or not change.number:
        return
    limit = _EXACT.subtract(high if change.number > 0 else low, change.number)
    operator: p.Comparison = "<=" if change.number > 0 else ">="
    whole = isinstance(spot.kind, kinds.Integer)
    bound = p.Compare[Any](change.place, operator, int(limit) if whole else limit)
    if any(_implies(one, bound) for one in conjuncts(write.predicates)):
        return
    fresh = low <= change.number <= high
    nullable = spot.nullable or bool(change.place.steps)
    yield p.Or((p.IsNone[Any](change.place), bound)) if nullable and fresh else bound


def _implies(term: p.Predicate[Any], bound: p.Compare[Any]) -> bool:
    """Whether a condition of the update keeps the bound already."""
    if not isinstance(term, p.Compare) or term.operand != bound.operand:
        return False
    if bound.operator == "<=":
        return term.operator in ("<", "<=", "=") and bool(term.value <= bound.value)
    return term.operator in (">", ">=", "=") and bool(term.value >= bound.value)


def _range(kind: kinds.Kind) -> tuple[Any, Any]:
    match kind:
        case kinds.Integer(low=low, high=high):
            return low, high
        case kinds.Fixed(precision=precision, scale=scale):
            most = _EXACT.scaleb(Decimal(10**precision - 1), -scale)
            try:
                number_text(_EXACT.multiply(most, 2))
            except Refusal:  # more digits than any number that DynamoDB holds
                return None, None
            return -most, most
        case _:
            return None, None
