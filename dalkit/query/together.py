"""Several queries as one, and writes that only some stores need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeAlias, TypeVar, final, overload

from attrs import frozen

from dalkit.query.base import Query, Write
from dalkit.query.gets import Get
from dalkit.query.writes import Delete, Put
from dalkit.result import (
    Ambiguous,
    Error,
    Failure,
    PartlyDone,
    Result,
    Success,
    TransactionCancelled,
)

__all__ = [
    "Batch",
    "Maintain",
    "Transact",
    "TransactGet",
    "batch",
    "batch_answer",
    "maintain",
    "maintained",
    "transact",
    "transact_get",
    "transact_of",
]

A = TypeVar("A")
T = TypeVar("T")
R1 = TypeVar("R1")
R2 = TypeVar("R2")
R3 = TypeVar("R3")
R4 = TypeVar("R4")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")

_MOST = 3


@final
@frozen(repr=False)
class Maintain(Write[T | None], Generic[T]):
    """A write that only keeps a derived field or a copy true.

    A backend that computes the field drops it, and answers None.
    """

    write: Write[T]

    def __str__(self) -> str:
        return f"maintain: {self.write}"


Simple: TypeAlias = Put[Any] | Delete[Any] | Maintain[Any]
"""What a batch may hold: puts and deletes without conditions, maintained or not."""


@final
@frozen(repr=False)
class Batch(Query[None]):
    """Puts and deletes without conditions, each by itself and in no order.

    Of several writes of one record only the last is done. Where some are done and some are not,
    the failure is PartlyDone, with a reason for each write that is not.
    """

    writes: tuple[Simple, ...]

    def __str__(self) -> str:
        return _together("batch", self.writes)


@final
@frozen(repr=False)
class Transact(Query[tuple[Any, ...]]):
    """All writes or none; it answers the key of each record in the writes' order."""

    writes: tuple[Write[Any], ...]

    def __str__(self) -> str:
        return _together("transact", self.writes)


@final
@frozen(repr=False)
class TransactGet(Query[A], Generic[A]):
    """Records as they all were at one moment, as a tuple; None where there is none."""

    gets: tuple[Get[Any, Any], ...]

    def __str__(self) -> str:
        return _together("transact", self.gets)


def maintain(write: Write[T]) -> Maintain[T]:
    """A write that only keeps a derived field or a copy true."""
    if isinstance(_write(write), Maintain):
        raise TypeError(f"{write!r} is maintained already: maintain what it holds")
    return Maintain(write)


def batch(*writes: Simple) -> Batch:
    """Puts and deletes in as few calls as can be; none are nothing to do."""
    return Batch(tuple(_simple(one) for one in writes))


def transact(*writes: Write[Any]) -> Transact:
    """All of these writes or none of them; none are nothing to do.

    All see the records as they were before, but one may take the unique values that another
    before it gives up.
    """
    return Transact(tuple(_write(one) for one in writes))


@overload
def transact_get(one: Get[R1, T1], /) -> TransactGet[tuple[T1 | None]]: ...
@overload
def transact_get(
    one: Get[R1, T1], two: Get[R2, T2], /
) -> TransactGet[tuple[T1 | None, T2 | None]]: ...
@overload
def transact_get(
    one: Get[R1, T1], two: Get[R2, T2], three: Get[R3, T3], /
) -> TransactGet[tuple[T1 | None, T2 | None, T3 | None]]: ...
@overload
def transact_get(
    one: Get[R1, T1], two: Get[R2, T2], three: Get[R3, T3], four: Get[R4, T4], /
) -> TransactGet[tuple[T1 | None, T2 | None, T3 | None, T4 | None]]: ...
@overload
def transact_get(*gets: Get[R1, T]) -> TransactGet[tuple[T | None, ...]]: ...
@overload
def transact_get(*gets: Get[Any, Any]) -> TransactGet[tuple[Any, ...]]: ...
def transact_get(*gets: Get[Any, Any]) -> TransactGet[Any]:
    """These records as they all were at one moment."""
    for one in gets:
        given: Any = one
        if not isinstance(given, Get):
            raise TypeError(f"{given!r} is no get: a transactional read takes get(entity, key)")
    return TransactGet(gets)


def transact_of(made: Iterable[Result[Write[Any]]]) -> Result[Transact]:
    """The transaction of these writes; of those that cannot be made, why."""
    every = list(made)
    reasons = tuple(one.failure() if isinstance(one, Failure) else None for one in every)
    if any(reasons):
        return Failure(TransactionCancelled(reasons))
    return Success(Transact(tuple(one.unwrap() for one in every)))


def batch_answer(reasons: tuple[Error | None, ...]) -> Result[None]:
    """What a batch answers, by why each write was not done; None where it was.

    The first reason where nothing was done, nor may have been.
    """
    errors = [one for one in reasons if one is not None]
    if not errors:
        return Success(None)
    some = len(errors) < len(reasons) or any(isinstance(one, Ambiguous) for one in errors)
    return Failure(PartlyDone(reasons) if some else errors[0])


def maintained(write: Write[Any]) -> Any:
    """What a write is, whether or not it only maintains something."""
    return write.write if isinstance(write, Maintain) else write


def _write(write: Any) -> Any:
    if isinstance(write, Write):
        return write
    raise TypeError(f"{write!r} is no write: give put, insert, update, delete or maintain(…)")


def _simple(write: Any) -> Any:
    inner = maintained(write)
    if not isinstance(inner, (Put, Delete)):
        raise TypeError(f"{write!r} has no place in a batch: only put and delete have")
    if inner.predicates:
        raise ValueError(f"{write!r} has a condition, which no batch can hold: use transact")
    return write


def _together(verb: str, queries: Iterable[Query[Any]]) -> str:
    every = tuple(queries)
    texts = [str(one) for one in every[:_MOST]]
    if len(every) > _MOST:
        texts.append(f"and {len(every) - _MOST} more")
    return f"{verb} {len(every)}: {'; '.join(texts)}" if texts else f"{verb} nothing"
