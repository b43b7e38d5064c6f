"""Several writes as one transaction of MySQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from attrs import evolve, frozen

from dalkit.compile.call import SqlBatch, SqlCall, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_fresh import is_fresh, key_is_known
from dalkit.compile.sql_plan import Plan, judged, key_of, plan_of
from dalkit.compile.sql_reads import nothing
from dalkit.compile.sql_rows import Found
from dalkit.compile.sql_text import Refused, refuse
from dalkit.compile.sql_writes import done, locking, written
from dalkit.query.subjects import key_of_record
from dalkit.query.together import Batch, Maintain, Transact, batch_answer
from dalkit.query.updates import Update
from dalkit.result import (
    Error,
    Failure,
    Result,
    Success,
    TransactionCancelled,
)
from dalkit.schema.entity import definition_of

__all__ = ["batch", "transact"]


def batch(query: Batch, settings: Settings) -> SqlBatch[None]:
    """Each put and delete by itself; of two writes of one record the last alone."""
    plans = [None if isinstance(one, Maintain) else plan_of(one, settings) for one in query.writes]
    last = {(one.name, one.key): one for one in plans if one is not None}

    def read(answers: tuple[Result[Any], ...]) -> Result[None]:
        told = dict(zip(last, map(_reason, answers), strict=True))
        return batch_answer(
            tuple(None if one is None else told[one.name, one.key] for one in plans)
        )

    return SqlBatch(tuple(map(written, last.values())), read)


def _reason(answer: Result[Any]) -> Error | None:
    return answer.failure() if isinstance(answer, Failure) else None


def transact(query: Transact, settings: Settings) -> SqlCall[tuple[Any, ...]]:
    """All rows are locked and judged before the first is written."""
    plans = [None if isinstance(one, Maintain) else plan_of(one, settings) for one in query.writes]
    kept = tuple(one for one in plans if one is not None)
    known = [one for one in kept if one.key is not None]
    if len({(one.name, one.key) for one in known}) < len(known):
        refuse(str(query), "all its writes see a record as it was before", "write each record once")
    keys = tuple(map(_key_after, query.writes))

    def told(reasons: Sequence[Error | None]) -> TransactionCancelled:
        left = iter(reasons)
        return TransactionCancelled(tuple(None if one is None else next(left) for one in plans))

    def keyed(answers: Sequence[Result[Any]]) -> tuple[Any, ...]:
        left = iter(answers)
        return tuple(
            _after(one, key, None if one is None else next(left))
            for one, key in zip(plans, keys, strict=True)
        )

    return _started(_together(_Together(kept, keyed, told), ()), keys)


@final
@frozen
class _Together:
    plans: tuple[Plan, ...]
    keyed: Callable[[Sequence[Result[Any]]], tuple[Any, ...]]
    told: Callable[[Sequence[Error | None]], TransactionCancelled]


def _key_after(query: Any) -> Any:
    """The record's key when the write is done."""
    if isinstance(query, Maintain):
        return _key_after(query.write)
    if isinstance(query, Update):
        names = definition_of(query.entity).key
        if any(one.place.name in names for one in query.changes):
            refuse(str(query), "a change of the key stands alone", "update outside a transaction")
    if is_fresh(query) and not key_is_known(definition_of(query.entity)):
        return None
    return key_of(query)


def _started(step: SqlStep[Any], answer: Any) -> SqlCall[Any]:
    match step:
        case SqlCall():
            return step
        case Failure(error):
            raise Refused(error)
        case _:
            return nothing(answer)


def _together(whole: _Together, held: tuple[tuple[Found | None, Any], ...]) -> SqlStep[Any]:
    """Judge the next record; after the last, write those that can be written."""
    if len(held) < len(whole.plans):
        plan = whole.plans[len(held)]
        if plan.unfit is not None:
            return _together(whole, (*held, (None, Failure(plan.unfit))))
        return locking(
            plan,
            lambda old: _together(whole, (*held, (old, judged(plan, old, Success)))),
        )
    return _all_done(whole, held, ())


def _after(plan: Plan | None, key: Any, answer: Result[Any] | None) -> Any:
    """The key, of which MySQL gave parts where it was not known."""
    if plan is None or plan.key is not None or not isinstance(answer, Success):
        return key
    return key_of_record(plan.entity, answer.unwrap())


def _all_done(
    whole: _Together,
    held: Sequence[tuple[Found | None, Result[Any]]],
    answers: tuple[Result[Any], ...],
) -> SqlStep[Any]:
    """Write them all, also where one cannot be: each is told why, and then nothing is kept."""
    at = len(answers)
    if at == len(held):
        reasons = tuple(map(_reason, answers))
        failed = any(one is not None for one in reasons)
        return Failure(whole.told(reasons)) if failed else Success(whole.keyed(answers))

    def after(answer: Result[Any]) -> SqlStep[Any]:
        return _all_done(whole, held, (*answers, answer))

    def told(error: Error) -> Error:
        later = [None] * (len(held) - at - 1)
        return whole.told((*map(_reason, answers), error, *later))

    old, new = held[at]
    if isinstance(new, Failure):
        return after(new)
    return done(evolve(whole.plans[at], told=told), old, new.unwrap(), after)
