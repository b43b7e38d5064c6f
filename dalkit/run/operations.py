"""One run of a query: its name, its time, what it used, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final, TypeVar, final

from attrs import frozen

from dalkit.query.base import Query
from dalkit.query.gets import GetMany
from dalkit.query.subjects import is_new, key_of_record, key_text
from dalkit.result import Error, Failure, Result, Success, traced
from dalkit.run.events import Event, Kind, correlation, tell
from dalkit.run.guards import Guards
from dalkit.run.limiter import Spent
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Operation", "Subject", "observed", "subject_of"]

T = TypeVar("T")

_VERBS: Final = {
    "GetMany": "get_many",
    "OwnOperation": "operation",
    "Statement": "sql",
    "TransactGet": "transact_get",
}


@final
@frozen
class Subject:
    """What a query is about, in words; several entities, tables or keys stand in one text."""

    operation: str
    entity: str = ""
    table: str = ""
    key: str = ""


@final
class Operation:
    """A run of a query; it is one thread's own."""

    def __init__(self, guards: Guards, query: Query[Any], *, deadline: float | None) -> None:
        self.guards = guards
        self.query = query
        self.start: float = guards.effects.now()
        seconds = guards.backoff.deadline if deadline is None else deadline
        self.deadline: float | None = None if seconds is None else self.start + seconds
        self.attempts: int = 0
        self.request_id: str = ""
        self._read_units = 0.0
        self._write_units = 0.0

    @cached_property
    def correlation(self) -> str:
        """The name that its events share."""
        return correlation()

    @cached_property
    def subject(self) -> Subject:
        """What the query is about."""
        return subject_of(self.query)

    @property
    def elapsed(self) -> float:
        """Seconds from the beginning."""
        return self.guards.effects.now() - self.start

    def remaining(self) -> float | None:
        """Seconds to the deadline, 0 after it; None if there is none."""
        if self.deadline is None:
            return None
        return max(0.0, self.deadline - self.guards.effects.now())

    def page(self, *, returned: int, examined: int = 0) -> None:
        """Tell that a page was read: records handed on, and records looked at."""
        self.tell("page", returned=returned, examined=examined or returned)

    def spent(self, units: Iterable[Spent]) -> None:
        """Count capacity that a reply says was consumed."""
        for one in units:
            self._read_units += one.read
            self._write_units += one.write

    def ended(self, error: Error | None, outcome: str) -> None:
        """Tell that it is over."""
        self.tell(
            "operation",
            outcome=outcome,
            error=error,
            duration=self.elapsed,
            attempt=self.attempts,
            read_units=self._read_units,
            write_units=self._write_units,
        )

    def tell(self, kind: Kind, **fields: Any) -> None:
        """Tell the backend's listeners, if there are any, what happens to this query."""
        if self.guards.on_event is None:
            return
        about = self.subject
        event = Event(
            kind=kind,
            store=self.guards.store,
            correlation=self.correlation,
            operation=about.operation,
            entity=about.entity,
            key=about.key,
            **{"table": about.table, **fields},
        )
        tell(self.guards.on_event, event)

    def traced(self, error: Error) -> Error:
        """The error, with what this run knows of it."""
        about = self.subject
        return traced(
            error,
            operation=about.operation,
            entity=about.entity,
            table=about.table,
            key=about.key,
            request_id=self.request_id or error.trace.request_id,
            attempts=self.attempts,
            elapsed=self.elapsed,
        )


def observed(
    guards: Guards,
    query: Query[T],
    act: Callable[[Operation], Result[T]],
    *,
    deadline: float | None = None,
) -> Result[T]:
    """What `act` answers; a failure knows where it came from, and the listeners are told.

    `deadline` is in seconds from now; the backoff's own if it is not given.
    """
    operation = Operation(guards, query, deadline=deadline)
    try:
        answer = act(operation)
    except BaseException as error:
        operation.ended(None, type(error).__name__)
        raise
    match answer:
        case Success():
            operation.ended(None, "ok")
            return answer
        case Failure(failure):
            known = operation.traced(failure)
            operation.ended(known, type(known).__name__)
            return Failure(known)


def subject_of(query: Query[Any]) -> Subject:
    """What a query is about, in words."""
    verb = _verb(query)
    inner = getattr(query, "writes", None) or getattr(query, "gets", None)
    if inner is not None:
        every = [subject_of(one) for one in inner]
        return Subject(
            verb,
            entity=", ".join(dict.fromkeys(one.entity for one in every)),
            table=", ".join(dict.fromkeys(one.table for one in every)),
        )
    write = getattr(query, "write", None)
    if write is not None:
        about = subject_of(write)
        return Subject(about.operation, about.entity, about.table, about.key)
    entity = getattr(query, "entity", None)
    if not isinstance(entity, Entity):
        named = getattr(query, "arguments", None) or {}
        return Subject(verb, table=str(named.get("TableName", "")))
    definition = definition_of(entity)
    return Subject(verb, definition.name, definition.table.name, _key(query, entity))


def _verb(query: Query[Any]) -> str:
    name = type(query).__name__
    return _VERBS.get(name, name.lower())


def _key(query: Any, entity: Entity[Any, Any]) -> str:
    if isinstance(query, GetMany):
        return f"{len(query.keys)} keys"
    if hasattr(query, "key"):
        return key_text(entity, query.key)
    record = getattr(query, "record", None)
    if record is None or is_new(entity, record):
        return ""
    return key_text(entity, key_of_record(entity, record))
