"""A backend in front of another that remembers what was read, as long as nobody changes it.

Get, get_many and find are remembered, `NotFound` included; consistent reads, counts and
transactional reads are asked for each time. Failures are never remembered. Writes drop what they
may change (`cache_keys`) when they begin and when they end, whatever comes of them; what was read
while one was under way is not kept. Writes that go another way are seen when the time is over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from math import inf
from threading import Event as Signal
from threading import Lock
from typing import Any, Final, TypeVar, final

from attrs import define, evolve, field, frozen

from dalkit.query.base import Query
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import TransactGet
from dalkit.result import Failure, NotFound, Page, Result, Success, Trace
from dalkit.run.backend import Backend
from dalkit.run.cache_keys import (
    Group,
    Touch,
    changeable,
    copied,
    groups_of,
    identity,
    lifetime,
    related,
    touch_of,
)
from dalkit.run.events import Event, Hook, Kind, correlated, correlation, tell
from dalkit.run.operations import subject_of
from dalkit.run.retry import Effects
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import definition_of

__all__ = ["Cached", "cached"]

T = TypeVar("T")

_ABSENT: Final = object()
"""What get_many did not find; a get of it asks again, for the store's own words."""


@final
@frozen
class _Entry:
    answer: Any
    until: float
    groups: frozenset[Group]


@final
@define
class _Load:
    """A question under way, for all who ask the same meanwhile."""

    definition: EntityDefinition
    groups: frozenset[Group]
    spoiled: bool = False
    """A write may have changed what is read."""
    answer: Result[Any] | None = None
    done: Signal = field(factory=Signal)


@final
class Cached:
    """A backend with a memory; several threads may use it at once."""

    def __init__(
        self,
        backend: Backend,
        *,
        seconds: float,
        absent: float,
        most: int,
        now: Callable[[], datetime],
        effects: Effects,
        on_event: Hook | None,
    ) -> None:
        self._backend = backend
        self._seconds = seconds
        self._absent = absent
        self._most = most
        self._now = now
        self._effects = effects
        self._on_event = on_event
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._members: dict[Group, set[Hashable]] = {}
        self._loads: list[_Load] = []
        self._flights: dict[Hashable, _Load] = {}
        self._writes: list[Touch] = []
        self._known: dict[str, EntityDefinition] = {}
        self._lock = Lock()

    def run(self, query: Query[T], /) -> Result[T]:
        """The query's answer, from memory if it is there."""
        if self._on_event is None:
            return self._answer(query)
        with correlated(correlation()):
            return self._answer(query)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._drop(Touch(everything=True))

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<cached {self._backend!r}: {len(self)} answers>"

    def _answer(self, query: Any) -> Result[Any]:
        match query:
            case Get() | Find() if not query.access.consistent:
                return self._one(query)
            case GetMany() if not query.access.consistent:
                return self._many(query)
            case Get() | Find() | GetMany() | Count() | TransactGet():
                return self._backend.run(query)
            case _:
                return self._write(query)

    def _one(self, query: Get[Any, Any] | Find[Any, Any]) -> Result[Any]:
        place = identity(query)
        definition = definition_of(query.entity)
        with self._lock:
            held = self._held(place)
        if held is not None and held is not _ABSENT:
            self._tell("cache hit", query)
            return _handed(held, definition)
        self._tell("cache miss", query)
        return self._loaded(query, place, lambda answer: self._keep(query, place, answer))

    def _many(self, query: GetMany[Any, Any]) -> Result[Any]:
        definition = definition_of(query.entity)
        places = {key: identity(Get(query.entity, key)) for key in query.keys}
        with self._lock:
            held = {key: self._held(place) for key, place in places.items()}
        missing = tuple(key for key, answer in held.items() if answer is None)
        self._tell("cache miss" if missing else "cache hit", query)
        if missing:
            rest = evolve(query, keys=missing)
            answer = self._loaded(
                rest, identity(rest), lambda found: self._keep_many(rest, places, found)
            )
            match answer:
                case Success(found):
                    held |= {key: Success(record) for key, record in found.items()}
                case Failure():
                    return answer
        return Success(
            {
                key: record
                for key, answer in held.items()
                if isinstance(answer, Success)
                for record in [_handed(answer, definition).unwrap()]
            }
        )

    def _loaded(
        self,
        query: Get[Any, Any] | Find[Any, Any] | GetMany[Any, Any],
        place: Hashable,
        keep: Callable[[Result[Any]], None],
    ) -> Result[Any]:
        """Ask the backend, or wait for whoever asks it the same at this moment."""
        while True:
            with self._lock:
                load = self._flights.get(place)
                mine = load is None
                if load is None:
                    load = self._begun(query, place)
            if mine:
                return self._asked(load, query, place, keep)
            load.done.wait()
            if load.answer is not None:
                return _handed(load.answer, load.definition)

    def _begun(
        self, query: Get[Any, Any] | Find[Any, Any] | GetMany[Any, Any], place: Hashable
    ) -> _Load:
        definition = definition_of(query.entity)
        self._known[definition.name] = definition
        load = _Load(definition, groups_of(query))
        load.spoiled = any(_meets(touch, load) for touch in self._writes)
        self._loads.append(load)
        if not load.spoiled:
            self._flights[place] = load
        return load

    def _asked(
        self, load: _Load, query: Query[Any], place: Hashable, keep: Callable[[Result[Any]], None]
    ) -> Result[Any]:
        try:
            answer: Result[Any] = self._backend.run(query)
            with self._lock:
                load.answer = answer
                if not load.spoiled:
                    keep(answer)
            return _handed(answer, load.definition)
        finally:
            with self._lock:
                self._loads.remove(load)
                if self._flights.get(place) is load:
                    del self._flights[place]
            load.done.set()

    def _write(self, query: Query[Any]) -> Result[Any]:
        touch = touch_of(query)
        with self._lock:
            self._writes.append(touch)
            self._drop(touch)
        try:
            return self._backend.run(query)
        finally:
            with self._lock:
                self._writes.remove(touch)
                self._drop(touch)

    def _held(self, place: Hashable) -> Any:
        entry = self._entries.get(place)
        if entry is None:
            return None
        if self._effects.now() >= entry.until:
            self._forget(place)
            return None
        self._entries.move_to_end(place)
        return entry.answer

    def _keep(
        self, query: Get[Any, Any] | Find[Any, Any], place: Hashable, answer: Result[Any]
    ) -> None:
        match answer:
            case Success(Page(records, following)) if isinstance(query, Find):
                span = self._span(query, records, more=following is not None)
                self._store(place, answer, groups_of(query), span)
            case Success(record):
                groups = frozenset(one for one in groups_of(query) if one[0] != "absent")
                self._store(place, answer, groups, self._span(query, (record,)))
            case Failure(NotFound() as error):
                plain: Result[Any] = Failure(evolve(error, trace=Trace()))
                self._store(place, plain, groups_of(query), self._absent)
            case Failure():
                pass

    def _keep_many(
        self, query: GetMany[Any, Any], places: Mapping[Any, Hashable], answer: Result[Any]
    ) -> None:
        match answer:
            case Success(found):
                for key in query.keys:
                    one = Get[Any, Any](query.entity, key)
                    if key in found:
                        self._keep(one, places[key], Success(found[key]))
                    else:
                        self._store(places[key], _ABSENT, groups_of(one), self._absent)
            case Failure():
                pass

    def _span(
        self, query: Get[Any, Any] | Find[Any, Any], records: tuple[Any, ...], *, more: bool = False
    ) -> float:
        expiry = 0.0 if more and definition_of(query.entity).ttl else self._expiry(query, records)
        return self._seconds if expiry is None else min(self._seconds, expiry)

    def _expiry(
        self, query: Get[Any, Any] | Find[Any, Any], records: tuple[Any, ...]
    ) -> float | None:
        return lifetime(query, records, self._now())

    def _store(
        self, place: Hashable, answer: Any, groups: frozenset[Group], seconds: float
    ) -> None:
        self._forget(place)
        if seconds <= 0:
            return
        self._entries[place] = _Entry(answer, self._effects.now() + seconds, groups)
        for group in groups:
            self._members.setdefault(group, set()).add(place)
        while len(self._entries) > self._most:
            self._forget(next(iter(self._entries)))

    def _forget(self, place: Hashable) -> None:
        entry = self._entries.pop(place, None)
        for group in entry.groups if entry else ():
            members = self._members[group]
            members.discard(place)
            if not members:
                del self._members[group]

    def _drop(self, touch: Touch) -> None:
        """Forget what a write may change, and keep nothing of what is being read of it."""
        for place in [*self._places(touch)]:
            self._forget(place)
        for load in self._loads:
            load.spoiled = load.spoiled or _meets(touch, load)
        self._flights = {place: load for place, load in self._flights.items() if not load.spoiled}

    def _places(self, touch: Touch) -> Iterable[Hashable]:
        if touch.everything:
            return tuple(self._entries)
        others = (
            (kind, other.name)
            for other in self._known.values()
            if _reaches(touch, other)
            for kind in ("get", "find")
        )
        groups = (*touch.groups, *others)
        return [place for group in groups for place in self._members.get(group, ())]

    def _tell(self, kind: Kind, query: Query[Any]) -> None:
        if self._on_event is None:
            return
        about = subject_of(query)
        event = Event(
            kind=kind,
            store="cache",
            correlation=correlation(),
            operation=about.operation,
            entity=about.entity,
            table=about.table,
            key=about.key,
        )
        tell(self._on_event, event)


def cached(
    backend: Backend,
    *,
    seconds: float = 30.0,
    absent: float = 5.0,
    most: int = 10_000,
    now: Callable[[], datetime] | None = None,
    effects: Effects | None = None,
    on_event: Hook | None = None,
) -> Cached:
    """A backend that remembers what it read: at most `most` answers, the latest used.

    Answers are good for `seconds`; that there is no record, for `absent` seconds. `now` says when
    records expire by themselves.
    """
    if not 0 < seconds < inf or not 0 <= absent < inf or most < 1:
        raise ValueError(
            f"cached(seconds={seconds!r}, absent={absent!r}, most={most!r}): give a time, and room "
            "for one answer or more"
        )
    return Cached(
        backend,
        seconds=seconds,
        absent=absent,
        most=most,
        now=now or (lambda: datetime.now(UTC)),
        effects=effects or Effects(),
        on_event=on_event,
    )


def _meets(touch: Touch, load: _Load) -> bool:
    return (
        touch.everything
        or not touch.groups.isdisjoint(load.groups)
        or _reaches(touch, load.definition)
    )


def _reaches(touch: Touch, other: EntityDefinition) -> bool:
    """Whether a write has to do with another entity than its own."""
    return any(one.name != other.name and related(one, other) for one in touch.definitions)


def _handed(answer: Result[Any], definition: EntityDefinition) -> Result[Any]:
    """The answer, a copy of it where whoever asked could change it."""
    match answer:
        case Success(value) if changeable(definition):
            return Success(copied(value))
        case Success(dict() as found):
            return Success(dict(found))
        case _:
            return answer
