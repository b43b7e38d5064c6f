"""The memory backend: what every query means, written to be read.

It answers over records, by going through all of them, and shares no compiler with the stores, so
that agreement with them means something. How a read is to go about it (`consistent`, `allow_scan`,
`using`, `segments`, `budget`) changes nothing here: every read is exact, and nothing is planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any, TypeVar, final

from dalkit.fields.places import Place
from dalkit.query.base import Query, Write
from dalkit.query.cursors import cursor_at, cursor_places, unpaged, values_at
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import entity_of, key_text
from dalkit.query.together import Batch, Maintain, Transact, TransactGet, batch_answer
from dalkit.query.truth import all_true, value_at
from dalkit.result import (
    Error,
    Failure,
    MissingTable,
    NotFound,
    Page,
    Result,
    Success,
    TransactionCancelled,
    Unsupported,
    then,
)
from dalkit.run.memory_new import Numbers, completed
from dalkit.run.memory_order import Position, beyond, directions, in_order, position
from dalkit.run.memory_state import Slot, State, Stored, slot_of
from dalkit.run.memory_writes import Effect, effect, touched
from dalkit.schema.definition import Schema
from dalkit.schema.entity import Entity, definition_of, key_class_of

__all__ = ["Memory", "memory"]

T = TypeVar("T")


@final
class Memory:
    """A backend that holds its records itself; several threads may use it at once."""

    def __init__(
        self, tables: frozenset[str], *, now: Callable[[], datetime], cursor_key: bytes
    ) -> None:
        self._tables = tables
        self._now = now
        self._cursor_key = cursor_key
        self._slots: dict[Slot, Stored] = {}
        self._numbers = Numbers()
        self._lock = RLock()

    def run(self, query: Query[T], /) -> Result[T]:
        """The query's answer, or why there is none."""
        answer: Result[Any]
        with self._lock:
            state = State(self._slots, self._now())
            unknown = sorted(_tables_of(query) - self._tables)
            if unknown:
                answer = Failure(MissingTable(unknown[0], "memory"))
            else:
                whole = completed(query, self._numbers, state.now)
                answer = then(whole, lambda one: self._answer(state, one))
        return answer

    def __repr__(self) -> str:
        return f"<memory: {', '.join(sorted(self._tables))}>"

    def _answer(self, state: State, query: Query[Any]) -> Result[Any]:
        match query:
            case Get():
                return _got(state, query)
            case GetMany():
                return _got_many(state, query)
            case Find():
                return _found(state, query, self._cursor_key)
            case Count():
                return Success(sum(1 for _ in _matching(state, query)))
            case TransactGet():
                return _got_together(state, query)
            case Batch():
                return self._batch(state, query)
            case Transact():
                return self._transact(state, query)
            case Write():
                return self._write(state, query)
            case Query():
                own = (
                    "memory holds records: a statement or operation of one store means nothing here"
                )
                return Failure(Unsupported(str(query), own, "ask by a query"))
            case _:
                raise TypeError(f"{query!r} is no query of dalkit's")

    def _write(self, state: State, write: Write[Any]) -> Result[Any]:
        match effect(state, write):
            case Success(done):
                self._apply(done)
                return Success(_handed(done))
            case Failure() as failure:
                return failure

    def _batch(self, state: State, query: Batch) -> Result[None]:
        """Each write by itself, and of several writes of one record the last alone."""
        marks = [tuple(touched(state, one)) or (at,) for at, one in enumerate(query.writes)]
        last = {mark: at for at, mark in enumerate(marks)}
        answers = {
            at: self._write(State(self._slots, state.now), query.writes[at]) for at in last.values()
        }
        return batch_answer(tuple(_error(answers[last[mark]]) for mark in marks))

    def _transact(self, state: State, query: Transact) -> Result[tuple[Any, ...]]:
        """All writes see the records as they were before; all are done, or none.

        A write may take the unique values that one before it gives up.
        """
        slots = [slot for one in query.writes for slot in touched(state, one)]
        if len(set(slots)) < len(slots):
            return _twice(query, "all its writes see the record as it was before")
        after = state
        effects: list[Effect] = []
        reasons: list[Error | None] = []
        for write in query.writes:
            match effect(state, write, after):
                case Success(done):
                    reasons.append(None)
                    effects.append(done)
                    after = after.with_(done.changes)
                case Failure(error):
                    reasons.append(error)
        if any(reasons):
            return Failure(TransactionCancelled(tuple(reasons)))
        for one in effects:
            self._apply(one)
        return Success(tuple(one.key for one in effects))

    def _apply(self, done: Effect) -> None:
        for slot, new in done.changes.items():
            if new is None:
                self._slots.pop(slot, None)
            else:
                self._slots[slot] = new
                self._numbers.see(new.entity, new.record)


def memory(
    contents: Schema | Mapping[str, Entity[Any, Any]] | Iterable[Entity[Any, Any]],
    *,
    now: Callable[[], datetime] | None = None,
    cursor_key: bytes = b"",
) -> Memory:
    """An empty backend for the entities of a schema, or for these.

    `now` says when records expire and new ones are made; it is the system's clock if it is not
    given. A cursor that was changed is refused; with a `cursor_key`, none can be made without it.
    """
    return Memory(
        _tables(contents),
        now=now or (lambda: datetime.now(UTC)),
        cursor_key=cursor_key,
    )


def _got(state: State, query: Get[Any, Any]) -> Result[Any]:
    entity = query.entity
    match slot_of(entity, query.key):
        case Failure() as failure:
            return failure
        case Success(slot):
            there = state.at(slot)
    if there is None or not there.is_(entity, query.key):
        return Failure(NotFound(definition_of(entity).name, key_text(entity, query.key)))
    return Success(_selected(there.handed(), query.selected))


def _got_many(state: State, query: GetMany[Any, Any]) -> Result[Any]:
    return _each(state, {key: Get(query.entity, key) for key in query.keys})


def _got_together(state: State, query: TransactGet[Any]) -> Result[Any]:
    places = range(len(query.gets))
    found = _each(state, dict(zip(places, query.gets, strict=True)))
    return then(found, lambda held: Success(tuple(held.get(number) for number in places)))


def _each(state: State, gets: Mapping[Any, Get[Any, Any]]) -> Result[dict[Any, Any]]:
    """What each of them answers, by its name here; those of no record are left out."""
    found: dict[Any, Any] = {}
    for name, one in gets.items():
        match _got(state, one):
            case Success(answer):
                found[name] = answer
            case Failure(NotFound()):
                pass
            case Failure() as failure:
                return failure
    return Success(found)


def _found(state: State, query: Find[Any, Any], cursor_key: bytes) -> Result[Page[Any]]:
    refused = unpaged(query)
    if refused is not None:
        return Failure(refused)
    return then(_after(query, cursor_key), lambda after: _page(state, query, after, cursor_key))


def _page(
    state: State, query: Find[Any, Any], after: Position | None, cursor_key: bytes
) -> Result[Page[Any]]:
    descending = directions(query.orders, 2 if definition_of(query.entity).table.sk else 1)
    places = [one.place for one in query.orders]
    placed = (
        (position((value_at(one.record, at) for at in places), slot[1]), one)
        for slot, one in _matching(state, query)
    )
    every = in_order(placed, descending)
    if after is not None:
        every = [one for one in every if beyond(one[0], after, descending)]
    page = every[: query.most]
    answers = tuple(_selected(one.handed(), query.selected) for _, one in page)
    if len(every) == len(page):
        return Success(Page(answers))
    last = page[-1][1].record
    values = {one: value_at(last, one) for one in cursor_places(query)}
    return Success(Page(answers, cursor_at(query, values, key=cursor_key)))


def _after(query: Find[Any, Any], cursor_key: bytes) -> Result[Position | None]:
    """Where the query's cursor stands, None without a cursor."""
    entity = query.entity

    def standing(values: Mapping[Place, Any] | None) -> Result[Position | None]:
        if values is None:
            return Success(None)
        names = definition_of(entity).key
        key = key_class_of(entity)(*(values[Place(type(entity), name)] for name in names))
        asked = [values[one.place] for one in query.orders]
        return then(slot_of(entity, key), lambda slot: Success(position(asked, slot[1])))

    return then(values_at(query, key=cursor_key), standing)


def _matching(state: State, query: Find[Any, Any] | Count[Any]) -> Iterator[tuple[Slot, Stored]]:
    for slot, one in state.of(query.entity):
        if all_true(query.predicates, one.record):
            yield slot, one


def _selected(record: Any, places: tuple[Place, ...]) -> Any:
    return tuple(value_at(record, one) for one in places) if places else record


def _handed(done: Effect) -> Any:
    return done.answer.handed() if isinstance(done.answer, Stored) else done.answer


def _error(answer: Result[Any]) -> Error | None:
    match answer:
        case Success():
            return None
        case Failure(error):
            return error


def _twice(query: Query[Any], reason: str) -> Result[Any]:
    return Failure(
        Unsupported(str(query), f"one record is written twice, and {reason}", "write it once")
    )


def _tables(contents: Any) -> frozenset[str]:
    if isinstance(contents, Schema):
        held = (one.table.name for one in contents.entities)
        return frozenset((*(one.name for one in contents.tables), *held))
    given = contents.values() if isinstance(contents, Mapping) else contents
    return frozenset(definition_of(entity_of(one)).table.name for one in given)


def _tables_of(query: Any) -> frozenset[str]:
    match query:
        case Batch(inner) | Transact(inner) | TransactGet(inner):
            return frozenset(name for one in inner for name in _tables_of(one))
        case Maintain(inner):
            return _tables_of(inner)
        case Query():
            entity = getattr(query, "entity", None)  # a store's own language names none
            return frozenset() if entity is None else frozenset({definition_of(entity).table.name})
        case _:
            raise TypeError(f"{query!r} is no query: give get, find, count, put, …")
