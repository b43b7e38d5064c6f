"""One form for all predicates that mean the same to a compiler: negations at the leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from dalkit.fields import predicates as p

__all__ = ["conjuncts", "pushed"]

R = TypeVar("R")

_OPPOSITES: Mapping[p.Comparison, p.Comparison] = {
    "=": "<>",
    "<>": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}


def pushed(predicate: p.Predicate[R]) -> p.Predicate[R]:
    """The predicate with every negation at a leaf, true, false and unknown for the same records.

    `And` and `Or` hold at least two terms, none of their own kind, in the order they were written.
    `Not` is left around `Between`, `IsIn`, `BeginsWith` and `Contains` only; a negated comparison
    is the opposite one, a negated `Exists` is `IsNone`. A leaf that is unknown stays so, negated
    or not: where a store's own negation is true for None, the compiler has to say more.
    """
    whole: p.Predicate[R] = _pushed(predicate, negated=False)
    return whole


def conjuncts(predicates: Iterable[p.Predicate[R]]) -> tuple[p.Predicate[R], ...]:
    """The predicates, which must all be true, pushed, and their `And`s taken apart."""
    return tuple(
        term
        for one in predicates
        for whole in (pushed(one),)
        for term in (whole.terms if isinstance(whole, p.And) else (whole,))
    )


def _pushed(predicate: Any, *, negated: bool) -> Any:
    match predicate:
        case p.Not(inner):
            return _pushed(inner, negated=not negated)
        case p.And(terms):
            return _joined(p.Or if negated else p.And, terms, negated=negated)
        case p.Or(terms):
            return _joined(p.And if negated else p.Or, terms, negated=negated)
        case _ if not negated:
            return predicate
        case p.Compare(operand, operator, value):
            return p.Compare(operand, _OPPOSITES[operator], value)
        case p.Exists(operand):
            return p.IsNone(operand)
        case p.IsNone(operand):
            return p.Exists(operand)
        case _:
            return p.Not(predicate)


def _joined(kind: type[Any], terms: tuple[Any, ...], *, negated: bool) -> Any:
    inner = [_pushed(one, negated=negated) for one in terms]
    flat = [term for one in inner for term in (one.terms if type(one) is kind else (one,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
