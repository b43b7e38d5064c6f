"""Changes of a record as an update expression that keeps every attribute true.

A field may stand in several attributes, and inside the keys of indexes: each is written with it,
from what the key, the changes and the conditions say of the other fields in it, or from what was
read of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, NoReturn, final

from attrs import define, field

from dalkit import kinds
from dalkit.compile.expression import Aliases, checked_length
from dalkit.compile.key_conditions import known
from dalkit.compile.key_texts import PARTITION_LIMIT, SORT_LIMIT, KeyText, key_text
from dalkit.compile.paths import Path, Wire, paths_of, stored
from dalkit.compile.refused import Contradiction, refuse
from dalkit.convert.domain import checked
from dalkit.convert.numbers import number_text
from dalkit.convert.refusal import Refusal
from dalkit.fields import changes as c
from dalkit.query.applied import value_after
from dalkit.query.normal import conjuncts
from dalkit.query.subjects import key_text as said_key
from dalkit.query.updates import Update
from dalkit.result import Error, InvalidValue, KeyTooLarge
from dalkit.schema.definition import Template
from dalkit.schema.entity import definition_of

__all__ = ["Changes", "Faulty", "check_changes", "unknown_fields", "update_expression"]

Changes = Sequence[c.Change]

_EXACT = Context(prec=400)


class Faulty(Exception):
    """An update whose answer is an error, whatever is there."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


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


def update_expression(
    query: Update[Any], changes: Changes, aliases: Aliases, read: Mapping[str, Any]
) -> str:
    """What an update does to the item; empty without changes.

    `read` has the values of the fields that `unknown_fields` names.
    """
    clauses = _in_place(query, changes, aliases)
    values = _known(query) | dict(read)
    for text in _texts(query, changes):
        _write_text(query, text, _after(text, changes, values), aliases, clauses)
    return checked_length(clauses.text())


def check_changes(query: Update[Any], changes: Changes) -> None:
    """Refuse what no update expression does, whatever is read before it."""
    _in_place(query, changes, Aliases())


def _in_place(query: Update[Any], changes: Changes, aliases: Aliases) -> _Clauses:
    """The changes of the attributes that carry a place by itself."""
    clauses = _Clauses()
    for change in changes:
        paths = list(paths_of(query.entity, change.place))
        if not paths and change.place.steps:
            refuse(f"no attribute carries {change.place}")
        for path in paths:
            _write(query, change, path, aliases, clauses)
    return clauses


def unknown_fields(query: Update[Any], changes: Changes) -> tuple[str, ...]:
    """The fields whose values before the update must be read to write the texts they stand in."""
    values, whole = _known(query), {one.place.name for one in changes if _is_whole(one)}
    needed = (name for text in _texts(query, changes) for name in text.fields if name not in whole)
    return tuple(dict.fromkeys(name for name in needed if name not in values))


def _write(
    query: Update[Any], change: c.Change, path: Path, aliases: Aliases, to: _Clauses
) -> None:
    written = aliases.path(path.steps)
    match change:
        case c.Set(_, None) | c.Remove():
            to.remove.append(written)
        case c.Set(_, value) if path.empty_is_absent and not value:
            to.remove.append(written)
        case c.Set(_, value):
            to.set.append(f"{written} = {aliases.value(_stored(query, path, value))}")
        case c.SetIfAbsent(_, value):
            held = aliases.value(_stored(query, path, value))
            to.set.append(f"{written} = if_not_exists({written}, {held})")
        case c.Add(_, number):
            to.set.append(f"{written} = {_sum(query, path, number, aliases)}")
        case c.Append(_, values):
            more = aliases.value(_appended(query, path, values))
            before = f"if_not_exists({written}, {aliases.value({'L': []})})"
            to.set.append(f"{written} = list_append({before}, {more})")
        case c.AddMembers(_, values):
            to.add.append(f"{written} {aliases.value(_members(path, values))}")
        case c.RemoveMembers(_, values):
            to.delete.append(f"{written} {aliases.value(_members(path, values))}")


def _sum(query: Update[Any], path: Path, number: Any, aliases: Aliases) -> str:
    if path.type != "N" and not isinstance(path.kind, kinds.Json):
        refuse(
            f"{path.place} is a number in an attribute of type {path.type}, which adds nothing",
            "read it and set it, or let the contract give it type N",
        )
    if isinstance(path.kind, kinds.Float):
        refuse(f"{path.place} is a binary float, and DynamoDB adds decimals", "read it and set it")
    try:
        if not _may_fit(path.kind, number):
            checked(path.kind, number)
        held = aliases.value({"N": number_text(Decimal(number))})
    except Refusal as refusal:
        _fail(query, path.place.name, str(path.place), refusal)
    written = aliases.path(path.steps)
    if not path.nullable:
        return f"{written} + {held}"
    return f"if_not_exists({written}, {aliases.value({'N': '0'})}) + {held}"


def _may_fit(kind: kinds.Kind, number: Any) -> bool:
    """Whether some value of the column and the number have a sum in it; of this one, told later."""
    match kind:
        case kinds.Integer(low=low, high=high):
            return bool(abs(number) <= high - low)
        case kinds.Fixed(precision=precision, scale=scale):
            normal = _EXACT.normalize(Decimal(number))
            exponent = normal.as_tuple().exponent
            greatest = normal.adjusted() <= precision - scale
            return greatest and isinstance(exponent, int) and -exponent <= scale
        case _:
            return True


def _appended(query: Update[Any], path: Path, values: tuple[Any, ...]) -> Wire:
    if path.type == "S":
        refuse(f"{path.place} is JSON text, of attribute type S, which nothing is appended to")
    return _stored(query, path, values)


def _members(path: Path, values: frozenset[str]) -> Wire:
    if path.type != "SS" or len(path.steps) > 1:
        refuse(f"{path.place} is no set in DynamoDB, but an attribute of type {path.type}")
    return {"SS": sorted(values)}


def _stored(query: Update[Any], path: Path, value: Any) -> Wire:
    try:
        if path.nullable and isinstance(path.kind, kinds.Members) and not value:
            raise Refusal("an empty set, which an SS cannot tell from none")
        if path.type == "N" and not isinstance(path.kind, kinds.Json):
            checked(path.kind, value)
        wire = stored(query.entity, path, value)
    except Refusal as refusal:
        _fail(query, path.place.name, str(path.place), refusal)
    return _fitting(query, path.steps, wire)


def _fitting(query: Update[Any], steps: tuple[str | int, ...], wire: Wire) -> Wire:
    """The value, if no index takes it for a key that is empty or too long."""
    definition = definition_of(query.entity)
    for one in definition.table.indexes:
        for key, limit in ((one.pk, PARTITION_LIMIT), (one.sk, SORT_LIMIT)):
            (held,) = wire.values()
            if key is None or steps != (key.name,) or not isinstance(held, (str, bytes)):
                continue
            size = len(held.encode("utf-8") if isinstance(held, str) else held)
            if wire.keys() != {"N"} and not 1 <= size <= limit:
                said = said_key(query.entity, query.key)
                raise Faulty(KeyTooLarge(definition.name, key.name, size, limit, said))
    return wire


def _fail(query: Update[Any], field: str, where: str, refusal: Refusal) -> NoReturn:
    definition = definition_of(query.entity)
    reason = refusal.text(secret=definition.by_field[field].secret)
    raise Faulty(
        InvalidValue(definition.name, where, reason, said_key(query.entity, query.key))
    ) from None


def _texts(query: Update[Any], changes: Changes) -> list[KeyText]:
    """The attributes made of several parts that hold a field that is changed."""
    definition = definition_of(query.entity)
    changed = {one.place.name for one in changes}
    found: list[KeyText] = []
    for attribute in definition.attributes:
        text = key_text(definition, attribute.name)
        if not isinstance(attribute.content, Template) or text is None:
            continue
        if changed & set(text.fields):
            found.append(text)
    return found


def _write_text(
    query: Update[Any], text: KeyText, values: Mapping[str, Any], aliases: Aliases, to: _Clauses
) -> None:
    written = aliases.name(text.name)
    if any(value is None for value in values.values()):
        to.remove.append(written)
        return
    try:
        wire = text.value(values)
    except Refusal as refusal:
        _fail(query, text.fields[0], text.name, refusal)
    to.set.append(f"{written} = {aliases.value(_fitting(query, (text.name,), wire))}")


def _known(query: Update[Any]) -> dict[str, Any]:
    """The values of the record that the key and the conditions tell."""
    try:
        values = dict(known(conjuncts(query.predicates)).equal)
    except Contradiction:  # true of no record: the store says which there is
        values = {}
    return values | {name: getattr(query.key, name) for name in definition_of(query.entity).key}


def _after(text: KeyText, changes: Changes, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of the fields in a text after the update."""
    after = {name: values.get(name) for name in text.fields}
    for change in changes:
        if change.place.name not in after:
            continue
        if change.place.steps:
            refuse(f"{text.name} holds {change.place.name} as a whole, which is not changed inside")
        after[change.place.name] = value_after(change, after[change.place.name])
    return after


def _is_whole(change: c.Change) -> bool:
    """Whether the value after a change does not depend on the one before."""
    return isinstance(change, c.Set | c.Remove) and not change.place.steps
