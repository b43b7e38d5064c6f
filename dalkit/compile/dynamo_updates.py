"""Updates as actions: changes in place, or where the key or something unique changes, anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.answers import Answers
from dalkit.compile.demands import Demands, holders, seen_in
from dalkit.compile.dynamo_actions import (
    Action,
    Item,
    Made,
    Prepared,
    delete_action,
    guarding,
    judged,
    place_of,
    put_action,
    standing,
)
from dalkit.compile.dynamo_changes import (
    Changes,
    Faulty,
    check_changes,
    unknown_fields,
    update_expression,
)
from dalkit.compile.dynamo_fits import fits, is_held
from dalkit.compile.dynamo_prepared import inserted
from dalkit.compile.guards import check_guarded
from dalkit.compile.key_texts import key_text
from dalkit.compile.paths import paths_of
from dalkit.compile.plan import key_names
from dalkit.compile.presence import shares_keys
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.fields import changes as c
from dalkit.fields.places import Place
from dalkit.query.applied import Unfit, changed, counted, value_after
from dalkit.query.spots import spot_at
from dalkit.query.subjects import key_of_record
from dalkit.query.subjects import key_text as said_key
from dalkit.query.updates import Update
from dalkit.result import Error, Failure, InvalidValue, NotFound, Result, Success, then
from dalkit.schema.entity import Entity, definition_of, key_class_of

__all__ = ["prepare_update"]


def prepare_update(
    write: Update[Any], settings: Settings, *, looks: bool = False
) -> Result[Prepared]:
    """One Update; or, once the item is known, what puts its changed record in its place."""
    try:
        course = _course(write, settings, looks=looks)
    except Faulty as faulty:
        return Failure(faulty.error)
    except Unfit as unfit:
        return Failure(_unfit(write, unfit))
    place = place_of(write.entity, write.key)
    return then(place, lambda one: Success(_prepared(write, course, one, settings)))


def _prepared(write: Update[Any], course: _Course, place: Item, settings: Settings) -> Prepared:
    entity, after = write.entity, _key_after(write)
    arrived = then(after, lambda key: place_of(entity, key))
    blocked = arrived if isinstance(arrived, Failure) else None
    target = arrived.value_or(place)

    def make(item: Item | None) -> Result[Made]:
        return _made(write, course, place, item, settings, blocked)

    return Prepared(
        write=write,
        entity=entity,
        key=write.key,
        after=after.value_or(write.key),
        places=(place,) if target == place else (place, target),
        looks=course.looks or blocked is not None,
        make=make,
    )


@final
@frozen(kw_only=True)
class _Course:
    """How an update goes about it."""

    changes: Changes
    anew: bool
    """Whether the whole record is written anew."""
    unknown: tuple[str, ...]
    """The fields that must be read first."""
    looks: bool


def _course(write: Update[Any], settings: Settings, *, looks: bool) -> _Course:
    """The course; what could not be written is refused before anything is read."""
    entity, changes = write.entity, _with_version(write)
    check_guarded(entity)
    anew = _is_anew(entity, changes)
    unknown = () if anew else unknown_fields(write, changes)
    demands = Demands(entity, settings)
    demands.there(write.predicates, write.key)
    try:
        if unknown:
            check_changes(write, changes)
        elif not anew:
            update_expression(write, changes, demands.aliases, {})
    except Faulty:  # whether that matters, the item tells
        anew, unknown = True, ()
    looks = looks or anew or bool(unknown)
    return _Course(changes=changes, anew=anew, unknown=unknown, looks=looks)


def _made(
    write: Update[Any],
    course: _Course,
    place: Item,
    item: Item | None,
    settings: Settings,
    blocked: Failure[Error] | None,
) -> Result[Made]:
    entity = write.entity
    if not course.looks and blocked is None:
        one = _update(write, course.changes, place, settings)
        return Success(Made(actions=(one,), misfit=partial(_misfit, write)))
    if item is None or standing(entity, write.key, item, settings.now) != "own":
        if write.inserted is not None:
            return inserted(entity, write.inserted, settings, absent=True)
        return Failure(NotFound(definition_of(entity).name, said_key(entity, write.key)))
    try:
        found = blocked or _from(write, course, place, item, settings)
    except Faulty as faulty:
        found = Failure(faulty.error)
    except Unfit as unfit:
        found = Failure(_unfit(write, unfit))
    return judged(entity, write.key, write.predicates, item, found)


def _from(
    write: Update[Any], course: _Course, place: Item, item: Item, settings: Settings
) -> Result[Made]:
    if course.anew:
        return _anew(write, item, place, settings)
    return _knowing(write, course, place, item, settings)


def _with_version(write: Update[Any]) -> Changes:
    """The changes, and that of the version."""
    name = definition_of(write.entity).version
    if name is None:
        return write.changes
    if any(one.place.name == name for one in write.changes):
        refuse(f"{name} counts versions", "leave it: each write adds one")
    return (*write.changes, c.Add(Place(type(write.entity), name), 1))


def _is_anew(entity: Entity[Any, Any], changes: Changes) -> bool:
    """Whether the changes touch the key, or what guards are made of."""
    definition = definition_of(entity)
    if any(_only_known(entity, one) for one in changes):
        return True
    touched = {one.place.name for one in changes}
    held = set(definition.key)
    for name in key_names(definition.table):
        text = key_text(definition, name)
        held.update(() if text is None else text.fields)
    for group in definition.unique:
        held.update(group)
    if definition.unique and definition.ttl:
        held.add(definition.ttl)
    return bool(touched & held)


def _only_known(entity: Entity[Any, Any], change: c.Change) -> bool:
    """Whether a change means more than DynamoDB's own.

    Inside JSON, a sum of binary floats, what is taken out of what may not be there, and what
    depends on a member of a map, where DynamoDB holds a NULL that is None.
    """
    spot = spot_at(entity, change.place)
    kind, relative = spot.kind, isinstance(change, (c.Add, c.SetIfAbsent, c.Append))
    if relative and spot.nullable and change.place.steps:
        return True
    if isinstance(change, c.Remove) and not is_held(entity, change.place):
        return True
    if isinstance(change, c.Add) and isinstance(kind, kinds.Float):
        return all(one.type == "N" for one in paths_of(entity, change.place))
    return isinstance(kind, kinds.Json) and bool(change.place.steps)


def _key_after(write: Update[Any]) -> Result[Any]:
    """The record's key after the update; all that it depends on is in the key."""
    entity, values = write.entity, dict[str, Any]()
    for name in definition_of(entity).key:
        values[name] = getattr(write.key, name)
        for change in write.changes:
            if change.place.name == name:
                try:
                    values[name] = value_after(change, values[name])
                except Unfit as unfit:
                    return Failure(_unfit(write, Unfit(name, unfit.reason)))
    return Success(key_class_of(entity)(**values))


def _unfit(write: Update[Any], unfit: Unfit) -> InvalidValue:
    name, text = definition_of(write.entity).name, said_key(write.entity, write.key)
    return InvalidValue(name, unfit.where, unfit.reason, text)


def _update(write: Update[Any], changes: Changes, place: Item, settings: Settings) -> Action:
    demands = Demands(write.entity, settings)
    text = demands.there(write.predicates, write.key, lambda: fits(write, changes, demands))
    return _action(write, changes, place, demands, text, {})


def _misfit(write: Update[Any], item: Item) -> Error | None:
    """Why the changes do not fit the record of an item."""
    entity = write.entity

    def made(old: Any) -> Result[Item]:
        try:
            return items(entity).encode(counted(entity, changed(entity, old, write.changes)))
        except Unfit as unfit:
            return Failure(_unfit(write, unfit))

    encoded = then(items(entity).decode(item), made)
    match judged(entity, write.key, write.predicates, item, encoded):
        case Failure(error):
            return error
        case Success():
            return None


def _action(
    write: Update[Any],
    changes: Changes,
    place: Item,
    demands: Demands,
    text: str,
    read: Mapping[str, Any],
) -> Action:
    said = {"ConditionExpression": text}
    expression = update_expression(write, changes, demands.aliases, read)
    if expression:
        said["UpdateExpression"] = expression
    table = definition_of(write.entity).table.name
    return Action(
        kind="Update",
        entity=write.entity,
        key=write.key,
        place=place,
        arguments={"TableName": table, "Key": place, **demands.aliases.beside(said)},
    )


def _knowing(
    write: Update[Any], course: _Course, place: Item, item: Item, settings: Settings
) -> Result[Made]:
    """The update, knowing what was read, if that is unchanged."""
    entity = write.entity
    key = definition_of(entity).key if shares_keys(entity) else ()
    seen = seen_in(item, holders(definition_of(entity), (*course.unknown, *key)))

    def made(values: Mapping[str, Any]) -> Result[Made]:
        demands = Demands(entity, settings)
        text = demands.unchanged(
            write.predicates, seen, lambda: fits(write, course.changes, demands)
        )
        one = _action(write, course.changes, place, demands, text, values)
        misfit = partial(_misfit, write)
        return Success(Made(actions=(one,), seen=seen, misfit=misfit))

    return then(Answers[Any](entity).values(item, course.unknown), made)


def _anew(write: Update[Any], item: Item, place: Item, settings: Settings) -> Result[Made]:
    """The changed record in the place of the item, or where its key leads."""
    entity = write.entity

    def made(old: Any) -> Result[Made]:
        new = counted(entity, changed(entity, old, write.changes))
        encoded = items(entity).encode(new)
        return then(encoded, lambda to: _rewritten(write, place, item, to, old, settings))

    return then(items(entity).decode(item), made)


def _rewritten(
    write: Update[Any], place: Item, item: Item, new: Item, old: Any, settings: Settings
) -> Result[Made]:
    entity = write.entity
    seen = seen_in(item, dict.fromkeys((*item, *definition_of(entity).by_attribute)))
    demands = Demands(entity, settings)
    conditioned = demands.said(demands.unchanged(write.predicates, seen))

    def made(record: Any) -> Result[Made]:
        key = key_of_record(entity, record)
        first: tuple[Action, ...] = (put_action(entity, key, new, conditioned),)
        if any(new[name] != wire for name, wire in place.items()):
            arrived = Demands(entity, settings)
            vacant = arrived.said(arrived.vacant())
            left = delete_action(entity, write.key, place, conditioned)
            first = (left, put_action(entity, key, new, vacant, "target"))
        return then(
            guarding(entity, key, item, new, settings),
            lambda more: Success(Made(actions=(*first, *more), answer=record, seen=seen, old=old)),
        )

    return then(items(entity).decode(new), made)
