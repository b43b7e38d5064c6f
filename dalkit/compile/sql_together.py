"""Several writes as one transaction of MySQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from attrs import frozen

from dalkit.compile.call import SqlCall, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_reads import nothing
from dalkit.compile.sql_rows import Found
from dalkit.compile.sql_text import refuse
from dalkit.compile.sql_writes import Plan, done, judged, key_of, locking, plan_of
from dalkit.query.together import Batch, Maintain, Transact
from dalkit.query.updates import Update
from dalkit.result import Error, Failure, Result, Success, TransactionCancelled
from dalkit.schema.entity import definition_of

__all__ = ["batch", "transact"]


def batch(query: Batch, settings: Settings) -> SqlCall[None]:
    """Puts and deletes one after the other, in one transaction."""
    plans = [plan_of(one, settings) for one in query.writes if not isinstance(one, Maintain)]
    return _started(_one_by_one(plans, 0), None)


def transact(query: Transact, settings: Settings) -> SqlCall[tuple[Any, ...]]:
    """All rows are locked and judged before the first is written."""
    plans = [None if isinstance(one, Maintain) else plan_of(one, settings) for one in query.writes]
    kept = tuple(one for one in plans if one is not None)
    if len({(one.name, one.key) for one in kept}) < len(kept):
        refuse(str(query), "all its writes see a record as it was before", "write each record once")
    keys = tuple(_key_after(one) for one in query.writes)

    def told(reasons: Sequence[Error | None]) -> TransactionCancelled:
        left = iter(reasons)
        return TransactionCancelled(tuple(None if one is None else next(left) for one in plans))

    return _started(_together(_Together(kept, keys, told), ()), keys)


@final
@frozen
class _Together:
    plans: tuple[Plan, ...]
    keys: tuple[Any, ...]
    told: Callable[[Sequence[Error | None]], TransactionCancelled]


def _key_after(query: Any) -> Any:
    """The record's key when the write is done."""
    if isinstance(query, Maintain):
        return _key_after(query.write)
    if isinstance(query, Update):
        names = definition_of(query.entity).key
        if any(one.place.name in names for one in query.changes):
            refuse(str(query), "a change of the key stands alone", "update outside a transaction")
    return key_of(query)


def _started(step: SqlStep[Any], answer: Any) -> SqlCall[Any]:
    return step if isinstance(step, SqlCall) else nothing(answer)


def _one_by_one(plans: Sequence[Plan], at: int) -> SqlStep[Any]:
    if at == len(plans):
        return Success(None)
    plan = plans[at]

    def after(answer: Result[Any]) -> SqlStep[Any]:
        return _one_by_one(plans, at + 1) if isinstance(answer, Success) else answer

    return locking(plan, lambda old: judged(plan, old, lambda new: done(plan, old, new, after)))


def _together(whole: _Together, held: tuple[tuple[Found | None, Any], ...]) -> SqlStep[Any]:
    """Judge the next record; after the last, write them all or say what was in the way."""
    if len(held) < len(whole.plans):
        plan = whole.plans[len(held)]
        return locking(
            plan,
            lambda old: _together(whole, (*held, (old, judged(plan, old, Success)))),
        )
    reasons = [one.failure() if isinstance(one, Failure) else None for _, one in held]
    if any(one is not None for one in reasons):
        return Failure(whole.told(reasons))
    return _all_done(whole, [(old, new.unwrap()) for old, new in held], 0)


def _all_done(whole: _Together, held: Sequence[tuple[Any, Any]], at: int) -> SqlStep[Any]:
    if at == len(held):
        return Success(whole.keys)

    def after(answer: Result[Any]) -> SqlStep[Any]:
        match answer:
            case Success():
                return _all_done(whole, held, at + 1)
            case Failure(error):
                empty: list[Error | None] = [None] * len(held)
                return Failure(whole.told([*empty[:at], error, *empty[at + 1 :]]))

    old, new = held[at]
    return done(whole.plans[at], old, new, after)
