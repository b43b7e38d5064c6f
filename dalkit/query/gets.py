"""Reads by key: one record, or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar, cast, final, overload

from attrs import evolve, frozen

from dalkit.fields.field import Field
from dalkit.fields.places import Place
from dalkit.query.base import PLAIN, Access, Query
from dalkit.query.subjects import entity_of, key_of, keyed, selection
from dalkit.schema.entity import Entity

__all__ = ["Get", "GetMany", "get", "get_many"]

R = TypeVar("R")
K = TypeVar("K")
A_co = TypeVar("A_co", covariant=True)
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")


@final
@frozen(repr=False)
class Get(Query[A_co], Generic[R, A_co]):
    """The record with this key; none is `Failure(NotFound)`."""

    entity: Entity[R, Any]
    key: Any
    selected: tuple[Place, ...] = ()
    access: Access = PLAIN

    def consistent(self) -> Get[R, A_co]:
        """As every write that was answered before left it."""
        return evolve(self, access=evolve(self.access, consistent=True))

    @overload
    def select(self, one: Field[R, T1], /) -> Get[R, tuple[T1]]: ...
    @overload
    def select(self, one: Field[R, T1], two: Field[R, T2], /) -> Get[R, tuple[T1, T2]]: ...
    @overload
    def select(
        self, one: Field[R, T1], two: Field[R, T2], three: Field[R, T3], /
    ) -> Get[R, tuple[T1, T2, T3]]: ...
    @overload
    def select(
        self, one: Field[R, T1], two: Field[R, T2], three: Field[R, T3], four: Field[R, T4], /
    ) -> Get[R, tuple[T1, T2, T3, T4]]: ...
    @overload
    def select(self, *fields: Field[R, Any]) -> Get[R, tuple[Any, ...]]: ...
    def select(self, *fields: Field[R, Any]) -> Get[R, Any]:
        """These fields instead of the record, as a tuple in this order."""
        places = selection(self.entity, self.selected, fields)
        return evolve(cast("Get[R, Any]", self), selected=places)

    def __str__(self) -> str:
        return f"{keyed('get', self.entity, [self.key], self.selected)}{self.access}"


@final
@frozen(repr=False)
class GetMany(Query[Mapping[K, R]], Generic[R, K]):
    """The records with these keys, each by its key, in the keys' order; those that there are."""

    entity: Entity[R, K]
    keys: tuple[K, ...]
    access: Access = PLAIN

    def consistent(self) -> GetMany[R, K]:
        """As every write that was answered before left them."""
        return evolve(self, access=evolve(self.access, consistent=True))

    def __str__(self) -> str:
        verb = f"get {len(self.keys)}"
        return f"{keyed(verb, self.entity, self.keys, ())}{self.access}"


def get(entity: Entity[R, K], key: K) -> Get[R, R]:
    """The record with this key."""
    return Get(entity, key_of(entity, key))


def get_many(entity: Entity[R, K], keys: Iterable[K]) -> GetMany[R, K]:
    """The records with these keys; a key that is given twice is one key."""
    entity_of(entity)
    return GetMany(entity, tuple(dict.fromkeys(key_of(entity, one) for one in keys)))
