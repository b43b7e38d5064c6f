"""Reads by what records are like: the records themselves page by page, or how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast, final, overload

from attrs import evolve, frozen

from dalkit import kinds
from dalkit.fields.changes import OrderBy
from dalkit.fields.field import Field
from dalkit.fields.places import Place
from dalkit.fields.predicates import Predicate
from dalkit.query.base import PLAIN, Access, Budget, Query, at_least_one
from dalkit.query.conditions import entered, sortable
from dalkit.query.spots import place_in
from dalkit.query.subjects import conditioned, entity_of, named, selection
from dalkit.result import Cursor, Page
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Count", "Find", "count", "find"]

R = TypeVar("R")
A = TypeVar("A")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")


@final
@frozen(repr=False)
class Find(Query[Page[A]], Generic[R, A]):
    """The records that all predicates are true for, a page of them.

    `where`, `order_by` add to what was said before; of the other modifiers the last word holds.
    """

    entity: Entity[R, Any]
    predicates: tuple[Predicate[R], ...] = ()
    orders: tuple[OrderBy[R], ...] = ()
    most: int | None = None
    cursor: Cursor | None = None
    selected: tuple[Place, ...] = ()
    access: Access = PLAIN

    def where(self, *predicates: Predicate[R]) -> Find[R, A]:
        """Only records that these predicates are true for as well."""
        more = entered(self.entity, predicates)
        return evolve(self, predicates=(*self.predicates, *more))

    def order_by(self, *orders: Field[R, Any] | OrderBy[R]) -> Find[R, A]:
        """Ordered by these, each where those before it are equal; at last, by the key."""
        return evolve(self, orders=_ordered(self.entity, self.orders, orders))

    def limit(self, most: int) -> Find[R, A]:
        """Pages of at most this many records that match."""
        return evolve(self, most=at_least_one("limit", most))

    def after(self, cursor: Cursor) -> Find[R, A]:
        """The page that begins at the cursor that a page of the same query ended with."""
        given: Any = cursor
        if not isinstance(given, Cursor):
            remedy = "after the last page there is no next" if given is None else "give a Cursor"
            raise TypeError(f"after({given!r}): {remedy}")
        return evolve(self, cursor=cursor)

    def consistent(self) -> Find[R, A]:
        """As every write that was answered before left them."""
        return evolve(self, access=evolve(self.access, consistent=True))

    def allow_scan(self) -> Find[R, A]:
        """Even by reading every record, or by making an order that no key gives after reading."""
        return evolve(self, access=evolve(self.access, scan=True))

    def using(self, index: str) -> Find[R, A]:
        """By this index of the DynamoDB table."""
        return evolve(self, access=self.access.through(definition_of(self.entity), index))

    def segments(self, number: int) -> Find[R, A]:
        """A scan in this many parts, one after the other."""
        return evolve(self, access=self.access.in_segments(number))

    def budget(
        self,
        *,
        calls: int | None = None,
        examined: int | None = None,
        capacity: Decimal | int | None = None,
    ) -> Find[R, A]:
        """Refused before it begins if its plan may cost more a page.

        MySQL keeps the bounds of calls, and of records where a key bounds them; capacity is
        DynamoDB's alone. An order made after reading stops at `examined`, else at 10,000 records.
        """
        bounds = Budget(calls=calls, examined=examined, capacity=capacity)
        return evolve(self, access=evolve(self.access, budget=bounds))

    @overload
    def select(self, one: Field[R, T1], /) -> Find[R, tuple[T1]]: ...
    @overload
    def select(self, one: Field[R, T1], two: Field[R, T2], /) -> Find[R, tuple[T1, T2]]: ...
    @overload
    def select(
        self, one: Field[R, T1], two: Field[R, T2], three: Field[R, T3], /
    ) -> Find[R, tuple[T1, T2, T3]]: ...
    @overload
    def select(
        self, one: Field[R, T1], two: Field[R, T2], three: Field[R, T3], four: Field[R, T4], /
    ) -> Find[R, tuple[T1, T2, T3, T4]]: ...
    @overload
    def select(self, *fields: Field[R, Any]) -> Find[R, tuple[Any, ...]]: ...
    def select(self, *fields: Field[R, Any]) -> Find[R, Any]:
        """These fields instead of the record, as a tuple in this order."""
        places = selection(self.entity, self.selected, fields)
        return evolve(cast("Find[R, Any]", self), selected=places)

    def __str__(self) -> str:
        what = f"{', '.join(map(str, self.selected))} of " if self.selected else ""
        where = conditioned("where", self.entity, self.predicates)
        limit = f", {self.most}" if self.most else ""
        after = "; after a cursor" if self.cursor else ""
        orders = _orders_text(self.entity, self.orders)
        return f"find {what}{named(self.entity)}{where}{orders}{limit}{after}{self.access}"


@final
@frozen(repr=False)
class Count(Query[int], Generic[R]):
    """How many records all predicates are true for."""

    entity: Entity[R, Any]
    predicates: tuple[Predicate[R], ...] = ()
    access: Access = PLAIN

    def where(self, *predicates: Predicate[R]) -> Count[R]:
        """Only records that these predicates are true for as well."""
        more = entered(self.entity, predicates)
        return evolve(self, predicates=(*self.predicates, *more))

    def consistent(self) -> Count[R]:
        """As every write that was answered before left them."""
        return evolve(self, access=evolve(self.access, consistent=True))

    def allow_scan(self) -> Count[R]:
        """Even by reading every record."""
        return evolve(self, access=evolve(self.access, scan=True))

    def using(self, index: str) -> Count[R]:
        """By this index of the DynamoDB table."""
        return evolve(self, access=self.access.through(definition_of(self.entity), index))

    def segments(self, number: int) -> Count[R]:
        """A scan in this many parts, one after the other."""
        return evolve(self, access=self.access.in_segments(number))

    def budget(
        self,
        *,
        calls: int | None = None,
        examined: int | None = None,
        capacity: Decimal | int | None = None,
    ) -> Count[R]:
        """Refused before it begins if its plan may cost more.

        MySQL keeps the bounds of calls, and of records where a key bounds them; capacity is
        DynamoDB's alone.
        """
        bounds = Budget(calls=calls, examined=examined, capacity=capacity)
        return evolve(self, access=evolve(self.access, budget=bounds))

    def __str__(self) -> str:
        where = conditioned("where", self.entity, self.predicates)
        return f"count {named(self.entity)}{where}{self.access}"


def find(entity: Entity[R, Any]) -> Find[R, R]:
    """The records of an entity."""
    return Find(entity_of(entity))


def count(entity: Entity[R, Any]) -> Count[R]:
    """How many records an entity has."""
    return Count(entity_of(entity))


def _ordered(
    entity: Entity[R, Any],
    before: tuple[OrderBy[R], ...],
    given: Iterable[Field[R, Any] | OrderBy[R]],
) -> tuple[OrderBy[R], ...]:
    orders = before
    for one in given:
        order = one if isinstance(one, OrderBy) else OrderBy(place_in(entity, one))
        sortable(entity, order.place)
        if any(order.place == other.place for other in orders):
            raise ValueError(f"order_by({order.place}): it is ordered by that already")
        orders = (*orders, order)
    return orders


def _orders_text(entity: Entity[Any, Any], orders: tuple[OrderBy[Any], ...]) -> str:
    texts = [str(one.place) + _direction(entity, one) for one in orders]
    return f" by {', then '.join(texts)}" if texts else ""


def _direction(entity: Entity[Any, Any], order: OrderBy[Any]) -> str:
    if not order.descending:
        return ""
    timed = isinstance(sortable(entity, order.place).kind, (kinds.Date, kinds.DateTime))
    return ", newest first" if timed else ", greatest first"
