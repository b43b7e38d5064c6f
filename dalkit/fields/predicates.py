"""Conditions on a record as values, in the logic of three values.

A predicate selects the records that it is true for. On a value that is None, and on a value in
JSON of another type than the one it is compared with, a leaf is unknown; only `Exists` and
`IsNone` see None. Text is compared by code point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Literal, NoReturn, TypeAlias, TypeVar, final

from attrs import field, frozen

from dalkit.fields.places import Folded, Operand, Place, Size
from dalkit.fields.values import exact, listed, shown

__all__ = [
    "And",
    "BeginsWith",
    "Between",
    "Compare",
    "Comparison",
    "Contains",
    "Exists",
    "Hidden",
    "IsIn",
    "IsNone",
    "Not",
    "Or",
    "Predicate",
    "place_of",
    "printed",
    "printed_all",
    "shown_at",
]

R = TypeVar("R")

Comparison: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]

Hidden: TypeAlias = Callable[[Place], bool]
"""Whether values of a place are secret, and not to be printed."""

_DEEPEST = 100


class Predicate(Generic[R]):
    """A condition on records of type R; combine predicates with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self, other: Predicate[R]) -> Predicate[R]:
        return _joined(And, self, _predicate(other, "&"))

    def __or__(self, other: Predicate[R]) -> Predicate[R]:
        return _joined(Or, self, _predicate(other, "|"))

    def __invert__(self) -> Predicate[R]:
        return self.predicate if isinstance(self, Not) else Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a predicate is neither true nor false by itself: combine predicates with & | ~ "
            "instead of and, or, not, and write x.between(1, 5) instead of 1 <= x <= 5"
        )

    def __str__(self) -> str:
        return printed(self, lambda _: False)


@final
@frozen
class Compare(Predicate[R]):
    operand: Operand
    operator: Comparison
    value: Any = field(eq=exact)


@final
@frozen
class Between(Predicate[R]):
    """From `low` to `high`, both included."""

    operand: Operand
    low: Any = field(eq=exact)
    high: Any = field(eq=exact)


@final
@frozen
class IsIn(Predicate[R]):
    operand: Operand
    values: tuple[Any, ...] = field(eq=exact)


@final
@frozen
class BeginsWith(Predicate[R]):
    operand: Operand
    start: Any


@final
@frozen
class Contains(Predicate[R]):
    """A text in a text, a member in a set, an element in a list."""

    operand: Operand
    value: Any = field(eq=exact)


@final
@frozen
class Exists(Predicate[R]):
    """There is a value: it is not None."""

    operand: Place


@final
@frozen
class IsNone(Predicate[R]):
    operand: Place


@final
@frozen
class Not(Predicate[R]):
    predicate: Predicate[R]
    depth: int = field(default=0, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, (self.predicate,), self.depth)


@final
@frozen
class And(Predicate[R]):
    terms: tuple[Predicate[R], ...]
    depth: int = field(default=0, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, self.terms, self.depth)


@final
@frozen
class Or(Predicate[R]):
    terms: tuple[Predicate[R], ...]
    depth: int = field(default=0, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, self.terms, self.depth)


def place_of(operand: Operand) -> Place:
    """The place that an operand looks at."""
    match operand:
        case Place():
            return operand
        case Size(place) | Folded(place):
            return place


def printed_all(predicates: Iterable[Predicate[Any]], hidden: Hidden) -> str:
    """Predicates that must all be true, as text."""
    return " and ".join(_inner(one, hidden, And) for one in predicates)


def printed(predicate: Predicate[Any], hidden: Hidden) -> str:
    """A predicate as text."""
    match predicate:
        case And(terms):
            return " and ".join(_inner(one, hidden, And) for one in terms)
        case Or(terms):
            return " or ".join(_inner(one, hidden, Or) for one in terms)
        case Not(inner):
            return f"not {_inner(inner, hidden, Not)}"
        case _:
            return _leaf(predicate, hidden)


def shown_at(operand: Operand, value: Any, hidden: Hidden) -> str:
    """A value that belongs to an operand, or that it is secret."""
    return "<secret>" if hidden(place_of(operand)) else shown(value)


def _inner(predicate: Predicate[Any], hidden: Hidden, outer: type[Any]) -> str:
    text = printed(predicate, hidden)
    compound = isinstance(predicate, (And, Or)) or (outer is Not and not isinstance(predicate, Not))
    return f"({text})" if compound and type(predicate) is not outer else text


def _leaf(predicate: Predicate[Any], hidden: Hidden) -> str:
    match predicate:
        case Compare(operand, operator, value):
            return f"{operand} {operator} {shown_at(operand, value, hidden)}"
        case Between(operand, low, high):
            first, last = (shown_at(operand, one, hidden) for one in (low, high))
            return f"{operand} between {first} and {last}"
        case IsIn(operand, values):
            return f"{operand} in ({listed(shown_at(operand, one, hidden) for one in values)})"
        case BeginsWith(operand, start):
            return f"{operand} begins with {shown_at(operand, start, hidden)}"
        case Contains(operand, value):
            return f"{operand} contains {shown_at(operand, value, hidden)}"
        case Exists(operand):
            return f"{operand} exists"
        case IsNone(operand):
            return f"{operand} is none"
        case _:
            raise TypeError(f"{type(predicate).__name__} is no predicate of dalkit's")


def _depth(predicate: Predicate[Any]) -> int:
    return predicate.depth if isinstance(predicate, (And, Or, Not)) else 0


def _deepen(node: Predicate[R], inner: tuple[Predicate[R], ...], known: int) -> None:
    depth = known or 1 + max(map(_depth, inner), default=0)
    if depth > _DEEPEST:
        raise ValueError(f"predicates are nested more than {_DEEPEST} deep: build a flatter one")
    object.__setattr__(node, "depth", depth)


def _joined(
    kind: type[And[R]] | type[Or[R]], left: Predicate[R], right: Predicate[R]
) -> Predicate[R]:
    """Both under one node; its depth is taken from theirs, so that a loop may join thousands."""
    terms: tuple[Predicate[R], ...] = ()
    depth = 0
    for one in (left, right):
        same = type(one) is kind
        terms += one.terms if same and isinstance(one, (And, Or)) else (one,)
        depth = max(depth, _depth(one) - same)
    return kind(terms, depth=1 + depth)


def _predicate(other: object, sign: str) -> Any:
    if isinstance(other, Predicate):
        return other
    raise TypeError(
        f"{sign} combines two predicates, and {other!r} is a {type(other).__name__}: compare a "
        "field with a value, and put each comparison into parentheses"
    )
