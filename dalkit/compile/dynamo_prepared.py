"""Puts, inserts and deletes as actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from dalkit.compile.demands import Demands, Predicates, holders, seen_in, true_of_none
from dalkit.compile.dynamo_actions import (
    Item,
    Made,
    Prepared,
    collided,
    delete_action,
    guarding,
    judged,
    place_of,
    put_action,
    standing,
)
from dalkit.compile.guards import check_guarded
from dalkit.compile.presence import shares_keys
from dalkit.compile.refused import Refused
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.query.applied import counted
from dalkit.query.normal import conjuncts
from dalkit.query.subjects import key_of_record
from dalkit.query.subjects import key_text as said_key
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import ConditionFailed, Failure, Result, Success, then
from dalkit.schema.entity import Entity, definition_of

__all__ = ["inserted", "prepare_delete", "prepare_insert", "prepare_put"]


def prepare_put(write: Put[Any], settings: Settings) -> Result[Prepared]:
    """One Put, or with its guards; it looks where something is unique, or counts versions."""
    entity = write.entity
    check_guarded(entity)
    definition = definition_of(entity)
    key = key_of_record(entity, write.record)
    looks = bool(definition.unique) or definition.version is not None
    looks = looks or not _said_blindly(entity, write.predicates, key, settings)
    Demands(entity, settings).there(write.predicates, key)

    def make(item: Item | None) -> Result[Made]:
        return _put(write, key, item, settings) if looks else _blind_put(write, key, settings)

    def prepared(place: Item) -> Result[Prepared]:
        return Success(_prepared(write, key, place, looks=looks, make=make))

    encoded = items(entity).encode(write.record)
    return then(encoded, lambda _: then(place_of(entity, key), prepared))


def prepare_insert(write: Insert[Any], settings: Settings) -> Result[Prepared]:
    """One Put where there is no record, or with its guards."""
    entity = write.entity
    check_guarded(entity)
    key = key_of_record(entity, write.record)

    def make(_: Item | None) -> Result[Made]:
        return inserted(entity, write.record, settings)

    def prepared(place: Item) -> Result[Prepared]:
        return Success(_prepared(write, key, place, looks=False, make=make))

    encoded = items(entity).encode(write.record)
    return then(encoded, lambda _: then(place_of(entity, key), prepared))


def prepare_delete(write: Delete[Any], settings: Settings) -> Result[Prepared]:
    """One Delete, or with its guards; it looks where something is unique."""
    entity = write.entity
    check_guarded(entity)
    looks = bool(definition_of(entity).unique)
    looks = looks or shares_keys(entity)
    looks = looks or not _said_blindly(entity, write.predicates, write.key, settings)
    Demands(entity, settings).there(write.predicates, write.key)

    def prepared(place: Item) -> Result[Prepared]:
        def make(item: Item | None) -> Result[Made]:
            if looks:
                return _delete(write, place, item, settings)
            demands = Demands(entity, settings)
            text = demands.before(write.predicates, write.key)
            one = delete_action(entity, write.key, place, demands.said(text))
            return Success(Made(actions=(one,)))

        return Success(_prepared(write, write.key, place, looks=looks, make=make))

    return then(place_of(entity, write.key), prepared)


def inserted(
    entity: Entity[Any, Any], record: Any, settings: Settings, *, absent: bool = False
) -> Result[Made]:
    """The actions that put a record where there is none."""
    key, demands = key_of_record(entity, record), Demands(entity, settings)
    conditioned = demands.said(demands.vacant())

    def made(item: Item) -> Result[Made]:
        one = put_action(entity, key, item, conditioned)
        return then(
            guarding(entity, key, None, item, settings),
            lambda more: _answered(Made(actions=(one, *more), absent=absent), entity, item),
        )

    return then(items(entity).encode(record), made)


def _relied_on(entity: Entity[Any, Any]) -> tuple[str, ...]:
    """The attributes that guards are made of."""
    definition = definition_of(entity)
    names = [name for group in definition.unique for name in group]
    if names and definition.ttl:
        names.append(definition.ttl)
    if shares_keys(entity):
        names += definition.key
    return holders(definition, names)


def _blind_put(write: Put[Any], key: Any, settings: Settings) -> Result[Made]:
    demands = Demands(write.entity, settings)
    conditioned = demands.said(demands.before(write.predicates, key))

    def made(item: Item) -> Result[Made]:
        one = put_action(write.entity, key, item, conditioned)
        return _answered(Made(actions=(one,)), write.entity, item)

    return then(items(write.entity).encode(write.record), made)


def _put(write: Put[Any], key: Any, item: Item | None, settings: Settings) -> Result[Made]:
    entity = write.entity
    match standing(entity, key, item, settings.now):
        case "other":
            return Failure(collided(entity, key))
        case "none":
            if not true_of_none(p.And(conjuncts(write.predicates))):
                return Failure(ConditionFailed(definition_of(entity).name, said_key(entity, key)))
            return inserted(entity, write.record, settings, absent=True)
        case _:
            assert item is not None
            return _over(write, key, item, settings)


def _over(write: Put[Any], key: Any, item: Item, settings: Settings) -> Result[Made]:
    """A put over the record of an item."""
    entity = write.entity
    seen, demands = seen_in(item, _relied_on(entity)), Demands(entity, settings)
    predicates = (*write.predicates, *_same_version(entity, write.record))
    conditioned = demands.said(demands.unchanged(predicates, seen))

    def made(old: Any, new: Item) -> Result[Made]:
        one = put_action(entity, key, new, conditioned)
        return then(
            guarding(entity, key, item, new, settings),
            lambda more: _answered(Made(actions=(one, *more), seen=seen, old=old), entity, new),
        )

    encoded = items(entity).encode(counted(entity, write.record))
    fitting = judged(entity, key, predicates, item, encoded)
    decoded = items(entity).decode(item)
    return then(decoded, lambda old: then(fitting, lambda new: made(old, new)))


def _answered(made: Made, entity: Entity[Any, Any], item: Item) -> Result[Made]:
    """With the record of the item as the answer."""
    return then(items(entity).decode(item), lambda record: Success(evolve(made, answer=record)))


def _said_blindly(
    entity: Entity[Any, Any], predicates: Predicates, key: Any, settings: Settings
) -> bool:
    """Whether the predicates can be told without knowing whether there is a record."""
    try:
        Demands(entity, settings).before(predicates, key)
    except Refused:
        Demands(entity, settings).unchanged(predicates, {})
        return False
    return True


def _prepared(
    write: Put[Any] | Insert[Any] | Delete[Any],
    key: Any,
    place: Item,
    *,
    looks: bool,
    make: Callable[[Item | None], Result[Made]],
) -> Prepared:
    return Prepared(
        write=write,
        entity=write.entity,
        key=key,
        after=key,
        places=(place,),
        looks=looks,
        make=make,
    )


def _same_version(entity: Entity[Any, Any], record: Any) -> Predicates:
    name = definition_of(entity).version
    if name is None:
        return ()
    place, value = Place(type(entity), name), getattr(record, name)
    return (p.IsNone(place) if value is None else p.Compare[Any](place, "=", value),)


def _delete(write: Delete[Any], place: Item, item: Item | None, settings: Settings) -> Result[Made]:
    entity, demands = write.entity, Demands(write.entity, settings)
    found = standing(entity, write.key, item, settings.now)
    if found != "own":
        if not true_of_none(p.And(conjuncts(write.predicates))):
            return Failure(ConditionFailed(definition_of(entity).name, said_key(entity, write.key)))
        one = delete_action(entity, write.key, place, demands.said(demands.vacant()))
        actions = (one,) if found == "none" else ()
        return Success(Made(actions=actions, answer=False, absent=True, idle=True))
    assert item is not None
    seen = seen_in(item, _relied_on(entity))
    same = demands.unchanged(write.predicates, seen)
    one = delete_action(entity, write.key, place, demands.said(same))

    def made(old: Any) -> Result[Made]:
        return then(
            guarding(entity, write.key, item, None, settings),
            lambda more: Success(Made(actions=(one, *more), answer=True, seen=seen, old=old)),
        )

    return then(items(entity).decode(item), made)
