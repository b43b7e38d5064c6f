"""Writes as SQL, each a transaction: the row is locked by its key, judged, written, read again.

Nothing is replaced: a put is an UPDATE where the row is there, else an INSERT, and a value that
another row has under a unique key is a failed condition, found before the write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve

from dalkit.compile.call import SqlCall, SqlReply, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_columns import Columns, Written
from dalkit.compile.sql_errors import explained
from dalkit.compile.sql_fresh import identity_of, with_number
from dalkit.compile.sql_links import Link
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_plan import Plan, judged, plan_of
from dalkit.compile.sql_reads import expired, key_is, nothing, records_only
from dalkit.compile.sql_rows import Found, reading
from dalkit.compile.sql_text import Refused, Sql, fixed, joined
from dalkit.compile.sql_unique import unique_tests
from dalkit.query.base import Write
from dalkit.query.subjects import key_of_record
from dalkit.query.together import Maintain
from dalkit.result import (
    ConditionFailed,
    Corrupt,
    Error,
    Failure,
    InvalidValue,
    Result,
    Success,
)
from dalkit.source.sql import name_of

__all__ = ["done", "first_of", "locking", "write", "written"]

_Then: TypeAlias = "Callable[[Result[Any]], SqlStep[Any]]"


def write(query: Write[Any], settings: Settings) -> SqlCall[Any]:
    """One write; one that only maintains what MySQL computes is dropped."""
    if isinstance(query, Maintain):
        return nothing(None)
    plan = plan_of(query, settings)
    if plan.unfit is not None:
        raise Refused(plan.unfit)
    return first_of(_written(plan))


def first_of(step: SqlStep[Any]) -> SqlCall[Any]:
    """The statement that a write begins with."""
    match step:
        case SqlCall():
            return step
        case Failure(error):
            raise Refused(error)
        case _:
            raise TypeError("a write begins with a statement")


def written(plan: Plan) -> SqlStep[Any]:
    """One write by itself; no store need be asked for what none can hold."""
    return _written(plan) if plan.unfit is None else Failure(plan.unfit)


def _written(plan: Plan) -> SqlStep[Any]:
    return locking(
        plan, lambda old: judged(plan, old, lambda new: done(plan, old, new, lambda answer: answer))
    )


def locking(plan: Plan, after: Callable[[Found | None], SqlStep[Any]]) -> SqlStep[Any]:
    """The row with the key, locked, or the gap where it would be; none has a key to come."""
    if plan.key is None:
        return after(None)
    conditions = [*records_only(plan.lock.places), *key_is(plan.lock.places, plan.key)]
    statement = plan.lock.statement(conditions)

    def found(rows: tuple[Found, ...]) -> SqlStep[Any]:
        if len(rows) > 1:
            return Failure(Corrupt(plan.name, "the key", "several rows have it", plan.key_text))
        return after(rows[0] if rows else None)

    call = plan.lock.call(statement, found, atomic=True)
    gone = _purged(plan, key_is(plan.lock.places, plan.key))
    return call if gone is None else _sent(gone, lambda: call)


def _purged(plan: Plan, tests: Iterable[Sql]) -> Sql | None:
    """Rows that have expired are no records, and in the way of none; None where none expires."""
    ended = expired(plan.lock.places)
    if ended is None:
        return None
    head = fixed(f"DELETE FROM {name_of(plan.lock.places.own.name)}\nWHERE ")
    return head + joined("\n  AND ", [*tests, ended])


def done(plan: Plan, old: Found | None, new: Any, after: _Then) -> SqlStep[Any]:
    """The statements that make the new record of the old one; None is no record."""
    if new is None:
        return _deleted(plan, old, after)
    columns = plan.columns
    if columns is None:
        raise TypeError("a delete writes no record")
    match columns.of(new):
        case Failure() as failure:
            return after(failure)
        case Success(written):
            given = {n: one for n, one in written.own.items() if n.lower() not in plan.left}

            def linked(found: Mapping[str, Any]) -> SqlStep[Any]:
                whole = evolve(written, own={**given, **found})
                strayed = columns.strayed(whole)
                if strayed is not None:
                    return after(Failure(evolve(strayed, key=plan.key_text)))
                return _checked(plan, old, new, whole, after)

            return _linked(plan, columns.links, new, {}, linked, after)


def _linked(
    plan: Plan,
    links: Sequence[Link],
    new: Any,
    found: Mapping[str, Any],
    linked: Callable[[Mapping[str, Any]], SqlStep[Any]],
    after: _Then,
) -> SqlStep[Any]:
    """Find the rows that the record's joined fields are of, one after the other."""
    if not links:
        return linked(found)
    link, *rest = links
    value = getattr(new, link.field)
    if value is None:
        return _linked(plan, rest, new, {**found, link.column: None}, linked, after)
    statement = link.find(value)

    def read(reply: SqlReply) -> SqlStep[Any]:
        if not reply.rows:
            reason = f"no row of {link.table} has it"
            return after(Failure(InvalidValue(plan.name, link.field, reason, plan.key_text)))
        cell = reply.rows[0][0]
        return _linked(plan, rest, new, {**found, link.column: cell}, linked, after)

    return SqlCall(statement.text, statement.parameters, read, atomic=True)


def _deleted(plan: Plan, old: Found | None, after: _Then) -> SqlStep[Any]:
    if old is None:
        return after(Success(False))
    own, columns, held = plan.lock.places.own, plan.columns, _before(plan, old)
    statements: list[Sql] = []
    if columns is not None and held is not None:
        left = (one for one in columns.arrays if one.bound_to(own) != "CASCADE")
        statements += (columns.clear(one, held) for one in left)
    head = fixed(f"DELETE FROM {name_of(own.name)}\nWHERE ")
    statements.append(head + plan.lock.one_of([old.identity]))
    return _all_sent(statements, lambda: after(Success(True)), explained(plan, old.answer))


def _checked(
    plan: Plan, old: Found | None, new: Any, written: Written, after: _Then
) -> SqlStep[Any]:
    """Look, one after the other, for rows that have the record's new key or its unique values."""
    places, before = plan.lock.places, _before(plan, old)
    key = plan.key if plan.key is None else key_of_record(plan.entity, new)
    asked = tuple(
        unique_tests(
            places,
            new=new,
            own=written.own,
            old=None if old is None else old.answer,
            before=None if before is None else before.own,
        )
    )

    def free() -> SqlStep[Any]:
        put = evolve(plan, key=key)
        return _asked(put, old, asked, lambda: _put(plan, old, new, written, after), after)

    return free() if key == plan.key else _moved(evolve(plan, key=key), free, after)


def _moved(plan: Plan, free: Callable[[], SqlStep[Any]], after: _Then) -> SqlStep[Any]:
    """Whether a record stands where the record is to go."""

    def found(there: Found | None) -> SqlStep[Any]:
        if there is None:
            return free()
        error = ConditionFailed(plan.name, plan.key_text, record=there.answer)
        return after(Failure(error))

    return locking(plan, found)


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

    look = SqlCall(statement.text, statement.parameters, read, atomic=True)
    gone = _purged(plan, [test])
    return look if gone is None else _sent(gone, lambda: look)


def _put(plan: Plan, old: Found | None, new: Any, written: Written, after: _Then) -> SqlStep[Any]:
    columns = plan.columns
    if columns is None:
        raise TypeError("a delete writes no record")
    if plan.left:
        return _put_new(plan, columns, written, after)
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
        if old is not None or not array.bound_to(places.own):
            statements.append(columns.clear(array, held or written))
        if rows:
            statements.append(columns.fill(array, written, rows))
    tests = key_is(places, key_of_record(plan.entity, new))
    failed = explained(plan, None if old is None else old.answer)
    return _all_sent(statements, lambda: _again(plan, tests, after), failed)


def _put_new(plan: Plan, columns: Columns, written: Written, after: _Then) -> SqlStep[Any]:
    """The row without what MySQL gives; then its arrays, which may refer to its number."""
    statement = columns.insert(written)

    def read(reply: SqlReply) -> SqlStep[Any]:
        places = plan.lock.places
        whole = evolve(written, own=with_number(places, written.own, reply.id))
        if (strayed := columns.strayed(whole)) is not None:
            return after(Failure(strayed))
        identity = identity_of(places, whole.own)
        if identity is None and plan.key is None:
            return after(Failure(Corrupt(plan.name, "the number", "MySQL told none of a new row")))
        by_key = [] if plan.key is None else key_is(places, plan.key)
        tests = by_key if identity is None else [plan.lock.one_of([identity])]
        fills = [columns.fill(array, whole, rows) for array, rows in whole.arrays if rows]
        return _all_sent(fills, lambda: _again(plan, tests, after), failed)

    text, values, failed = statement.text, statement.parameters, explained(plan)
    return SqlCall(text, values, read, atomic=True, writes=True, failed=failed)


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


def _again(plan: Plan, tests: Sequence[Sql], after: _Then) -> SqlStep[Any]:
    """The record as it is stored, also if it has ended by now."""
    read = reading(plan.entity, evolve(plan.settings, now=None))
    statement = read.statement([*records_only(read.places), *tests])

    def found(rows: tuple[Found, ...]) -> SqlStep[Any]:
        if len(rows) == 1:
            return after(Success(rows[0].answer))
        reason = f"the record was written, and {len(rows)} have its key"
        return after(Failure(Corrupt(plan.name, "the key", reason, plan.key_text)))

    return read.call(statement, found, atomic=True)


def _all_sent(
    statements: Sequence[Sql],
    after: Callable[[], SqlStep[Any]],
    failed: Callable[[Error], Error],
) -> SqlStep[Any]:
    if not statements:
        return after()
    first, *rest = statements
    return _sent(first, lambda: _all_sent(rest, after, failed), failed)


def _sent(
    statement: Sql,
    after: Callable[[], SqlStep[Any]],
    failed: Callable[[Error], Error] | None = None,
) -> SqlCall[Any]:
    return SqlCall(
        statement.text,
        statement.parameters,
        lambda _: after(),
        atomic=True,
        writes=True,
        failed=failed,
    )
