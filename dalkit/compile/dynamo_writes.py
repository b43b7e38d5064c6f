"""Writes as DynamoDB operations, alone and as actions of a transaction.

A condition that is not met is a reply too: the client's error, with `Error`, and `Item` if there
is a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, final

from attrs import frozen

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamo_changes import update_expression
from dalkit.compile.expression import Aliases, Writer, all_of, checked_length
from dalkit.compile.refused import contradict, refuse
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.fields.predicates import Predicate
from dalkit.query.base import Write
from dalkit.query.normal import conjuncts
from dalkit.query.subjects import key_of_record, named
from dalkit.query.subjects import key_text as said_key
from dalkit.query.together import Maintain
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import ConditionFailed, Error, Failure, NotFound, Result, Success, then
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Action", "action", "not_met", "write_call"]

_MOST_TRIES = 5


@final
@frozen(kw_only=True)
class Action:
    """One write: an operation's arguments, without what it is to answer."""

    kind: Literal["Put", "Update", "Delete"]
    entity: Entity[Any, Any]
    key: Any
    place: Mapping[str, Any]
    """The table's key attributes."""
    arguments: Mapping[str, Any]


def action(write: Write[Any]) -> Result[Action]:
    """A write as one action."""
    match write:
        case Maintain(inner):
            return action(inner)
        case Put(entity, record, predicates):
            return _put(entity, record, _condition(entity, predicates, perhaps_none=True))
        case Insert(entity, record):
            aliases = Aliases()
            name = aliases.name(definition_of(entity).table.pk.name)
            return _put(entity, record, (f"attribute_not_exists({name})", aliases))
        case Delete():
            return _delete(write)
        case Update():
            return _update(write)
        case _:
            refuse(f"DynamoDB is not asked this way: {type(write).__name__}")


def write_call(write: Write[Any], settings: Settings) -> Result[DynamoCall[Any]]:
    """PutItem, UpdateItem or DeleteItem."""
    inner = write.write if isinstance(write, Maintain) else write
    if not isinstance(inner, Update) or inner.inserted is None:
        return then(action(inner), lambda one: Success(_call(one)))
    insert = action(Insert(inner.entity, inner.inserted))
    return then(
        action(inner),
        lambda one: then(insert, lambda other: Success(_upsert(one, other, _MOST_TRIES))),
    )


def not_met(one: Action, reply: Mapping[str, Any]) -> Error:
    """What a condition that was not met means: no such record, or one that is otherwise."""
    entity, item = named(one.entity), reply.get("Item")
    key = said_key(one.entity, one.key)
    if not item:
        return NotFound(entity, key) if one.kind == "Update" else ConditionFailed(entity, key)
    match items(one.entity).decode(item):
        case Success(record):
            return ConditionFailed(entity, key, record=record)
        case Failure(error):
            return error


def _call(one: Action) -> DynamoCall[Any]:
    said = {"Put": "NONE", "Update": "ALL_NEW", "Delete": "ALL_OLD"}
    arguments = {**one.arguments, "ReturnValues": said[one.kind]}
    if "ConditionExpression" in arguments:
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    def read(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        if reply.get("Error"):
            return Failure(not_met(one, reply))
        if one.kind == "Delete":
            return Success(bool(reply.get("Attributes")))
        item = arguments["Item"] if one.kind == "Put" else reply.get("Attributes", {})
        return items(one.entity).decode(item)

    return DynamoCall(f"{one.kind}Item", arguments, read)


def _upsert(one: Action, other: Action, tries: int) -> DynamoCall[Any]:
    """The update; where it finds no record the insert; if another was faster, the update again."""
    update, insert = _call(one), _call(other)

    def updated(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        if reply.get("Error") and not reply.get("Item"):
            return DynamoCall(insert.operation, insert.arguments, inserted)
        return update.read(reply)

    def inserted(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        if reply.get("Error") and tries > 1:
            return _upsert(one, other, tries - 1)
        return insert.read(reply)

    return DynamoCall(update.operation, update.arguments, updated)


def _put(entity: Entity[Any, Any], record: Any, condition: tuple[str, Aliases]) -> Result[Action]:
    _check_guards(entity)
    codec = items(entity)

    def made(item: Mapping[str, Any]) -> Result[Action]:
        key = key_of_record(entity, record)
        arguments = {"TableName": _table(entity), "Item": item, **_said(*condition)}
        return then(
            codec.key(key),
            lambda place: Success(
                Action(kind="Put", entity=entity, key=key, place=place, arguments=arguments)
            ),
        )

    return then(codec.encode(record), made)


def _delete(write: Delete[Any]) -> Result[Action]:
    _check_guards(write.entity)
    condition = _condition(write.entity, write.predicates, perhaps_none=True)
    return _keyed("Delete", write.entity, write.key, _said(*condition))


def _update(write: Update[Any]) -> Result[Action]:
    definition = definition_of(write.entity)
    if definition.version is not None:
        refuse(f"{definition.name} has a version, which is not counted up yet")
    text, aliases = _condition(write.entity, write.predicates, perhaps_none=False)
    exists = f"attribute_exists({aliases.name(definition.table.pk.name)})"
    condition = f"{exists} AND {text}" if text else exists
    changes = update_expression(write, aliases)
    said = {"ConditionExpression": checked_length(condition)}
    if changes:
        said["UpdateExpression"] = changes
    return _keyed("Update", write.entity, write.key, aliases.beside(said))


def _keyed(
    kind: Literal["Update", "Delete"], entity: Entity[Any, Any], key: Any, said: dict[str, Any]
) -> Result[Action]:
    def made(place: Mapping[str, Any]) -> Result[Action]:
        arguments = {"TableName": _table(entity), "Key": place, **said}
        return Success(Action(kind=kind, entity=entity, key=key, place=place, arguments=arguments))

    return then(items(entity).key(key), made)


def _condition(
    entity: Entity[Any, Any], predicates: tuple[Predicate[Any], ...], *, perhaps_none: bool
) -> tuple[str, Aliases]:
    aliases = Aliases()
    writer = Writer(entity, aliases, perhaps_none=perhaps_none)
    formula = all_of(writer.formula(one) for one in conjuncts(predicates))
    if formula is False:
        contradict("the condition is true of no record")
    return (formula if isinstance(formula, str) else ""), aliases


def _said(condition: str, aliases: Aliases) -> dict[str, Any]:
    return aliases.beside({"ConditionExpression": checked_length(condition)} if condition else {})


def _table(entity: Entity[Any, Any]) -> str:
    return definition_of(entity).table.name


def _check_guards(entity: Entity[Any, Any]) -> None:
    """Refuse writes that would have to keep more than the one item true."""
    definition = definition_of(entity)
    if definition.unique:
        groups = ", ".join("+".join(group) for group in definition.unique)
        refuse(f"{definition.name} has unique fields ({groups}), whose guards are not written yet")
    if definition.version is not None:
        refuse(f"{definition.name} has a version, which is not counted up yet")
