"""Writes as SQL, each a transaction: the row is locked by its key, judged, written, read again.

Nothing is replaced: a put is an UPDATE where the row is there, else an INSERT, and a value that
another row has under a unique key is a failed condition, found before the write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

from attrs import evolve, frozen

from dalkit.compile.call import SqlCall, SqlReply, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_changes import changed, check_changes
from dalkit.compile.sql_columns import Columns, Written, columns_of
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_reads import key_is, nothing, records_only
from dalkit.compile.sql_rows import Found, Reading, reading
from dalkit.compile.sql_text import TRUE, Sql, fixed, joined, refuse
from dalkit.compile.sql_where import all_of
from dalkit.fields import predicates as p
from dalkit.query.base import Write
from dalkit.query.subjects import key_of_record, key_text
from dalkit.query.together import Maintain
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import (
    ConditionFailed,
    Corrupt,
    Failure,
    InvalidValue,
    NotFound,
    Result,
    Success,
)
from dalkit.schema.entity import Entity, definition_of
from dalkit.source.sql import name_of

__all__ = ["Plan", "done", "judged", "key_of", "locking", "plan_of", "write"]

_Then: TypeAlias = "Callable[[Result[Any]], SqlStep[Any]]"


@final
@frozen
class Plan:
    """One write: the record that it locks, and how it judges and writes it."""

    query: Any
    entity: Entity[Any, Any]
    key: Any
    settings: Settings
    lock: Reading
    columns: Columns | None
    """None where nothing but a delete can come."""

    @property
    def name(self) -> str:
        return definition_of(self.entity).name

    @property
    def key_text(self) -> str:
        return key_text(self.entity, self.key)


def write(query: Write[Any], settings: Settings) -> SqlCall[Any]:
    """One write; one that only maintains what MySQL computes is dropped."""
    if isinstance(query, Maintain):
        return nothing(None)
    plan = plan_of(query, settings)
    return locking(
        plan, lambda old: judged(plan, old, lambda new: done(plan, old, new, lambda answer: answer))
    )


def plan_of(query: Any, settings: Settings) -> Plan:
    entity = query.entity
    definition, places = definition_of(entity), Places(definition_of(entity), settings)
    if definition.ttl is not None:
        refuse(str(query), "records that end by themselves are not written there")
    columns = None
    if not isinstance(query, Delete):
        whole = not isinstance(query, Update) or query.inserted is not None
        columns = columns_of(places, entity, whole=whole)
    if isinstance(query, Update):
        check_changes(definition, columns.own if columns else (), query.changes)
        if any(one.place.name == definition.version for one in query.changes):
            refuse(
                str(query), f"{definition.version} counts versions", "leave it: each write adds one"
            )
    tests = all_of(places, getattr(query, "predicates", ()))
    met = joined(" AND ", tests).within("(") if tests else TRUE
    return Plan(
        query, entity, key_of(query), settings, reading(entity, settings, locked=met), columns
    )


def key_of(query: Any) -> Any:
    if isinstance(query, (Put, Insert)):
        return key_of_record(query.entity, query.record)
    return query.key


def locking(plan: Plan, after: Callable[[Found | None], SqlStep[Any]]) -> SqlCall[Any]:
    """The row with the key, locked, or the gap where it would be."""
    conditions = [*records_only(plan.lock.places), *key_is(plan.lock.places, plan.key)]
    statement = plan.lock.statement(conditions)

    def found(rows: tuple[Found, ...]) -> SqlStep[Any]:
        if len(rows) > 1:
            return Failure(Corrupt(plan.name, "the key", "several rows have it", plan.key_text))
        return after(rows[0] if rows else None)

    return plan.lock.call(statement, found, atomic=True)


def judged(plan: Plan, old: Found | None, after: Callable[[Any], SqlStep[Any]]) -> SqlStep[Any]:
    """What the record is to be, None for no record; or why the write is not done."""
    query = plan.query
    record = None if old is None else old.answer
    failed = Failure(ConditionFailed(plan.name, plan.key_text, record=record))
    if isinstance(query, Update) and old is None:
        if query.inserted is None:
            return Failure(NotFound(plan.name, plan.key_text))
        return after(query.inserted)
    predicates = getattr(query, "predicates", ())
    met = old.met if old is not None else all(_of_none(one) is True for one in predicates)
    if not met or (isinstance(query, Insert) and old is not None):
        return failed
    match query:
        case Put(record=new) if old is not None:
            return after(_counted(plan, new)) if _of_version(plan, new, record) else failed
        case Put(record=new) | Insert(record=new):
            return after(new)
        case Update(changes=changes):
            return after(_counted(plan, changed(record, changes)))
        case _:
            return after(None)


def _of_version(plan: Plan, new: Any, old: Any) -> bool:
    """Whether a record that was changed is of the version that is there."""
    name = definition_of(plan.entity).version
    return name is None or bool(getattr(new, name) == getattr(old, name))


def _counted(plan: Plan, record: Any) -> Any:
    """The record with its version counted up, None counting as zero."""
    name = definition_of(plan.entity).version
    if name is None:
        return record
    return evolve(record, **{name: (getattr(record, name) or 0) + 1})


def _of_none(predicate: p.Predicate[Any]) -> bool | None:
    """What a predicate is where there is no record: all is None."""
    match predicate:
        case p.Not(inner):
            held = _of_none(inner)
            return None if held is None else not held
        case p.And(terms):
            every = [_of_none(one) for one in terms]
            return False if False in every else None if None in every else True
        case p.Or(terms):
            every = [_of_none(one) for one in terms]
            return True if True in every else None if None in every else False
        case p.IsNone():
            return True
        case p.Exists():
            return False
        case _:
            return None


def done(plan: Plan, old: Found | None, new: Any, after: _Then) -> SqlStep[Any]:
    if new is None:
        return _deleted(plan, old, after)
    if plan.columns is None:
        raise TypeError("a delete writes no record")
    match plan.columns.of(new):
        case Failure() as failure:
            return after(failure)
        case Success(written):
            return _checked(plan, old, new, written, after)


def _deleted(plan: Plan, old: Found | None, after: _Then) -> SqlStep[Any]:
    if old is None:
        return after(Success(False))
    table = name_of(plan.lock.places.own.name)
    statement = fixed(f"DELETE FROM {table}\nWHERE ") + plan.lock.one_of([old.identity])
    return _sent(statement, lambda: after(Success(True)))


def _checked(
    plan: Plan, old: Found | None, new: Any, written: Written, after: _Then
) -> SqlStep[Any]:
    """Look, one after the other, for rows that have the record's unique values or its new key."""
    places, before = plan.lock.places, _before(plan, old)
    asked: list[tuple[Sql, str]] = []
    key = key_of_record(plan.entity, new)
    if key != plan.key:
        asked.append((joined(" AND ", key_is(places, key)), ""))
    for columns in places.own.unique_keys():
        names = [next((n for n in written.own if n.lower() == c.lower()), None) for c in columns]
        held = {name: written.own[name] for name in names if name is not None}
        kept = before is not None and all(before.own[name] == one for name, one in held.items())
        if len(held) == len(columns) and None not in held.values() and not kept:
            tests = (fixed(f"{name_of(name)} = ") + _given(one) for name, one in held.items())
            asked.append((joined(" AND ", tests), _fields(plan, columns)))
    return _asked(plan, old, asked, lambda: _put(plan, old, new, written, after), after)


def _asked(
    plan: Plan,
    old: Found | None,
    asked: Sequence[tuple[Sql, str]],
    free: Callable[[], SqlStep[Any]],
    after: _Then,
) -> SqlStep[Any]:
    if not asked:
        return free()
    (test, fields), *rest = asked
    where = test
    if old is not None:
        where += plan.lock.one_of([old.identity]).within(" AND NOT (")
    head = fixed(f"SELECT 1\nFROM {name_of(plan.lock.places.own.name)}\nWHERE ")
    statement = head + where + "\nLIMIT 1\nFOR UPDATE"

    def read(reply: SqlReply) -> SqlStep[Any]:
        if not reply.rows:
            return _asked(plan, old, rest, free, after)
        record = None if old is None else old.answer
        error = ConditionFailed(plan.name, plan.key_text, record=record, unique=fields)
        return after(Failure(error))

    return SqlCall(statement.text, statement.parameters, read, atomic=True)


def _put(plan: Plan, old: Found | None, new: Any, written: Written, after: _Then) -> SqlStep[Any]:
    columns = plan.columns
    if columns is None:
        raise TypeError("a delete writes no record")
    places, statements = plan.lock.places, list[Sql]()
    numbered = [one for one in places.own.columns if one.auto_increment]
    if old is None and any(written.own.get(one.name) == 0 for one in numbered):
        error = InvalidValue(plan.name, numbered[0].name, "0 asks for a new number", plan.key_text)
        return after(Failure(error))
    held = _before(plan, old)
    if old is None:
        statements.append(columns.insert(written))
    else:
        values = _differing(written.own, held.own if held else {})
        if values:
            values |= _kept(places, written.own)
            statements.append(columns.update(values, plan.lock.one_of([old.identity])))
    for at, (array, rows) in enumerate(written.arrays):
        if held is not None and held.arrays[at][1] == rows:
            continue
        if old is not None:
            statements.append(columns.clear(array, held or written))
        if rows:
            statements.append(columns.fill(array, written, rows))
    return _all_sent(statements, lambda: _again(plan, new, after))


def _before(plan: Plan, old: Found | None) -> Written | None:
    """What the record that is there would write."""
    if plan.columns is None or old is None:
        return None
    match plan.columns.of(old.answer):
        case Success(written):
            return written
        case Failure():
            return None


def _differing(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in new.items() if name not in old or old[name] != one}


def _kept(places: Places, own: Mapping[str, Any]) -> dict[str, Any]:
    """Columns that MySQL would change by itself with every other change."""
    changing = {one.name for one in places.own.columns if one.on_update}
    return {name: one for name, one in own.items() if name in changing}


def _again(plan: Plan, new: Any, after: _Then) -> SqlStep[Any]:
    """The record as it is stored."""
    read = reading(plan.entity, plan.settings)
    key = key_of_record(plan.entity, new)
    statement = read.statement([*records_only(read.places), *key_is(read.places, key)])

    def found(rows: tuple[Found, ...]) -> SqlStep[Any]:
        if len(rows) == 1:
            return after(Success(rows[0].answer))
        reason = f"the record was written, and {len(rows)} have its key"
        return after(Failure(Corrupt(plan.name, "the key", reason, key_text(plan.entity, key))))

    return read.call(statement, found, atomic=True)


def _all_sent(statements: Sequence[Sql], after: Callable[[], SqlStep[Any]]) -> SqlStep[Any]:
    if not statements:
        return after()
    first, *rest = statements
    return _sent(first, lambda: _all_sent(rest, after))


def _sent(statement: Sql, after: Callable[[], SqlStep[Any]]) -> SqlCall[Any]:
    return SqlCall(statement.text, statement.parameters, lambda _: after(), atomic=True)


def _given(cell: Any) -> Sql:
    return Sql("UNHEX(%s)", (cell.hex(),)) if isinstance(cell, bytes) else Sql("%s", (cell,))


def _fields(plan: Plan, columns: Sequence[str]) -> str:
    """The fields that a unique key's columns are."""
    fields = definition_of(plan.entity).fields
    found = {one.column.lower(): one.name for one in fields if one.column}
    return ", ".join(found.get(one.lower(), one) for one in columns)
