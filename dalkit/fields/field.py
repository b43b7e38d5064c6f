"""A field: the typed name of one value of a record, and what can be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Set
from decimal import Decimal
from typing import Any, Generic, Never, NoReturn, TypeAlias, TypeVar, final, overload

from attrs import field as attribute
from attrs import frozen

from dalkit.fields import places
from dalkit.fields.changes import OrderBy
from dalkit.fields.places import Operand, Place
from dalkit.fields.predicates import (
    BeginsWith,
    Between,
    Compare,
    Comparison,
    Contains,
    Exists,
    IsIn,
    IsNone,
    Predicate,
)
from dalkit.fields.values import shown

__all__ = ["Field", "Folded", "Size"]

R = TypeVar("R")
T = TypeVar("T")
V = TypeVar("V")

_LAST = 2**31 - 1
"""The greatest index that stores know."""

_OfDecimal: TypeAlias = "Field[R, Decimal] | Field[R, Decimal | None]"
_OfText: TypeAlias = "Field[R, str] | Field[R, str | None]"
_OfBytes: TypeAlias = "Field[R, bytes] | Field[R, bytes | None]"


@final
@frozen(eq=False, repr=False)
class Field(Generic[R, T]):
    """The field `name` of records of type R, holding a T; with `steps`, a value inside it.

    Comparisons give predicates, so `==` never tells whether two fields are the same: `same_as`
    does.
    """

    name: str
    steps: tuple[str | int, ...] = attribute(default=(), kw_only=True)
    owner: type[Any] | None = attribute(default=None, kw_only=True)

    def __set_name__(self, owner: type[Any], _: str) -> None:
        if self.owner is None:
            object.__setattr__(self, "owner", owner)

    @property
    def place(self) -> Place:
        return Place(self.owner, self.name, self.steps)

    def same_as(self, other: Field[Any, Any]) -> bool:
        """Whether both are the same place of the same entity."""
        return self.place == other.place

    @overload  # type: ignore[override]  # a comparison is a predicate, not a bool
    def __eq__(self, other: None, /) -> bool: ...
    @overload
    def __eq__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __eq__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __eq__(self, other: Any, /) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        return _compared(self.place, "=", other)

    @overload  # type: ignore[override]  # as above
    def __ne__(self, other: None, /) -> bool: ...
    @overload
    def __ne__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __ne__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __ne__(self, other: Any, /) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        return _compared(self.place, "<>", other)

    @overload
    def __lt__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __lt__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __lt__(self, other: Any, /) -> Predicate[R]:
        return _compared(self.place, "<", other)

    @overload
    def __le__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __le__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __le__(self, other: Any, /) -> Predicate[R]:
        return _compared(self.place, "<=", other)

    @overload
    def __gt__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __gt__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __gt__(self, other: Any, /) -> Predicate[R]:
        return _compared(self.place, ">", other)

    @overload
    def __ge__(self, other: T, /) -> Predicate[R]: ...
    @overload
    def __ge__(self: _OfDecimal[R], other: int, /) -> Predicate[R]: ...
    def __ge__(self, other: Any, /) -> Predicate[R]:
        return _compared(self.place, ">=", other)

    @overload
    def between(self, low: T, high: T) -> Predicate[R]: ...
    @overload
    def between(self: _OfDecimal[R], low: Decimal | int, high: Decimal | int) -> Predicate[R]: ...
    def between(self, low: Any, high: Any) -> Predicate[R]:
        """From `low` to `high`, both included."""
        return Between(self.place, _value(self.place, low), _value(self.place, high))

    @overload
    def is_in(self, values: Iterable[T]) -> Predicate[R]: ...
    @overload
    def is_in(self: _OfDecimal[R], values: Iterable[Decimal | int]) -> Predicate[R]: ...
    def is_in(self, values: Iterable[Any]) -> Predicate[R]:
        """One of the values; of none, it is true for nothing."""
        return IsIn(self.place, _values(self.place, values))

    @overload
    def begins_with(self: _OfText[R], start: str) -> Predicate[R]: ...
    @overload
    def begins_with(self: _OfBytes[R], start: bytes) -> Predicate[R]: ...
    def begins_with(self: Field[R, Any], start: Any) -> Predicate[R]:
        return BeginsWith(self.place, _value(self.place, start))

    @overload
    def contains(self: _OfText[R], part: str) -> Predicate[R]: ...
    @overload
    def contains(self: _OfBytes[R], part: bytes) -> Predicate[R]: ...
    @overload
    def contains(self: Field[R, frozenset[V]], part: V) -> Predicate[R]: ...
    @overload
    def contains(self: Field[R, frozenset[V] | None], part: V) -> Predicate[R]: ...
    @overload
    def contains(self: Field[R, tuple[V, ...]], part: V) -> Predicate[R]: ...
    @overload
    def contains(self: Field[R, tuple[V, ...] | None], part: V) -> Predicate[R]: ...
    def contains(self: Field[R, Any], part: Any) -> Predicate[R]:
        """A text in a text, a member in a set, an element in a list."""
        return Contains(self.place, _value(self.place, part))

    def exists(self) -> Predicate[R]:
        """There is a value: it is not None."""
        return Exists(self.place)

    def is_none(self) -> Predicate[R]:
        return IsNone(self.place)

    def size(self) -> Size[R]:
        """How many characters, bytes, members or elements the value has."""
        return Size(places.Size(self.place))

    def folded(self: _OfText[R]) -> Folded[R]:
        """The text, told apart neither by case nor by accents."""
        return Folded(places.Folded(self.place))

    def at(self, step: str | int) -> Field[R, Any]:
        """The member of this name, or the element at this index, inside the value."""
        return Field(self.name, steps=(*self.steps, _step(self.place, step)), owner=self.owner)

    @overload
    def __getitem__(self: Field[R, tuple[V, ...]], index: int) -> Field[R, V]: ...
    @overload
    def __getitem__(self: Field[R, tuple[V, ...] | None], index: int) -> Field[R, V]: ...
    def __getitem__(self: Field[R, Any], index: int) -> Field[R, Any]:
        return self.at(index)

    def asc(self) -> OrderBy[R]:
        """The least first."""
        return OrderBy(self.place)

    def desc(self) -> OrderBy[R]:
        """The greatest first."""
        return OrderBy(self.place, descending=True)

    def __hash__(self) -> int:
        return hash(self.place)

    def __contains__(self, part: Never) -> bool:
        raise TypeError(f"{self} is a field, and holds nothing by itself: write .contains(…)")

    def __iter__(self) -> Never:
        raise TypeError(f"{self} is a field: there is nothing to walk through before a query runs")

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self} is a field, neither true nor false: compare it, as in {self} == …")

    def __str__(self) -> str:
        return str(self.place)

    def __repr__(self) -> str:
        return f"<field {self.owner.__name__}.{self}>" if self.owner else f"<field {self}>"


@final
@frozen(eq=False)
class Size(Generic[R]):
    """The size of a value, to be compared."""

    operand: places.Size

    def __eq__(self, other: int, /) -> Predicate[R]:  # type: ignore[override]  # as in Field
        return _compared(self.operand, "=", other)

    def __ne__(self, other: int, /) -> Predicate[R]:  # type: ignore[override]  # as in Field
        return _compared(self.operand, "<>", other)

    def __lt__(self, other: int, /) -> Predicate[R]:
        return _compared(self.operand, "<", other)

    def __le__(self, other: int, /) -> Predicate[R]:
        return _compared(self.operand, "<=", other)

    def __gt__(self, other: int, /) -> Predicate[R]:
        return _compared(self.operand, ">", other)

    def __ge__(self, other: int, /) -> Predicate[R]:
        return _compared(self.operand, ">=", other)

    def between(self, low: int, high: int) -> Predicate[R]:
        """From `low` to `high`, both included."""
        return Between(self.operand, _value(self.operand, low), _value(self.operand, high))

    def is_in(self, values: Iterable[int]) -> Predicate[R]:
        return IsIn(self.operand, _values(self.operand, values))

    def __hash__(self) -> int:
        return hash(self.operand)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self.operand} is not known before a query runs: compare it with a number"
        )


@final
@frozen(eq=False)
class Folded(Generic[R]):
    """Text to be compared without regard to case and accents."""

    operand: places.Folded

    def __eq__(self, other: str, /) -> Predicate[R]:  # type: ignore[override]  # as in Field
        return _compared(self.operand, "=", other)

    def __ne__(self, other: str, /) -> Predicate[R]:  # type: ignore[override]  # as in Field
        return _compared(self.operand, "<>", other)

    def is_in(self, values: Iterable[str]) -> Predicate[R]:
        return IsIn(self.operand, _values(self.operand, values))

    def begins_with(self, start: str) -> Predicate[R]:
        return BeginsWith(self.operand, _value(self.operand, start))

    def contains(self, part: str) -> Predicate[R]:
        return Contains(self.operand, _value(self.operand, part))

    def __hash__(self) -> int:
        return hash(self.operand)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self.operand} is not known before a query runs: compare it with a text")


def _compared(operand: Operand, operator: Comparison, value: Any) -> Compare[Any]:
    return Compare(operand, operator, _value(operand, value))


def _step(place: Place, step: Any) -> str | int:
    if isinstance(step, str):
        return step
    if not isinstance(step, int) or isinstance(step, bool):
        raise TypeError(f"{place}.at({step!r}): a step is a member's name or an index")
    if step < 0:
        raise ValueError(f"{place}.at({step!r}): an index is 0 or more")
    if step > _LAST:
        raise ValueError(f"{place}.at({step!r}): no list is so long; an index is {_LAST} or less")
    return step


def _values(operand: Operand, values: Iterable[Any]) -> tuple[Any, ...]:
    given: Any = values
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"{operand} is in {shown(given)}: give a list of values")
    every = sorted(values, key=repr) if isinstance(values, Set) else values
    return tuple(_value(operand, one) for one in every)


def _value(operand: Operand, value: Any) -> Any:
    if value is None:
        raise TypeError(
            f"{operand} compared with None is unknown, and selects nothing: write .is_none(), or "
            ".exists() for the opposite"
        )
    if isinstance(value, (Field, Size, Folded)):
        raise TypeError(f"{operand} is compared with {value!r}: only values can be compared with")
    return value
