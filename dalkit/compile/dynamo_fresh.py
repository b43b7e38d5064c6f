"""New records on DynamoDB: their numbers come from counters before anything is written.

A number that is drawn and not used is a gap. A whole record that is inserted raises the counter to
its own number first, so that no new record is given it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamo_transact import MOST_ACTIONS
from dalkit.compile.expression import Aliases
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.query.base import Query
from dalkit.query.fresh import complete, needs_moment, needs_number
from dalkit.query.subjects import is_new
from dalkit.query.together import Maintain, Transact
from dalkit.query.writes import Insert
from dalkit.result import Corrupt, Error, Failure, Result, Success, TransactionCancelled, then
from dalkit.schema.bookkeeping import VALUE, counter_text, keyed_by_text, place_of
from dalkit.schema.entity import Entity, definition_of

__all__ = ["with_fresh"]

T = TypeVar("T")

Compiled: TypeAlias = "Callable[[Any], DynamoStep[T]]"


@final
@frozen
class _Counter:
    """What a query asks of one counter: numbers, or to be at least at one."""

    entity: Entity[Any, Any]
    drawn: int = 0
    least: int = 0

    @property
    def name(self) -> str:
        return definition_of(self.entity).name

    @property
    def place(self) -> tuple[str, dict[str, Any]]:
        definition = definition_of(self.entity)
        text = counter_text(definition.name, definition.counter or "")
        return definition.table.name, place_of(definition.table, text)


def with_fresh(query: Query[T], settings: Settings, compiled: Compiled[T]) -> DynamoStep[T] | None:
    """The counters' calls and then the query with whole records; None if it asks no counter."""
    if isinstance(query, Transact) and len(query.writes) > MOST_ACTIONS:
        return None  # refused, without a number drawn
    inserts = tuple(_inserts(query))
    for one in inserts:
        _check(one, settings)
    counters = tuple(_counters(inserts))
    if not counters and not any(is_new(one.entity, one.record) for one in inserts):
        return None

    def ready(numbers: Mapping[str, int]) -> DynamoStep[T]:
        left = dict(numbers)
        match _completed(query, left, settings):
            case Success(whole):
                return compiled(whole)
            case Failure() as failure:
                return failure

    return _asked(counters, {}, ready)


def _inserts(query: Any) -> Iterator[Insert[Any]]:
    match query:
        case Insert():
            yield query
        case Maintain(inner):
            yield from _inserts(inner)
        case Transact(writes):
            for one in writes:
                yield from _inserts(one)
        case _:
            return


def _check(one: Insert[Any], settings: Settings) -> None:
    definition = definition_of(one.entity)
    if needs_moment(one.entity, one.record) and settings.now is None:
        refuse(
            f"the moment of a new {definition.record} is not known",
            "run it on a backend, or give Settings(now=…)",
        )
    if needs_number(one.entity, one.record) and not keyed_by_text(definition.table):
        refuse(
            f"the key of {definition.table.name} is no text, as that of a counter is",
            f"insert a {definition.record} with its {definition.counter}",
        )


def _counters(inserts: tuple[Insert[Any], ...]) -> Iterator[_Counter]:
    """What is asked of each counter, in the order of the inserts."""
    found: dict[str, _Counter] = {}
    for one in inserts:
        definition = definition_of(one.entity)
        if definition.counter is None or not keyed_by_text(definition.table):
            continue
        held = found.get(definition.name, _Counter(one.entity))
        if is_new(one.entity, one.record):
            held = evolve(held, drawn=held.drawn + 1)
        else:
            number = getattr(one.record, definition.counter) or 0
            held = evolve(held, least=max(held.least, number))
        found[definition.name] = held
    for held in found.values():
        if held.least > 0:
            yield evolve(held, drawn=0)
        if held.drawn:
            yield evolve(held, least=0)


def _asked(
    counters: tuple[_Counter, ...],
    numbers: Mapping[str, int],
    ready: Callable[[Mapping[str, int]], DynamoStep[T]],
) -> DynamoStep[T]:
    """One call for each; `numbers` has the first of those drawn, by entity."""
    if not counters:
        return ready(numbers)
    one, *rest = counters

    def read(reply: Mapping[str, Any]) -> DynamoStep[T]:
        if not one.drawn:  # a counter that is further on already refuses the condition
            return _asked(tuple(rest), numbers, ready)
        try:
            last = int(reply["Attributes"][VALUE]["N"])
        except (KeyError, TypeError, ValueError):
            return Failure(Corrupt(one.name, VALUE, "its counter holds no whole number"))
        return _asked(tuple(rest), {**numbers, one.name: last - one.drawn + 1}, ready)

    return DynamoCall("UpdateItem", _arguments(one), read, repeat=True)


def _arguments(one: _Counter) -> dict[str, Any]:
    aliases = Aliases()
    (table, place), name = one.place, aliases.name(VALUE)
    if one.drawn:
        more = aliases.value({"N": str(one.drawn)})
        said = {"UpdateExpression": f"ADD {name} {more}", "ReturnValues": "UPDATED_NEW"}
    else:
        least = aliases.value({"N": str(one.least)})
        said = {
            "UpdateExpression": f"SET {name} = {least}",
            "ConditionExpression": f"attribute_not_exists({name}) OR {name} < {least}",
        }
    return aliases.beside({"TableName": table, "Key": place, **said})


def _completed(query: Any, left: dict[str, int], settings: Settings) -> Result[Any]:
    """The query with whole records; `left` has the next number of each entity."""
    match query:
        case Insert(entity, record) if is_new(entity, record):
            number = left.get(definition_of(entity).name)
            if number is not None:
                left[definition_of(entity).name] = number + 1
            made = complete(entity, record, number=number, now=settings.now)
            return then(made, lambda whole: Success(evolve(query, record=whole)))
        case Maintain(inner):
            made = _completed(inner, left, settings)
            return then(made, lambda whole: Success(evolve(query, write=whole)))
        case Transact(writes):
            return _together([_completed(one, left, settings) for one in writes])
        case _:
            return Success(query)


def _together(made: list[Result[Any]]) -> Result[Any]:
    reasons: list[Error | None] = []
    for one in made:
        match one:
            case Failure(error):
                reasons.append(error)
            case Success():
                reasons.append(None)
    if any(reasons):
        return Failure(TransactionCancelled(tuple(reasons)))
    return Success(Transact(tuple(one.unwrap() for one in made)))
