"""Guards of unique values: an item for each group of fields, which only one record can own.

A guard expires with its record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, final

from attrs import frozen

from dalkit.compile.answers import Answers
from dalkit.compile.expression import Aliases, Writer
from dalkit.compile.presence import expired
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.contract.folds import folded
from dalkit.convert.text import text_of
from dalkit.kinds import Kind, Text
from dalkit.result import Result, Success, then
from dalkit.schema.bookkeeping import OWNER, guard_text, keyed_by_text, place_of
from dalkit.schema.definition import Carried
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Guard", "check_guarded", "freed", "guards_of", "owner_of", "taken"]

Item = Mapping[str, Any]


@final
@frozen(kw_only=True)
class Guard:
    """The item that keeps the values of a record's group of fields for it."""

    unique: str
    """The fields, as failures name them."""
    place: Item
    owner: str
    lasts: Item
    """The attributes that say when it expires, if any do."""

    @property
    def item(self) -> dict[str, Any]:
        """The guard as it is stored."""
        return {**self.place, OWNER: {"S": self.owner}, **self.lasts}


def check_guarded(entity: Entity[Any, Any]) -> None:
    """Refuse unique fields where no guard can stand."""
    definition = definition_of(entity)
    table = definition.table
    if definition.unique and not keyed_by_text(table):
        groups = ", ".join("+".join(group) for group in definition.unique)
        refuse(
            f"{definition.name} has unique fields ({groups}), and the key of {table.name} is no "
            "text, as that of their guards is",
            "give the table's key attributes type S, or take unique out of the contract",
        )


def guards_of(entity: Entity[Any, Any], item: Item) -> Result[tuple[Guard, ...]]:
    """The guards of the record of an item; None is equal to nothing, and has none."""
    definition = definition_of(entity)
    names = {name for group in definition.unique for name in group}
    if not names:
        return Success(())
    owner = owner_of(entity, item)
    lasts = {name: item[name] for name in _moments(entity) if name in item}

    def made(values: Mapping[str, Any]) -> Result[tuple[Guard, ...]]:
        found: dict[str, Guard] = {}
        for group, fold in definition.guarded:
            held = [values[name] for name in group]
            if None in held:
                continue
            kinds = (definition.by_field[name].kind for name in group)
            texts = [_text(kind, one, fold) for kind, one in zip(kinds, held, strict=True)]
            text = guard_text(definition.name, group, texts, fold=fold)
            place = place_of(definition.table, text)
            guard = Guard(unique=", ".join(group), place=place, owner=owner, lasts=lasts)
            found.setdefault(text, guard)
        return Success(tuple(found.values()))

    return then(Answers[Any](entity).values(item, sorted(names)), made)


def _text(kind: Kind, value: Any, fold: str) -> str:
    text = text_of(kind, value)
    return folded(fold, text) if isinstance(kind, Text) else text


def _moments(entity: Entity[Any, Any]) -> tuple[str, ...]:
    """The attributes that say when a record expires."""
    definition = definition_of(entity)
    if definition.ttl is None:
        return ()
    return tuple(
        one.name for one in definition.attributes if one.content == Carried(definition.ttl)
    )


def owner_of(entity: Entity[Any, Any], item: Item) -> str:
    """The text of a record's key, by which guards know their owner."""
    keys = definition_of(entity).table.keys
    return "\n".join(str(next(iter(item[one.name].values()))) for one in keys)


def taken(
    guard: Guard, entity: Entity[Any, Any], owners: Iterable[str], settings: Settings
) -> dict[str, Any]:
    """The arguments of a Put of the guard, if it has no owner but these."""
    aliases = Aliases()
    condition = _free(guard, owners, aliases)
    gone = expired(entity, settings.now)
    if gone is not None:
        condition = f"{condition} OR {Writer(entity, aliases).formula(gone)}"
    table = definition_of(entity).table.name
    return aliases.beside(
        {"TableName": table, "Item": guard.item, "ConditionExpression": condition}
    )


def freed(guard: Guard, entity: Entity[Any, Any]) -> dict[str, Any]:
    """The arguments of a Delete of the guard, unless another record owns it."""
    aliases = Aliases()
    table = definition_of(entity).table.name
    return aliases.beside(
        {
            "TableName": table,
            "Key": guard.place,
            "ConditionExpression": _free(guard, (guard.owner,), aliases),
        }
    )


def _free(guard: Guard, owners: Iterable[str], aliases: Aliases) -> str:
    absent = f"attribute_not_exists({aliases.name(next(iter(guard.place)))})"
    owned = (f"{aliases.name(OWNER)} = {aliases.value({'S': one})}" for one in owners)
    return " OR ".join((absent, *dict.fromkeys(owned)))
