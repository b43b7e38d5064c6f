"""How a write judges the record that is there: what it makes of it, or why it is not done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from attrs import evolve, frozen

from dalkit.compile.call import SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_changes import cells_of, check_changes
from dalkit.compile.sql_columns import Columns, columns_of
from dalkit.compile.sql_fresh import is_fresh, key_is_known, left_to_mysql, stand_in, with_new_rows
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_rows import Found, Reading, reading
from dalkit.compile.sql_text import TRUE, Refused, joined, refuse
from dalkit.compile.sql_unique import check_unique
from dalkit.compile.sql_where import parted
from dalkit.convert import items
from dalkit.fields import predicates as p
from dalkit.fields.changes import Change
from dalkit.query.applied import Unfit, changed, counted
from dalkit.query.subjects import key_of_record, key_text
from dalkit.query.truth import all_true
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import (
    ConditionFailed,
    Error,
    Failure,
    InvalidValue,
    NotFound,
    Result,
    Success,
    Unsupported,
    then,
)
from dalkit.schema.entity import Entity, definition_of
from dalkit.source.tree import Children

__all__ = ["Plan", "canonical", "judged", "key_of", "plan_of"]


def _as_it_is(error: Error) -> Error:
    return error


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
    """None where nothing but the delete of one row can come."""
    unfit: Error | None = None
    """Why no store can hold the record, or its key, whatever is there."""
    unasked: tuple[p.Predicate[Any], ...] = ()
    """The part of its condition that is looked at in the record, and not asked of MySQL."""
    told: Callable[[Error], Error] = _as_it_is
    """What an error of this write means for the whole query."""
    left: frozenset[str] = frozenset()
    """The columns, in lower case, that MySQL fills; a key of them is None before it has."""

    @property
    def name(self) -> str:
        return definition_of(self.entity).name

    @property
    def key_text(self) -> str:
        return "" if self.key is None else key_text(self.entity, self.key)


def plan_of(query: Any, settings: Settings) -> Plan:
    """How a write is done; what MySQL cannot do is refused."""
    entity = query.entity
    places = Places(definition_of(entity), settings)
    columns = _columns_of_delete(places, query) if isinstance(query, Delete) else None
    if not isinstance(query, Delete):
        check_unique(places)
    if isinstance(query, Update):
        columns = _columns_of_update(places, query)
    elif not isinstance(query, Delete):
        columns = columns_of(places, entity, whole=True)
        columns = with_new_rows(query, columns) if is_fresh(query) else columns
    tests, unasked = parted(places, getattr(query, "predicates", ()))
    met = joined(" AND ", tests).within("(") if tests else TRUE
    lock = reading(entity, settings, locked=met)
    given, unfit = _checked_query(query)
    left = left_to_mysql(query, columns) if columns and is_fresh(query) else frozenset[str]()
    known = not left or key_is_known(places.definition)
    key = key_of(given) if known else None
    return Plan(given, entity, key, settings, lock, columns, unfit, left=left, unasked=unasked)


def _columns_of_delete(places: Places, query: Delete[Any]) -> Columns | None:
    """With the arrays whose rows go with the record; None where none of them are only its own."""
    cells = (one.name for one in places.definition.source.cells if isinstance(one.value, Children))
    try:
        return columns_of(places, query.entity, whole=False, touched=frozenset(cells))
    except Refused:
        return None


def _columns_of_update(places: Places, query: Update[Any]) -> Columns:
    definition = places.definition
    touched = cells_of(definition, query.changes)
    columns = columns_of(places, query.entity, whole=query.inserted is not None, touched=touched)
    others = [*(one.cell for one in columns.arrays), *(one.cell for one in columns.links)]
    check_changes(definition, (*columns.own, *others), query.changes)
    if any(one.place.name == definition.version for one in query.changes):
        refuse(str(query), f"{definition.version} counts versions", "leave it: each write adds one")
    return columns


def _checked_query(query: Any) -> tuple[Any, Error | None]:
    """The query with its record as any store would give it back, or why none could hold it."""
    if isinstance(query, (Put, Insert)):
        match then(stand_in(query), lambda record: canonical(query.entity, record)):
            case Success(record):
                return evolve(query, record=record), None
            case Failure(error):
                return query, error
    match items(query.entity).key(query.key):
        case Success():
            return query, None
        case Failure(error):
            return query, error


def canonical(entity: Entity[Any, Any], record: Any) -> Result[Any]:
    """The record as every store gives it back; or why it is none that all can hold."""
    if getattr(record, "extra_", None):
        what = f"the attributes {', '.join(sorted(record.extra_))} on MySQL"
        return Failure(Unsupported(what, "no column holds what the contract does not know"))
    codec = items(entity)
    return then(codec.encode(record), codec.decode)


def key_of(query: Any) -> Any:
    """The key of the record that a write is about."""
    if isinstance(query, (Put, Insert)):
        return key_of_record(query.entity, query.record)
    return query.key


def judged(plan: Plan, old: Found | None, after: Callable[[Any], SqlStep[Any]]) -> SqlStep[Any]:
    """What the record is to be, None for no record; or why the write is not done."""
    query = plan.query
    record = None if old is None else old.answer
    failed = Failure(ConditionFailed(plan.name, plan.key_text, record=record))
    if isinstance(query, Update) and old is None:
        if query.inserted is None:
            return Failure(NotFound(plan.name, plan.key_text))
        return _followed(canonical(plan.entity, query.inserted), after)
    if plan.unfit is not None:
        return Failure(plan.unfit)
    predicates = getattr(query, "predicates", ())
    met = all_true(plan.unasked if old is not None else predicates, record)
    met = met and (old is None or old.met)
    if not met or (isinstance(query, Insert) and old is not None):
        return failed
    match query:
        case Put(record=new) if old is not None:
            return after(counted(plan.entity, new)) if _of_version(plan, new, record) else failed
        case Put(record=new) | Insert(record=new):
            return after(new)
        case Update(changes=changes):
            return _updated(plan, record, changes, after)
        case _:
            return after(None)


def _updated(
    plan: Plan, record: Any, changes: Sequence[Change], after: Callable[[Any], SqlStep[Any]]
) -> SqlStep[Any]:
    try:
        made = changed(plan.entity, record, changes)
    except Unfit as unfit:
        return Failure(InvalidValue(plan.name, unfit.where, unfit.reason, plan.key_text))
    return _followed(canonical(plan.entity, counted(plan.entity, made)), after)


def _followed(result: Result[Any], after: Callable[[Any], SqlStep[Any]]) -> SqlStep[Any]:
    """What follows an answer; a failure is the end."""
    return after(result.unwrap()) if isinstance(result, Success) else result


def _of_version(plan: Plan, new: Any, old: Any) -> bool:
    """Whether a record that was changed is of the version that is there."""
    name = definition_of(plan.entity).version
    return name is None or bool(getattr(new, name) == getattr(old, name))
