"""How MySQL would answer a query: by which keys, in how many statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dalkit.compile.explanation import MysqlPlan
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.compile.sql_access import Access, Used, access_of, arrays_of
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_reads import MOST_KEYS
from dalkit.compile.sql_where import parted
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.query.base import Budget
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.normal import conjuncts
from dalkit.query.spots import hidden_in
from dalkit.query.together import Batch, Maintain, Transact, TransactGet
from dalkit.query.writes import Delete
from dalkit.result import Error, Failure, Result, Success
from dalkit.schema.entity import Entity, definition_of

__all__ = ["explained_mysql"]

_SOME = ""
"""A value that stands for any: only whether a key serves it matters."""


def explained_mysql(query: Any, settings: Settings) -> MysqlPlan | Error:
    """The plan of a query, or why MySQL does not answer it."""
    call: Result[Any] = to_sql(query, settings)
    match call:
        case Failure(error):
            return error
        case Success():
            return _explained(query, settings)


def _explained(query: Any, settings: Settings) -> MysqlPlan:
    match query:
        case Get(entity):
            return _by_key(entity, _selected(query), settings)
        case GetMany(entity, keys):
            number = -(-len(keys) // MOST_KEYS)
            return _by_key(entity, None, settings, number) if keys else _nothing("no keys")
        case Find() | Count():
            return _read(query, settings)
        case TransactGet(queries):
            found = [_explained(one, settings) for one in queries]
            return _together(found, "at one moment") if found else _nothing("no gets")
        case Batch(queries) | Transact(queries):
            kept = [one for one in queries if not isinstance(one, Maintain)]
            found = [_written(one, settings) for one in kept]
            if not found:
                return _nothing("no writes")
            dropped = len(queries) - len(kept)
            note = f"drops {dropped} that only maintain what MySQL computes" if dropped else ""
            how = "each by itself" if isinstance(query, Batch) else "in one transaction"
            return _together(found, how, note)
        case Maintain():
            return _nothing("dropped: MySQL computes what it would maintain")
        case _:
            return _written(query, settings)


def _read(query: Find[Any, Any] | Count[Any], settings: Settings) -> MysqlPlan:
    definition = definition_of(query.entity)
    places = Places(definition, settings)
    _, left = parted(places, query.predicates)
    counts = isinstance(query, Count) and not left
    names: set[str] | None = set() if counts else None
    orders = () if isinstance(query, Count) else query.orders
    if isinstance(query, Find) and query.selected and not left:
        places_read = (*query.selected, *(one.place for one in orders))
        names = {*(one.name for one in places_read), *definition.key}
    asked = [one for one in conjuncts(query.predicates) if one not in left]
    access = access_of(places, asked, names, orders=orders, ordered=not counts)
    notes = [_code_points(access), _after(query, left), _budget(query.access.budget)]
    return MysqlPlan(
        steps=(_chain(access),),
        indexes=_indexes((access.own, *access.others)),
        filters=p.printed_all(access.filters, hidden_in(query.entity)),
        sorted=access.sorted,
        statements=1 + arrays_of(definition, names),
        exact=not left,
        notes=tuple(one for one in notes if one),
    )


def _by_key(
    entity: Entity[Any, Any], names: Collection[str] | None, settings: Settings, number: int = 1
) -> MysqlPlan:
    access = _key_access(entity, names, settings)
    return MysqlPlan(
        steps=(_chain(access),),
        indexes=_indexes((access.own, *access.others)),
        filters=_beside_key(access),
        statements=number + number * arrays_of(definition_of(entity), names),
    )


def _key_access(
    entity: Entity[Any, Any], names: Collection[str] | None, settings: Settings
) -> Access:
    definition = definition_of(entity)
    owner = type(entity)
    terms = [p.Compare[Any](Place(owner, one), "=", _SOME) for one in definition.key]
    return access_of(Places(definition, settings), terms, names)


def _beside_key(access: Access) -> str:
    return ", ".join(str(one.operand) for one in access.filters if isinstance(one, p.Compare))


def _written(query: Any, settings: Settings) -> MysqlPlan:
    """A lock, a look for what is unique, the write, and the record read again."""
    access = _key_access(query.entity, None, settings)
    how = "deletes it" if isinstance(query, Delete) else "writes it and reads it again"
    arrays = arrays_of(definition_of(query.entity), None)
    return MysqlPlan(
        steps=(f"locks {access.own}, {how}", "in one transaction"),
        indexes=_indexes((access.own, *access.others)),
        filters=_beside_key(access),
        statements=1 + arrays,
        exact=False,
    )


def _together(found: Sequence[MysqlPlan], how: str, note: str = "") -> MysqlPlan:
    alone = "in one transaction"
    steps = dict.fromkeys(step for one in found for step in one.steps if step != alone)
    return MysqlPlan(
        steps=(*steps, how),
        indexes=tuple(dict.fromkeys(use for one in found for use in one.indexes)),
        statements=sum(one.statements for one in found),
        exact=all(one.exact for one in found),
        notes=(note,) if note else (),
    )


def _nothing(why: str) -> MysqlPlan:
    return MysqlPlan(steps=(why,), statements=0)


def _chain(access: Access) -> str:
    return " -> ".join(map(str, (access.own, *access.others)))


def _indexes(used: Sequence[Used]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((one.table, one.columns) for one in used)


def _selected(query: Get[Any, Any]) -> Collection[str] | None:
    return {one.name for one in query.selected} or None


def _after(query: Find[Any, Any] | Count[Any], left: Sequence[p.Predicate[Any]]) -> str:
    """What MySQL cannot be asked, and is looked at in whole records."""
    if not left:
        return ""
    return f"filters after reading: {p.printed_all(tuple(left), hidden_in(query.entity))}"


def _code_points(access: Access) -> str:
    if not access.by_bytes:
        return ""
    return f"{', '.join(access.by_bytes)} by code point, which no key of MySQL's serves"


def _budget(budget: Budget | None) -> str:
    if budget is None or budget.capacity is None:
        return ""
    return "capacity is DynamoDB's alone"
