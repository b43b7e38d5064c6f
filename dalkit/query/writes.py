"""Writes of whole records, and deletes."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, final

from attrs import evolve, frozen

from dalkit.fields.predicates import Predicate
from dalkit.query.base import Write
from dalkit.query.conditions import entered
from dalkit.query.subjects import (
    conditioned,
    is_new,
    key_of,
    key_of_record,
    keyed,
    keyed_as_far,
    record_of,
)
from dalkit.schema.entity import Entity

__all__ = ["Delete", "Insert", "Put", "delete", "insert", "put"]

R = TypeVar("R")
K = TypeVar("K")
N = TypeVar("N")


@final
@frozen(repr=False)
class Put(Write[R], Generic[R]):
    """The record, in place of the one with its key if there is one; it answers it as stored."""

    entity: Entity[R, Any]
    record: R
    predicates: tuple[Predicate[R], ...] = ()

    def when(self, *predicates: Predicate[R]) -> Put[R]:
        """Only if these are true for the record that is there; where none is, all is None."""
        more = entered(self.entity, predicates)
        return evolve(self, predicates=(*self.predicates, *more))

    def __str__(self) -> str:
        head = _record_text("put", self.entity, self.record)
        return head + conditioned("when", self.entity, self.predicates)


@final
@frozen(repr=False)
class Insert(Write[R], Generic[R]):
    """The record, if there is none with its key; it answers it as stored.

    `record` is one of R or a new one, whose number, moments and defaults the store gives.
    """

    entity: Entity[R, Any]
    record: Any

    def __str__(self) -> str:
        if is_new(self.entity, self.record):
            return keyed_as_far("insert new", self.entity, self.record)
        return _record_text("insert", self.entity, self.record)


@final
@frozen(repr=False)
class Delete(Write[bool], Generic[R]):
    """No record with this key any more; it answers whether there was one."""

    entity: Entity[R, Any]
    key: Any
    predicates: tuple[Predicate[R], ...] = ()

    def when(self, *predicates: Predicate[R]) -> Delete[R]:
        """Only if these are true for the record that is there; where none is, all is None."""
        more = entered(self.entity, predicates)
        return evolve(self, predicates=(*self.predicates, *more))

    def __str__(self) -> str:
        head = keyed("delete", self.entity, [self.key], ())
        return head + conditioned("when", self.entity, self.predicates)


def put(entity: Entity[R, Any], record: R) -> Put[R]:
    """The record, whether or not there is one with its key."""
    return Put(entity, record_of(entity, record))


def insert(entity: Entity[R, Any, N], record: R | N) -> Insert[R]:
    """The record, if there is none with its key; a new record is completed as it is stored."""
    return Insert(entity, record_of(entity, record, new=True))


def delete(entity: Entity[R, K], key: K) -> Delete[R]:
    """No record with this key."""
    return Delete(entity, key_of(entity, key))


def _record_text(verb: str, entity: Entity[R, Any], record: R) -> str:
    try:
        key = key_of_record(entity, record)
    except (TypeError, ValueError):
        key = record  # no key yet that could be one: printed as it is, refused when it is encoded
    return keyed(verb, entity, [key], ())
