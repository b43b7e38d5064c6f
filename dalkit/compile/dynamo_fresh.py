"""New records on DynamoDB: their numbers come from counters before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar, final

from attrs import evolve, frozen

from dalkit import kinds
from dalkit.compile.call import DynamoStep
from dalkit.compile.counters import drawing, numbers_changed, numbers_of, raising
from dalkit.compile.dynamo_transact import MOST_ACTIONS
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.query.base import Query
from dalkit.query.fresh import needs_moment, needs_number, numbered, numbers_needed
from dalkit.query.subjects import is_new
from dalkit.query.together import Batch, Maintain, Transact, transact_of
from dalkit.query.updates import Update
from dalkit.query.writes import Insert, Put
from dalkit.result import Failure, Result, Success, then
from dalkit.schema.bookkeeping import keyed_by_text
from dalkit.schema.definition import Numbering
from dalkit.schema.entity import Entity, definition_of

__all__ = ["with_fresh"]

T = TypeVar("T")

_Place: TypeAlias = tuple[str, Numbering]
"""An entity, and what is counted of it."""

Compiled: TypeAlias = "Callable[[Any], DynamoStep[T]]"


@final
@frozen
class _Asked:
    """What a query asks of one counter: numbers, and to be at least at one."""

    entity: Entity[Any, Any]
    numbering: Numbering
    drawn: int = 0
    least: int = 0

    @property
    def place(self) -> _Place:
        return definition_of(self.entity).name, self.numbering


def with_fresh(query: Query[T], settings: Settings, compiled: Compiled[T]) -> DynamoStep[T] | None:
    """The counters' calls and then the query with whole records; None if it asks no counter."""
    if isinstance(query, Transact) and len(query.writes) > MOST_ACTIONS:
        return None  # refused, without a number drawn
    stored = tuple(_stored(query))
    for entity, record in stored:
        _check(entity, record, settings)
    asked = _asked(stored, _changed(query))
    if not asked and not any(is_new(entity, record) for entity, record in stored):
        return None

    def ready(numbers: Mapping[_Place, int]) -> DynamoStep[T]:
        match _completed(query, dict(numbers), settings):
            case Success(whole):
                return compiled(whole)
            case Failure() as failure:
                return failure

    likely = {one.place: _likely(one) for one in asked if one.drawn}
    step = ready(likely)
    if isinstance(step, Failure):
        return step
    return _next(asked, {}, ready if likely else lambda _: step)


def _likely(one: _Asked) -> int:
    """A number that nobody has: with it a query is refused before any is drawn."""
    kind = one.numbering.kind
    return kind.high - one.drawn if isinstance(kind, kinds.Integer) else 1


def _stored(query: Any) -> Iterator[tuple[Entity[Any, Any], Any]]:
    """The records that a query stores, whether or not they are new; not of a put alone.

    What a put alone makes is known when it is done, and its counter is raised then.
    """
    match query:
        case Insert(entity, record):
            yield entity, record
        case Maintain(inner):
            yield from _stored(inner)
        case Transact(writes) | Batch(writes):
            for one in writes:
                yield from _stored_together(one)
        case _:
            return


def _stored_together(write: Any) -> Iterator[tuple[Entity[Any, Any], Any]]:
    match write:
        case Put(entity, record):
            yield entity, record
        case Update(entity, inserted=record) if record is not None:
            yield entity, record
        case Maintain(inner):
            yield from _stored_together(inner)
        case _:
            yield from _stored(write)


def _check(entity: Entity[Any, Any], record: Any, settings: Settings) -> None:
    definition = definition_of(entity)
    if needs_moment(entity, record) and settings.now is None:
        refuse(
            f"the moment of a new {definition.record} is not known",
            "run it on a backend, or give Settings(now=…)",
        )
    if needs_number(entity, record) and not keyed_by_text(definition.table):
        names = [one.name for one in numbers_needed(entity, record)]
        refuse(
            f"the key of {definition.table.name} is no text, as that of a counter is",
            f"insert a {definition.record} with its {', '.join(names)}",
        )


def _changed(query: Any) -> Iterator[Update[Any]]:
    """The updates of a transaction; what one alone brings is known when it is done."""
    if isinstance(query, Transact):
        for write in query.writes:
            inner = write.write if isinstance(write, Maintain) else write
            if isinstance(inner, Update):
                yield inner


def _asked(
    stored: Iterable[tuple[Entity[Any, Any], Any]], changed: Iterable[Update[Any]]
) -> tuple[_Asked, ...]:
    """What is asked of each counter."""
    found: dict[_Place, _Asked] = {}

    def ask(entity: Entity[Any, Any], one: Numbering, *, drawn: int = 0, least: int = 0) -> None:
        held = found.setdefault((definition_of(entity).name, one), _Asked(entity, one))
        more = evolve(held, drawn=held.drawn + drawn, least=max(held.least, least))
        found[held.place] = more

    for entity, record in stored:
        for one, count in numbers_needed(entity, record).items():
            ask(entity, one, drawn=count)
        if not is_new(entity, record):
            for one, number in numbers_of(entity, record).items():
                ask(entity, one, least=number)
    for write in changed:
        for one, number in numbers_changed(write.entity, write.changes).items():
            ask(write.entity, one, least=number)
    return tuple(found.values())


def _next(
    asked: tuple[_Asked, ...],
    numbers: Mapping[_Place, int],
    ready: Callable[[Mapping[_Place, int]], DynamoStep[T]],
) -> DynamoStep[T]:
    """One counter after the other; `numbers` has the first of those drawn, by its place."""
    if not asked:
        return ready(numbers)
    one, rest = asked[0], asked[1:]

    def raised() -> DynamoStep[T]:
        if not one.drawn:
            return _next(rest, numbers, ready)
        return drawing(
            one.entity,
            one.numbering,
            one.drawn,
            lambda first: _next(rest, {**numbers, one.place: first}, ready),
        )

    return raising(one.entity, one.numbering, one.least, raised)


def _completed(query: Any, left: dict[_Place, int], settings: Settings) -> Result[Any]:
    """The query with whole records; `left` has the next number of each counter."""
    match query:
        case Insert(entity, record) if is_new(entity, record):
            made = numbered(entity, record, _taken(entity, record, left), now=settings.now)
            return then(made, lambda whole: Success(evolve(query, record=whole)))
        case Maintain(inner):
            made = _completed(inner, left, settings)
            return then(made, lambda whole: Success(evolve(query, write=whole)))
        case Transact(writes):
            return transact_of(_completed(one, left, settings) for one in writes)
        case _:
            return Success(query)


def _taken(entity: Entity[Any, Any], record: Any, left: dict[_Place, int]) -> dict[Numbering, int]:
    """The first number of each counter for a new record; what is `left` begins after its last."""
    first: dict[Numbering, int] = {}
    for one, count in numbers_needed(entity, record).items():
        place = definition_of(entity).name, one
        first[one] = left[place]
        left[place] += count
    return first
