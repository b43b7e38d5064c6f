"""Changes of a record as an update expression that keeps every attribute true.

A field may stand in several attributes, and inside the keys of indexes: each is written with it,
from what the key, the changes and the conditions say of the other fields in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn, final

from attrs import define, field

from dalkit import kinds
from dalkit.compile.expression import Aliases, checked_length
from dalkit.compile.key_conditions import known
from dalkit.compile.key_texts import KeyText, key_text
from dalkit.compile.paths import Path, Wire, paths_of, stored
from dalkit.compile.plan import key_names
from dalkit.compile.refused import refuse
from dalkit.convert.domain import checked
from dalkit.convert.numbers import number_text
from dalkit.convert.refusal import Refusal
from dalkit.fields import changes as c
from dalkit.query.normal import conjuncts
from dalkit.query.updates import Update
from dalkit.schema.definition import Template
from dalkit.schema.entity import Entity, definition_of

__all__ = ["update_expression"]


@final
@define
class _Clauses:
    """The four clauses of an update expression."""

    set: list[str] = field(factory=list)
    remove: list[str] = field(factory=list)
    add: list[str] = field(factory=list)
    delete: list[str] = field(factory=list)

    def text(self) -> str:
        every = (("SET", self.set), ("REMOVE", self.remove), ("ADD", self.add))
        clauses = (*every, ("DELETE", self.delete))
        return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses if parts)


def update_expression(query: Update[Any], aliases: Aliases) -> str:
    """What an update does to the item; empty without changes."""
    clauses = _Clauses()
    for change in query.changes:
        _check_key(query, change)
        paths = list(paths_of(query.entity, change.place))
        if not paths and change.place.steps:
            refuse(f"no attribute carries {change.place}")
        for path in paths:
            _write(query.entity, change, path, aliases, clauses)
    for text in _texts(query):
        _write_text(query, text, aliases, clauses)
    return checked_length(clauses.text())


def _check_key(query: Update[Any], change: c.Change) -> None:
    definition = definition_of(query.entity)
    name = change.place.name
    for one in key_names(definition.table):
        text = key_text(definition, one)
        if name in definition.key or (text is not None and name in text.fields):
            refuse(
                f"{name} is part of the key, which no update changes",
                "move the record by transact(delete(…), put(…))",
            )
    if any(name in group for group in definition.unique):
        refuse(f"{name} is unique, and its guard would have to be written too")


def _write(
    entity: Entity[Any, Any], change: c.Change, path: Path, aliases: Aliases, to: _Clauses
) -> None:
    written = aliases.path(path.steps)
    match change:
        case c.Set(_, None) | c.Remove():
            to.remove.append(written)
        case c.Set(_, value) if path.empty_is_absent and not value:
            to.remove.append(written)
        case c.Set(_, value):
            to.set.append(f"{written} = {aliases.value(_stored(entity, path, value))}")
        case c.SetIfAbsent(_, value):
            held = aliases.value(_stored(entity, path, value))
            to.set.append(f"{written} = if_not_exists({written}, {held})")
        case c.Add(_, number):
            to.set.append(f"{written} = {_sum(path, written, number, aliases)}")
        case c.Append(_, values):
            more = aliases.value(_appended(entity, path, values))
            before = f"if_not_exists({written}, {aliases.value({'L': []})})"
            to.set.append(f"{written} = list_append({before}, {more})")
        case c.AddMembers(_, values):
            to.add.append(f"{written} {aliases.value(_members(path, values))}")
        case c.RemoveMembers(_, values):
            to.delete.append(f"{written} {aliases.value(_members(path, values))}")


def _sum(path: Path, written: str, number: Any, aliases: Aliases) -> str:
    if path.type != "N" and not isinstance(path.kind, kinds.Json):
        refuse(
            f"{path.place} is a number in an attribute of type {path.type}, which adds nothing",
            "read it and set it, or let the contract give it type N",
        )
    if isinstance(path.kind, kinds.Float):
        refuse(f"{path.place} is a binary float, and DynamoDB adds decimals", "read it and set it")
    try:
        if isinstance(path.kind, kinds.Fixed):
            checked(path.kind, number)
        held = aliases.value({"N": number_text(Decimal(number))})
    except Refusal as refusal:
        refuse(f"{path.place} cannot be added to: {refusal.reason}")
    if not path.nullable:
        return f"{written} + {held}"
    return f"if_not_exists({written}, {aliases.value({'N': '0'})}) + {held}"


def _appended(entity: Entity[Any, Any], path: Path, values: tuple[Any, ...]) -> Wire:
    if path.type == "S":
        refuse(f"{path.place} is JSON text, of attribute type S, which nothing is appended to")
    return _stored(entity, path, values)


def _members(path: Path, values: frozenset[str]) -> Wire:
    if path.type != "SS" or len(path.steps) > 1:
        refuse(f"{path.place} is no set in DynamoDB, but an attribute of type {path.type}")
    return {"SS": sorted(values)}


def _stored(entity: Entity[Any, Any], path: Path, value: Any) -> Wire:
    try:
        if path.nullable and isinstance(path.kind, kinds.Members) and not value:
            raise Refusal("an empty set, which an SS cannot tell from none")
        if path.type == "N" and not isinstance(path.kind, kinds.Json):
            checked(path.kind, value)
        wire = stored(entity, path, value)
    except Refusal as refusal:
        refuse(f"{path.place} cannot hold the value: {refusal.reason}")
    definition = definition_of(entity)
    indexed = any(
        path.steps == (name,) for one in definition.table.indexes for name in key_names(one)
    )
    if indexed and next(iter(wire.values())) in ("", b""):
        refuse(f"{path.place} is the key of an index, which cannot be empty")
    return wire


def _texts(query: Update[Any]) -> list[KeyText]:
    """The attributes made of several parts that hold a field that is changed."""
    definition = definition_of(query.entity)
    changed = {one.place.name for one in query.changes}
    found: list[KeyText] = []
    for attribute in definition.attributes:
        text = key_text(definition, attribute.name)
        if not isinstance(attribute.content, Template) or text is None:
            continue
        if changed & set(text.fields):
            found.append(text)
    return found


def _write_text(query: Update[Any], text: KeyText, aliases: Aliases, to: _Clauses) -> None:
    values = _values(query, text)
    written = aliases.name(text.name)
    if any(value is None for value in values.values()):
        to.remove.append(written)
        return
    try:
        to.set.append(f"{written} = {aliases.value(text.value(values))}")
    except Refusal as refusal:
        refuse(f"{text.name} cannot be written: {refusal.reason}")


def _values(query: Update[Any], text: KeyText) -> Mapping[str, Any]:
    """The values of the fields in a text after the update, or which must be said as well."""
    values = dict(known(conjuncts(query.predicates)).equal)
    values |= {name: getattr(query.key, name) for name in definition_of(query.entity).key}
    for change in query.changes:
        if change.place.name in text.fields:
            values[change.place.name] = _after(change, text)
    missing = [name for name in text.fields if name not in values]
    if missing:
        names = " and ".join(missing)
        refuse(
            f"{text.name} is made of {' and '.join(text.fields)}, and {names} is not known",
            f"set {names} too, or add .when({missing[0]} == …)",
        )
    return values


def _after(change: c.Change, text: KeyText) -> Any:
    match change:
        case c.Set(place, value) if not place.steps:
            return value
        case c.Remove(place) if not place.steps:
            return None
        case _:
            _refuse_unknown(change, text)


def _refuse_unknown(change: c.Change, text: KeyText) -> NoReturn:
    refuse(
        f"{text.name} holds {change.place}, whose value after this change is not known",
        "read the record and set the value",
    )
