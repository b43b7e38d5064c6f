"""What each write would do to the records that are there: the new state of a few slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, final

from attrs import evolve, frozen

from dalkit.contract.folds import folded
from dalkit.convert import items
from dalkit.kinds import Text
from dalkit.query.applied import Unfit, changed, counted, value_after
from dalkit.query.base import Write
from dalkit.query.subjects import key_text
from dalkit.query.together import Maintain
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
)
from dalkit.run.memory_state import Slot, State, Stored, slot_of, stored
from dalkit.schema.entity import Entity, definition_of, key_class_of

__all__ = ["Effect", "effect", "touched"]


@final
@frozen(kw_only=True)
class Effect:
    """What a write does; nothing is done before it is applied."""

    entity: Entity[Any, Any]
    changes: Mapping[Slot, Stored | None]
    answer: Stored | bool
    key: Any


class _Refused(Exception):
    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


def effect(state: State, write: Write[Any], beside: State | None = None) -> Result[Effect]:
    """What the write would do, or why it cannot.

    `beside` is what the writes before it in a transaction leave: unique values are judged by it.
    """
    try:
        done = _effect(state, write)
    except _Refused as refused:
        return Failure(refused.error)
    fault = _unique_fault(beside or state, done)
    if fault is None:
        return Success(done)
    return Failure(evolve(fault, record=_before(state, done)))


def touched(state: State, write: Write[Any]) -> frozenset[Slot]:
    """The slots that the write changes, or would change if it could be done."""
    try:
        return frozenset(_effect(state, write).changes)
    except _Refused:
        pass
    match write:
        case Maintain(inner):
            return touched(state, inner)
        case Put(entity, record) | Insert(entity, record):
            keys = [items(entity).key_of(record)]
        case Update(entity, key):
            keys = [key, *_arrivals(write)]
        case Delete(entity, key):
            keys = [key]
        case _:
            return frozenset()
    slots = (slot_of(entity, one) for one in keys)
    return frozenset(one.unwrap() for one in slots if isinstance(one, Success))


def _arrivals(write: Update[Any]) -> list[Any]:
    """The key that the record would have after its update."""
    names = definition_of(write.entity).key
    values = {name: getattr(write.key, name) for name in names}
    try:
        for change in (one for one in write.changes if one.place.name in values):
            values[change.place.name] = value_after(change, values[change.place.name])
    except Unfit:
        return []
    return [key_class_of(write.entity)(**values)]


def _unique_fault(state: State, done: Effect) -> ConditionFailed | None:
    """The values of the written record that another one has and may not."""
    definition = definition_of(done.entity)
    if not definition.unique:
        return None
    written = [one for one in done.changes.values() if one is not None]
    for new in (one for one in written if one.name == definition.name):
        others = [held for slot, held in state.of(done.entity) if slot not in done.changes]
        for names, fold in definition.guarded:
            values = _held(done.entity, new.record, names, fold)
            taken = (_held(done.entity, one.record, names, fold) for one in others)
            if None not in values and values in taken:
                text = key_text(done.entity, done.key)
                return ConditionFailed(definition.name, text, unique=", ".join(names))
    return None


def _held(entity: Entity[Any, Any], record: Any, names: Iterable[str], fold: str) -> list[Any]:
    """The record's values as they are compared for being unique."""
    by_field = definition_of(entity).by_field
    values = ((getattr(record, name), by_field[name].kind) for name in names)
    return [
        folded(fold, value) if isinstance(kind, Text) and value is not None else value
        for value, kind in values
    ]


def _effect(state: State, write: Write[Any]) -> Effect:
    match write:
        case Maintain(inner):  # derived fields are stored here as they are given
            return _effect(state, inner)
        case Put():
            return _put(state, write)
        case Insert(entity, record):
            return _inserted(state, entity, record)
        case Update():
            return _updated(state, write)
        case Delete():
            return _deleted(state, write)
        case _:
            raise TypeError(f"{write!r} is no write of dalkit's")


def _put(state: State, write: Put[Any]) -> Effect:
    entity = write.entity
    slot, new = _taken(stored(entity, write.record))
    old = _own(entity, _key(new), state.at(slot), collision=True)
    if not all_true(write.predicates, old and old.record):
        _fail(entity, _key(new), old)
    if old is None:
        return _written(entity, {slot: new}, new)
    version = definition_of(entity).version
    if version is not None:
        if getattr(new.record, version) != getattr(old.record, version):
            _fail(entity, _key(new), old)
        slot, new = _taken(stored(entity, counted(entity, new.record)))
    return _written(entity, {slot: new}, new)


def _inserted(state: State, entity: Entity[Any, Any], record: Any) -> Effect:
    slot, new = _taken(stored(entity, record))
    old = _own(entity, _key(new), state.at(slot), collision=True)
    if old is not None:
        _fail(entity, _key(new), old)
    return _written(entity, {slot: new}, new)


def _updated(state: State, write: Update[Any]) -> Effect:
    entity, slot = write.entity, _taken(slot_of(write.entity, write.key))
    old = _own(entity, write.key, state.at(slot))
    if old is None:
        if write.inserted is not None:
            return _inserted(state, entity, write.inserted)
        raise _Refused(NotFound(definition_of(entity).name, key_text(entity, write.key)))
    if not all_true(write.predicates, old.record):
        _fail(entity, write.key, old)
    target, new = _taken(stored(entity, counted(entity, _made(write, old.record))))
    if target == slot:
        _own(entity, _key(new), old, collision=True)
        return _written(entity, {slot: new}, new)
    there = _own(entity, _key(new), state.at(target), collision=True)
    if there is not None:
        _fail(entity, _key(new), there)
    return _written(entity, {slot: None, target: new}, new)


def _made(write: Update[Any], record: Any) -> Any:
    entity = write.entity
    version = definition_of(entity).version
    if any(one.place.name == version for one in write.changes):
        raise _Refused(
            Unsupported(str(write), f"{version} counts versions", "leave it: each write adds one")
        )
    try:
        return changed(entity, record, write.changes)
    except Unfit as unfit:
        name, text = definition_of(entity).name, key_text(entity, write.key)
        raise _Refused(InvalidValue(name, unfit.where, unfit.reason, text)) from None


def _deleted(state: State, write: Delete[Any]) -> Effect:
    entity, slot = write.entity, _taken(slot_of(write.entity, write.key))
    there = state.at(slot)
    old = _own(entity, write.key, there)
    if not all_true(write.predicates, old and old.record):
        _fail(entity, write.key, old)
    left = there if old is None else None
    return Effect(entity=entity, changes={slot: left}, answer=old is not None, key=write.key)


def _written(
    entity: Entity[Any, Any], changes: Mapping[Slot, Stored | None], new: Stored
) -> Effect:
    return Effect(entity=entity, changes=changes, answer=new, key=_key(new))


def _before(state: State, done: Effect) -> Any:
    found = (state.at(slot) for slot in done.changes)
    return next((one.handed() for one in found if one is not None), None)


def _own(
    entity: Entity[Any, Any], key: Any, there: Stored | None, *, collision: bool = False
) -> Stored | None:
    """What stands there if it is the record with the key; another is in the way of a write."""
    if there is None or there.is_(entity, key):
        return there
    if not collision:
        return None
    reason = f"a record of {there.name} with another key is stored under the same text"
    name = definition_of(entity).name
    raise _Refused(InvalidValue(name, "the key", reason, key_text(entity, key)))


def _key(new: Stored) -> Any:
    return items(new.entity).key_of(new.record)


def _fail(entity: Entity[Any, Any], key: Any, old: Stored | None) -> NoReturn:
    text = key_text(entity, key)
    record = None if old is None else old.handed()
    raise _Refused(ConditionFailed(definition_of(entity).name, text, record=record))


def _taken(result: Result[Any]) -> Any:
    match result:
        case Success(value):
            return value
        case Failure(error):
            raise _Refused(error)
