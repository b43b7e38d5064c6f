"""How DynamoDB would do writes, and what they cost at most.

A put is taken to find no record or one with the same index keys, an update to find one whose
indexes all hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from dalkit.compile.call import DynamoCall
from dalkit.compile.capacity import Mode, get_units
from dalkit.compile.counters import numbers_changed, numbers_of
from dalkit.compile.dynamo_batch import MOST_WRITES
from dalkit.compile.dynamo_explain import Assumed, place_text
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explanation import DynamoPlan
from dalkit.compile.written import Written, changed_units, units_of
from dalkit.convert import items
from dalkit.fields.predicates import printed_all
from dalkit.query.fresh import numbers_needed
from dalkit.query.spots import hidden_in
from dalkit.query.subjects import is_new, key_of_record
from dalkit.query.together import Batch, Transact, maintained
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import Error, Failure, Success
from dalkit.schema.bookkeeping import VALUE, is_bookkeeping
from dalkit.schema.definition import Carried, EntityDefinition, Numbering, Part, Template
from dalkit.schema.entity import definition_of

__all__ = ["explained_write"]

_NUMBER = "1000"
"""What a counter is taken to answer."""


def explained_write(query: Any, assumed: Assumed) -> DynamoPlan | Error:
    """The plan of a write, or why DynamoDB does not do it."""
    match to_dynamodb(query, assumed.settings):
        case Failure(error):
            return error
        case Success(call):
            return _explained(query, call, assumed)


def _explained(query: Any, call: DynamoCall[Any], assumed: Assumed) -> DynamoPlan:
    match query:
        case Batch(writes):
            return _batch(writes, call, assumed)
        case Transact(writes):
            return _transact(writes, call, assumed)
        case _:
            return _single(query, call, assumed)


def _single(query: Any, call: DynamoCall[Any], assumed: Assumed) -> DynamoPlan:
    write = maintained(query)
    counters, first = _past_counters(call)
    looks, groups = first.operation == "GetItem", _groups(write)
    together = first.operation == "TransactWriteItems" or bool(groups)
    upsert = isinstance(write, Update) and write.inserted is not None
    steps = [*_counted(counters, [write]), _step(write)]
    if looks:
        steps.insert(-1, "reads the record, consistently")
        steps.append("if it is still as it was read, else again")
    if isinstance(write, Update) and _moves(write, definition_of(write.entity)):
        steps.append("moved: a delete and a put in one transaction")
    if groups:
        names = ", ".join("+".join(one) for one in groups)
        steps.append(f"in one transaction with the guards of {names}")
    inserted = 0
    if upsert:
        steps.append("where there is none inserts the record")
        insert = Insert(write.entity, write.inserted)
        inserted = _units(insert, assumed, transaction=bool(groups))
        inserted += len(numbers_of(write.entity, write.inserted))
    return assumed.plan(
        *steps,
        calls=counters + looks + 1,
        more=looks or upsert,
        reads=get_units([assumed.item_size], "consistent") if looks else Decimal(0),
        writes=Decimal(_units(write, assumed, transaction=together) + inserted + counters),
    )


def _past_counters(call: DynamoCall[Any]) -> tuple[int, DynamoCall[Any]]:
    """How many counters are asked first, and the call after them."""
    number, step = 0, call
    while step.operation == "UpdateItem" and _is_counter(step.arguments["Key"]):
        after = step.read({"Attributes": {VALUE: {"N": _NUMBER}}})
        number += 1
        if not isinstance(after, DynamoCall):
            break
        step = after
    return number, step


def _is_counter(key: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(is_bookkeeping(one.get("S")) for one in key.values())


def _counted(counters: int, writes: Sequence[Any]) -> list[str]:
    """What counters are asked for, before anything is written."""
    if not counters:
        return []
    names = dict.fromkeys(one.name for write in writes for one in _numbers(write))
    return [f"asks the counter of {', '.join(names)}"]


def _numbers(write: Any) -> Iterable[Numbering]:
    """What is counted of the record that a write may make, and of rows that it brings."""
    changed = numbers_changed(write.entity, getattr(write, "changes", ()))
    record = getattr(write, "inserted", getattr(write, "record", None))
    if record is None:
        return changed
    if is_new(write.entity, record):
        return numbers_needed(write.entity, record)
    return {**numbers_of(write.entity, record), **changed}


def _batch(writes: tuple[Any, ...], call: DynamoCall[Any], assumed: Assumed) -> DynamoPlan:
    counters, _ = _past_counters(call)
    inner = [maintained(one) for one in writes]
    alone = [one for one in inner if _groups(one)]
    units = sum(_units(one, assumed, transaction=bool(_groups(one))) for one in inner)
    together = len(inner) - len(alone)
    steps = [
        f"{together} in batches of at most {MOST_WRITES}" if together else "",
        f"{len(alone)} each by itself, with guards" if alone else "",
    ]
    return assumed.plan(
        *_counted(counters, inner),
        *([one for one in steps if one] or ["no writes"]),
        calls=counters - (-together // MOST_WRITES) + len(alone),
        more=bool(inner),
        writes=Decimal(units + counters),
    )


def _transact(writes: tuple[Any, ...], call: DynamoCall[Any], assumed: Assumed) -> DynamoPlan:
    inner = [maintained(one) for one in writes]
    counters, first = _past_counters(call)
    looks = first.operation not in ("TransactWriteItems", "")
    mode: Mode = "transaction" if first.operation == "TransactGetItems" else "consistent"
    units = sum(_units(one, assumed, transaction=True) for one in inner) + counters
    steps = [f"one transaction of {len(inner)}" if inner else "no writes", *map(_step, inner)]
    if looks:
        steps.insert(0, "reads what must be known, and writes if that is still so")
    return assumed.plan(
        *_counted(counters, inner),
        *steps,
        calls=counters + looks + bool(inner),
        more=looks,
        reads=get_units([assumed.item_size] * len(inner), mode) if looks else Decimal(0),
        writes=Decimal(units),
    )


def _step(write: Any) -> str:
    verb = type(write).__name__.lower()
    definition = definition_of(write.entity)
    entity = write.entity
    record = getattr(write, "record", None)
    if record is not None and is_new(entity, record):
        where = "a new key"
    else:
        key = key_of_record(entity, record) if record is not None else write.key
        where = place_text(entity, key)
    conditions = printed_all(getattr(write, "predicates", ()), hidden_in(entity))
    when = f", only if {conditions}" if conditions else ""
    if isinstance(write, Insert):
        when = ", only if there is none"
    return f"{verb} {definition.table.name} {where}{when}"


def _groups(write: Any) -> tuple[tuple[str, ...], ...]:
    """The groups of unique fields whose guards are written with the record."""
    unique = definition_of(write.entity).unique
    if not isinstance(write, Update) or write.inserted is not None:
        return unique
    changed = {one.place.name for one in write.changes}
    moved = not changed.isdisjoint(definition_of(write.entity).key)
    return tuple(one for one in unique if moved or not changed.isdisjoint(one))


def _units(write: Any, assumed: Assumed, *, transaction: bool) -> int:
    """Write units of a record, its indexes and its guards."""
    definition = definition_of(write.entity)
    each = 2 if isinstance(write, (Put, Update)) else 1  # the old one's and the new one's
    guards = len(_groups(write)) * each * 2
    return _written(write, definition, assumed, transaction=transaction).all + guards


def _written(
    write: Any, definition: EntityDefinition, assumed: Assumed, *, transaction: bool
) -> Written:
    size = assumed.item_size
    match write:
        case Put(entity, record) | Insert(entity, record) if not is_new(entity, record):
            item = items(entity).encode(record).value_or(None)
            return units_of(definition.table, None, item, transaction=transaction)
        case Update(changes=changes) if not _moves(write, definition):
            changed = set(_attributes(definition, (one.place.name for one in changes)))
            return changed_units(definition, changed, size, transaction=transaction)
        case Update():
            one = changed_units(definition, definition.by_attribute, size, transaction=True)
            return evolve(one, table=one.table * 2)
        case _:
            every = [one.name for one in definition.attributes if not isinstance(write, Delete)]
            names = every or list(_first_of_each(definition))
            return _once(changed_units(definition, names, size, transaction=transaction))


def _once(found: Written) -> Written:
    """Without the deletes that a changed index key brings: an item that is new, or gone."""
    return evolve(found, indexes={name: -(-one // 2) for name, one in found.indexes.items()})


def _first_of_each(definition: EntityDefinition) -> Iterable[str]:
    return (one.pk.name for one in definition.table.indexes)


def _moves(write: Update[Any], definition: EntityDefinition) -> bool:
    return any(one.place.name in definition.key for one in write.changes)


def _attributes(definition: EntityDefinition, fields: Iterable[str]) -> Iterable[str]:
    """The attributes that show one of the fields, and the version that counts with them."""
    names = {*fields, *((definition.version,) if definition.version else ())}
    for one in definition.attributes:
        match one.content:
            case Carried(field) if field in names:
                yield one.name
            case Template(parts=parts):
                if any(isinstance(part, Part) and part.field in names for part in parts):
                    yield one.name
            case _:
                continue
