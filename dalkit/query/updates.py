"""Updates: changes of single fields of a record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, TypeAlias, TypeVar, final, overload

from attrs import evolve, frozen

from dalkit.fields import changes as c
from dalkit.fields.field import Field
from dalkit.fields.predicates import Predicate
from dalkit.query.base import Write
from dalkit.query.changing import (
    added,
    appended,
    changed,
    members,
    removed,
    text_of_changes,
    value_to_set,
)
from dalkit.query.conditions import entered
from dalkit.query.spots import hidden_in
from dalkit.query.subjects import (
    conditioned,
    key_of,
    key_of_record,
    key_text,
    keyed,
    record_of,
)
from dalkit.schema.entity import Entity

__all__ = ["Update", "update"]

R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")

_OfInt: TypeAlias = Field[R, int] | Field[R, int | None]
_OfDecimal: TypeAlias = Field[R, Decimal] | Field[R, Decimal | None]
_OfFloat: TypeAlias = Field[R, float] | Field[R, float | None]


@final
@frozen(repr=False)
class Update(Write[R], Generic[R]):
    """The record with this key, changed; it answers it as stored.

    It never makes a record: none is `Failure(NotFound)`, unless `or_insert` says what to insert.
    """

    entity: Entity[R, Any]
    key: Any
    changes: tuple[c.Change, ...] = ()
    predicates: tuple[Predicate[R], ...] = ()
    inserted: R | None = None

    @overload
    def set(self, field: Field[R, V], value: V) -> Update[R]: ...
    @overload
    def set(self, field: _OfDecimal[R], value: int) -> Update[R]: ...
    def set(self, field: Field[R, Any], value: Any) -> Update[R]:
        """The field has this value from now on."""
        spot, fit = value_to_set(self.entity, field, value)
        return self._with(c.Set(spot.place, fit))

    @overload
    def set_if_absent(self, field: Field[R, V], value: V) -> Update[R]: ...
    @overload
    def set_if_absent(self, field: _OfDecimal[R], value: int) -> Update[R]: ...
    def set_if_absent(self, field: Field[R, Any], value: Any) -> Update[R]:
        """The field has this value from now on, if it is None."""
        spot, fit = value_to_set(self.entity, field, value)
        if fit is None:
            raise ValueError(f"set_if_absent({spot.place}, None) changes nothing: give a value")
        return self._with(c.SetIfAbsent(spot.place, fit))

    def remove(self, field: Field[R, Any]) -> Update[R]:
        """The field is None from now on; an element leaves its list."""
        return self._with(removed(self.entity, field))

    @overload
    def add(self, field: _OfInt[R], number: int) -> Update[R]: ...
    @overload
    def add(self, field: _OfDecimal[R], number: Decimal | int) -> Update[R]: ...
    @overload
    def add(self, field: _OfFloat[R], number: float) -> Update[R]: ...
    def add(self, field: Field[R, Any], number: Any) -> Update[R]:
        """The number more, None counting as zero; less, if it is negative."""
        return self._with(added(self.entity, field, number))

    @overload
    def append(self, field: Field[R, tuple[V, ...]], *values: V) -> Update[R]: ...
    @overload
    def append(self, field: Field[R, tuple[V, ...] | None], *values: V) -> Update[R]: ...
    def append(self, field: Field[R, Any], *values: Any) -> Update[R]:
        """These elements at the end of a list; none are no change."""
        change = appended(self.entity, field, values)
        return self._with(change) if values else self

    @overload
    def add_members(self, field: Field[R, frozenset[V]], *values: V) -> Update[R]: ...
    @overload
    def add_members(self, field: Field[R, frozenset[V] | None], *values: V) -> Update[R]: ...
    def add_members(self, field: Field[R, Any], *values: Any) -> Update[R]:
        """These members in a set; none are no change."""
        spot, some = members(self.entity, field, values)
        return self._with(c.AddMembers(spot.place, some)) if some else self

    @overload
    def remove_members(self, field: Field[R, frozenset[V]], *values: V) -> Update[R]: ...
    @overload
    def remove_members(self, field: Field[R, frozenset[V] | None], *values: V) -> Update[R]: ...
    def remove_members(self, field: Field[R, Any], *values: Any) -> Update[R]:
        """These members no longer in a set; none are no change."""
        spot, some = members(self.entity, field, values)
        return self._with(c.RemoveMembers(spot.place, some)) if some else self

    def when(self, *predicates: Predicate[R]) -> Update[R]:
        """Only if these are true for the record as it was before."""
        more = entered(self.entity, predicates)
        return evolve(self, predicates=(*self.predicates, *more))

    def or_insert(self, record: R) -> Update[R]:
        """The record as given, without the changes, if there is none with the key."""
        if self.inserted is not None:
            raise ValueError("or_insert was called before: one record is inserted")
        if key_of_record(self.entity, record_of(self.entity, record)) != self.key:
            raise ValueError(
                f"the record to insert has another key than {key_text(self.entity, self.key)}"
            )
        return evolve(self, inserted=record)

    def _with(self, change: c.Change) -> Update[R]:
        return evolve(self, changes=changed(self.changes, change))

    def __str__(self) -> str:
        changes = text_of_changes(self.changes, hidden_in(self.entity))
        said = f" {changes}" if changes else ""
        when = conditioned("when", self.entity, self.predicates)
        insert = ", or insert it" if self.inserted is not None else ""
        return f"{keyed('update', self.entity, [self.key], ())}{said}{when}{insert}"


def update(entity: Entity[R, K], key: K) -> Update[R]:
    """Changes of the record with this key."""
    return Update(entity, key_of(entity, key))
